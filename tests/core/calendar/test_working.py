"""Working time by example: weekends, holidays, closing time, and days of 23 and 25 hours."""

import pytest

from tocsin.core.calendar.hours import Hours, Opening
from tocsin.core.calendar.working import (
    Stretch,
    due,
    elapsed,
    is_open,
    next_closing,
    next_opening,
    openings,
    stretch,
)
from tocsin.core.ids import ALWAYS, HoursId
from tocsin.core.instant import DAY, HOUR, MINUTE, Instant, Period, Span, format_instant, parse_instant, parse_period


def hours(
    *week: tuple[Opening, ...], zone: str = "Europe/London", day: int = 10, holidays: tuple[str, ...] = ()
) -> Hours:
    return Hours(HoursId("drawn"), zone, (*week, *((),) * (7 - len(week))), day * HOUR, frozenset(holidays))


OFFICE = hours(*(((480, 1080),),) * 5)
ROUND = hours(*(((0, 1440),),) * 7, day=24)
NEVER = hours()
BERLIN = hours(*(((540, 1020),),) * 5, zone="Europe/Berlin", day=8, holidays=("2026-12-25", "2026-12-26"))


def at(text: str) -> Instant:
    return parse_instant(text)


def when(start: str, period: str, counted_in: Hours | None) -> str | None:
    found = due(at(start), parse_period(period), counted_in)
    return None if found is None else format_instant(found)


@pytest.mark.parametrize(
    ("start", "period", "expected"),
    [
        ("2026-01-08T16:30:00Z", "4h", "2026-01-09T10:30:00Z"),  # Thursday into Friday
        ("2026-01-08T16:30:00Z", "20h", "2026-01-12T16:30:00Z"),  # over the weekend
        ("2026-01-08T16:30:00Z", "2d", "2026-01-12T16:30:00Z"),  # two working days are 20 hours
        ("2026-01-08T16:30:00Z", "1h30m", "2026-01-08T18:00:00Z"),  # at closing is at closing
        ("2026-01-08T08:00:00Z", "10h", "2026-01-08T18:00:00Z"),
        ("2026-01-08T18:00:00Z", "1m", "2026-01-09T08:01:00Z"),  # closing time is closed
        ("2026-01-10T03:00:00Z", "0m", "2026-01-12T08:00:00Z"),  # nothing, but in working hours
        ("2026-01-08T09:00:00Z", "0m", "2026-01-08T09:00:00Z"),
        ("2026-01-10T12:00:00Z", "1s", "2026-01-12T08:00:01Z"),
    ],
)
def test_what_is_due_counts_in_office_hours_alone(start: str, period: str, expected: str) -> None:
    assert when(start, period, OFFICE) == expected


def test_a_holiday_is_closed_all_day_and_another_added_later_moves_what_is_due() -> None:
    opened = "2026-12-24T13:00:00+01:00"
    assert when(opened, "8h", BERLIN) == "2026-12-28T12:00:00Z"
    company = hours(*BERLIN.week, zone="Europe/Berlin", holidays=(*BERLIN.holidays, "2026-12-28"))
    assert when(opened, "8h", company) == "2026-12-29T12:00:00Z"


def test_hours_that_are_always_open_count_elapsed_time_with_days_of_24_hours() -> None:
    always = Hours(ALWAYS, "UTC", ((),) * 7, 0)
    for counted_in in (None, always):
        assert when("2027-03-27T12:00:00Z", "1d", counted_in) == "2027-03-28T12:00:00Z"
        assert elapsed(10, 25, counted_in) == 15
        assert is_open(0, counted_in)
        assert (next_opening(5, counted_in), next_closing(5, counted_in)) == (5, None)
        assert list(openings(3, 9, counted_in)) == [Span(3, 9)]
        assert list(openings(9, 3, counted_in)) == []
        assert stretch(0, counted_in) == Stretch(True, None, None)


