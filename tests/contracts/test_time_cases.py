"""Working time, opening hours and rotations, held against the tables that other products test themselves with.

Every row of the four tables is played or named with its reason in `NOT_OURS`; one that is neither fails the last test.
"""

import json
from calendar import monthrange
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tocsin.core.calendar.hours import Hours
from tocsin.core.calendar.working import due, elapsed, is_open, next_closing, next_opening, stretch
from tocsin.core.calendar.zones import start_of
from tocsin.core.ids import HoursId, PersonId
from tocsin.core.instant import DAY, SECOND, Instant, Period, format_instant, parse_instant, parse_period
from tocsin.core.oncall.rotation import turn, turn_at
from tocsin.core.oncall.schedule import Rotation

Row = dict[str, Any]

CASES = Path(__file__).resolve().parents[2].parent / "shared" / "cases"
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
WHOLE_WEEK = (((0, 1440),),) * 7

pytestmark = pytest.mark.skipif(not CASES.is_dir(), reason="the tables of other products are not beside this clone")


def table(name: str) -> Any:
    path = CASES / f"{name}.json"
    return json.loads(path.read_text("utf-8")) if path.exists() else {}


WORKING = [row for name in ("znuny_working_time", "business_time_gem") for row in table(name).get("cases", [])]
BUSINESS_DAYS = table("business_time_gem").get("business_days", [])
REFUSED = table("znuny_working_time").get("negative", [])
GOALERT = table("goalert_rules")
ALERTMANAGER = table("alertmanager_routing_timeintervals")
INTERVALS = ALERTMANAGER.get("time_intervals", {})

NOT_OURS = {
    "validation": "goalert: limits of numbers are the rulebook language's, and tested with it",
    "timeStringTestCases": "alertmanager: how its own files write times of day; ours are read by the rulebook language",
    "expectError": "alertmanager: what its own files refuse",
    "no instants": "alertmanager: shows how an interval is parsed, and asks about no instant",
}

NO_TIME = {
    "matcher_match": "played by test_alertmanager_matchers.py",
    "matcher_parse": "how its own files write matchers; ours are conditions in CEL",
    "routing": "a tree of receivers; here a source names its service, and a service its policy",
    "routing_amtool": "the same tree, asked by its own tool",
    "routing_defaults": "its waits before a group is sent; here a signal is at once an incident",
}
"""Of the table of Alertmanager, what does not ask about time, and why it is not played here."""


def named(rows: list[Row]) -> list[Any]:
    return [pytest.param(row, id=f"{i} {row.get('name') or row.get('fn') or ''}".strip()) for i, row in enumerate(rows)]


def minutes(text: str) -> int:
    hour, minute = text.split(":")
    return int(hour) * 60 + int(minute)


# --------------------------------------------------------------------------------------- working time


def hours_of(calendar: Row, years: range) -> Hours:
    openings = {day: tuple((minutes(a), minutes(b)) for a, b in spans) for day, spans in calendar["hours"].items()}
    yearly = [day for day in calendar["holidays"] if len(day) == 5]
    holidays = {f"{year}-{day}" for year in years for day in yearly} | {*calendar["holidays"]} - {*yearly}
    week = tuple(openings.get(day, ()) for day in DAYS)
    return Hours(HoursId("table"), calendar["tz"], week, DAY, frozenset(holidays))


@pytest.mark.parametrize("row", named(WORKING))
def test_working_time_agrees_with_znuny_and_business_time(row: Row) -> None:
    start = parse_instant(row["start"])
    hours = hours_of(row["calendar"], range(2009, 2019))
    if row["op"] == "working_time_between":
        assert elapsed(start, parse_instant(row["end"]), hours) == row["expected_seconds"] * SECOND
        return
    other, counted = parse_instant(row["expected"]), row["seconds"] * SECOND
    if row["op"] == "add_working_time":
        assert due(start, Period(time=counted), hours) == other
        assert elapsed(start, other, hours) == counted
    else:  # going back is only ever asked as: how much lies between
        assert row["op"] == "subtract_working_time"
        assert elapsed(other, start, hours) == counted


@pytest.mark.parametrize("row", named(BUSINESS_DAYS))
def test_counting_business_days_agrees_with_business_time(row: Row) -> None:
    weekdays = (((0, 1440),),) * 5 + ((),) * 2
    hours = Hours(HoursId("weekdays"), "UTC", weekdays, DAY, frozenset(row.get("holidays", ())))
    start, end = (parse_instant(f"{row[side]}T00:00:00Z") for side in ("from", "to"))
    assert elapsed(start, end + (DAY if row["inclusive"] else 0), hours) == row["expected"] * DAY


