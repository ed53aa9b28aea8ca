"""Times as people type and read them: RFC 3339, or the wall clock of the organisation."""

import re

from tocsin.cli.output import MistakeError
from tocsin.core.calendar.civil import civil
from tocsin.core.calendar.zones import EPOCH_DAY, format_day, local_time, offset_at, parse_day, start_of
from tocsin.core.instant import DAY, HOUR, MINUTE, SECOND, Duration, Instant, calendar, parse_duration, parse_instant

HINT = "write 2026-03-29T02:30:00Z, 2026-03-29 02:30 (in the organisation's zone), 2026-03-29, now, +2h or -1d"

_OFFSET = re.compile(r"(?:[Zz]|[+-]\d\d:?\d\d)$")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")


def read_time(text: str, zone: str, now: Instant) -> Instant:
    """The instant that is meant. A time the clocks skip is the first after it, a doubled one the first of the two."""
    text = text.strip()
    try:
        if text == "now":
            return now
        if text[:1] in {"+", "-"}:
            return now + (1 if text[0] == "+" else -1) * parse_duration(text[1:])
        if _DAY.fullmatch(text):
            return calendar(start_of(zone, parse_day(text)))
        if _OFFSET.search(text):
            return calendar(parse_instant(text.replace(" ", "T", 1)))
        return civil(text, zone)
    except ValueError:
        raise MistakeError(f"{text!r} is not a time", HINT) from None


def read_duration(text: str) -> Duration:
    """30s, 5m, 2h, 1d; a day is 24 hours."""
    try:
        return parse_duration(text)
    except ValueError as problem:
        raise MistakeError(str(problem)) from None


def show_time(instant: Instant | None, zone: str, *, seconds: bool = False) -> str:
    """The wall clock with its offset, so that it can be typed back: `2026-03-29 03:30+01:00`; a dash for None."""
    if instant is None:
        return "-"
    days, rest = divmod(local_time(zone, instant), DAY)
    clock = f"{rest // HOUR:02}:{rest % HOUR // MINUTE:02}"
    clock += f":{rest % MINUTE // SECOND:02}" if seconds else ""
    return f"{format_day(days + EPOCH_DAY)} {clock}{_offset(offset_at(zone, instant))}"


def _offset(offset: Duration) -> str:
    sign = "-" if offset < 0 else "+"
    minutes = abs(offset) // MINUTE
    return f"{sign}{minutes // 60:02}:{minutes % 60:02}"
