"""Times as people type them."""

import pytest

from tocsin.cli.output import MistakeError
from tocsin.cli.times import read_duration, read_time, show_time
from tocsin.core.instant import MINUTE, format_instant, parse_instant

NOW = parse_instant("2026-03-28T12:00:00Z")


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("2026-03-29T01:30:00Z", "2026-03-29T01:30:00Z"),
        ("2026-03-29 01:30:00+01:00", "2026-03-29T00:30:00Z"),
        ("2026-03-29 00:30", "2026-03-29T00:30:00Z"),
        ("2026-03-29 01:30", "2026-03-29T01:00:00Z"),  # skipped: the first instant after the gap
        ("2026-03-29 02:30", "2026-03-29T01:30:00Z"),
        ("2026-10-25 01:30", "2026-10-25T00:30:00Z"),  # doubled: the first of the two
        ("2026-07-01T09:00:05", "2026-07-01T08:00:05Z"),
        ("2026-07-01", "2026-06-30T23:00:00Z"),
        ("now", "2026-03-28T12:00:00Z"),
        ("+2h", "2026-03-28T14:00:00Z"),
        ("-1d", "2026-03-27T12:00:00Z"),
    ],
)
def test_a_time_is_read_on_the_clock_of_the_organisation(text: str, meant: str) -> None:
    assert format_instant(read_time(text, "Europe/London", NOW)) == meant


@pytest.mark.parametrize(
    "text",
    [
        "",
        "tomorrow",
        "2026-13-01",
        "2026-02-30 10:00",
        "2026-03-29 24:00",
        "+2",
        "10:00",
        "0001-06-01",
        "9999-06-01 10:00",
    ],
)
def test_what_is_no_time_is_refused_with_examples(text: str) -> None:
    with pytest.raises(MistakeError, match="is not a time") as refused:
        read_time(text, "Europe/London", NOW)
    assert "2026-03-29 02:30" in refused.value.hint


@pytest.mark.parametrize("text", ["2026-03-29T00:59:00Z", "2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z"])
def test_what_is_shown_can_be_typed_back(text: str) -> None:
    instant = parse_instant(text)
    assert read_time(show_time(instant, "Europe/London"), "Europe/London", NOW) == instant


def test_a_duration_is_read_and_a_wrong_one_refused() -> None:
    assert read_duration("1h30m") == 90 * MINUTE
    with pytest.raises(MistakeError, match="write 30s, 5m, 2h, 1d"):
        read_duration("5 minutes")