@pytest.mark.parametrize("row", named(REFUSED))
def test_what_znuny_refuses_as_an_amount_of_time_is_no_duration_here_either(row: Row) -> None:
    written = {
        "years unit unsupported": "2y",
        "negative hours": "-2h",
        "no units given": "2",
        "non numeric seconds": "somes",
    }
    with pytest.raises(ValueError, match="is not a duration"):
        parse_period(written[row["name"]])


# ---------------------------------------------------------------------------------- goalert: rules


def rule(row: Row) -> Hours:
    """Its weekdays begin on Sunday; a rule over midnight, or of a whole day, is two openings here."""
    start, end = minutes(row["start"]), minutes(row["end"])
    week: list[list[tuple[int, int]]] = [[] for _ in range(7)]
    for sunday_first, active in enumerate(row["weekdays"]):
        day = (sunday_first - 1) % 7
        if active and start < end:
            week[day].append((start, end))
        elif active:
            week[day].append((start, 1440))
            week[(day + 1) % 7].append((0, end))
    return Hours(HoursId("rule"), "UTC", tuple(tuple(sorted(day)) for day in week), DAY)


@pytest.mark.parametrize("row", named(GOALERT.get("rules", [])))
def test_restrictions_agree_with_goalert(row: Row) -> None:
    at, hours = parse_instant(row["at"]), rule(row)
    if row["fn"] == "is_active":
        assert is_open(at, hours) is row["expected"]
    elif row["fn"] == "start_time":
        assert is_open(at, hours) == (at >= parse_instant(row["expected"]))
        begins = stretch(at, hours).start if is_open(at, hours) else next_opening(at, hours)
        assert begins == parse_instant(row["expected"])
    else:
        assert row["fn"] == "end_time"
        assert next_closing(at, hours) == parse_instant(row["expected"])


# ------------------------------------------------------------------------------ goalert: rotations


def chicago(text: str) -> tuple[date, int]:
    """`Mar 1 2017 12:00 am` as a day and minutes after midnight."""
    moment = datetime.strptime(text, "%b %d %Y %I:%M %p")  # noqa: DTZ007 the zone stands in the row
    return moment.date(), moment.hour * 60 + moment.minute


@pytest.mark.parametrize("row", named(GOALERT.get("rotation_shift_durations", [])))
def test_shifts_are_as_long_as_goalerts(row: Row) -> None:
    day, minute = chicago(row["shift_start_local"])
    zone, length = row["time_zone"], row["duration_seconds"] * SECOND
    people = (PersonId("dana"), PersonId("eve"))
    weekday = day.weekday() if row["type"] == "weekly" else None
    rotation = Rotation(people, row["type"], day.isoformat(), row["shift_length"], minute, weekday)
    first = turn(rotation, zone, 0)
    ends, minute_of_end = chicago(row["shift_end_local"])
    assert first.end - first.start == length
    assert first.start == start_of(zone, day.toordinal(), minute)
    assert first.end == start_of(zone, ends.toordinal(), minute_of_end)
    assert turn_at(rotation, zone, first.end - 1) == first


# ----------------------------------------------------------------------- alertmanager: time intervals


def mute(interval: Any) -> Hours:
    """An interval as hours: days of the month, months and years become the days on which it stays closed."""
    interval = interval or {}
    times = tuple((t["StartMinute"], t["EndMinute"]) for t in interval.get("Times", ())) or ((0, 1440),)
    weekdays = {(day - 1) % 7 for first, last in ranges(interval, "Weekdays") for day in range(first, last + 1)}
    week = tuple(times if not weekdays or day in weekdays else () for day in range(7))
    zone = interval["Location"][0]["location"] if "Location" in interval else "UTC"
    closed = frozenset(day.isoformat() for day in days(2005, 2036) if not included(interval, day))
    return Hours(HoursId("interval"), zone, week, DAY, closed)


def ranges(interval: Row, field: str) -> list[tuple[int, int]]:
    pairs = [(r["Begin"], r["End"]) if isinstance(r, dict) else r for group in interval.get(field, ()) for r in group]
    return [(int(first), int(last)) for first, last in pairs]


def days(first: int, last: int) -> Iterator[date]:
    yield from (date(first, 1, 1) + timedelta(n) for n in range((date(last, 1, 1) - date(first, 1, 1)).days))


