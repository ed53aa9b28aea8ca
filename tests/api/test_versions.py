"""Versions of the rulebook, and what would happen by one that is in force or only tried: for programs."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.api.conftest import token_for
from tests.doors import Running, running
from tests.stories.story import EXAMPLES
from tocsin.config import loads
from tocsin.engine.applying import apply

ACME = (EXAMPLES / "acme.yaml").read_text("utf-8")
TRIED: dict[str, Any] = {"service": "core-network", "at": "2026-01-08T03:00:00Z", "until": "1h"}


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


async def simulate(here: Running, **fields: Any) -> httpx.Response:
    return await here.client.post("/api/v1/rulebook/simulate", json=TRIED | fields)


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


async def test_what_would_happen_is_told_with_reasons(acme: Running) -> None:
    told = (await simulate(acme, answers="primary acknowledges after 3m")).json()
    assert (told["reached"], told["acknowledged"], told["resolved"], told["whole"]) == ("0m", "3m", None, True)
    (line, *_) = [one for one in told["transcript"] if one["type"] == "acknowledged"]
    assert (line["at"], line["after"], line["text"]) == ("2026-01-08T03:03:00Z", "3m", "dana is working on it")


async def test_texts_that_are_only_tried_are_played_and_change_nothing(acme: Running) -> None:
    texts = {
        "acme.yaml": ACME.replace("{hand_over: team, skills: [network], wait: 5m}", "{notify: person:kai, wait: 5m}")
    }
    told = (await simulate(acme, texts=texts)).json()
    assert told["pages"]["kai"] > 0
    assert (await get(acme, "versions"))["versions"][0]["version"] == 1


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"service": "core-netwrok"}, "core-netwrok"),
        ({"answers": "primary ignroes"}, "answers: 1:"),
        ({"until": "4d"}, "until"),
        ({"until": "2026-01-08T02:00:00Z"}, "until"),
        ({"at": "soon"}, "at"),
        ({"at": "2190-01-01T00:00:00Z"}, "until"),
        ({"priority": "P9"}, "P9"),
        ({"texts": {"a.yaml": "{"}}, "texts"),
        ({"answers": "x" * 4_001}, "answers"),
    ],
)
async def test_what_cannot_be_played_is_refused_in_words(acme: Running, fields: dict[str, Any], said: str) -> None:
    answer = await simulate(acme, **fields)
    assert answer.status_code == 422, answer.text
    assert said in answer.json()["detail"]


async def test_a_play_without_an_end_is_cut(acme: Running) -> None:
    endless = ACME.replace("repeat: 3", "exhausted: {every: 1s}")
    told = (await simulate(acme, texts={"acme.yaml": endless}, until="3d")).json()
    assert not told["whole"]


async def test_who_may_only_look_may_not_play(acme: Running) -> None:
    acme.client.headers["authorization"] = f"Bearer {token_for(acme, 'viewer', 'looker')}"
    assert (await simulate(acme)).status_code == 403
    assert (await get(acme, "versions"))["versions"] != []
