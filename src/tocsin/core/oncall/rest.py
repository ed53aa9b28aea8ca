"""How often somebody was woken: pages that came at night, those close together counted as one."""

from collections.abc import Iterable

from tocsin.core.calendar.zones import local_time
from tocsin.core.instant import DAY, HOUR, Duration, Instant

NIGHT = (22 * HOUR, 7 * HOUR)
"""From ten in the evening to seven, by the clock of the person."""

AWAKE: Duration = HOUR
"""Whoever was woken is taken to be awake for so long."""


def wakings(pages: Iterable[Instant], zone: str) -> tuple[Instant, ...]:
    """The pages that found somebody asleep, the earliest first."""
    found: list[Instant] = []
    last: Instant | None = None
    for at in sorted(one for one in pages if at_night(one, zone)):
        if last is None or at - last >= AWAKE:
            found.append(at)
        last = at
    return tuple(found)


def at_night(at: Instant, zone: str) -> bool:
    """Whether it is night there."""
    clock = local_time(zone, at) % DAY
    return clock >= NIGHT[0] or clock < NIGHT[1]
