"""Calendar addresses: shown once, good for one calendar and for reading alone, until they are renewed or revoked."""

import re
from collections.abc import Iterator

import pytest
from icalendar import Calendar
from sqlalchemy import select

from tests.cast import DANA, EVE, MONDAY
from tests.doors import Running
from tests.insiders import another_browser, csrf, sit_down
from tests.oncalling import enter, page, stored
from tests.web.administering import send
from tocsin.core.ids import ScheduleId
from tocsin.core.instant import DAY, HOUR
from tocsin.core.oncall.override import Override
from tocsin.lib.logs import scrub
from tocsin.store import accounts, audit_log
from tocsin.store.contract import Tx
from tocsin.store.tables import commands, feeds

PRIMARY = "schedule:infra-primary"


@pytest.fixture
def here(store_url: str) -> Iterator[Running]:
    """Acme Retail as Dana sees it, out of a store of either kind."""
    with stored(store_url) as standing:
        sit_down(standing, "dana")
        yield standing


async def address(here: Running, what: str = PRIMARY) -> str:
    """A new address, as the page shows it once."""
    shown = (await send(here, "/oncall/calendars", what=what)).text
    found = re.search(r'value="(https://tocsin\.acme\.example/calendar/[^"]+)"', shown)
    assert found is not None, shown
    return found[1]


async def read(here: Running, where: str) -> tuple[int, str]:
    """What a calendar program gets, which has no cookie and sends no header."""
    async with another_browser(here) as program:
        answer = await program.get(where)
    return answer.status_code, answer.text


def summaries(text: str) -> set[str]:
    return {str(one["summary"]) for one in Calendar.from_ical(text).walk("VEVENT")}


async def test_a_calendar_program_reads_it_without_signing_in(here: Running) -> None:
    enter(here, Override("o", ScheduleId("infra-primary"), MONDAY + DAY, MONDAY + 2 * DAY, EVE, of=DANA))
    status, text = await read(here, await address(here))
    assert status == 200
    assert summaries(text) >= {"Dana Levi (infra-primary)", "Eve Martin (infra-primary)", "Finn Berg (infra-primary)"}
    starts = {str(one["summary"]): one["dtstart"].dt for one in reversed(Calendar.from_ical(text).walk("VEVENT"))}
    assert starts["Eve Martin (infra-primary)"].isoformat() == "2026-01-06T09:00:00+00:00"


async def test_ones_own_shifts_are_a_calendar_and_nobody_elses(here: Running) -> None:
    _, text = await read(here, await address(here, "person:dana"))
    assert {one.partition(" (")[0] for one in summaries(text)} == {"Dana Levi"}
    assert (await send(here, "/oncall/calendars", what="person:eve")).status_code == 404
    assert (await send(here, "/oncall/calendars", what="schedule:none")).status_code == 404


async def test_it_is_shown_once_and_kept_as_a_hash_and_logs_do_not_have_it(here: Running) -> None:
    shown = await address(here)
    secret = re.search(r"tsf_[\w-]{43}", shown)
    assert secret is not None
    markup = (await here.client.get("/oncall/calendars")).text
    assert secret[0] not in markup
    assert "infra-primary" in markup
    assert "not read yet" in await page(here, "/oncall/calendars")
    with here.site.ledger.read() as connection:
        rows = connection.execute(feeds.select()).all()
        written = [str(one.details) for one in audit_log.latest(connection, 20)]
    assert secret[0].encode() not in b"".join(bytes(row.hash) for row in rows)
    assert secret[0] not in str(written)
    assert scrub(f"GET {shown} 200") == "GET https://tocsin.acme.example/calendar/tsf_***.ics 200"


async def test_renewed_or_revoked_the_old_one_is_answered_as_one_that_never_was(here: Running) -> None:
    first = await address(here)
    second = await address(here)
    never = first.replace(first[-20:-4], "A" * 16)
    gone, unknown = await read(here, first), await read(here, never)
    assert gone[0] == 404
    assert gone == unknown
    assert (await read(here, second))[0] == 200
    [good] = re.findall(
        r'action="/oncall/calendars/([^/"]+)/revoke"', (await here.client.get("/oncall/calendars")).text
    )
    assert (await send(here, f"/oncall/calendars/{good}/revoke")).status_code == 303
    assert (await read(here, second))[0] == 404
    assert (await send(here, f"/oncall/calendars/{good}/revoke")).status_code == 404


