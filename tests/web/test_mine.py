"""My work: what wants an answer, when one is on call and why, how one is reached and whether that works, being away."""

import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from sqlalchemy import update

from tests.doors import Running
from tests.insiders import csrf, sit_down
from tests.oncalling import enter, stored
from tests.web.administering import send
from tests.web.reading import Taken
from tocsin.core.ids import PersonId
from tocsin.core.instant import HOUR, MINUTE
from tocsin.core.oncall.override import Absence
from tocsin.engine.trial import code, reference
from tocsin.store import facts, people
from tocsin.store.people import Contact
from tocsin.store.tables import outbox

MAIL = Contact("dana", "email", "dana@acme.example")
REF = reference(MAIL)


@pytest.fixture
def acme(sqlite_url: str) -> Iterator[Running]:
    with stored(sqlite_url) as standing:
        yield standing


async def page(here: Running, path: str = "/mine") -> str:
    answer = await here.client.get(path)
    assert answer.status_code == 200, answer.text
    return Taken(answer.text).text


async def press(here: Running, path: str, **form: str) -> httpx.Response:
    return await send(here, f"/mine{path}", **form)


async def is_said_and_kept(here: Running, path: str, words: str, kept: str, **form: str) -> None:
    """It is not done: the page says why, and holds what was written."""
    answer = await press(here, path, **form)
    assert answer.status_code == 422
    assert words in Taken(answer.text).text
    assert f'value="{kept}"' in answer.text


def contacts(here: Running, person: str = "dana") -> dict[str, str]:
    with here.site.ledger.read() as connection:
        return {way.address: way.state for way in people.of(connection, person)}


def settled(here: Running, state: str, outcome: str = "", **values: Any) -> None:
    """What the sender would have written of every trial."""
    change = update(outbox).values(state=state, next_at=None, outcome=outcome, **values)
    here.site.ledger.transact(lambda tx: tx.connection.execute(change))


# ---------------------------------------------------------------------------------------- incidents


async def test_what_wants_an_answer_comes_before_what_one_has(here: Running) -> None:
    first = await here.post(key="a", title="Orders fail")
    await here.post(key="b", title="The network is down", labels={"service": "core-network"})
    await here.post(key="c", title="None of hers", labels={"service": "checkout"})
    sit_down(here, "dana")
    await here.client.post(f"/incidents/{first}/acknowledge", data={"csrf": await csrf(here)})
    told = await page(here)
    assert "None of hers" not in told
    at = [told.index(one) for one in ("Wants an answer now", "The network is down", "You have it", "Orders fail")]
    assert at == sorted(at)
    assert "you are being called" in told
    here.clock.advance_to(here.clock.now() + 31 * MINUTE)
    here.tick_until(here.clock.now())
    assert "are you still on it?" in await page(here)


async def test_whoever_reported_something_finds_it_again(here: Running) -> None:
    sit_down(here, "kai", "viewer")
    body = {"title": "The till is dead", "service": "checkout"}
    headers = {"x-csrf-token": await csrf(here)}
    assert (await here.client.post("/api/v1/incidents", json=body, headers=headers)).status_code == 201
    told = await page(here)
    assert "The till is dead" in told
    assert "reported by you" in told


async def test_pages_at_night_are_counted(here: Running) -> None:
    here.clock.advance_to(here.clock.now() + 18 * HOUR)  # 03:00
    await here.post()
    sent_at = here.clock.now()
    settled(here, "sent", sent_at=sent_at)
    here.clock.advance_to(sent_at + 8 * HOUR)
    sit_down(here, "dana")
    assert "pages woke you once" in await page(here)


# ---------------------------------------------------------------------------------------- on call


async def test_turns_of_all_schedules_are_shown_with_the_reason(acme: Running) -> None:
    sit_down(acme, "eve")
    told = await page(acme)
    assert "On call: Infra secondary, until Mon 12 Jan 09:00" in told
    assert told.index("Infra secondary") < told.index("Infra primary")
    assert "Turn 2 of layer 1" in told
    linked = {value for _, name, value in Taken((await acme.client.get("/mine")).text).attributes if name == "href"}
    assert linked >= {"/oncall", "/oncall#swaps", "/oncall/calendars"}
    sit_down(acme, "omar")
    assert "Not on call in the coming weeks" in await page(acme)


