"""Instants and lengths as people of each language read them."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.lib import moments

AT = int(datetime(2026, 3, 10, 2, 14, 7, tzinfo=UTC).timestamp()) * moments.SECOND
MINUTE, HOUR, DAY = moments.MINUTE, moments.HOUR, moments.DAY


@pytest.mark.parametrize(
    ("language", "far", "whole", "letter"),
    [
        (
            "en",
            "Tue 10 Mar 03:14",
            "Tuesday, 10 March 2026, 03:14:07 CET (Europe/Berlin)",
            "Tue, 10 Mar 2026, 03:14 CET",
        ),
        (
            "de",
            "Di., 10. März 03:14",
            "Dienstag, 10. März 2026, 03:14:07 CET (Europe/Berlin)",
            "Di., 10. März 2026, 03:14 CET",
        ),
    ],
)
def test_days_and_months_have_the_names_and_the_order_of_the_language(language, far, whole, letter):
    assert moments.clock(AT, "Europe/Berlin", AT + 3 * DAY, language=language) == far
    assert moments.whole(AT, "Europe/Berlin", language=language) == whole
    assert moments.moment(AT, "Europe/Berlin", language=language) == letter


def test_today_needs_no_day_and_today_is_that_of_the_zone():
    just_before = int(datetime(2026, 3, 9, 23, 30, tzinfo=UTC).timestamp()) * moments.SECOND
    assert moments.clock(just_before, "Europe/Berlin", AT, language="en") == "00:30:00"
    assert moments.short(just_before, "Europe/Berlin", AT, language="en") == "00:30"
    assert moments.short(just_before, "UTC", AT, language="en") == "Mon 9 Mar 23:30"


@pytest.mark.parametrize(
    ("duration", "english", "german"),
    [
        (-HOUR, "0 s", "0 s"),
        (8 * moments.SECOND, "8 s", "8 s"),
        (4 * MINUTE + 5 * moments.SECOND, "4 min 05 s", "4 min 05 s"),
        (45 * MINUTE, "45 min", "45 min"),
        (2 * HOUR + 9 * MINUTE, "2 h 09 min", "2 h 09 min"),
        (3 * DAY + 4 * HOUR, "3 d 4 h", "3 T 4 h"),
    ],
)
def test_a_length_has_two_parts_at_most(duration, english, german):
    assert (moments.length(duration, language="en"), moments.length(duration, language="de")) == (english, german)


def test_a_length_that_somebody_chose_is_told_whole():
    assert moments.span(HOUR + 30 * MINUTE + moments.SECOND, language="en") == "1 h 30 min 1 s"
    assert moments.span(2 * HOUR, 1, language="de") == "1 T 2 h"
    assert moments.span(0, language="en") == "0 min"


def test_a_countdown_ends_in_a_word():
    told = [moments.countdown(AT, AT - left, language="de") for left in (3 * DAY, 3 * HOUR, 8 * moments.SECOND, 0)]
    assert told == ["3 T 0 h", "3:00:00", "0:08", "jetzt"]


@pytest.mark.parametrize("name", ["", "../../etc/passwd", "Europe", "Mars/Olympus", "x" * 5000, "a\0b"])
def test_what_is_no_zone_is_none_and_shows_universal_time(name):
    assert moments.zone_of(name) is None
    assert moments.moment(AT, name, language="en").endswith("02:14 UTC")


@given(st.text(max_size=80), st.text(max_size=12))
def test_no_zone_and_no_language_raises(zone, language):
    assert "2026" in moments.whole(AT, zone, language=language)
