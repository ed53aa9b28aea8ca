"""POST /in/<source>: accepted and durable, or refused with the reason; never half, never open to strangers."""

import asyncio
import gzip
import io
import json
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from tests.doors import KEY, Running, running
from tocsin.api.body import read_body
from tocsin.api.problem import Problem
from tocsin.lib import logs
from tocsin.lib.secrets import digest

BEARER = {"authorization": f"Bearer {KEY}"}
TRIGGER = {"key": "db-1", "title": "Orders fail", "severity": "critical", "labels": {"service": "order-database"}}


async def send(here: Running, body: Any = TRIGGER, path: str = "/in/scripts", **more: Any) -> httpx.Response:
    headers = BEARER | more.pop("headers", {})
    return await here.client.post(path, json=body, headers=headers, **more)


def stored(here: Running, table: str) -> int:
    with here.site.ledger.read() as connection:
        return int(connection.execute(text(f"select count(*) from {table}")).scalar_one())


async def test_a_signal_is_answered_with_its_incident_once_it_is_stored(here: Running) -> None:
    answer = await send(here)
    assert answer.status_code == 202
    url = "https://tocsin.acme.example/incidents/INC-1"
    assert answer.json() == {"incidents": [{"id": "INC-1", "url": url, "outcome": "opened"}]}
    assert (stored(here, "streams"), stored(here, "outbox")) == (1, 1)


async def test_trigger_repeat_acknowledge_and_resolve_each_say_what_became_of_them(here: Running) -> None:
    actions = ("trigger", "trigger", "acknowledge", "resolve", "resolve")
    said = [(await send(here, TRIGGER | {"action": one})).json()["incidents"][0]["outcome"] for one in actions]
    assert said == ["opened", "joined", "joined", "resolved", "ignored"]


async def test_a_resolve_of_what_is_not_live_is_ignored_and_says_so(here: Running) -> None:
    answer = await send(here, TRIGGER | {"action": "resolve"})
    assert answer.json() == {"incidents": [{"id": "", "url": "", "outcome": "ignored"}]}


async def test_of_the_texts_of_many_alerts_only_the_one_that_is_shown_is_kept(here: Running) -> None:
    one = {"labels": {"alertname": "Down"}, "startsAt": "2026-01-05T08:59:00Z"}
    alerts = [{**one, "fingerprint": f"{n}", "annotations": {"description": f"Disk {n} is full."}} for n in range(9)]
    body = {"version": "4", "groupKey": "g1", "status": "firing", "receiver": "tocsin", "alerts": alerts}
    await send(here, body, "/in/prometheus?key=canary-key-of-prometheus", headers={"authorization": ""})
    assert stored(here, "texts") == 1


async def test_an_alertmanager_post_of_many_alerts_is_one_answer(here: Running) -> None:
    alerts = [
        {"status": "firing", "labels": {"alertname": "Down", "instance": str(n)}, "startsAt": "2026-01-05T08:59:00Z"}
        for n in range(100)
    ]
    body = {"version": "4", "groupKey": "g1", "status": "firing", "receiver": "tocsin", "alerts": alerts}
    answer = await send(here, body, "/in/prometheus?key=canary-key-of-prometheus", headers={"authorization": ""})
    assert answer.status_code == 202
    assert [one["outcome"] for one in answer.json()["incidents"]] == ["opened"]


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        ("/in/scripts", {}),
        ("/in/scripts", {"authorization": "Bearer wrong"}),
        ("/in/scripts", {"authorization": f"Basic {KEY}"}),
        ("/in/scripts?key=wrong", {}),
        ("/in/scripts?key=", {}),
        ("/in/prometheus", BEARER),
        ("/in/nobody", BEARER),
        ("/in/keyless", BEARER),
        ("/in/keyless?key=", {}),
        ("/in/open", {}),
        ("/in/", BEARER),
        ("/in", BEARER),
        ("/in/scripts/more", BEARER),
    ],
)
async def test_strangers_all_get_the_same_401(here: Running, path: str, headers: dict[str, str]) -> None:
    answer = await here.client.post(path, json=TRIGGER, headers=headers)
    reference = await here.client.post("/in/no-such-source", json=TRIGGER)
    assert (answer.status_code, answer.content) == (401, reference.content)
    assert answer.headers["www-authenticate"].startswith("Bearer")
    assert stored(here, "streams") == 0