async def test_an_absence_says_first_what_it_leaves_open_and_can_be_called_off(acme: Running) -> None:
    sit_down(acme, "dana")
    span = {"start": "2026-01-06T09:00", "end": "2026-01-08T09:00"}
    asked = await press(acme, "/away", **span)
    assert asked.status_code == 200
    assert "nobody would be on call" in Taken(asked.text).text
    assert "/oncall/override?schedule=infra-primary&amp;of=dana&amp;from=" in asked.text
    with acme.site.ledger.read() as connection:
        assert facts.gathered(connection, {}).absences == ()
    done = await press(acme, "/away", sure="yes", **span)
    assert done.headers["location"] == "/mine?done=away#away"
    assert "I am here after all" in await page(acme)
    (absence,) = acme.site.worlds.refresh().facts.absences
    assert (absence.person, absence.end - absence.start) == ("dana", 48 * HOUR)
    assert (await press(acme, f"/away/{absence.id}/off")).status_code == 303
    assert acme.site.worlds.refresh().facts.absences == ()


async def test_an_absence_without_a_shift_in_it_is_made_at_once(acme: Running) -> None:
    sit_down(acme, "omar")
    done = await press(acme, "/away", start="2026-02-02T09:00", end="2026-02-06T18:00")
    assert done.status_code == 303
    assert [one.person for one in acme.site.worlds.refresh().facts.absences] == ["omar"]


@pytest.mark.parametrize(
    ("start", "end", "words"),
    [
        ("", "2026-02-06T18:00", "from when until when"),
        ("2026-02-06T18:00", "2026-02-02T09:00", "after the beginning"),
        ("2025-02-01T09:00", "2025-02-02T09:00", "over already"),
        ("2026-02-01T09:00", "2028-02-02T09:00", "too long"),
    ],
)
async def test_an_absence_without_sense_is_said_and_kept(acme: Running, start: str, end: str, words: str) -> None:
    sit_down(acme, "omar")
    await is_said_and_kept(acme, "/away", words, end, start=start, end=end)


async def test_nobody_calls_off_the_absence_of_another(acme: Running) -> None:
    now = acme.clock.now()
    enter(acme, Absence("the-absence", PersonId("eve"), now, now + HOUR))
    sit_down(acme, "dana")
    assert (await press(acme, "/away/the-absence/off")).status_code == 404
    assert (await press(acme, "/away/no-such/off")).status_code == 404
    assert len(acme.site.worlds.refresh().facts.absences) == 1


# ---------------------------------------------------------------------------------------- being reached


async def test_a_way_is_added_tried_verified_and_taken_away(acme: Running) -> None:
    sit_down(acme, "dana")
    assert "No address has been verified" in await page(acme)
    assert (await press(acme, "/ways", method="email", address="dana@home.example")).status_code == 303
    way = Contact("dana", "email", "dana@home.example")
    assert (await press(acme, f"/ways/{reference(way)}/test")).status_code == 303
    assert "A trial is under way" in await page(acme)
    fresh = (await acme.client.get("/mine/fresh")).json()
    assert fresh["waits"] is True
    settled(acme, "sent", sent_at=acme.clock.now())
    told = await page(acme)
    assert "The trial was handed over at 09:00" in told
    assert "The code out of the trial" in told
    wrong = await press(acme, f"/ways/{reference(way)}/verify", code="000000x")
    assert (wrong.status_code, "not the code" in wrong.text) == (409, True)
    right = code(way, acme.clock.now(), acme.site.secret)
    assert (await press(acme, f"/ways/{reference(way)}/verify", code=f" {right} ")).status_code == 303
    assert contacts(acme)["dana@home.example"] == "verified"
    assert "No address has been verified" not in await page(acme)
    assert (await press(acme, f"/ways/{REF}/remove")).status_code == 303
    assert MAIL.address not in contacts(acme)


async def test_a_trial_that_failed_is_said_and_is_a_warning(acme: Running) -> None:
    sit_down(acme, "dana")
    await press(acme, f"/ways/{REF}/test")
    settled(acme, "failed", "no such mailbox")
    told = await page(acme)
    assert "did not arrive" in told
    assert "no such mailbox" in told
    assert "The latest message by E-mail did not arrive" in told


