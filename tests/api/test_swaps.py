"""Swaps over the API: offered by one, accepted by the other, both halves at once, and whom they concern is told."""

from collections.abc import Iterator
from typing import Any

import httpx
import msgspec
import pytest

from tests.cast import DANA, MONDAY
from tests.doors import URL, Running
from tests.insiders import account, another_browser, cookie_for, csrf
from tests.oncalling import enter, stored, world
from tocsin.core.ids import ScheduleId
from tocsin.core.instant import DAY, HOUR
from tocsin.core.oncall.override import Override
from tocsin.core.oncall.roster import on_call
from tocsin.core.outgoing import Message
from tocsin.lib.translate import say
from tocsin.store import audit_log
from tocsin.store.tables import outbox

PRIMARY = ScheduleId("infra-primary")
WEEK = 7 * DAY
TUESDAY = MONDAY + DAY
SWAPS = f"/api/v1/schedules/{PRIMARY}/swaps"
OFFER = {
    "other": "eve", "give_start": "2026-01-06T09:00:00Z", "give_end": "1d", "take_start": "2026-01-13T09:00:00Z",
    "take_end": "1d",
}  # fmt: skip


@pytest.fixture
def here(store_url: str) -> Iterator[Running]:
    """Acme Retail, out of a store of either kind."""
    with stored(store_url) as standing:
        yield standing


class Person:
    """Somebody in front of a browser of their own."""

    def __init__(self, here: Running, login: str) -> None:
        self.here, self.browser = here, another_browser(here)
        made = account(here, login, "responder")
        self.browser.cookies.set("__Host-tocsin", cookie_for(here, made), domain=URL.partition("//")[2], path="/")

    async def post(self, path: str, status: int, /, key: str = "", **body: Any) -> Any:
        headers = {"x-csrf-token": await csrf(self.here, self.browser), "origin": URL}
        headers |= {"idempotency-key": key} if key else {}
        answer: httpx.Response = await self.browser.post(path, json=body, headers=headers)
        assert answer.status_code == status, answer.text
        return answer.json()

    async def says(self, swap: str, what: str, status: int = 200) -> Any:
        return await self.post(f"{SWAPS}/{swap}/answer", status, answer=what)


def on(here: Running, at: int) -> list[str]:
    known = world(here)
    duties = on_call(PRIMARY, at, known.rulebook.schedules, known.rulebook.hours, known.facts)
    return [one.person for one in duties]


def told(here: Running) -> list[tuple[str, str]]:
    """What waits to be sent: to whom, and what it says."""
    with here.site.ledger.read() as connection:
        bodies = [bytes(row.body) for row in connection.execute(outbox.select().order_by(outbox.c.id))]
    messages = [msgspec.json.decode(body, type=Message) for body in bodies]
    return sorted((one.to, say(one.text)) for one in messages)


async def test_an_accepted_swap_puts_both_in_each_others_place_and_tells_both(here: Running) -> None:
    dana, eve = Person(here, "dana"), Person(here, "eve")
    made = await dana.post(SWAPS, 201, **OFFER)
    assert (made["state"], made["person"], made["ends_at"]) == ("offered", "dana", "2026-01-06T09:00:00Z")
    assert (on(here, TUESDAY), on(here, TUESDAY + WEEK)) == (["dana"], ["eve"])
    [(to, offered)] = told(here)
    assert to == "eve"
    assert "Tue 6 Jan 09:00 – Wed 7 Jan 09:00 for Tue 13 Jan 09:00 – Wed 14 Jan 09:00" in offered
    assert "https://tocsin.acme.example/oncall" in offered
    assert (await eve.says(made["id"], "accept"))["state"] == "accepted"
    assert (on(here, TUESDAY), on(here, TUESDAY + WEEK)) == (["eve"], ["dana"])
    assert len(world(here).facts.overrides) == 2
    assert {to for to, text in told(here) if text.startswith("Swapped with")} == {"dana", "eve"}
    with here.site.ledger.read() as connection:
        deeds = [(one.what, one.actor) for one in reversed(audit_log.latest(connection, 4))]
    assert deeds == [
        ("swap.offered", "dana"), ("swap.accepted", "eve"), ("override.made", "eve"), ("override.made", "eve"),
    ]  # fmt: skip