async def test_the_key_may_stand_in_the_address_and_is_no_label_then(here: Running) -> None:
    answer = await send(here, path=f"/in/scripts?key={KEY}&rack=r7", headers={"authorization": ""})
    assert answer.status_code == 202
    with here.site.ledger.read() as connection:
        events = b"".join(row.body for row in connection.execute(text("select body from events")))
    assert b"r7" in events
    assert KEY.encode() not in events


async def test_a_key_kept_in_the_store_opens_too_until_it_is_revoked(here: Running) -> None:
    row = {"hash": bytes.fromhex(digest("second-key"))}
    columns = "source, id, prefix, hash, state, created_at"
    insert = text(f"insert into source_keys ({columns}) values ('keyless', 'k', '', :hash, 'live', 0)")
    here.site.ledger.transact(lambda tx: tx.connection.execute(insert, row) and None)
    headers = {"authorization": "Bearer second-key"}
    assert (await send(here, path="/in/keyless", headers=headers)).status_code == 202
    here.site.ledger.transact(
        lambda tx: tx.connection.execute(text("update source_keys set state = 'revoked'")) and None
    )
    here.clock.advance_to(here.clock.now() + 60_000_000)
    assert (await send(here, path="/in/keyless", headers=headers)).status_code == 401


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "OPTIONS"])
async def test_only_post_is_taken(here: Running, method: str) -> None:
    answer = await here.client.request(method, f"/in/scripts?key={KEY}&title=x")
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")
    assert stored(here, "streams") == 0


@pytest.mark.parametrize(
    "body", [b"{", b"\xff\xfe\x00", b"[[[[", b"null", b"42", b"\x00" * 100, b"<xml/>", "Grüße".encode("utf-16"), b"%"]
)
async def test_garbage_pages_somebody_all_the_same(here: Running, body: bytes) -> None:
    headers = BEARER | {"content-type": "application/json; charset=klingon"}
    answer = await here.client.post("/in/scripts", content=body, headers=headers)
    assert answer.status_code == 202
    assert [one["outcome"] for one in answer.json()["incidents"]] == ["opened"]
    assert stored(here, "outbox") >= 1


async def test_an_empty_request_is_refused_with_a_hint(here: Running) -> None:
    answer = await here.client.post("/in/scripts", content=b"", headers=BEARER)
    assert (answer.status_code, answer.headers["content-type"]) == (400, "application/problem+json")
    assert {"type", "title", "status", "detail", "hint"} <= answer.json().keys()


@pytest.mark.parametrize("chunked", [False, True])
async def test_a_body_beyond_the_limit_is_refused_whatever_length_it_declares(here: Running, chunked: bool) -> None:
    async def pieces() -> Any:
        for _ in range(9):
            yield b"x" * (1 << 20)

    content = pieces() if chunked else b"x" * (9 << 20)
    answer = await here.client.post("/in/scripts", content=content, headers=BEARER)
    assert answer.status_code == 413
    assert stored(here, "streams") == 0


async def test_a_packed_body_is_read_and_a_bomb_is_refused(here: Running) -> None:
    packed = gzip.compress(json.dumps(TRIGGER).encode())
    answer = await here.client.post("/in/scripts", content=packed, headers=BEARER | {"content-encoding": "gzip"})
    assert [one["outcome"] for one in answer.json()["incidents"]] == ["opened"]
    assert (await send(here)).json()["incidents"][0]["outcome"] == "joined"
    bomb = gzip.compress(bytes(9 << 20))
    assert (await here.client.post("/in/scripts", content=bomb, headers=BEARER)).status_code == 413
    torn = await here.client.post("/in/scripts", content=packed[:2] + b"torn" + packed[6:], headers=BEARER)
    assert [one["outcome"] for one in torn.json()["incidents"]] == ["opened"]


