"""Versions of the rulebook, for programs."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.api.conftest import token_for
from tests.doors import Running, running
from tests.quick import QUICK as ACME
from tocsin.config import loads
from tocsin.engine.applying import apply
from tocsin.store import audit_log, rulebooks


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
        acme.site.ledger.transact(
            lambda tx, n=n: rulebooks.apply(tx.connection, str(n), {"a.yaml": str(n)}, 0, "x", "y")
        )
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


WORSE = ACME.replace("by: role:duty-manager, within: 15m", "by: stakeholders, within: 15m")
"""Nobody may take a decision."""


async def replace_with(here: Running, text: str, **fields: Any) -> httpx.Response:
    here.client.headers["authorization"] = f"Bearer {token_for(here, 'admin', 'boss')}"
    body = {"texts": {"acme.yaml": text}} | fields
    with here.site.ledger.read() as connection:
        version = rulebooks.number(connection)
    return await here.client.put("/api/v1/rulebook", json=body, headers={"if-match": f'"{version}"'})


@pytest.mark.parametrize("fields", [{}, {"force": True}, {"note": "why"}, {"force": True, "note": " "}])
async def test_what_makes_the_proof_worse_is_refused_with_what_gets_worse(
    acme: Running, fields: dict[str, Any]
) -> None:
    answer = await replace_with(acme, WORSE, **fields)
    assert answer.status_code == 422
    (told,) = answer.json()["worse"]
    assert told.startswith("V011 at policies.network.hierarchical.2.by: Nobody may take the decision")
    assert (await get(acme, "versions"))["versions"][0]["version"] == 1


SLOWER = ACME.replace("- {after: 10m, unless: acknowledged, ask:", "- {after: 12m, unless: acknowledged, ask:")
"""Management hears of it two minutes later."""


async def test_who_waits_longer_is_told_with_both_lengths_and_the_opening(acme: Running) -> None:
    answer = await replace_with(acme, SLOWER)
    assert answer.status_code == 422
    assert answer.json()["worse"][0] == (
        "core-network P1, P2, P3, P4, P5 (incident): the longest wait until management hears of it grows from 10 min "
        "to 12 min, for what opens Mon, 5 Jan 2026, 00:00 GMT"
    )
    assert (await replace_with(acme, ACME.replace("repeat: 3", "repeat: 4"))).status_code == 200


async def test_what_is_not_proved_in_time_is_to_be_sent_again_or_forced(acme: Running) -> None:
    acme.site.verdicts.patience = 0.0
    answer = await replace_with(acme, ACME.replace("repeat: 3", "repeat: 4"))
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert answer.json()["type"].endswith(":proving")
    later = await replace_with(acme, ACME.replace("repeat: 3", "repeat: 5"), force=True, note="it burns")
    assert later.json()["version"] == 2
    with acme.site.ledger.read() as connection:
        forced = audit_log.latest(connection, 5, what="rulebook.forced")[0]
    assert b"the waits were not compared" in forced.details


async def test_with_force_and_a_reason_it_goes_on_and_is_written_down(acme: Running) -> None:
    assert (await replace_with(acme, WORSE, force=True, note="a drill")).json()["version"] == 2
    with acme.site.ledger.read() as connection:
        (forced,) = audit_log.latest(connection, 5, what="rulebook.forced")
    assert (forced.actor, forced.object, b"a drill" in forced.details, b"V011" in forced.details) == (
        "token:boss", "2", True, True,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("body", "status", "says"),
    [
        ({}, 422, "either texts or new"),
        ({"new": 1, "texts": {"a.yaml": "x"}}, 422, "either texts or new"),
        ({"new": 7}, 404, "There is no version 7"),
        ({"new": 1, "old": 10**12}, 404, "There is no version"),
        ({"texts": {"a.yaml": "tocsin: 1\norganisation: [\n"}}, 422, "a.yaml:"),
    ],
)
async def test_what_cannot_be_laid_side_by_side_is_refused_with_what_is_wrong(
    acme: Running, body: dict[str, Any], status: int, says: str
) -> None:
    answer = await acme.client.post("/api/v1/rulebook/reach", json=body)
    assert (answer.status_code, says in answer.json()["detail"]) == (status, True), answer.text


async def test_a_version_against_itself_reaches_nobody_differently_and_nothing_is_proved_for_that(
    acme: Running,
) -> None:
    acme.site.verdicts.patience = 0.0
    told = (await acme.client.post("/api/v1/rulebook/reach", json={"new": 1})).json()
    assert (told["old"], told["new"], told["ready"], told["whole"]) == (1, 1, True, True)
    assert told["reach"]["differences"] == []
    put(acme, ACME.replace("repeat: 3", "repeat: 4"))
    told = (await acme.client.post("/api/v1/rulebook/reach", json={"new": 1})).json()
    assert (told["old"], told["ready"], told["failed"], told["reach"]) == (2, False, False, None)
