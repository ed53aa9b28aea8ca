"""Times and durations as the language of answers writes them; None for what is neither."""

import re
from collections.abc import Sequence

from tocsin.core.calendar.zones import EPOCH_DAY, first_instant, local_time, parse_day
from tocsin.core.instant import DAY, HOUR, MINUTE, SECOND, Duration, Instant, calendar, parse_duration, parse_instant
from tocsin.lab.grammar import Word, spoken

_CLOCK = re.compile(r"(?:(\d{4}-\d\d-\d\d)[T ])?(\d\d?):(\d\d)(?::(\d\d))?", re.ASCII)
_OFFSET = re.compile(r"(?:[Zz]|[+-]\d\d:?\d\d)$")


def duration_of(words: Sequence[Word]) -> Duration | None:
    """`3m`, `1h30m`."""
    try:
        return parse_duration(spoken(words).replace(" ", ""))
    except ValueError:
        return None


def instant_of(words: Sequence[Word], opened: Instant, zone: str) -> Instant | None:
    """`+7m` from the opening; `02:45`, the first such time from then on; `2027-03-28 02:45`; RFC 3339 with an offset.

    A time that the clocks skip is the first after it, a doubled one the first of the two.
    """
    text = spoken(words)
    try:
        if text.startswith("+"):
            return calendar(opened + parse_duration(text[1:].replace(" ", "")))
        if _OFFSET.search(text) and len(text) > len("2027-03-28"):
            return calendar(parse_instant(text.replace(" ", "T", 1)))
        return calendar(_on_the_wall(text, opened, zone))
    except ValueError:
        return None


def _on_the_wall(text: str, opened: Instant, zone: str) -> Instant:
    match = _CLOCK.fullmatch(text)
    if match is None or int(match[2]) > 23 or int(match[3]) > 59 or int(match[4] or 0) > 59:
        raise ValueError(text)
    time = int(match[2]) * HOUR + int(match[3]) * MINUTE + int(match[4] or 0) * SECOND
    if match[1]:
        return first_instant(zone, (parse_day(match[1]) - EPOCH_DAY) * DAY + time)
    today = local_time(zone, opened) // DAY
    at = first_instant(zone, today * DAY + time)
    return at if at >= opened else first_instant(zone, (today + 1) * DAY + time)