async def test_a_time_that_cannot_have_come_yet_does_not_make_its_own_resolve_look_old(here: Running) -> None:
    await send(here, TRIGGER | {"at": "2999-01-01T00:00:00Z"})
    worse = await send(here, TRIGGER | {"title": "Worse", "at": "2026-01-05T09:00:00Z"})
    over = await send(here, TRIGGER | {"action": "resolve", "at": "2026-01-05T09:01:00Z"})
    said = [answer.json()["incidents"][0]["outcome"] for answer in (worse, over)]
    assert said == ["joined", "resolved"]


async def test_keys_that_clean_to_nothing_do_not_join(here: Running) -> None:
    opened = [(await send(here, {"key": key, "title": key})).json()["incidents"][0] for key in ("\x00", "\x1b")]
    assert [one["id"] for one in opened] == ["INC-1", "INC-2"]
    over = await send(here, {"key": "\x1b", "action": "resolve"})
    assert over.json()["incidents"][0] | {"url": ""} == {"id": "INC-2", "url": "", "outcome": "resolved"}


async def test_a_body_that_is_too_slow_is_refused() -> None:
    async def never() -> Any:
        await asyncio.sleep(60)

    with pytest.raises(Problem, match="did not arrive"):
        await read_body(never, b"", 100, deadline=0.01)


async def test_the_same_idempotency_key_gets_the_first_answer_again(here: Running) -> None:
    headers = {"idempotency-key": "job-7"}
    first = await send(here, headers=headers)
    await send(here, TRIGGER | {"action": "resolve"})
    again = await send(here, TRIGGER | {"title": "Something else"}, headers=headers)
    assert (again.status_code, again.json()) == (202, first.json())
    assert (await send(here, headers={"idempotency-key": "x" * 201})).status_code == 400


async def test_many_posts_at_once_for_one_key_make_one_incident(here: Running) -> None:
    answers = await asyncio.gather(*(send(here) for _ in range(40)))
    outcomes = [answer.json()["incidents"][0]["outcome"] for answer in answers]
    assert sorted(outcomes) == ["joined"] * 39 + ["opened"]
    assert stored(here, "streams") == 1


async def test_a_door_that_is_behind_answers_503_and_nothing_is_accepted(here: Running) -> None:
    here.site.door.close()
    answer = await send(here)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert stored(here, "streams") == 0


async def test_a_store_in_trouble_answers_503(here: Running) -> None:
    def full(tx: Any) -> None:
        tx.connection.execute(text("drop table outbox"))

    here.site.ledger.transact(full)
    answer = await send(here)
    assert answer.status_code == 503
    assert int(answer.headers["retry-after"]) > 0
    assert stored(here, "streams") == 0


async def test_no_log_line_holds_a_key(here: Running) -> None:
    stream = io.StringIO()
    logs.configure(lambda: "now", as_json=True, stream=stream)
    canary = "canary-that-nobody-knows"
    for path in (f"/in/scripts?key={canary}", f"/in/keyless?key={canary}", f"/in/open?key={canary}"):
        await here.client.post(path, json=TRIGGER, headers={"authorization": f"Bearer {canary}"})
    assert "source_without_key" in stream.getvalue()
    assert canary not in stream.getvalue()


async def test_what_came_in_is_counted(here: Running) -> None:
    await send(here)
    await here.client.post("/in/scripts", content=b"{", headers=BEARER)
    await here.client.post("/in/scripts", json=TRIGGER)
    told = here.site.metrics.exposition().decode()
    assert 'tocsin_signals_total{outcome="opened",source="scripts"} 2.0' in told
    assert 'tocsin_raw_signals_total{source="scripts"} 1.0' in told
    assert 'tocsin_refused_requests_total{status="401"} 1.0' in told


async def test_the_door_works_over_postgresql_too(postgres_url: str) -> None:
    with running(postgres_url) as there:
        answers = [await send(there), await send(there), await send(there, TRIGGER | {"action": "resolve"})]
    assert [one.json()["incidents"][0]["outcome"] for one in answers] == ["opened", "joined", "resolved"]


async def test_while_the_stored_keys_cannot_be_read_nobody_is_turned_away_for_good(here: Running) -> None:
    here.site.ledger.transact(lambda tx: tx.connection.execute(text("drop table source_keys")) and None)
    answer = await send(here, path="/in/keyless", headers={"authorization": "Bearer perhaps-stored"})
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "10")
    assert (await send(here)).status_code == 202
