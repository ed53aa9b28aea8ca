"""Instants, durations and spans: integer microseconds, so that arithmetic is exact and events sort."""

import re
from typing import TypeAlias

from msgspec import Struct
from whenever import Instant as _Moment

Instant: TypeAlias = int
"""Microseconds since 1970-01-01T00:00:00Z (UTC, leap seconds not counted)."""

Duration: TypeAlias = int
"""Microseconds of elapsed time."""

MILLISECOND: Duration = 1_000
SECOND: Duration = 1_000_000
MINUTE: Duration = 60 * SECOND
HOUR: Duration = 60 * MINUTE
DAY: Duration = 24 * HOUR

_UNITS = {"s": SECOND, "m": MINUTE, "h": HOUR}
_PART = re.compile(r"([0-9]+)([smhd])")
_WHOLE = re.compile(r"(?:[0-9]+[smhd])+")


class Span(Struct, frozen=True):
    """A half-open stretch of time: `start` belongs to it, `end` does not."""

    start: Instant
    end: Instant


class Period(Struct, frozen=True):
    """A duration as people write it: `days` follow the working day of the hours they are counted in.

    Under the built-in hours `always` a day is 24 h elapsed; under other hours it is one nominal working day.
    `time` is counted time in microseconds.
    """

    days: int = 0
    time: Duration = 0

    @property
    def elapsed(self) -> Duration:
        """The length under `always`, in microseconds."""
        return self.days * DAY + self.time

    def __str__(self) -> str:
        """The shortest text that `parse_period` reads back: `1d2h`."""
        days = f"{self.days}d" if self.days else ""
        return (days + _counted(self.time)) or "0m"


def _counted(time: Duration) -> str:
    hours, rest = divmod(time // SECOND, 3600)
    minutes, seconds = divmod(rest, 60)
    parts = ((hours, "h"), (minutes, "m"), (seconds, "s"))
    return "".join(f"{n}{unit}" for n, unit in parts if n)


EARLIEST: Instant = -2_208_988_800 * SECOND
LATEST: Instant = 7_258_118_400 * SECOND
"""1900 and 2200: a time beyond is a typing error, and near the ends of the calendar some zones have no local time."""


def parse_period(text: str) -> Period:
    """Read `30s`, `5m`, `2h`, `1d` or a sum such as `1h30m`; ValueError names what was expected."""
    if not _WHOLE.fullmatch(text):
        raise ValueError(f"{text!r} is not a duration; write 30s, 5m, 2h, 1d or a sum such as 1h30m")
    days = time = 0
    for amount, unit in _PART.findall(text):
        if unit == "d":
            days += int(amount)
        else:
            time += int(amount) * _UNITS[unit]
    if days > 3660 or time > 3660 * DAY:
        raise ValueError(f"{text!r} is longer than ten years")
    return Period(days, time)


def parse_duration(text: str) -> Duration:
    """Read an elapsed duration; a day is 24 h here. ValueError as `parse_period`."""
    return parse_period(text).elapsed


def format_duration(duration: Duration) -> str:
    """Write a duration for people and for `parse_duration`: `1d2h`, `10m`; parts below a second are cut."""
    days, rest = divmod(max(duration, 0), DAY)
    return str(Period(days, rest))


def parse_instant(text: str) -> Instant:
    """Read RFC 3339 with an offset or `Z`; ValueError when there is no offset or no such time."""
    moment = _Moment.parse_iso(text if text[-1:] in "Zz" else _with_colon(text))
    return int(moment.timestamp(unit="microsecond"))


def calendar(instant: Instant) -> Instant:
    """The instant itself; ValueError outside the years 1900 to 2199, where no schedule is laid out."""
    if not EARLIEST <= instant < LATEST:
        raise ValueError("it is outside the years 1900 to 2199")
    return instant


def _with_colon(text: str) -> str:
    """RFC 3339 offsets need a colon; many senders write +0100."""
    if re.search(r"[+-]\d{4}$", text):
        return f"{text[:-2]}:{text[-2:]}"
    return text


def format_instant(instant: Instant) -> str:
    """Write RFC 3339 in UTC with microseconds only where there are any."""
    return _Moment.from_timestamp(instant, unit="microsecond").format_iso()
