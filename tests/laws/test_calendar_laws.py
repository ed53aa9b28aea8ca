"""Laws of civil and working time, in every zone and about every jump of a clock."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.laws.jumps import FROM, NOTABLE, TO, ZONES, hours, instants, jumps, zones
from tocsin.core.calendar.hours import Hours
from tocsin.core.calendar.working import HORIZON, due, elapsed, is_open, next_closing, next_opening, openings, stretch
from tocsin.core.calendar.zones import (
    first_instant,
    format_day,
    last_instant,
    local,
    local_time,
    offset_at,
    transitions,
)
from tocsin.core.instant import DAY, HOUR, MINUTE, SECOND, Instant, Period

EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 a wall clock


def by_the_library(zone: str, wall: int, fold: int) -> Instant:
    """The standard library's reading of a local time, an implementation independent of ours."""
    moment = (EPOCH + timedelta(microseconds=wall)).replace(tzinfo=ZoneInfo(zone), fold=fold)
    return (moment.astimezone(UTC) - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


def check_local_time(zone: str, wall: int) -> None:
    first, last = first_instant(zone, wall), last_instant(zone, wall)
    earlier, later = by_the_library(zone, wall, 0), by_the_library(zone, wall, 1)
    if earlier <= later:  # it exists, once or twice
        assert (first, last) == (earlier, later)
    else:  # skipped: both are the first instant after the gap
        assert first == last
        assert later < first <= earlier
        assert local_time(zone, first) > wall > local_time(zone, first - 1)


@given(st.data())
def test_a_skipped_time_is_the_first_instant_after_the_gap_and_a_doubled_one_happens_first_and_last(data) -> None:
    zone = data.draw(zones)
    check_local_time(zone, local_time(zone, data.draw(instants(zone))))
    jump = data.draw(st.sampled_from(jumps(zone) or (None,)))
    if jump is not None:
        between = sorted((jump.at + jump.before, jump.at + jump.after))
        check_local_time(zone, data.draw(st.integers(*between)))


@pytest.mark.parametrize("zone", NOTABLE)
def test_at_every_jump_of_a_notable_zone_local_times_are_read_as_the_rule_says(zone: str) -> None:
    for jump in jumps(zone):
        for wall in {jump.at + jump.before, jump.at + jump.after, jump.at + (jump.before + jump.after) // 2}:
            check_local_time(zone, wall - wall % SECOND)
            check_local_time(zone, wall - wall % SECOND - SECOND)


@pytest.mark.prove
def test_at_every_jump_of_every_zone_local_times_are_read_as_the_rule_says() -> None:
    for zone in ZONES:
        test_at_every_jump_of_a_notable_zone_local_times_are_read_as_the_rule_says(zone)


@given(st.data())
def test_a_later_local_time_is_never_at_an_earlier_instant(data) -> None:
    zone = data.draw(zones)
    wall = local_time(zone, data.draw(instants(zone)))
    later = wall + data.draw(st.integers(0, 3 * DAY))
    assert first_instant(zone, wall) <= first_instant(zone, later)
    assert last_instant(zone, wall) <= last_instant(zone, later)
    assert first_instant(zone, wall) <= last_instant(zone, wall)


@given(st.data())
def test_an_instant_lies_between_the_first_and_the_last_occurrence_of_what_its_clock_shows(data) -> None:
    zone = data.draw(zones)
    at = data.draw(instants(zone))
    wall = local_time(zone, at)
    assert first_instant(zone, wall) <= at <= last_instant(zone, wall)
    assert by_the_library(zone, wall, 0) <= at <= by_the_library(zone, wall, 1)


@given(st.data())
def test_offsets_change_at_transitions_and_nowhere_else(data) -> None:
    zone = data.draw(zones)
    start = data.draw(instants(zone))
    end = start + data.draw(st.integers(0, 800 * DAY))
    found = transitions(zone, start, end)
    assert [jump.at for jump in found] == sorted({jump.at for jump in found})
    assert all(start <= jump.at < end for jump in found)
    steps = sum(jump.after - jump.before for jump in found if jump.at != start)
    assert offset_at(zone, end - 1 if end > start else start) == offset_at(zone, start) + steps
    for jump in found:
        assert (offset_at(zone, jump.at - 1), offset_at(zone, jump.at)) == (jump.before, jump.after)


def test_every_zone_is_read_like_the_library_all_through_fifty_years() -> None:
    for zone in ZONES:
        for at in range(FROM, TO, 97 * DAY + 5 * HOUR):
            moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=at)
            assert offset_at(zone, at) == moment.astimezone(ZoneInfo(zone)).utcoffset() // timedelta(microseconds=1)


# --------------------------------------------------------------------------------------- working time


@st.composite
def work(draw: st.DrawFn) -> tuple[Hours, Instant]:
    zone = draw(zones)
    at = draw(instants(zone))
    return draw(hours(zone, at)), at


amounts = st.integers(1, 60 * HOUR) | st.integers(1, 60).map(lambda n: n * HOUR)


@given(work(), amounts)
def test_what_is_due_has_elapsed_exactly(case, amount) -> None:
    when, start = case
    end = due(start, Period(time=amount), when)
    if end is None:
        assert elapsed(start, start + HORIZON, when) < amount
        return
    assert elapsed(start, end, when) == amount
    assert elapsed(start, end - 1, when) == amount - 1  # and not a moment earlier
    assert is_open(end - 1, when)


@given(work(), st.integers(0, 20 * DAY))
def test_what_has_elapsed_is_due_then_or_at_the_closing_before(case, later) -> None:
    when, start = case
    end = start + later
    passed = elapsed(start, end, when)
    again = due(start, Period(time=passed), when)
    if passed:
        assert again == (end if is_open(end - 1, when) else stretch(end - 1, when).start)
    else:
        assert again == next_opening(start, when)


@given(work(), amounts, amounts)
def test_working_on_is_the_same_as_working_through(case, one, other) -> None:
    when, start = case
    first, through = due(start, Period(time=one), when), due(start, Period(time=one + other), when)
    if first is None or through is None:
        assert through is None
    else:
        assert due(first, Period(time=other), when) == through


@given(work(), st.lists(st.integers(0, 900 * DAY), min_size=2, max_size=2))
def test_elapsed_time_adds_up_and_is_the_length_of_the_openings(case, later) -> None:
    when, start = case
    middle, end = sorted(start + step for step in later)
    assert elapsed(start, middle, when) + elapsed(middle, end, when) == elapsed(start, end, when)
    assert elapsed(start, end, when) == sum(span.end - span.start for span in openings(start, end, when))
    assert elapsed(end, start, when) == 0


@given(work())
def test_openings_are_apart_and_in_order_and_what_lies_between_is_closed(case) -> None:
    when, start = case
    spans = list(openings(start, start + 60 * DAY, when))
    for span, following in pairwise(spans):
        assert span.start < span.end < following.start
        assert next_opening(span.end, when) == following.start
        assert next_closing(span.start, when) == span.end
        assert stretch(span.end, when).end == following.start
        assert not is_open(following.start - 1, when)


@given(work(), st.integers(-40 * HOUR, 40 * HOUR))
def test_it_is_open_whenever_the_wall_clock_says_so_and_else_only_in_a_doubled_hour(case, step) -> None:
    when, at = case
    at += step
    wall = local(when.timezone, at)
    day_of = when.week[wall.weekday] if format_day(wall.day) not in when.holidays else ()
    by_the_wall = any(opening <= wall.minute < closing for opening, closing in day_of)
    if by_the_wall:
        assert is_open(at, when)
    elif is_open(at, when):
        folds = [
            jump for jump in transitions(when.timezone, at - 26 * HOUR, at + 26 * HOUR) if jump.after < jump.before
        ]
        assert any(abs(at - jump.at) <= jump.before - jump.after for jump in folds)


@given(work())
def test_a_stretch_holds_from_its_start_to_its_end(case) -> None:
    when, at = case
    now = stretch(at, when)
    assert now.open is is_open(at, when)
    if now.start is not None:
        assert now.start <= at
        assert is_open(now.start, when) is now.open is not is_open(now.start - 1, when)
    if now.end is not None:
        assert now.end > at
        assert is_open(now.end - 1, when) is now.open is not is_open(now.end, when)


@given(work(), st.integers(1, 5))
def test_a_day_of_a_period_is_a_nominal_working_day(case, days) -> None:
    when, start = case
    assert due(start, Period(days, 30 * MINUTE), when) == due(start, Period(0, days * when.day + 30 * MINUTE), when)
    assert due(start, Period(days, 30 * MINUTE), None) == start + days * DAY + 30 * MINUTE
