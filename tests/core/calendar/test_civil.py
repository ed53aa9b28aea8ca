"""Civil times as people write them, in one place for the command line, stories, cases, answers and expectations."""

import pytest

from tocsin.core.calendar.civil import civil
from tocsin.core.calendar.zones import parse_day
from tocsin.core.instant import format_instant

LONDON, MONDAY = "Europe/London", parse_day("2026-01-05")


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("2026-07-06 10:05", "2026-07-06T09:05:00Z"),
        ("2026-07-06T10:05:09", "2026-07-06T09:05:09Z"),
        ("9:05", "2026-01-05T09:05:00Z"),
        ("23:59:59.25", "2026-01-05T23:59:59.25Z"),
        ("2026-03-29 01:30", "2026-03-29T01:00:00Z"),
        ("2026-10-25 01:30", "2026-10-25T00:30:00Z"),
    ],
)
def test_a_time_is_what_the_wall_shows_after_the_gap_and_at_the_first_of_two(written: str, meant: str) -> None:
    assert format_instant(civil(written, LONDON, MONDAY)) == meant


def test_what_ends_then_ends_at_the_last_of_two() -> None:
    assert format_instant(civil("2026-10-25 01:30", LONDON, ends=True)) == "2026-10-25T01:30:00Z"
    assert format_instant(civil("2026-03-29 01:30", LONDON, ends=True)) == "2026-03-29T01:00:00Z"


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("24:00", "no time"),
        ("10:60", "no time"),
        ("10:05:60", "no time"),
        ("10", "no time"),
        ("1٠:05", "no time"),
        ("", "no time"),
        ("2026-02-29 10:00", "not a day"),
        ("2526-02-28 10:00", "1900 to 2199"),
    ],
)
def test_what_is_no_time_is_refused_and_told_how(written: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        civil(written, LONDON, MONDAY)


def test_a_time_without_a_day_needs_one() -> None:
    with pytest.raises(ValueError, match="write it as 2026-01-06 10:05"):
        civil("10:05", LONDON)
