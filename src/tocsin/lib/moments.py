"""Instants and lengths in the words of a language and on the clock of a zone; names of days and months are Babel's.

Instants and lengths are microseconds. Clocks have 24 hours, and days come before months, in every language.
"""

from datetime import UTC, date, datetime, tzinfo
from functools import cache, lru_cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from tocsin.lib.translate import ENGLISH, spoken_in, text

if TYPE_CHECKING:
    from babel import Locale

SECOND = 1_000_000
MINUTE, HOUR, DAY = 60 * SECOND, 3600 * SECOND, 24 * 3600 * SECOND

_REGIONS = {ENGLISH: "en-GB"}
"""Whose dates a language writes, where it is not clear from the language alone."""


def clock(at: int, zone: str, now: int | None = None, *, language: str) -> str:
    """`02:51:07`; with the day before it, and no seconds, where that is another one than today's."""
    moment = local(at, zone)
    if now is not None and moment.date() != local(now, zone).date():
        return f"{_date(moment.date(), 'MMMEd', language)} {moment:%H:%M}"
    return f"{moment:%H:%M:%S}"


def short(at: int, zone: str, now: int, *, language: str) -> str:
    """`02:51`, for what is minutes away or more."""
    told = clock(at, zone, now, language=language)
    return told if " " in told else told[:5]


def moment(at: int, zone: str, *, language: str) -> str:
    """A time as people read it in a letter: `Tue, 10 Mar 2026, 02:14 GMT`."""
    found = local(at, zone)
    return f"{_date(found.date(), 'yMMMEd', language)}, {found:%H:%M %Z}"


def whole(at: int, zone: str, *, language: str) -> str:
    """Everything about an instant, with the name of the zone: for a hover."""
    found = local(at, zone)
    return f"{_date(found.date(), 'full', language)}, {found:%H:%M:%S %Z} ({zone})"


def day(at: int, zone: str, skeleton: str, *, language: str) -> str:
    """The day of an instant by a skeleton of CLDR: `MMMEd` is `Tue, 10 Mar`."""
    return _date(local(at, zone).date(), skeleton, language)


def stretch(start: int, end: int, zone: str, *, language: str) -> str:
    """From when to when, both with their days, the day once where it is the same: `Tue, 10 Mar 08:00 – 20:00`."""
    begin, over = local(start, zone), local(end, zone)
    until = (
        f"{over:%H:%M}" if begin.date() == over.date() else f"{day(end, zone, 'MMMEd', language=language)} {over:%H:%M}"
    )
    return f"{day(start, zone, 'MMMEd', language=language)} {begin:%H:%M} – {until}"


def iso(at: int) -> str:
    """For machines."""
    return datetime.fromtimestamp(at // SECOND, UTC).isoformat().replace("+00:00", "Z")


def length(duration: int, *, language: str) -> str:
    """`8 s`, `4 min 05 s`, `2 h 10 min`, `3 d 4 h`: two parts at most, never negative."""
    rest = max(duration, 0)
    if rest < MINUTE:
        return text("length.seconds", {"s": str(rest // SECOND)}, language)
    minutes = {"m": str(rest // MINUTE), "s": f"{rest % MINUTE // SECOND:02}"}
    if rest < HOUR:
        return text("length.precise" if rest < 10 * MINUTE else "length.minutes", minutes, language)
    if rest < DAY:
        return text("length.hours", {"h": str(rest // HOUR), "m": f"{rest % HOUR // MINUTE:02}"}, language)
    return _days(rest // HOUR, language)


def countdown(at: int, now: int, *, language: str) -> str:
    """`0:08`, `12:30`, `3:05:00` until then; `now` when it is here."""
    seconds = -(-(at - now) // SECOND)
    if seconds <= 0:
        return text("length.now", {}, language)
    minutes, rest = divmod(seconds, 60)
    if minutes < 60:
        return f"{minutes}:{rest:02}"
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours < 48 else _days(hours, language)


def span(duration: int, days: int = 0, *, language: str) -> str:
    """A length that somebody chose, all of it: `5 min`, `1 h 30 min`; `days` were written as days."""
    rest = max(duration, 0) // SECOND
    parts = (days, "days"), (rest // 3600, "hours"), (rest // 60 % 60, "minutes"), (rest % 60, "seconds")
    told = [text(f"length.unit.{unit}", {"n": str(n)}, language) for n, unit in parts if n]
    return " ".join(told) or text("length.unit.minutes", {"n": "0"}, language)


def _days(hours: int, language: str) -> str:
    return text("length.days", {"d": str(hours // 24), "h": str(hours % 24)}, language)


def region(language: str) -> str:
    """The language as browsers are told it where dates are written: `en-GB`, `de`."""
    known = spoken_in(language) or ENGLISH
    return _REGIONS.get(known, known)


@lru_cache(1024)
def _date(day: date, pattern: str, language: str) -> str:
    """A day by a skeleton of CLDR, or by one of its named patterns."""
    from babel.dates import format_date, format_skeleton

    written = _written(language)
    if pattern == "full":
        return format_date(day, "full", locale=written)
    return format_skeleton(pattern, day, locale=written)


@cache
def _written(language: str) -> "Locale":
    from babel import Locale

    return Locale.parse(region(language), sep="-")


def local(at: int, zone: str) -> datetime:
    """The time on the wall of a zone; of UTC where there is no such zone."""
    return datetime.fromtimestamp(at / SECOND, zone_of(zone) or UTC)


def zone_of(name: str) -> tzinfo | None:
    """The zone of that name; None when there is none, whoever wrote the name."""
    try:
        return ZoneInfo(name) if len(name) < 64 else None
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None
