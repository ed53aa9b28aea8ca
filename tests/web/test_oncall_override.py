"""Overriding by the form: before and after are shown first, refusals name the field and a way out, undoing is easy."""

import re
from collections.abc import Iterator

import pytest

from tests.cast import DANA, EVE, FINN, MONDAY
from tests.doors import Running
from tests.insiders import sit_down
from tests.oncalling import enter, page, stored, words, world
from tests.web.administering import send
from tocsin.core.ids import ScheduleId
from tocsin.core.instant import DAY, HOUR, Span
from tocsin.core.oncall.override import Absence, Override, Swap
from tocsin.core.oncall.roster import on_call
from tocsin.store import audit_log

PRIMARY = ScheduleId("infra-primary")
TUESDAY = MONDAY + DAY
FORM = {"schedule": "infra-primary", "person": "eve", "from": "2026-01-06T08:00", "to": "2026-01-06T20:00"}


@pytest.fixture
def here(sqlite_url: str) -> Iterator[Running]:
    """Acme Retail as Dana sees it, who is on call this week."""
    with stored(sqlite_url) as standing:
        sit_down(standing, "dana")
        yield standing


def on(here: Running, at: int) -> list[str]:
    known = world(here)
    return [one.person for one in on_call(PRIMARY, at, known.rulebook.schedules, known.rulebook.hours, known.facts)]


async def test_before_anything_happens_it_says_who_would_be_on_instead_of_whom(here: Running) -> None:
    told = words((await send(here, "/oncall/override", **FORM, reason="dentist")).text)
    assert "Eve Martin instead of Dana Levi In infra-primary, Tue 6 Jan 08:00 – 20:00 dentist" in told
    assert "Tue 6 Jan 08:00 – 20:00 Dana Levi Eve Martin" in told
    assert world(here).facts.overrides == ()


async def test_confirmed_it_holds_at_once_is_said_and_audited_and_can_be_called_off(here: Running) -> None:
    answer = await send(here, "/oncall/override", **FORM, reason="dentist", sure="yes")
    assert answer.status_code == 303
    assert on(here, TUESDAY) == ["eve"]
    [made] = world(here).facts.overrides
    assert (made.reason, made.start, made.end) == ("dentist", TUESDAY - HOUR, TUESDAY + 11 * HOUR)
    told = await page(here, answer.headers["location"])
    assert "Done: Eve Martin instead of Dana Levi, Tue 6 Jan 08:00 – 20:00." in told
    off = await send(here, f"/oncall/override/{made.id}/off")
    assert "Called off." in await page(here, off.headers["location"])
    assert on(here, TUESDAY) == ["dana"]
    with here.site.ledger.read() as connection:
        audited = {(one.what, one.actor) for one in audit_log.latest(connection, 20)}
    assert {("override.made", "dana"), ("override.revoked", "dana")} <= audited


async def test_one_that_began_already_begins_now(here: Running) -> None:
    here.clock.advance_to(MONDAY + HOUR)
    asked = FORM | {"from": "2026-01-05T09:00", "to": "2026-01-05T20:00"}
    await send(here, "/oncall/override", **asked, sure="yes")
    assert (on(here, MONDAY + HOUR - 1), on(here, MONDAY + HOUR)) == (["dana"], ["eve"])


@pytest.mark.parametrize(
    ("wrong", "place", "told"),
    [
        ({"person": ""}, "person", "There is no such person."),
        ({"person": "nobody"}, "person", "There is no such person."),
        ({"of": "nobody"}, "of", "There is no such person."),
        ({"of": "finn"}, "of", "That changes nothing"),
        ({"person": "dana"}, "person", "Dana Levi is on all that time anyhow."),
        ({"person": "finn"}, "person", "Finn Berg is away, Tue 6 Jan 09:00 – 20:00."),
        ({"from": "soon"}, "from", "That is no time."),
        ({"to": "2026-01-06T07:00"}, "to", "It must end after it begins"),
        ({"to": "2028-01-06T07:00"}, "to", "at most 400 days"),
        ({"from": "2026-01-01T08:00", "to": "2026-01-02T08:00"}, "to", "That has passed."),
        ({"reason": "x" * 201}, "reason", "That is too long."),
        ({"from": "9" * 19}, "from", "That is no time."),
    ],
)
async def test_a_refusal_stands_at_its_field_and_keeps_what_was_written(
    here: Running, wrong: dict[str, str], place: str, told: str
) -> None:
    enter(here, Absence("a", FINN, TUESDAY, TUESDAY + 2 * DAY))
    answer = await send(here, "/oncall/override", **FORM | wrong, sure="yes")
    assert answer.status_code == 422
    said = re.search(rf'id="{place}-wrong">([^<]*)<', answer.text)
    assert said is not None
    assert told in said[1]
    assert '<option value="eve" selected>' in answer.text or "person" in wrong
    assert world(here).facts.overrides == ()


