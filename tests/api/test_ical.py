"""Calendars of shifts: each shift once and whole, in lines that any calendar reads, and nothing breaks out of them."""

import pytest

from tests.api.conftest import ADMIN
from tests.cast import MONDAY
from tests.doors import Running
from tocsin.api.v1.ical import Shift, calendar
from tocsin.core.instant import DAY


def events(text: str) -> list[dict[str, str]]:
    """The fields of each event, lines unfolded."""
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))
    lines = text.replace("\r\n ", "").split("\r\n")
    assert (lines[0], lines[-2:]) == ("BEGIN:VCALENDAR", ["END:VCALENDAR", ""])
    found: list[dict[str, str]] = []
    for line in lines:
        name, _, value = line.partition(":")
        if line == "BEGIN:VEVENT":
            found.append({})
        elif found and name not in ("END", "BEGIN", ""):
            found[-1][name] = value
    return found


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


@pytest.mark.parametrize("name", ["a,b;c\\d", "x\r\nATTENDEE:mailto:e@x", "ü" * 200, "名" * 90], ids=range(4))
def test_no_name_breaks_a_line(name: str) -> None:
    text = calendar(name, [Shift("s", "p", MONDAY, MONDAY + DAY)], {"p": name}, MONDAY)
    [one] = events(text)
    assert set(one) == {"UID", "DTSTAMP", "DTSTART", "DTEND", "SUMMARY", "TRANSP"}
    plain = one["SUMMARY"].replace("\\n", "\n").replace("\\,", ",").replace("\\;", ";").replace("\\\\", "\\")
    assert plain == f"{name} (s)".replace("\r", "")