def included(interval: Row, day: date) -> bool:
    length = monthrange(day.year, day.month)[1]
    monthdays = [[n if n > 0 else length + 1 + n for n in pair] for pair in ranges(interval, "DaysOfMonth")]
    asked = ((monthdays, day.day), (ranges(interval, "Months"), day.month), (ranges(interval, "Years"), day.year))
    return all(not pairs or any(first <= value <= last for first, last in pairs) for pairs, value in asked)


def rfc822(text: str) -> Instant:
    return parse_instant(datetime.strptime(text, "%d %b %y %H:%M %z").isoformat())


COMPLETE = [  # what the two YAML texts of `completeTestCases` say
    {
        "Weekdays": [[{"Begin": 1, "End": 3}], [{"Begin": 6, "End": 6}], [{"Begin": 0, "End": 0}]],
        "Times": [{"StartMinute": 780, "EndMinute": 900}],
        "DaysOfMonth": [[[1, 1]], [[10, 10]], [[20, -1]]],
        "Years": [[[2020, 2023]]],
        "Months": [[[1, 3]]],
    },
    {"DaysOfMonth": [[[30, 31]]], "Years": [[[2020, 2023]]], "Months": [[[2, 2]]]},
]


def questions() -> Iterator[tuple[Any, Row, list[str], list[str]]]:
    """Every row that asks about instants: its interval, the row, when it holds and when not."""
    for row in INTERVALS.get("timeIntervalTestCases", []):
        yield row["timeInterval"], row, row["validTimeStrings"], row["invalidTimeStrings"]
    for interval, row in zip(COMPLETE, INTERVALS.get("completeTestCases", []), strict=False):
        yield interval, row, row.get("contains", []), row.get("excludes", [])
    for row in INTERVALS.get("yamlUnmarshalTestCases", []):
        if row.get("contains") or row.get("excludes"):
            (interval,) = row["intervals"]
            yield interval, row, row.get("contains", []), row.get("excludes", [])


@pytest.mark.parametrize("question", [pytest.param(question, id=str(i)) for i, question in enumerate(questions())])
def test_hours_hold_when_alertmanagers_interval_does(question: tuple[Any, Row, list[str], list[str]]) -> None:
    interval, _, inside, outside = question
    hours = mute(interval)
    assert [text for text in inside if not is_open(rfc822(text), hours)] == []
    assert [text for text in outside if is_open(rfc822(text), hours)] == []


@pytest.mark.parametrize("row", named(INTERVALS.get("intervener_mutes", {}).get("cases", [])))
def test_evenings_and_weekends_in_sydney_are_when_alertmanager_mutes(row: Row) -> None:
    evenings = Hours(HoursId("evenings"), "Australia/Sydney", (((0, 540), (1020, 1440)),) * 7, DAY)
    weekends = Hours(HoursId("weekends"), "Australia/Sydney", ((),) * 5 + (((0, 1440),),) * 2, DAY)
    year, month, day, hour, minute, *_, place = row["now"]["date"]
    zone = "UTC" if place == "time.UTC" else "Australia/Sydney"
    at = start_of(zone, date(year, month, day).toordinal(), hour * 60 + minute)
    muted = [hours.id for hours in (evenings, weekends) if is_open(at, hours)]
    assert muted == (row["mutedBy"] or []), format_instant(at)


# ------------------------------------------------------------------------------------ nothing dropped


def test_every_row_is_played_or_named_with_its_reason() -> None:
    unmarshal = INTERVALS["yamlUnmarshalTestCases"]
    skipped = {
        "validation": len(GOALERT["validation"]),
        "timeStringTestCases": len(INTERVALS["timeStringTestCases"]),
        "expectError": sum(bool(row.get("expectError")) for row in unmarshal),
        "no instants": sum(not row.get("expectError") and "contains" not in row for row in unmarshal),
    }
    assert skipped == {"validation": 3, "timeStringTestCases": 8, "expectError": 15, "no instants": 3}
    assert set(skipped) == set(NOT_OURS)
    rows = [row for value in INTERVALS.values() if isinstance(value, list) for row in value]
    played = len(list(questions()))
    assert len(rows) == played + sum(skipped.values()) - skipped["validation"]
    assert (len(WORKING), len(BUSINESS_DAYS), len(REFUSED)) == (99, 4, 4)
    assert set(ALERTMANAGER) == {"source", "time_intervals", "time_intervals_note", *NO_TIME}
    assert set(GOALERT) - {"source", "note"} == {"rules", "rotation_shift_durations", "validation"}