@pytest.mark.parametrize(
    ("method", "address", "words"),
    [
        ("email", "nobody", "no e-mail address"),
        ("email", "dana@acme.example", "there already"),
        ("webhook", "example.org", "a URL"),
        ("pigeon", "x", "no such channel"),
        ("email", " ", "write an address"),
    ],
)
async def test_a_way_without_sense_is_said_and_kept(acme: Running, method: str, address: str, words: str) -> None:
    sit_down(acme, "dana")
    await is_said_and_kept(acme, "/ways", words, address, method=method, address=address)


async def test_who_showed_long_ago_who_they_are_shows_it_again_before_ways_change(acme: Running) -> None:
    sit_down(acme, "dana")
    acme.clock.advance_to(acme.clock.now() + 16 * MINUTE)
    told = await page(acme)
    assert "show once more who you are" in told
    assert "Add a way" not in told
    answer = await press(acme, "/ways", method="email", address="thief@evil.example")
    assert answer.headers["location"] == "/signin/again?next=/mine"
    assert list(contacts(acme)) == [MAIL.address]


async def test_a_code_cannot_be_guessed_quickly(acme: Running) -> None:
    sit_down(acme, "dana")
    answers = [(await press(acme, f"/ways/{REF}/verify", code="x")).status_code for _ in range(7)]
    assert answers == [409] * 5 + [429] * 2


async def test_the_ways_of_another_are_none_of_ones_own(acme: Running) -> None:
    sit_down(acme, "eve")
    for act in ("test", "remove", "verify"):
        assert (await press(acme, f"/ways/{REF}/{act}", by="dana")).status_code in (404, 409)
    assert list(contacts(acme)) == [MAIL.address]
    assert "dana@acme.example" not in await page(acme, "/mine?by=dana")


async def test_an_auditor_sees_and_changes_nothing_but_what_they_read_in(acme: Running) -> None:
    sit_down(acme, "lena", "security-audit")
    told = await page(acme)
    assert "lena@acme.example" in told
    assert "Send a trial" not in told
    assert (await press(acme, "/ways", method="email", address="x@y.example")).status_code == 403
    assert (await press(acme, "/settings", language="de")).status_code == 303


# ------------------------------------------------------------------------------------ language and zone


async def test_the_chosen_language_and_zone_hold_on_every_page_at_once(acme: Running) -> None:
    sit_down(acme, "dana")
    assert (await press(acme, "/settings", language="de", zone="Asia/Tokyo")).status_code == 303
    for path, words in {"/mine": "Meine Arbeit", "/": "Alles ist ruhig", "/report": "Was ist los?"}.items():
        html = (await acme.client.get(path, headers={"accept-language": "en"})).text
        assert '<html lang="de">' in html
        assert words in html
        assert 'data-zone="Asia/Tokyo"' in html
    account = (await acme.client.get("/account", headers={"accept-language": "en"})).text
    assert '<html lang="de">' in account
    assert "bis Mo., 12. Jan. 18:00" in await page(acme)  # 09:00 in London
    await press(acme, "/settings", language="", zone="")
    assert "My work" in await page(acme)


async def test_a_zone_that_there_is_not_is_refused(acme: Running) -> None:
    sit_down(acme, "dana")
    answer = await press(acme, "/settings", zone="Mars/Base")
    assert answer.status_code == 422
    assert "no such time zone" in answer.text


# ---------------------------------------------------------------------------------------- whose


async def test_an_account_without_a_person_has_nothing_and_chooses_whom_to_look_for(demo: Running) -> None:
    assert "none of the people" in await page(demo)
    await demo.post()
    told = (await demo.client.get("/mine?by=dana")).text
    assert "Orders fail" in told
    assert re.search(r'<option value="dana" selected>', told)
    assert "none of the people" in await page(demo, "/mine?by=stranger")
    assert (await demo.client.get("/mine/fresh")).json()["parts"] == {}


async def test_only_what_changed_is_sent_again(here: Running) -> None:
    sit_down(here, "dana")
    first = (await here.client.get("/mine/fresh")).json()["parts"]
    known = ",".join(f"{name}-{mark}" for name, (mark, _) in first.items())
    await here.post()
    again = (await here.client.get(f"/mine/fresh?known={known}")).json()["parts"]
    assert list(again) == ["work"]
    assert "Orders fail" in again["work"][1]