@pytest.mark.parametrize(("who", "what", "state"), [("eve", "decline", "declined"), ("dana", "withdraw", "withdrawn")])
async def test_a_swap_that_is_declined_or_withdrawn_changes_nothing_and_the_other_is_told(
    here: Running, who: str, what: str, state: str
) -> None:
    people = {"dana": Person(here, "dana"), "eve": Person(here, "eve")}
    made = await people["dana"].post(SWAPS, 201, **OFFER)
    assert (await people[who].says(made["id"], what))["state"] == state
    assert (on(here, TUESDAY), world(here).facts.overrides) == (["dana"], ())
    assert (await people["eve"].says(made["id"], "accept", 409))["type"].endswith("settled")
    assert len(told(here)) == 2


async def test_nobody_answers_for_the_other_and_nobody_else_at_all(here: Running) -> None:
    dana, finn, gita = Person(here, "dana"), Person(here, "finn"), Person(here, "gita")
    made = await dana.post(SWAPS, 201, **OFFER)
    for somebody in (dana, finn, gita):
        await somebody.says(made["id"], "accept", 403)
    await finn.says(made["id"], "withdraw", 403)
    await finn.post(SWAPS, 403, **OFFER, person="dana")
    await gita.post(SWAPS, 403, **OFFER)
    await gita.post(SWAPS, 403, **OFFER, person="dana")
    assert (await finn.browser.get(SWAPS)).json()["swaps"] == [made]


async def test_an_offer_ends_when_the_first_shift_begins(here: Running) -> None:
    dana = Person(here, "dana")
    made = await dana.post(SWAPS, 201, **OFFER | {"give_start": "2026-01-05T09:30:00Z", "give_end": "1h"})
    here.clock.advance_to(MONDAY + HOUR // 2)
    assert (await dana.browser.get(SWAPS)).json()["swaps"][0]["state"] == "expired"
    eve = Person(here, "eve")
    assert (await eve.says(made["id"], "accept", 409))["detail"] == "That swap is expired."


async def test_a_swap_that_no_longer_fits_when_it_is_accepted_is_refused_whole(here: Running) -> None:
    dana, eve = Person(here, "dana"), Person(here, "eve")
    made = await dana.post(SWAPS, 201, **OFFER)
    enter(here, Override("between", PRIMARY, TUESDAY + WEEK, TUESDAY + WEEK + HOUR, DANA))
    problem = await eve.says(made["id"], "accept", 409)
    assert problem["detail"].startswith("swap: eve is not on call, 2026-01-13T09:00:00Z")
    assert [one.id for one in world(here).facts.overrides] == ["between"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"other": "nobody"},
        {"other": "dana"},
        {"other": "finn"},
        {"give_start": "2026-01-13T09:00:00Z"},
        {"give_start": "2026-01-05T08:00:00Z"},
        {"take_end": "999d"},
    ],
)
async def test_an_offer_without_sense_is_refused(here: Running, wrong: dict[str, str]) -> None:
    await Person(here, "dana").post(SWAPS, 422, **OFFER | wrong)
    assert told(here) == []


async def test_an_offer_sent_twice_with_one_key_is_made_and_told_once(here: Running) -> None:
    dana = Person(here, "dana")
    first, again = [await dana.post(SWAPS, 201, "one", **OFFER) for _ in range(2)]
    assert first == again
    assert len(told(here)) == 1


async def test_calling_off_one_half_over_the_api_calls_off_both(here: Running) -> None:
    dana, eve = Person(here, "dana"), Person(here, "eve")
    made = await dana.post(SWAPS, 201, **OFFER)
    await eve.says(made["id"], "accept")
    headers = {"x-csrf-token": await csrf(here, dana.browser), "origin": URL}
    halves = (await dana.browser.get("/api/v1/overrides")).json()["overrides"]
    assert {one["swap"] for one in halves} == {made["id"]}
    gone = await dana.browser.delete(f"/api/v1/overrides/{halves[1]['id']}", headers=headers)
    assert gone.status_code == 204
    assert world(here).facts.overrides == ()
