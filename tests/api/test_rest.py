"""On call, shifts, outbox, rulebook, health: what each answers, and what it refuses."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from tests.api.conftest import ADMIN
from tests.cast import MINUTE, MONDAY
from tests.doors import Running, running
from tocsin.store.queries import sent

ACME = (Path(__file__).parents[2] / "examples" / "acme.yaml").read_text("utf-8")


async def get(here: Running, path: str, **query: Any) -> Any:
    answer = await here.client.get(f"/api/v1{path}", params=query, headers=ADMIN)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_on_call_says_who_until_when_and_why(here: Running) -> None:
    told = await get(here, "/oncall")
    infra = told["schedules"][0]
    assert (told["at"], infra["schedule"]) == ("2026-01-05T09:00:00Z", "infra-primary")
    dana = infra["people"][0]
    assert (dana["person"], dana["until"]) == ("dana", "2026-01-12T09:00:00Z")
    assert dana["why"] == ["Layer 1, turn 1 of the rotation"]


async def test_on_call_answers_for_any_time(here: Running) -> None:
    later = await get(here, "/oncall", at="2026-01-13T00:00:00+01:00")
    assert (later["at"], later["schedules"][0]["people"][0]["person"]) == ("2026-01-12T23:00:00Z", "eve")
    assert (await get(here, "/oncall", at="7d"))["schedules"][0]["people"][0]["person"] == "eve"


async def test_a_schedule_is_laid_out_without_a_seam(here: Running) -> None:
    path = "/schedules/infra-primary/shifts"
    shifts = (await get(here, path, **{"from": "2026-01-05T09:00:00Z", "to": "21d"}))["shifts"]
    assert [one["people"] for one in shifts] == [["dana"], ["eve"], ["finn"]]
    assert [one["end"] for one in shifts[:-1]] == [one["start"] for one in shifts[1:]]


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/oncall?at=yesterday", 422),
        ("/oncall?at=9999-12-31T23:59:59Z", 422),
        ("/oncall?at=0001-01-01T00:00:00Z", 422),
        ("/schedules/infra-primary/shifts?from=9999-12-30T00:00:00Z", 422),
        ("/schedules/infra-primry/shifts", 404),
        ("/schedules/infra-primary/shifts?to=2020-01-01T00:00:00Z", 422),
        ("/schedules/infra-primary/shifts?to=999d", 422),
        ("/schedules/infra-primary/shifts?from=x", 422),
        ("/outbox?incident=INC-9", 404),
        ("/outbox?limit=x", 422),
    ],
)
async def test_wrong_questions_are_refused(here: Running, path: str, status: int) -> None:
    answer = await here.client.get(f"/api/v1{path}", headers=ADMIN)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")


async def test_a_misspelt_schedule_gets_a_hint(here: Running) -> None:
    answer = await here.client.get("/api/v1/schedules/infra-primry/shifts", headers=ADMIN)
    assert answer.json()["hint"] == "did you mean infra-primary?"


async def test_the_outbox_shows_what_will_be_sent_to_whom(here: Running) -> None:
    incident = await here.post()
    here.tick_until(MONDAY + 6 * MINUTE)
    messages = (await get(here, "/outbox", incident=incident))["messages"]
    assert [(one["person"], one["method"], one["purpose"], one["state"]) for one in messages] == [
        ("eve", "email", "page", "waiting"),
        ("dana", "email", "page", "waiting"),
    ]
    assert messages[0]["due_at"] == "2026-01-05T09:05:00Z"
    with here.site.ledger.read() as connection:
        assert [one.id for one in sent.recent(connection, 1)] == [messages[0]["id"]]


async def test_a_rulebook_is_replaced_by_whoever_has_seen_it(here: Running) -> None:
    assert (await here.client.get("/api/v1/rulebook", headers=ADMIN)).status_code == 404
    put = {"texts": {"acme.yaml": ACME}, "note": "first"}
    answer = await here.client.put("/api/v1/rulebook", json=put, headers=ADMIN | {"if-match": '"0"'})
    assert (answer.status_code, answer.headers["etag"]) == (200, '"1"')
    assert answer.json()["notices"] != []
    shown = await here.client.get("/api/v1/rulebook", headers=ADMIN)
    assert (shown.headers["etag"], shown.json()["texts"], shown.json()["applied_by"]) == (
        '"1"',
        {"acme.yaml": ACME},
        "token:robot",
    )


@pytest.mark.parametrize(("given", "status"), [(None, 428), ('"7"', 412), ("*", 412), ('W/"x"', 412), (b'"\xb2"', 412)])
async def test_a_rulebook_is_not_replaced_blindly(here: Running, given: str | bytes | None, status: int) -> None:
    headers: Any = ADMIN | ({} if given is None else {"if-match": given})
    answer = await here.client.put("/api/v1/rulebook", json={"texts": {"acme.yaml": ACME}}, headers=headers)
    assert answer.status_code == status
    assert (await here.client.get("/api/v1/rulebook", headers=ADMIN)).status_code == 404


async def test_a_note_that_no_store_can_keep_is_refused(here: Running) -> None:
    put = {"texts": {"acme.yaml": ACME}, "note": "a\x00b"}
    answer = await here.client.put("/api/v1/rulebook", json=put, headers=ADMIN | {"if-match": '"0"'})
    assert (answer.status_code, "note" in answer.json()["detail"]) == (422, True)


async def test_all_complaints_about_a_rulebook_come_at_once(here: Running) -> None:
    broken = ACME.replace("manager: carla", "manager: clara").replace("team: payments", "team: paymnts")
    put = {"texts": {"acme.yaml": broken}}
    answer = await here.client.put("/api/v1/rulebook", json=put, headers=ADMIN | {"if-match": '"0"'})
    complaints = answer.json()["complaints"]
    assert answer.status_code == 422
    assert len(complaints) >= 3
    assert {"file", "line", "column", "code", "severity", "text", "hint"} <= complaints[0].keys()


async def test_alive_and_ready_need_no_token_and_say_little(here: Running) -> None:
    assert (await here.client.get("/health")).json() == {"status": "alive"}
    assert (await here.client.get("/ready")).json() == {"status": "ready"}


async def test_what_is_wrong_makes_it_not_ready_and_still_alive(sqlite_url: str) -> None:
    with running(sqlite_url, faults=("the timers loop has not come round for 30 s",), local=True) as there:
        answer = await there.client.get("/ready")
        assert (answer.status_code, answer.headers["content-type"]) == (503, "application/problem+json")
        assert answer.json()["faults"] == ["the timers loop has not come round for 30 s"]
        assert (await there.client.get("/health")).status_code == 200


async def test_health_in_detail_counts_what_waits(here: Running) -> None:
    await here.post()
    detail = await get(here, "/health")
    assert (detail["live"], detail["next_due"], detail["silent"]) == ({"P1": 1}, "2026-01-05T09:05:00Z", [])
    assert detail["rulebook"] == "acme"


async def test_the_numbers_are_in_prometheus_format(here: Running) -> None:
    await here.post()
    answer = await here.client.get("/metrics", headers=ADMIN)
    assert answer.headers["content-type"].startswith("text/plain")
    assert 'tocsin_signals_total{outcome="opened",source="scripts"} 1.0' in answer.text


async def test_every_answer_to_a_program_carries_the_same_safe_headers(here: Running) -> None:
    for path in ("/health", "/ready", "/metrics", "/api/v1/incidents", "/api/v1/nothing", "/api/v1/incidents/INC-9"):
        headers = (await here.client.get(path, headers=ADMIN)).headers
        assert (headers["cache-control"], headers["x-content-type-options"]) == ("no-store", "nosniff"), path
        assert headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"
        assert "access-control-allow-origin" not in headers


async def test_a_defect_of_ours_tells_the_caller_nothing(here: Running) -> None:
    here.site.ledger.transact(lambda tx: tx.connection.execute(text("drop table streams")) and None)
    answer = await here.client.get("/api/v1/incidents", headers=ADMIN)
    assert answer.status_code in {500, 503}
    assert "streams" not in answer.text.lower()
