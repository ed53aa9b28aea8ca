"""Instants, durations and periods: read, written, and exact."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.core.instant import (
    DAY,
    HOUR,
    MINUTE,
    SECOND,
    Period,
    format_duration,
    format_instant,
    parse_duration,
    parse_instant,
    parse_period,
)


@pytest.mark.parametrize(
    ("text", "length"),
    [("30s", 30 * SECOND), ("5m", 5 * MINUTE), ("2h", 2 * HOUR), ("1d", DAY), ("1h30m", 90 * MINUTE), ("0m", 0)],
)
def test_a_duration_is_read_as_people_write_it(text: str, length: int) -> None:
    assert parse_duration(text) == length


@pytest.mark.parametrize("text", ["", "5", "m", "5 m", "-5m", "5.5h", "1w", "5mm", "5m ", "١m"])
def test_what_is_no_duration_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(ValueError, match="1h30m"):
        parse_period(text)


@pytest.mark.parametrize("text", ["3661d", "99999999h"])
def test_longer_than_ten_years_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="ten years"):
        parse_period(text)


def test_days_of_a_period_are_kept_apart_from_counted_time() -> None:
    assert parse_period("2d3h") == Period(days=2, time=3 * HOUR)
    assert parse_period("2d3h").elapsed == 2 * DAY + 3 * HOUR


@given(st.integers(0, 3000), st.integers(0, 86399))
def test_a_period_is_written_so_that_it_reads_back(days: int, seconds: int) -> None:
    period = Period(days, seconds * SECOND)
    assert parse_period(str(period)) == period


@given(st.integers(0, 3000 * DAY))
def test_a_duration_is_written_so_that_it_reads_back_to_the_second(duration: int) -> None:
    assert parse_duration(format_duration(duration)) == duration // SECOND * SECOND


def test_a_negative_duration_is_written_as_nothing() -> None:
    assert format_duration(-5) == "0m"


@pytest.mark.parametrize(
    "text",
    ["2026-01-05T09:00:00Z", "2026-01-05T10:00:00+01:00", "2026-01-05T10:00:00+0100", "2026-01-05T04:00:00-05:00"],
)
def test_an_instant_is_read_with_its_offset(text: str) -> None:
    assert parse_instant(text) == 1_767_603_600 * SECOND


@pytest.mark.parametrize("text", ["2026-01-05T09:00:00", "2026-02-30T09:00:00Z", "yesterday", ""])
def test_without_an_offset_or_such_a_day_it_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        parse_instant(text)


@given(st.integers(0, 4_000_000_000 * SECOND))
def test_an_instant_is_written_so_that_it_reads_back(instant: int) -> None:
    assert parse_instant(format_instant(instant)) == instant


def test_an_instant_is_written_with_a_fraction_only_where_there_is_one() -> None:
    assert format_instant(1_767_603_600 * SECOND) == "2026-01-05T09:00:00Z"
    assert format_instant(1_767_603_600 * SECOND + 5) == "2026-01-05T09:00:00.000005Z"
