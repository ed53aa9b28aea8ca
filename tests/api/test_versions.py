"""Versions of the rulebook, for programs."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.api.conftest import token_for
from tests.doors import Running, running
from tests.stories.story import EXAMPLES
from tocsin.config import loads
from tocsin.engine.applying import apply

ACME = (EXAMPLES / "acme.yaml").read_text("utf-8")


def put(here: Running, text: str, note: str = "") -> int:
    return apply(here.site.ledger, loads({"acme.yaml": text}), here.clock.now(), "omar", note)


@pytest.fixture
def acme(sqlite_url: str) -> Iterator[Running]:
    with running(sqlite_url, rulebook=loads({"acme.yaml": ACME}).rulebook) as standing:
        put(standing, ACME, "the first")
        standing.client.headers["authorization"] = f"Bearer {token_for(standing, 'responder')}"
        yield standing


async def get(here: Running, path: str, status: int = 200) -> Any:
    answer = await here.client.get(f"/api/v1/rulebook/{path}")
    assert answer.status_code == status, answer.text
    return answer.json()


async def test_versions_are_told_in_pages_with_who_when_and_why(acme: Running) -> None:
    for n in range(2, 105):
        put(acme, f"{ACME}# {n}\n", f"note {n}")
    first = await get(acme, "versions")
    assert [one["version"] for one in first["versions"]] == list(range(104, 4, -1))
    rest = await get(acme, f"versions?below={first['below']}")
    assert ([one["version"] for one in rest["versions"]], rest["below"]) == ([4, 3, 2, 1], None)
    assert rest["versions"][-1] | {"digest": ""} == {
        "version": 1, "digest": "", "applied_at": "2026-01-05T09:00:00Z", "applied_by": "omar", "note": "the first",
    }  # fmt: skip


async def test_a_version_has_its_texts_and_two_have_a_difference(acme: Running) -> None:
    put(acme, ACME.replace("repeat: 3", "repeat: 4"))
    assert (await get(acme, "versions/1"))["texts"] == {"acme.yaml": ACME}
    told = await get(acme, "difference?old=2&new=1")
    assert told["readable"]
    assert told["changes"] == [{"path": "policies.network.repeat", "kind": "changed", "old": 4, "new": 3}]


@pytest.mark.parametrize("path", ["versions/9", "versions/0", f"versions/{'9' * 30}", "difference?old=1&new=7"])
async def test_what_never_was_is_not_found(acme: Running, path: str) -> None:
    assert "There is no version" in (await get(acme, path, 404))["detail"]
