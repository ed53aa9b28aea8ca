"""Many runs in a few figures: percentiles, shares, who was called how often, and how it differs by the hour."""

import math
from collections import Counter
from collections.abc import Callable, Iterable, Sequence

from msgspec import Struct

from tocsin.core.calendar.zones import local_time
from tocsin.core.instant import DAY, HOUR, Duration
from tocsin.lab.measure import Measured

RANKS = (50, 90, 95, 99)


class Percentiles(Struct, frozen=True):
    """By nearest rank: `p90` is the smallest value that at least nine in ten do not exceed. None is never."""

    p50: int | None
    p90: int | None
    p95: int | None
    p99: int | None
    max: int | None


class PersonShare(Struct, frozen=True):
    """Of all runs together: how often this person was called, at night among them, and in how many runs at all."""

    person: str
    pages: int
    night: int
    runs: int


class HourShare(Struct, frozen=True):
    """Runs that opened in one hour of the wall clock: how many, how long until a human was reached, until one acted.

    Durations in microseconds; `night` are calls at night, of all of them.
    """

    hour: int
    runs: int
    reached_p50: int | None
    acknowledged_p50: int | None
    acknowledged_p95: int | None
    night: int


class Summary(Struct, frozen=True):
    """Durations in microseconds from the opening, None where it did not come to that while it was watched.

    `pages` and `night` are calls to one person in one run, over all that were called; `pages_a_run` and `night_a_run`
    are those to all people together. The shares are of all runs, from 0 to 1.
    """

    runs: int
    reached: Percentiles
    acknowledged: Percentiles
    pages: Percentiles
    pages_a_run: Percentiles
    night: Percentiles
    night_a_run: Percentiles
    never_reached: float
    never_acknowledged: float
    woke_somebody: float
    exhausted: float
    management: float
    people: tuple[PersonShare, ...]
    hours: tuple[HourShare, ...]


def summarise(measured: Sequence[Measured], zone: str) -> Summary:
    """Of at least one run; hours are those of `zone`."""
    return Summary(
        runs=len(measured),
        reached=percentiles(one.reached for one in measured),
        acknowledged=percentiles(one.acknowledged for one in measured),
        pages=percentiles(n for one in measured for n in one.pages.values()),
        pages_a_run=percentiles(sum(one.pages.values()) for one in measured),
        night=percentiles(one.night.get(person, 0) for one in measured for person in one.pages),
        night_a_run=percentiles(sum(one.night.values()) for one in measured),
        never_reached=_share(measured, lambda one: one.reached is None),
        never_acknowledged=_share(measured, lambda one: one.acknowledged is None),
        woke_somebody=_share(measured, lambda one: bool(one.night)),
        exhausted=_share(measured, lambda one: one.exhausted),
        management=_share(measured, lambda one: one.management),
        people=_people(measured),
        hours=_hours(measured, zone),
    )


def percentiles(values: Iterable[int | None]) -> Percentiles:
    """None counts as longer than anything; of nothing at all everything is None."""
    found = sorted(values, key=lambda one: (one is None, one or 0))
    p50, p90, p95, p99 = (nearest(found, rank) for rank in RANKS)
    return Percentiles(p50, p90, p95, p99, found[-1] if found else None)


def nearest(ordered: Sequence[int | None], rank: int) -> int | None:
    """The value of the nearest rank in values that are in order."""
    return ordered[max(math.ceil(rank * len(ordered) / 100), 1) - 1] if ordered else None


def _share(measured: Sequence[Measured], holds: Callable[[Measured], bool]) -> float:
    return sum(map(holds, measured)) / len(measured) if measured else 0.0


def _people(measured: Sequence[Measured]) -> tuple[PersonShare, ...]:
    """Whoever was called most often first."""
    pages, night, runs = Counter[str](), Counter[str](), Counter[str]()
    for one in measured:
        pages.update(one.pages)
        night.update(one.night)
        runs.update(one.pages.keys())
    return tuple(
        PersonShare(person, pages[person], night[person], runs[person])
        for person in sorted(pages, key=lambda person: (-pages[person], person))
    )


def _hours(measured: Sequence[Measured], zone: str) -> tuple[HourShare, ...]:
    by_hour: dict[int, list[Measured]] = {hour: [] for hour in range(24)}
    for one in measured:
        by_hour[local_time(zone, one.at) % DAY // HOUR].append(one)
    return tuple(_hour(hour, runs) for hour, runs in by_hour.items())


def _hour(hour: int, runs: Sequence[Measured]) -> HourShare:
    reached, acknowledged = percentiles(one.reached for one in runs), percentiles(one.acknowledged for one in runs)
    night = sum(sum(one.night.values()) for one in runs)
    return HourShare(hour, len(runs), reached.p50, acknowledged.p50, acknowledged.p95, night)


class Bin(Struct, frozen=True):
    """How many runs lie in [start, end) microseconds; `end` None: all that are longer, or never."""

    start: Duration
    end: Duration | None
    runs: int


def binned(values: Sequence[int | None], edges: Sequence[Duration]) -> tuple[Bin, ...]:
    """A histogram over these edges, the last bin open; what never came is in it."""
    counts = Counter(_bin(one, edges) for one in values)
    ends = (*edges[1:], None)
    return tuple(Bin(edge, ends[i], counts[i]) for i, edge in enumerate(edges))


def _bin(value: int | None, edges: Sequence[Duration]) -> int:
    return len(edges) - 1 if value is None else max(sum(edge <= value for edge in edges) - 1, 0)
