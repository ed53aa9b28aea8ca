"""Where two lines differ: openings that reach others, or somebody at another time; of reach, not of text."""

from collections.abc import Iterator

from msgspec import Struct

from tocsin.core.instant import Instant
from tocsin.lab.verifier.reach import Stretch


class Apart(Struct, frozen=True):
    """Openings in [start, end) for which two lines differ; both are cut to it."""

    before: Stretch
    after: Stretch

    @property
    def start(self) -> Instant:
        """The first such opening."""
        return self.after.start

    @property
    def end(self) -> Instant:
        """The first that is none any more."""
        return self.after.end


def apart(old: tuple[Stretch, ...], new: tuple[Stretch, ...]) -> Iterator[Apart]:
    """Both lines side by side, cut at the ends of both; neighbours that differ alike are told as one."""
    held: Apart | None = None
    for before, after in _side_by_side(old, new):
        if _same(before, after):
            continue
        one = Apart(before, after)
        if held is not None and _goes_on(held, one):
            held = Apart(_cut(held.before, held.start, one.end), _cut(held.after, held.start, one.end))
            continue
        if held is not None:
            yield held
        held = one
    if held is not None:
        yield held


def _side_by_side(old: tuple[Stretch, ...], new: tuple[Stretch, ...]) -> Iterator[tuple[Stretch, Stretch]]:
    at = max(old[0].start, new[0].start)
    end = min(old[-1].end, new[-1].end)
    i = j = 0
    while at < end:
        while old[i].end <= at:
            i += 1
        while new[j].end <= at:
            j += 1
        until = _meeting(old[i], new[j], at, min(old[i].end, new[j].end, end))
        yield _cut(old[i], at, until), _cut(new[j], at, until)
        at = until


def _meeting(one: Stretch, other: Stretch, at: Instant, until: Instant) -> Instant:
    """Where one of them moves, they may reach at the same instant for a single opening: it stands alone."""
    here, there = one.reached_at(at), other.reached_at(at)
    if here is None or there is None or one.moves == other.moves:
        return until
    alike = at + (there - here if one.moves else here - there)
    return min(until, alike if alike > at else at + 1 if alike == at else until)


def _cut(one: Stretch, start: int, end: int) -> Stretch:
    return Stretch(start, end, one.reached_at(start), one.moves, one.people, one.by, one.any_of)


def _same(one: Stretch, other: Stretch) -> bool:
    """The same people at the same time; one microsecond is no time to move in."""
    moves = one.moves == other.moves or one.end - one.start == 1
    return one.at == other.at and moves and _people(one) == _people(other)


def _people(one: Stretch) -> tuple[frozenset[str], bool]:
    """Who is rung, and whether it is only one of them, whoever's turn it is: all of them at once is another thing."""
    return frozenset(one.any_of or one.people), len(one.any_of) > 1


def _goes_on(held: Apart, one: Apart) -> bool:
    sides = ((held.before, one.before), (held.after, one.after))
    return held.end == one.start and all(
        first.moves == then.moves
        and _people(first) == _people(then)
        and first.by == then.by
        and first.reached_at(then.start) == then.at
        for first, then in sides
    )
