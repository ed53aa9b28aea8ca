"""Calendars of shifts: each shift once and whole, in lines that any calendar reads, and nothing breaks out of them."""

import pytest
from icalendar import Calendar

from tests.api.conftest import ADMIN
from tests.cast import MONDAY
from tests.doors import Running
from tocsin.core.instant import DAY
from tocsin.engine.calendars import Shift, calendar


def events(text: str) -> list[dict[str, str]]:
    """The fields of each event, as another program reads them; no line is too long for any."""
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))
    read = Calendar.from_ical(text)
    return [{name: one[name].to_ical().decode() for name in one} for one in read.walk("VEVENT")]


async def test_a_schedule_is_a_calendar_of_whole_shifts(here: Running) -> None:
    answer = await here.client.get("/api/v1/schedules/infra-primary/shifts.ics", headers=ADMIN)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/calendar; charset=utf-8")
    shifts = events(answer.text)
    week = next(one for one in shifts if one["DTSTART"] == "20260105T090000Z")
    assert (week["DTEND"], week["SUMMARY"]) == ("20260112T090000Z", "dana (infra-primary)")
    assert len({one["UID"] for one in shifts}) == len(shifts) >= 25


async def test_a_persons_calendar_holds_their_shifts_alone_and_keeps_their_names(here: Running) -> None:
    first = events((await here.client.get("/api/v1/people/dana/shifts.ics", headers=ADMIN)).text)
    assert {one["SUMMARY"].partition(" ")[0] for one in first} == {"dana"}
    here.clock.advance_to(here.clock.now() + DAY)
    later = events((await here.client.get("/api/v1/people/dana/shifts.ics", headers=ADMIN)).text)
    assert {one["UID"] for one in first[1:]} <= {one["UID"] for one in later}
    assert events((await here.client.get("/api/v1/people/nadia/shifts.ics", headers=ADMIN)).text) == []


@pytest.mark.parametrize("path", ["schedules/none", "people/none"])
async def test_there_is_no_calendar_of_nobody(here: Running, path: str) -> None:
    assert (await here.client.get(f"/api/v1/{path}/shifts.ics", headers=ADMIN)).status_code == 404


@pytest.mark.parametrize("name", ["a,b;c\\d", "x\r\nATTENDEE:mailto:e@x", "a\x00b", "ü" * 200, "名" * 90], ids=range(5))
def test_no_name_breaks_a_line(name: str) -> None:
    text = calendar(name, [Shift("s", "p", MONDAY, MONDAY + DAY)], {"p": name}, MONDAY).decode()
    [one] = events(text)
    assert set(one) == {"UID", "DTSTAMP", "DTSTART", "DTEND", "SUMMARY", "TRANSP"}
    plain = one["SUMMARY"].replace("\\n", "\n").replace("\\,", ",").replace("\\;", ";").replace("\\\\", "\\")
    assert plain == f"{' '.join(name.split())} (s)".replace("\x00", " ")
