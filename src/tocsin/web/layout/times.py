"""Times and lengths as people read them: the clock on the wall of a zone, and how long until then."""

from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from tocsin.core.instant import DAY, HOUR, MINUTE, SECOND, Duration, Instant


def clock(at: Instant, zone: str, now: Instant | None = None) -> str:
    """`02:51:07`; with the day before it where that is another one than today's."""
    moment = _local(at, zone)
    if now is not None and moment.date() != _local(now, zone).date():
        return f"{moment:%a} {moment.day} {moment:%b} {moment:%H:%M}"
    return f"{moment:%H:%M:%S}"


def short(at: Instant, zone: str, now: Instant) -> str:
    """`02:51`, for what is minutes away or more."""
    told = clock(at, zone, now)
    return told if " " in told else told[:5]


def whole(at: Instant, zone: str) -> str:
    """Everything about an instant, with the name of the zone: for a hover."""
    moment = _local(at, zone)
    return f"{moment:%A} {moment.day} {moment:%B %Y, %H:%M:%S} {moment:%Z} ({zone})"


def iso(at: Instant) -> str:
    """For machines."""
    return datetime.fromtimestamp(at // SECOND, UTC).isoformat().replace("+00:00", "Z")


def length(duration: Duration) -> str:
    """`8 s`, `4 min 05 s`, `2 h 10 min`, `3 d 4 h`: two parts at most, never negative."""
    rest = max(duration, 0)
    if rest < MINUTE:
        return f"{rest // SECOND} s"
    if rest < HOUR:
        return f"{rest // MINUTE} min {rest % MINUTE // SECOND:02} s" if rest < 10 * MINUTE else f"{rest // MINUTE} min"
    if rest < DAY:
        return f"{rest // HOUR} h {rest % HOUR // MINUTE:02} min"
    return f"{rest // DAY} d {rest % DAY // HOUR} h"


def countdown(at: Instant, now: Instant) -> str:
    """`0:08`, `12:30`, `3:05:00` until then; `now` when it is here."""
    seconds = -(-(at - now) // SECOND)
    if seconds <= 0:
        return "now"
    minutes, rest = divmod(seconds, 60)
    if minutes < 60:
        return f"{minutes}:{rest:02}"
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours < 48 else f"{hours // 24} d {hours % 24} h"


def _local(at: Instant, zone: str) -> datetime:
    return datetime.fromtimestamp(at / SECOND, _zone(zone))


def _zone(name: str) -> tzinfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return UTC