async def test_it_ends_with_its_account(here: Running) -> None:
    shown = await address(here)

    def disable(tx: Tx) -> None:
        dana = accounts.by_login(tx.connection, "dana")
        assert dana is not None
        accounts.change(tx.connection, dana.id, here.clock.now(), disabled_at=here.clock.now())

    here.site.ledger.transact(disable)
    assert (await read(here, shown))[0] == 404


async def test_it_opens_nothing_else_and_changes_nothing(here: Running) -> None:
    shown = await address(here)
    secret = shown.rpartition("/")[2].removesuffix(".ics")
    async with another_browser(here) as program:
        for path in ("/oncall", "/api/v1/oncall", "/api/v1/schedules/payments-primary/shifts.ics"):
            answer = await program.get(path, headers={"authorization": f"Bearer {secret}"})
            assert answer.status_code in (303, 401)
        assert (await program.post(shown)).status_code == 405


async def test_nobody_sees_or_revokes_the_addresses_of_another(here: Running) -> None:
    await address(here)
    [good] = re.findall(
        r'action="/oncall/calendars/([^/"]+)/revoke"', (await here.client.get("/oncall/calendars")).text
    )
    sit_down(here, "eve")
    assert "Addresses in use" not in await page(here, "/oncall/calendars")
    assert (await send(here, f"/oncall/calendars/{good}/revoke")).status_code == 404


async def test_the_last_use_is_told_and_written_once_an_hour(here: Running) -> None:
    shown = await address(here)
    await read(here, shown)
    assert "last read 09:00" in await page(here, "/oncall/calendars")
    here.clock.advance_to(MONDAY + HOUR // 2)
    await read(here, shown)
    assert "last read 09:00" in await page(here, "/oncall/calendars")
    here.clock.advance_to(MONDAY + HOUR)
    await read(here, shown)
    assert "last read 10:00" in await page(here, "/oncall/calendars")


async def test_over_the_api_an_account_does_the_same_and_a_token_is_told_why_not(here: Running) -> None:
    headers = {"x-csrf-token": await csrf(here), "origin": "https://tocsin.acme.example"}
    made = await here.client.post("/api/v1/calendars", json={"what": PRIMARY}, headers=headers)
    assert made.status_code == 201
    assert (await read(here, made.json()["address"]))[0] == 200
    [listed] = (await here.client.get("/api/v1/calendars")).json()["calendars"]
    assert (listed["id"], listed["what"], "address" in listed) == (made.json()["id"], PRIMARY, False)
    for what in ("person:eve", "schedule:none", "everything", "team:infrastructure"):
        wrong = await here.client.post("/api/v1/calendars", json={"what": what}, headers=headers)
        assert wrong.status_code == 422
    assert (await here.client.delete(f"/api/v1/calendars/{listed['id']}", headers=headers)).status_code == 204
    assert (await here.client.delete(f"/api/v1/calendars/{listed['id']}", headers=headers)).status_code == 404
    assert (await read(here, made.json()["address"]))[0] == 404


async def test_an_address_is_made_once_for_each_key_and_its_secret_kept_nowhere(here: Running) -> None:
    headers = {"x-csrf-token": await csrf(here), "origin": "https://tocsin.acme.example", "idempotency-key": "once"}
    first, again = [
        await here.client.post("/api/v1/calendars", json={"what": PRIMARY}, headers=headers) for _ in range(2)
    ]
    assert (again.status_code, again.json()["type"], again.json()["id"]) == (
        409,
        "urn:tocsin:problem:made",
        first.json()["id"],
    )
    secret = first.json()["address"].rpartition("/")[2].removesuffix(".ics")
    assert secret not in again.text
    with here.site.ledger.read() as connection:
        assert all(secret.encode() not in kept for kept in connection.execute(select(commands.c.answer)).scalars())
    assert (await read(here, first.json()["address"]))[0] == 200
    assert len((await here.client.get("/api/v1/calendars")).json()["calendars"]) == 1