@pytest.mark.parametrize(("day", "length"), [("2027-03-28", 23), ("2027-10-31", 25), ("2027-06-01", 24)])
def test_a_day_open_from_midnight_to_midnight_counts_the_hours_that_it_has(day: str, length: int) -> None:
    zone = hours(*(((0, 1440),),) * 7, zone="Europe/Berlin")
    noon = at(f"{day}T10:00:00Z")
    sunday = hours(*((((0, 1440),) if n == (noon // DAY + 3) % 7 else ()) for n in range(7)), zone="Europe/Berlin")
    assert elapsed(noon - 20 * HOUR, noon + 20 * HOUR, sunday) == length * HOUR
    assert elapsed(noon - 20 * HOUR, noon + 20 * HOUR, zone) == 40 * HOUR


def test_office_hours_do_not_notice_a_night_in_which_the_clock_jumps() -> None:
    friday = "2027-03-26T15:00:00+01:00"
    assert when(friday, "4h", BERLIN) == "2027-03-29T09:00:00Z"  # 11:00 in summer time


def test_an_opening_that_the_clock_skips_is_no_opening() -> None:
    night = hours(*((),) * 6, ((120, 180),), zone="Europe/Berlin")
    saturday = at("2027-03-27T12:00:00Z")
    assert elapsed(saturday, saturday + 2 * DAY, night) == 0
    assert next_opening(saturday, night) == at("2027-04-04T02:00:00+02:00")


def test_an_opening_that_ends_in_a_doubled_hour_ends_at_its_second_occurrence() -> None:
    night = hours(*((),) * 6, ((60, 150),), zone="Europe/Berlin")
    saturday = at("2027-10-30T12:00:00Z")
    assert list(openings(saturday, saturday + DAY, night)) == [
        Span(at("2027-10-31T01:00:00+02:00"), at("2027-10-31T02:30:00+01:00"))
    ]


def test_two_openings_that_share_a_doubled_hour_count_it_once() -> None:
    night = hours(*((),) * 6, ((60, 150), (150, 240)), zone="Europe/Berlin")
    saturday = at("2027-10-30T12:00:00Z")
    assert elapsed(saturday, saturday + DAY, night) == 4 * HOUR


def test_openings_on_either_side_of_midnight_are_one() -> None:
    nights = hours(*(((0, 480), (1200, 1440)),) * 7)
    monday = at("2026-01-05T12:00:00Z")
    assert list(openings(monday, monday + DAY, nights)) == [Span(monday + 8 * HOUR, monday + 20 * HOUR)]
    assert next_closing(monday, nights) == monday + 20 * HOUR


def test_openings_are_cut_to_what_is_asked() -> None:
    monday = at("2026-01-05T12:00:00Z")
    assert list(openings(monday, monday + MINUTE, OFFICE)) == [Span(monday, monday + MINUTE)]
    assert list(openings(monday, monday, OFFICE)) == []


@pytest.mark.parametrize("closed", [NEVER, hours(((480, 480),))])
def test_hours_that_never_open_never_end_anything(closed: Hours) -> None:
    assert due(0, Period(time=1), closed) is None
    assert due(0, Period(), closed) is None
    assert (next_opening(0, closed), next_closing(0, closed)) == (None, None)
    assert elapsed(0, 900 * DAY, closed) == 0
    assert stretch(0, closed) == Stretch(False, None, None)


def test_what_is_not_due_within_ten_years_is_never_due() -> None:
    minute_a_week = hours(((0, 1),))
    assert due(0, Period(time=5 * HOUR), minute_a_week) == at("1975-09-29T00:01:00+01:00")
    assert due(0, Period(time=10 * HOUR), minute_a_week) is None


def test_hours_round_the_clock_never_close() -> None:
    monday = at("2026-01-05T12:00:00Z")
    assert next_closing(monday, ROUND) is None
    assert stretch(monday, ROUND) == Stretch(True, None, None)
    assert due(monday, Period(1), ROUND) == monday + DAY


def test_a_stretch_reaches_over_christmas() -> None:
    christmas = at("2026-12-26T12:00:00Z")
    opened, closed = at("2026-12-28T08:00:00Z"), at("2026-12-24T16:00:00Z")
    assert stretch(christmas, BERLIN) == Stretch(False, closed, opened)
    assert stretch(opened, BERLIN) == Stretch(True, opened, opened + 8 * HOUR)


def test_nothing_elapses_backwards() -> None:
    assert elapsed(at("2026-01-08T12:00:00Z"), at("2026-01-08T11:00:00Z"), OFFICE) == 0
