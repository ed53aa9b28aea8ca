"""Civil time in a zone: what the clock on the wall says at an instant, and when it says so, gaps and folds included.

A local time that a gap skips happens at the first instant after the gap. One that a fold doubles happens twice: what
starts then starts at the first occurrence (`start_of`), what ends then ends at the last (`end_of`), so that nobody
leaves before the successor has come. Both never run backwards: a later local time is never at an earlier instant.
"""

import re
from bisect import bisect_right
from datetime import date
from difflib import get_close_matches
from functools import lru_cache
from typing import TypeAlias

from msgspec import Struct
from whenever import Instant as _Moment
from whenever import available_timezones

from tocsin.core.instant import DAY, MINUTE, SECOND, Duration, Instant

LocalDay: TypeAlias = int
"""A day of the Gregorian calendar, counted from 0001-01-01 = 1 as `datetime.date.toordinal` does."""

LocalTime: TypeAlias = int
"""What the wall clock shows, as microseconds since 1970-01-01 00:00 on that clock."""

EPOCH_DAY: LocalDay = date(1970, 1, 1).toordinal()
LAST_DAY: LocalDay = date.max.toordinal()

_EARLIEST = (2 - EPOCH_DAY) * DAY
_LATEST = (LAST_DAY - 1 - EPOCH_DAY) * DAY
_BLOCK = 512 * DAY
_MARGIN = 3 * DAY
"""Wider than any jump of a clock: Samoa skipped a whole day."""

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


class Local(Struct, frozen=True):
    """What the wall shows: the day, whole minutes since its midnight, and the weekday (0 is Monday)."""

    day: LocalDay
    minute: int
    weekday: int


class Transition(Struct, frozen=True):
    """The clock jumps at `at`: its offset from UTC was `before` and is `after`, in microseconds."""

    at: Instant
    before: Duration
    after: Duration


class _Stretches(Struct, frozen=True):
    """Offsets around a block of days: `offsets[i]` holds from `begins[i]` until `begins[i + 1]`.

    `passed[i]` is the latest local time shown up to the end of stretch i (exclusive), `reached[i]` the earliest one
    shown from its begin on; both only grow, so that a lookup is a bisection.
    """

    begins: tuple[Instant, ...]
    offsets: tuple[Duration, ...]
    passed: tuple[LocalTime, ...]
    reached: tuple[LocalTime, ...]


@lru_cache(maxsize=1)
def _zones() -> frozenset[str]:
    return frozenset(available_timezones()) - {"Factory"}


def known_zone(name: str) -> bool:
    """Whether `name` is a zone of the IANA time zone database, written exactly as there: `Europe/London`."""
    return name in _zones()


@lru_cache(maxsize=1024)
def require_zone(name: str) -> str:
    """The name itself, or a ValueError with the nearest names of the IANA time zone database."""
    if known_zone(name):
        return name
    if name.endswith(" Time"):
        raise ValueError(f"{name!r} is a Windows name of a time zone; write its IANA name, such as Europe/London")
    folded = {zone.casefold(): zone for zone in _zones()}
    nearest = [folded[near] for near in get_close_matches(name.strip().replace(" ", "_").casefold(), folded, 3, 0.6)]
    hint = f"did you mean {' or '.join(nearest)}?" if nearest else "write an IANA name such as Europe/London"
    raise ValueError(f"{name!r} is no time zone; {hint}")


@lru_cache(maxsize=4096)
def _stretches(zone: str, block: int) -> _Stretches:
    lower = max(block * _BLOCK - _MARGIN, _EARLIEST)
    upper = min((block + 1) * _BLOCK + _MARGIN, _LATEST)
    moment = _Moment.from_timestamp(lower, unit="microsecond").to_tz(require_zone(zone))
    begins, offsets = [lower], [_microseconds(moment.offset.total("seconds"))]
    following = moment.next_transition()
    while following is not None and (at := int(following.timestamp()) * SECOND) < upper:
        offset = _microseconds(following.offset.total("seconds"))
        if offset != offsets[-1]:
            begins.append(at)
            offsets.append(offset)
        following = following.next_transition()
    return _lookups(tuple(begins), tuple(offsets), upper)


def _microseconds(seconds: float) -> Duration:
    return int(seconds) * SECOND


