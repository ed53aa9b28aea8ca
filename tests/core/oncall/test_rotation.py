"""Turns by example: wall-clock hand-offs, the first one, the last one."""

import pytest

from tests.cast import ANA, BEN, CARLA
from tocsin.core.instant import HOUR, Instant, format_instant, parse_instant
from tocsin.core.oncall.rotation import first_handoff, last_end, turn, turn_at
from tocsin.core.oncall.schedule import Rotation, Unit

BERLIN = "Europe/Berlin"


def rotation(unit: Unit, starts: str, **more: object) -> Rotation:
    return Rotation((ANA, BEN, CARLA), unit, starts, **more)  # type: ignore[arg-type]


def at(text: str) -> Instant:
    return parse_instant(text)


def begins(turns: Rotation, *numbers: int, zone: str = BERLIN) -> list[str]:
    return [format_instant(turn(turns, zone, number).start) for number in numbers]


def test_a_weekly_handoff_stays_at_nine_in_summer_and_winter() -> None:
    weekly = rotation("weekly", "2026-03-23", minute=540, weekday=0)
    assert begins(weekly, 0, 1, 31) == ["2026-03-23T08:00:00Z", "2026-03-30T07:00:00Z", "2026-10-26T08:00:00Z"]
    assert turn(weekly, BERLIN, 0).end - turn(weekly, BERLIN, 0).start == (7 * 24 - 1) * HOUR


def test_a_handoff_in_a_skipped_hour_happens_once_right_after_the_gap() -> None:
    daily = rotation("daily", "2027-03-27", minute=150)
    assert begins(daily, 0, 1, 2) == ["2027-03-27T01:30:00Z", "2027-03-28T01:00:00Z", "2027-03-29T00:30:00Z"]


def test_a_handoff_in_a_doubled_hour_happens_once_at_its_first_occurrence() -> None:
    daily = rotation("daily", "2027-10-30", minute=150)
    assert begins(daily, 1) == ["2027-10-31T00:30:00Z"]
    for again in ("2027-10-31T00:45:00Z", "2027-10-31T01:15:00Z", "2027-10-31T01:45:00Z"):
        found = turn_at(daily, BERLIN, at(again))
        assert found is not None
        assert found.person == BEN


def test_twelve_hour_shifts_keep_their_wall_clock_times() -> None:
    shifts = rotation("hourly", "2027-03-27", every=12, minute=480)
    assert begins(shifts, 0, 1, 2, 3) == [
        "2027-03-27T07:00:00Z",
        "2027-03-27T19:00:00Z",
        "2027-03-28T06:00:00Z",
        "2027-03-28T18:00:00Z",
    ]


def test_a_turn_that_the_clock_skips_altogether_has_no_length() -> None:
    hourly = rotation("hourly", "2027-03-28")
    skipped = turn(hourly, BERLIN, 2)
    assert skipped.start == skipped.end == turn(hourly, BERLIN, 3).start
    after = turn_at(hourly, BERLIN, skipped.start)
    assert after is not None
    assert after.number == 3


def test_monthly_turns_change_on_their_day_of_the_month() -> None:
    monthly = rotation("monthly", "2026-01-16", minute=540, monthday=15, every=2)
    assert begins(monthly, 0, 1, 6) == ["2026-02-15T08:00:00Z", "2026-04-15T07:00:00Z", "2027-02-15T08:00:00Z"]


@pytest.mark.parametrize(
    ("turns", "first"),
    [
        (rotation("weekly", "2026-01-05", weekday=0), "2026-01-04T23:00:00Z"),
        (rotation("weekly", "2026-01-06", weekday=0), "2026-01-11T23:00:00Z"),
        (rotation("weekly", "2026-01-07"), "2026-01-06T23:00:00Z"),
        (rotation("monthly", "2026-01-15", monthday=15), "2026-01-14T23:00:00Z"),
        (rotation("monthly", "2026-12-16", monthday=15), "2027-01-14T23:00:00Z"),
        (rotation("monthly", "2026-01-31"), "2026-02-27T23:00:00Z"),
        (rotation("daily", "2026-01-05", minute=1439), "2026-01-05T22:59:00Z"),
    ],
)
def test_the_first_handoff_is_the_first_on_or_after_the_day_it_starts(turns: Rotation, first: str) -> None:
    assert format_instant(first_handoff(turns, BERLIN)) == first
    assert turn_at(turns, BERLIN, at(first) - 1) is None


def test_the_last_turn_is_cut_where_the_rotation_ends() -> None:
    ending = rotation("weekly", "2026-01-05", minute=540, weekday=0, ends="2026-01-14")
    midnight = at("2026-01-13T23:00:00Z")
    last = turn_at(ending, BERLIN, midnight - 1)
    assert last is not None
    assert (last.number, last.end) == (1, midnight)
    assert turn_at(ending, BERLIN, midnight) is None
    assert last_end(ending, BERLIN) == midnight


def test_a_turn_in_a_hundred_years_has_its_number() -> None:
    found = turn_at(rotation("daily", "2026-01-05", minute=540), BERLIN, at("2126-01-05T12:00:00Z"))
    assert found is not None
    assert found.number == 36524
