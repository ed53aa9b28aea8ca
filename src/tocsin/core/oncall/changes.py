"""What holds at an instant of the many overrides and absences that people ever entered, found by bisection.

Past entries are kept for good, so each list is laid out once as a timeline: its edges in order, and what is active
between them. The timelines of a list are remembered by the identity of that list; every edit makes a new one.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import Generic, TypeVar

from tocsin.core.ids import PersonId, ScheduleId
from tocsin.core.instant import Instant
from tocsin.core.oncall.override import Absence, Facts, Override

T = TypeVar("T", Override, Absence)


class Timeline(Generic[T]):
    """`active[i]` holds between `edges[i - 1]` and `edges[i]`, in the order in which it was entered."""

    __slots__ = ("active", "edges")

    def __init__(self, entries: Iterable[T]) -> None:
        """Lay out entries; one that ends before it starts is never active."""
        lasting = [entry for entry in entries if entry.start < entry.end]
        self.edges = sorted({edge for entry in lasting for edge in (entry.start, entry.end)})
        begun: dict[Instant, list[int]] = defaultdict(list)
        for order, entry in enumerate(lasting):
            begun[entry.start].append(order)
        self.active: list[tuple[T, ...]] = [()]
        current: list[int] = []
        for edge in self.edges:
            current = sorted([order for order in current if lasting[order].end > edge] + begun[edge])
            self.active.append(tuple(lasting[order] for order in current))

    def at(self, at: Instant) -> tuple[tuple[T, ...], Instant | None, Instant | None]:
        """What is active at `at`, since when this has not changed, and until when it will not."""
        i = bisect_right(self.edges, at)
        since = self.edges[i - 1] if i else None
        until = self.edges[i] if i < len(self.edges) else None
        return self.active[i], since, until


def overrides_of(facts: Facts, schedule: ScheduleId) -> Timeline[Override] | None:
    """The overrides of a schedule, or None when it never had one."""
    return _overrides(_Same(facts.overrides)).get(schedule) if facts.overrides else None


def absences_of(facts: Facts, person: PersonId) -> Timeline[Absence] | None:
    """The absences of a person, or None for somebody who was never away."""
    return _absences(_Same(facts.absences)).get(person) if facts.absences else None


class _Same(Generic[T]):
    """A key that is equal only to the very same tuple; it keeps the tuple alive, so that its id stays its own."""

    __slots__ = ("entries",)

    def __init__(self, entries: tuple[T, ...]) -> None:
        self.entries: tuple[T, ...] = entries

    def __hash__(self) -> int:
        return id(self.entries)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and self.entries is other.entries


@lru_cache(maxsize=16)
def _overrides(same: _Same[Override]) -> Mapping[ScheduleId, Timeline[Override]]:
    return _timelines(same.entries, lambda override: override.schedule)


@lru_cache(maxsize=16)
def _absences(same: _Same[Absence]) -> Mapping[PersonId, Timeline[Absence]]:
    return _timelines(same.entries, lambda absence: absence.person)


K = TypeVar("K", ScheduleId, PersonId)


def _timelines(entries: tuple[T, ...], key: Callable[[T], K]) -> Mapping[K, Timeline[T]]:
    sorted_out: dict[K, list[T]] = defaultdict(list)
    for entry in entries:
        sorted_out[key(entry)].append(entry)
    return {name: Timeline(own) for name, own in sorted_out.items()}
