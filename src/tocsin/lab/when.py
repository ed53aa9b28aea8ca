"""Times and durations as the language of answers writes them; None for what is neither."""

import re
from collections.abc import Sequence

from tocsin.core.calendar.civil import civil
from tocsin.core.calendar.zones import local
from tocsin.core.instant import Duration, Instant, calendar, parse_duration, parse_instant
from tocsin.lab.grammar import Word, spoken

_UNITS = re.compile(r"(?<=\d)(s|m|h|d)(?:ec(?:ond)?s?|in(?:ute)?s?|ours?|rs?|ays?)(?![a-z])")
_OFFSET = re.compile(r"(?:[Zz]|[+-]\d\d:?\d\d)$")


def duration_of(words: Sequence[Word]) -> Duration | None:
    """`3m`, `1h30m`; `3 min` and `3 minutes` are the same."""
    try:
        return parse_duration(_units(spoken(words)))
    except ValueError:
        return None


def _units(text: str) -> str:
    return _UNITS.sub(r"\1", text.replace(" ", ""))


def instant_of(words: Sequence[Word], opened: Instant, zone: str) -> Instant | None:
    """`+7m` from the opening; `02:45`, the first such time from then on; `2027-03-28 02:45`; RFC 3339 with an offset.

    A time that the clocks skip is the first after it, a doubled one the first of the two.
    """
    text = spoken(words)
    try:
        if text.startswith("+"):
            return calendar(opened + parse_duration(_units(text[1:])))
        if _OFFSET.search(text) and len(text) > len("2027-03-28"):
            return calendar(parse_instant(text.replace(" ", "T", 1)))
        return _on_the_wall(text, opened, zone)
    except ValueError:
        return None


def _on_the_wall(text: str, opened: Instant, zone: str) -> Instant:
    today = local(zone, opened).day
    at = civil(text, zone, today)
    return at if at >= opened or "-" in text else civil(text, zone, today + 1)
