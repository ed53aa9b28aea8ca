"""Openings for which a proof alone says that somebody whom a target names is rung in time, whatever is supposed."""

from collections.abc import Callable, Iterable, Iterator

from tocsin.core.catalogue.target import Target
from tocsin.core.ids import PersonId
from tocsin.core.instant import Duration, Instant, Span
from tocsin.lab.verifier.reach import Row, Rung, Stretch, Way
from tocsin.lab.verifier.spans import common, joined
from tocsin.lab.verifier.timeline import Ground, Stand

Named = Callable[[Instant], tuple[tuple[PersonId, ...], Instant | None]]
"""Whom the target names at an instant, and until when."""


def surely(ground: Ground, row: Row, target: Target, within: Duration, rungs: Iterable[Rung]) -> tuple[Span, ...]:
    """Where it is so on one of these rungs, in every way that the row may go. `target` names the same for everybody.

    Nothing is sure where ways have been left out.
    """
    if row.assuming:
        return ()
    stand = Stand((ground.world.rulebook.unrouted.team, None, (), ()))

    def named(at: Instant) -> tuple[tuple[PersonId, ...], Instant | None]:
        group, until = ground.resolve(target, stand, True, (), at)
        return group.people, until

    wanted = tuple(rungs)
    ways = (joined(_of_way(one, named, within, wanted)) for one in row.ways)
    found = next(ways, ())
    for other in ways:
        found = tuple(common(found, other))
    return found


def _of_way(way: Way, named: Named, within: Duration, rungs: tuple[Rung, ...]) -> Iterator[Span]:
    for rung in rungs:
        for stretch in way.line(rung):
            yield from _of_stretch(stretch, named, within)


def _of_stretch(stretch: Stretch, named: Named, within: Duration) -> Iterator[Span]:
    """Where it stands, openings soon enough before it; where it moves, piece by piece of what the target names."""
    if stretch.at is None or (stretch.moves and stretch.at - stretch.start > within):
        return
    if not stretch.moves:
        first = max(stretch.start, stretch.at - within)
        if first < stretch.end and _meant(stretch, named(stretch.at)[0]):
            yield Span(first, stretch.end)
        return
    opening = stretch.start
    while opening < stretch.end:
        at = stretch.at + opening - stretch.start
        people, until = named(at)
        end = stretch.end if until is None else min(stretch.end, opening + until - at)
        if _meant(stretch, people):
            yield Span(opening, end)
        opening = end


def _meant(stretch: Stretch, people: tuple[PersonId, ...]) -> bool:
    """Whether one of them is rung then, whoever's turn it is."""
    if any(one in people for one in stretch.people if one not in stretch.any_of):
        return True
    return bool(stretch.any_of) and set(stretch.any_of) <= set(people)
