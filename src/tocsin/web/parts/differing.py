"""Who is reached differently by other rules: for which openings, and by whom instead of whom, in words"""

from collections.abc import Iterable

from msgspec import Struct

from tocsin.core.instant import Duration, Instant
from tocsin.lab.verifier.difference import difference
from tocsin.lab.verifier.reach import Difference, Proof, Stretch
from tocsin.web.parts.words import Names, names_of

SHOWN = 60
"""Differences that are shown."""


class Reached(Struct, frozen=True):
    """Whom openings reach, and how long after them at worst; None: never."""

    who: tuple[str, ...]
    after: Duration | None


class Differently(Struct, frozen=True):
    """What opens in [start, end) reaches others than before, or at another time."""

    service: str
    priority: str
    rung: str
    start: Instant
    end: Instant
    before: Reached
    after: Reached


class Reach(Struct, frozen=True):
    """The first of all differences, and how many there are."""

    shown: tuple[Differently, ...]
    all: int


def reach_of(old: Proof, new: Proof, names: Names) -> Reach:
    """From one to the other, by when it begins to differ."""
    found = sorted(_once(difference(old, new)), key=lambda one: (one.service, one.priority, one.start, one.rung))
    return Reach(tuple(_told(one, names) for one in found[:SHOWN]), len(found))


def _once(found: Iterable[Difference]) -> list[Difference]:
    """Ways that rest on other suppositions but differ alike are told once."""
    known = {_mark(one): one for one in found}
    return list(known.values())


def _mark(one: Difference) -> tuple[object, ...]:
    place = (one.service, one.priority, one.rung, one.start, one.end)
    return (*place, one.before.people, one.before.at, one.after.people, one.after.at)


def _told(one: Difference, names: Names) -> Differently:
    return Differently(
        one.service,
        one.priority,
        one.rung,
        one.start,
        one.end,
        _reached(one.before, names),
        _reached(one.after, names),
    )


def _reached(one: Stretch, names: Names) -> Reached:
    return Reached(names_of(one.people, names), one.delay)
