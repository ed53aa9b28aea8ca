"""Local days and times of a zone, and the refusals that help."""

import pytest

from tocsin.core.calendar.zones import (
    Transition,
    _lookups,
    end_of,
    format_day,
    known_zone,
    local,
    local_time,
    parse_day,
    require_zone,
    start_of,
    transitions,
    weekday,
)
from tocsin.core.instant import DAY, HOUR, format_instant, parse_instant

SPRING, AUTUMN = parse_day("2026-03-29"), parse_day("2026-10-25")


def test_a_half_past_two_that_is_skipped_is_at_three() -> None:
    assert format_instant(start_of("Europe/Berlin", SPRING, 150)) == "2026-03-29T01:00:00Z"
    assert end_of("Europe/Berlin", SPRING, 150) == start_of("Europe/Berlin", SPRING, 180)


def test_a_half_past_two_that_comes_twice_starts_at_the_first_and_ends_at_the_second() -> None:
    assert format_instant(start_of("Europe/Berlin", AUTUMN, 150)) == "2026-10-25T00:30:00Z"
    assert format_instant(end_of("Europe/Berlin", AUTUMN, 150)) == "2026-10-25T01:30:00Z"


def test_the_edges_of_a_doubled_hour_belong_to_it_at_its_begin_and_not_at_its_end() -> None:
    assert end_of("Europe/Berlin", AUTUMN, 120) - start_of("Europe/Berlin", AUTUMN, 120) == HOUR
    assert end_of("Europe/Berlin", AUTUMN, 180) == start_of("Europe/Berlin", AUTUMN, 180)


def test_a_day_that_was_skipped_is_the_midnight_after_it() -> None:
    skipped = parse_day("2011-12-30")
    assert start_of("Pacific/Apia", skipped, 600) == start_of("Pacific/Apia", skipped + 1)


def test_a_midnight_that_is_skipped_is_one_oclock() -> None:
    day = parse_day("2018-11-04")
    assert local("America/Sao_Paulo", start_of("America/Sao_Paulo", day)).minute == 60
    assert end_of("America/Sao_Paulo", day - 1, 1440) == start_of("America/Sao_Paulo", day)


def test_half_an_hour_can_come_twice_too() -> None:
    day = parse_day("2026-04-05")
    assert end_of("Australia/Lord_Howe", day, 105) - start_of("Australia/Lord_Howe", day, 105) == HOUR // 2


def test_the_wall_clock_is_read_as_day_minute_and_weekday() -> None:
    shown = local("Asia/Kathmandu", parse_instant("2026-01-04T18:20:59.5Z"))
    assert (format_day(shown.day), shown.minute, shown.weekday) == ("2026-01-05", 5, 0)


def test_minute_1440_is_the_next_midnight() -> None:
    assert start_of("Europe/London", SPRING, 1440) == start_of("Europe/London", SPRING + 1)


def test_transitions_are_those_within_the_span() -> None:
    summer = parse_instant("2026-03-29T01:00:00Z")
    assert transitions("Europe/London", summer, summer + 1) == (Transition(summer, 0, HOUR),)
    assert transitions("Europe/London", summer + 1, summer + 24 * HOUR) == ()
    assert transitions("Asia/Kathmandu", summer, summer + 24 * HOUR) == ()


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("europe/london", "Europe/London"),
        ("London", "Europe/London"),
        ("New York", "America/New_York"),
        ("Europe/Berlim", "Europe/Berlin"),
        ("W. Europe Standard Time", "Windows"),
        ("", "an IANA name"),
        ("../../etc/passwd", "an IANA name"),
        ("posix/Europe/London", "Europe/London"),
        ("Factory", "an IANA name"),
    ],
)
def test_what_is_no_zone_is_refused_with_what_may_be_meant(name: str, hint: str) -> None:
    assert not known_zone(name)
    with pytest.raises(ValueError, match=hint):
        require_zone(name)
    with pytest.raises(ValueError, match=hint):
        local(name, 0)


def test_a_clock_that_goes_back_twice_at_once_is_still_read_in_order() -> None:
    looked_up = _lookups((0, 100 * DAY, 100 * DAY + HOUR), (9 * HOUR, 3 * HOUR, 0), 200 * DAY)
    assert list(looked_up.passed) == sorted(looked_up.passed)
    assert list(looked_up.reached) == sorted(looked_up.reached)


def test_a_zone_of_the_database_is_known_by_its_exact_name() -> None:
    assert require_zone("America/Argentina/Buenos_Aires") == "America/Argentina/Buenos_Aires"
    assert known_zone("UTC")


@pytest.mark.parametrize("at", [-(10**20), 10**20, parse_instant("0001-01-01T00:00:00Z")])
def test_an_instant_beyond_the_calendar_is_refused(at: int) -> None:
    with pytest.raises(ValueError, match="years 1 to 9999"):
        local_time("Europe/London", at)


@pytest.mark.parametrize("day", [-5, 1, 4_000_000])
def test_a_day_beyond_the_calendar_is_refused(day: int) -> None:
    with pytest.raises(ValueError, match="years 1 to 9999"):
        start_of("Europe/London", day)


def test_days_are_read_and_written_and_know_their_weekday() -> None:
    assert format_day(parse_day("2026-12-24")) == "2026-12-24"
    assert weekday(parse_day("2026-12-24")) == 3


@pytest.mark.parametrize("text", ["2026-2-1", "20260201", "2026-W01-1", "2026-02-30", "12-24", "", "२०२६-०१-०१"])
def test_what_is_no_day_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="YYYY-MM-DD"):
        parse_day(text)