async def test_over_another_override_only_somebody_goes_who_says_so(here: Running) -> None:
    enter(here, Override("first", PRIMARY, TUESDAY, TUESDAY + DAY, FINN))
    told = words((await send(here, "/oncall/override", **FORM, sure="yes")).text)
    assert "There is an override already: Finn Berg, Tue 6 Jan 09:00 – Wed 7 Jan 09:00." in told
    assert "Call that one off first" in told
    assert (await send(here, "/oncall/override", **FORM, over="yes", sure="yes")).status_code == 303
    assert (on(here, TUESDAY), on(here, TUESDAY + 12 * HOUR)) == (["eve"], ["finn"])


async def test_adding_and_taking_off_are_told_as_what_they_are(here: Running) -> None:
    told = words((await send(here, "/oncall/override", **FORM, mode="add")).text)
    assert "Eve Martin besides" in told
    assert "Dana Levi Dana Levi and Eve Martin" in told
    told = words((await send(here, "/oncall/override", **FORM | {"person": "dana"}, mode="remove")).text)
    assert "without Dana Levi" in told
    assert "Nobody would be on then." in told


async def test_links_fill_the_form_in_and_without_any_it_offers_tomorrow(here: Running) -> None:
    markup = (await here.client.get(f"/oncall/override?schedule=infra-primary&from={TUESDAY}&to={TUESDAY + DAY}")).text
    assert 'type="datetime-local" value="2026-01-06T09:00"' in markup
    assert 'type="datetime-local" value="2026-01-07T09:00"' in markup
    markup = (await here.client.get("/oncall/override?schedule=infra-primary")).text
    assert 'type="datetime-local" value="2026-01-06T08:00"' in markup


async def test_hours_that_the_clock_shows_twice_are_covered_whole(here: Running) -> None:
    asked = FORM | {"from": "2026-10-25T01:00", "to": "2026-10-25T01:30", "person": "eve"}
    await send(here, "/oncall/override", **asked, sure="yes")
    [made] = world(here).facts.overrides
    assert made.end - made.start == HOUR + HOUR // 2


async def test_nobody_changes_a_schedule_of_another_team(here: Running) -> None:
    other = FORM | {"schedule": "payments-primary"}
    enter(here, Override("theirs", ScheduleId("payments-primary"), TUESDAY, TUESDAY + DAY, EVE))
    assert (await here.client.get("/oncall/override?schedule=payments-primary")).status_code == 403
    assert (await send(here, "/oncall/override", **other, sure="yes")).status_code == 403
    assert (await send(here, "/oncall/override/theirs/off")).status_code == 403
    assert (await here.client.post("/oncall/override", data=FORM)).status_code == 403
    assert [one.id for one in world(here).facts.overrides] == ["theirs"]


async def test_what_is_not_there_is_said_so(here: Running) -> None:
    sit_down(here, "omar", "manager")
    assert (await send(here, "/oncall/override/none/off")).status_code == 404
    assert (await here.client.get("/oncall/override?schedule=none")).status_code == 404


async def test_both_halves_of_a_swap_are_called_off_together(here: Running) -> None:
    later = MONDAY + 7 * DAY
    halves = Swap("s", PRIMARY, DANA, EVE, Span(TUESDAY, TUESDAY + DAY), Span(later, later + DAY)).overrides()
    enter(here, *halves)
    await send(here, f"/oncall/override/{halves[0].id}/off")
    assert world(here).facts.overrides == ()