def _lookups(begins: tuple[Instant, ...], offsets: tuple[Duration, ...], upper: Instant) -> _Stretches:
    ends = (*begins[1:], upper + _MARGIN)
    passed, latest = [], _EARLIEST - _MARGIN
    for end, offset in zip(ends, offsets, strict=True):
        latest = max(latest, end + offset)
        passed.append(latest)
    reached, earliest = [], upper + 2 * _MARGIN
    for begin, offset in zip(reversed(begins), reversed(offsets), strict=True):
        earliest = min(earliest, begin + offset)
        reached.append(earliest)
    return _Stretches(begins, offsets, tuple(passed), tuple(reversed(reached)))


def _at_instant(zone: str, at: Instant) -> tuple[_Stretches, int]:
    if not _EARLIEST <= at < _LATEST:
        raise ValueError(f"the instant {at} is outside the years 1 to 9999")
    stretches = _stretches(zone, at // _BLOCK)
    return stretches, bisect_right(stretches.begins, at) - 1


def _at_local(zone: str, local: LocalTime) -> _Stretches:
    if not _EARLIEST + _MARGIN <= local < _LATEST - _MARGIN:
        raise ValueError(f"the local time {local} is outside the years 1 to 9999")
    return _stretches(zone, local // _BLOCK)


def first_instant(zone: str, local: LocalTime) -> Instant:
    """The first instant at which the wall clock shows `local` or more: after the gap, at the first of two."""
    stretches = _at_local(zone, local)
    i = bisect_right(stretches.passed, local)
    return max(stretches.begins[i], local - stretches.offsets[i])


def last_instant(zone: str, local: LocalTime) -> Instant:
    """The instant from which the wall clock never shows less than `local` again: after the gap, at the last of two."""
    stretches = _at_local(zone, local)
    i = bisect_right(stretches.reached, local) - 1
    at = local - stretches.offsets[i]
    return min(at, stretches.begins[i + 1]) if i + 1 < len(stretches.begins) else at


def start_of(zone: str, day: LocalDay, minute: int = 0) -> Instant:
    """When something starts that is set for `minute` after local midnight; 1440 is the next midnight."""
    return first_instant(zone, (day - EPOCH_DAY) * DAY + minute * MINUTE)


def begin_of_day(zone: str, at: Instant) -> Instant:
    """When the day began that it is in that zone: what begins there is the same all day."""
    return start_of(zone, local(zone, at).day)


def end_of(zone: str, day: LocalDay, minute: int = 0) -> Instant:
    """When a restriction or an override ends that is set for `minute` after local midnight."""
    return last_instant(zone, (day - EPOCH_DAY) * DAY + minute * MINUTE)


def offset_at(zone: str, at: Instant) -> Duration:
    """How far the wall clock is ahead of UTC, in microseconds."""
    stretches, i = _at_instant(zone, at)
    return stretches.offsets[i]


def local_time(zone: str, at: Instant) -> LocalTime:
    """What the wall clock shows, to the microsecond."""
    return at + offset_at(zone, at)


def local(zone: str, at: Instant) -> Local:
    """What the wall clock shows, as day, minute and weekday."""
    days, rest = divmod(local_time(zone, at), DAY)
    day = days + EPOCH_DAY
    return Local(day, rest // MINUTE, weekday(day))


def weekday(day: LocalDay) -> int:
    """0 for Monday to 6 for Sunday."""
    return (day - 1) % 7


def transitions(zone: str, start: Instant, end: Instant) -> tuple[Transition, ...]:
    """Every jump of the zone's clock in [start, end), in order."""
    found = []
    for block in range(start // _BLOCK, max(start, end - 1) // _BLOCK + 1):
        stretches = _stretches(zone, block)
        for at, before, after in zip(stretches.begins[1:], stretches.offsets, stretches.offsets[1:], strict=False):
            if at // _BLOCK == block and start <= at < end:
                found.append(Transition(at, before, after))
    return tuple(found)


def parse_day(text: str) -> LocalDay:
    """Read `YYYY-MM-DD`; ValueError says what was expected."""
    refusal = ValueError(f"{text!r} is not a day; write YYYY-MM-DD, such as 2026-12-24")
    if not _DAY.fullmatch(text):
        raise refusal
    try:
        return date.fromisoformat(text).toordinal()
    except ValueError:
        raise refusal from None


def format_day(day: LocalDay) -> str:
    """Write `YYYY-MM-DD`."""
    return date.fromordinal(day).isoformat()
