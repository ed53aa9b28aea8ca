"""Who is reached differently, told for a reader: services, priorities and kinds that differ alike are one group."""

from collections.abc import Iterable, Iterator
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from tocsin.core.catalogue.priority import Priority
from tocsin.core.ids import PersonId, ServiceId
from tocsin.core.instant import MINUTE, Duration, Span
from tocsin.core.phrase import Phrase
from tocsin.core.signal import Kind
from tocsin.lab.verifier.difference import difference
from tocsin.lab.verifier.reach import Difference, Proof, Row, Rung, Stretch, Way
from tocsin.lab.verifier.spans import joined

Mark = Literal["sooner", "later", "reached", "lost", "others", "mixed"]
"""From nobody to somebody is `reached`, back is `lost`; `others`: at the same time; `mixed`: sooner and later."""


class Reached(Struct, frozen=True):
    """Who is reached and how long it takes at most; None: never. `steady`: it takes as long for every opening.

    `any_of`: one of them, whoever's turn it is.
    """

    people: tuple[PersonId, ...]
    any_of: bool
    wait: Duration | None
    steady: bool


class Change(Struct, frozen=True):
    """All openings that go from one way to the same other: `windows` do not touch one another and are in order."""

    rung: Rung
    mark: Mark
    before: Reached
    after: Reached
    windows: tuple[Span, ...]
    assuming: tuple[Phrase, ...] = ()


class Alike(Struct, frozen=True):
    """What differs of a service, the same for each of these priorities and kinds."""

    service: ServiceId
    rows: tuple[tuple[Priority, Kind], ...]
    changes: tuple[Change, ...]

    @property
    def minutes(self) -> int:
        """Minutes in which an opening goes another way, whichever; what is begun counts."""
        return minutes(span for change in self.changes for span in change.windows)


class Against(Struct, frozen=True):
    """All that differs over the openings of `proved`, and services that only one of both has."""

    proved: Span
    groups: tuple[Alike, ...]
    added: tuple[ServiceId, ...]
    removed: tuple[ServiceId, ...]

    @property
    def services(self) -> tuple[ServiceId, ...]:
        """Whose reach differs."""
        return tuple(dict.fromkeys(one.service for one in self.groups))


def against(old: Proof, new: Proof) -> Against:
    """The exact difference of two proofs over the same time."""
    known = {(row.service, row.priority, row.kind): row for row in old.rows}
    compared: dict[tuple[int, int], tuple[Change, ...]] = {}
    alike: dict[tuple[ServiceId, str], tuple[list[tuple[Priority, Kind]], tuple[Change, ...]]] = {}
    for row in new.rows:
        before = known.get((row.service, row.priority, row.kind))
        if before is None:
            continue
        key = (id(before.ways), id(row.ways))
        if key not in compared:
            compared[key] = tuple(_changes(before, row))
        if compared[key]:
            same = alike.setdefault((row.service, repr(compared[key])), ([], compared[key]))
            same[0].append((row.priority, row.kind))
    had, has = (dict.fromkeys(row.service for row in one.rows) for one in (old, new))
    return Against(
        Span(max(old.start, new.start), min(old.end, new.end)),
        tuple(Alike(service, tuple(rows), changes) for (service, _), (rows, changes) in alike.items()),
        tuple(one for one in has if one not in had),
        tuple(one for one in had if one not in has),
    )


def minutes(spans: Iterable[Span]) -> int:
    """How many minutes they cover together; what is begun counts."""
    return -(-sum(one.end - one.start for one in joined(spans)) // MINUTE)


def _changes(old: Row, new: Row) -> Iterator[Change]:
    """Of every pair of ways; what is so in each of them is told once, without suppositions."""
    found: dict[Change, list[tuple[Phrase, ...]]] = {}
    pairs = tuple(_pairs(old, new))
    for before, after, assuming in pairs:
        for change in _of_ways(replace(old, ways=(before,)), replace(new, ways=(after,))):
            found.setdefault(change, []).append(assuming)
    for change, supposed in found.items():
        if len(supposed) == len(pairs):
            yield change
        else:
            yield from (replace(change, assuming=one) for one in supposed)


def _pairs(old: Row, new: Row) -> Iterator[tuple[Way, Way, tuple[Phrase, ...]]]:
    """Ways that rest on the same; one without a counterpart stands beside the first of the other side."""
    before = [(one.assuming, one) for one in old.ways]
    after = [one.assuming for one in new.ways]
    for way in new.ways:
        same = next((one for assuming, one in before if assuming == way.assuming), old.ways[0])
        yield same, way, way.assuming
    for way in old.ways:
        if way.assuming not in after:
            yield way, new.ways[0], way.assuming


def _of_ways(old: Row, new: Row) -> Iterator[Change]:
    found = difference(Proof(0, 0, (old,), ()), Proof(0, 0, (new,), ()))
    alike: dict[object, list[Difference]] = {}
    for one in found:
        alike.setdefault((one.rung, _mark(one), _told(one.before), _told(one.after)), []).append(one)
    for same in alike.values():
        first = same[0]
        yield Change(
            first.rung,
            _mark(first),
            _reached([one.before for one in same]),
            _reached([one.after for one in same]),
            joined(Span(one.start, one.end) for one in same),
        )


def _told(one: Stretch) -> object:
    steady = one.at is None or one.moves
    return frozenset(one.any_of or one.people), bool(one.any_of), steady, one.delay if steady else None


def _reached(all_: list[Stretch]) -> Reached:
    one = all_[0]
    waits = [each.delay for each in all_ if each.delay is not None]
    people = () if one.at is None else tuple(one.any_of or one.people)
    return Reached(people, bool(one.any_of), max(waits, default=None), one.at is None or one.moves)


def _mark(one: Difference) -> Mark:
    if one.before.at is None or one.after.at is None:
        return "others" if one.before.at is one.after.at else "reached" if one.before.at is None else "lost"
    gained = {_gain(one, at) for at in (one.start, one.end - 1)}
    if gained == {0}:
        return "others"
    return "mixed" if {-1, 1} <= gained else "later" if -1 in gained else "sooner"


def _gain(one: Difference, opening: int) -> int:
    """1 where somebody hears of it sooner than before, -1 later, 0 at the same time."""
    before, after = one.before.reached_at(opening), one.after.reached_at(opening)
    if before is None or after is None:
        return 0
    return (before > after) - (before < after)
