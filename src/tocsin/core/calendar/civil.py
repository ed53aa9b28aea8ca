"""Civil times as people write them: `2026-01-06 10:05`, `10:05:30.5`; a time alone is on a day that is given."""

import re

from tocsin.core.calendar.zones import EPOCH_DAY, LocalDay, first_instant, last_instant, parse_day
from tocsin.core.instant import DAY, HOUR, MINUTE, SECOND, Instant, calendar

_WRITTEN = re.compile(r"(?:(\d{4}-\d\d-\d\d)[T ])?(\d\d?):(\d\d)(?::(\d\d)(?:\.(\d{1,6}))?)?", re.ASCII)


def civil(text: str, zone: str, today: LocalDay | None = None, *, ends: bool = False) -> Instant:
    """When the wall clock shows it: after a gap that skips it, the first of two (what `ends` then: the last).

    ValueError where it is none, or has no day and there is no `today`.
    """
    match = _WRITTEN.fullmatch(text)
    if match is None or int(match[2]) > 23 or int(match[3]) > 59 or int(match[4] or 0) > 59:
        raise ValueError(f"{text!r} is no time; write 10:05 or 2026-01-06 10:05")
    day = parse_day(match[1]) if match[1] else today
    if day is None:
        raise ValueError(f"{text!r} has no day; write it as 2026-01-06 {text}")
    fraction = int((match[5] or "").ljust(6, "0"))
    time = int(match[2]) * HOUR + int(match[3]) * MINUTE + int(match[4] or 0) * SECOND + fraction
    when = last_instant if ends else first_instant
    return calendar(when(zone, (day - EPOCH_DAY) * DAY + time))
