"""Windows on the wall clock of a zone: those that come again by a rule are folded into one."""

from collections.abc import Iterable, Iterator

from msgspec import Struct

from tocsin.core.calendar.zones import EPOCH_DAY, first_instant, last_instant, local_time, offset_at, weekday
from tocsin.core.instant import DAY, Duration, Span

FEWEST = 3
"""So many and more are told as one."""


class Windows(Struct, frozen=True):
    """One window, or several from the same time of day for as long on the clock.

    `weekdays` (0 is Monday): they come on each such day from the first to the last one. `clear`: the times on the clock
    stand for one instant each; of a doubled hour they do not, nor across a change of the clock.
    """

    spans: tuple[Span, ...]
    weekdays: tuple[int, ...] = ()
    clear: bool = True


def folded(spans: Iterable[Span], zone: str) -> tuple[Windows, ...]:
    """In the order of their first ones."""
    shapes: dict[tuple[Duration, Duration], list[Span]] = {}
    found: list[Windows] = []
    for one in spans:
        if not _clear(one, zone):
            found.append(Windows((one,), clear=False))
            continue
        begin, end = local_time(zone, one.start), local_time(zone, one.end)
        shapes.setdefault((begin % DAY, end - begin), []).append(one)
    for same in shapes.values():
        found += _ruled(same, zone)
    return tuple(sorted(found, key=lambda one: one.spans[0].start))


def _ruled(spans: list[Span], zone: str) -> Iterator[Windows]:
    """All by one rule, else those of each weekday by one, else one by one."""
    days = [local_time(zone, one.start) // DAY + EPOCH_DAY for one in spans]
    on = tuple(sorted({weekday(day) for day in days}))
    expected = [day for day in range(days[0], days[-1] + 1) if weekday(day) in on]
    if len(spans) >= FEWEST and len(spans) > len(on) and days == expected:
        yield Windows(tuple(spans), on)
    elif len(on) > 1:
        for one in on:
            yield from _ruled([span for span, day in zip(spans, days, strict=True) if weekday(day) == one], zone)
    else:
        yield from (Windows((one,)) for one in spans)


def _clear(one: Span, zone: str) -> bool:
    same = offset_at(zone, one.start) == offset_at(zone, one.end)
    return same and all(_once(zone, local_time(zone, at)) for at in (one.start, one.end))


def _once(zone: str, shown: int) -> bool:
    """Whether the clock shows that time once only."""
    return first_instant(zone, shown) == last_instant(zone, shown)
