"""Whether a promise to respond can be kept when all but the last of the ladder's first lap answer too late."""

from bisect import bisect_right
from collections.abc import Iterator, Mapping

from msgspec import Struct

from tocsin.core.calendar.hours import Hours
from tocsin.core.catalogue.priority import Priority
from tocsin.core.instant import Duration, Instant, Period
from tocsin.core.sla.target import Sla
from tocsin.lab.verifier.exploring import Explored
from tocsin.lab.verifier.front import Front
from tocsin.lab.verifier.reach import Respond, Stretch, Worst
from tocsin.lab.verifier.standing import Standing
from tocsin.lab.verifier.timeline import Ground
from tocsin.lab.verifier.walk import raise_


def respond(ground: Ground, explored: Explored, sla: Sla, handed: tuple[Stretch, ...] = ()) -> Respond | None:
    """The opening at which the least time is left of the promise; None where nothing was promised.

    `handed` is when its clock starts, where that is at the hand-over; what is not handed over runs no clock.
    """
    targets = sla.targets.get("respond", {})
    worst: tuple[bool, Duration, Stretch, _Due] | None = None
    for stretch in explored.way.last if targets else ():
        for one in _critical(ground, explored, stretch, targets, ground.hours(sla.hours), handed):
            at = stretch.reached_at(one.opening)
            left = 0 if at is None else one.due - at
            if worst is None or (at is not None, left) < worst[:2]:
                worst = (at is not None, left, stretch, one)
    if worst is None:
        return None
    _, _, stretch, one = worst
    last = Worst(one.opening, stretch.reached_at(one.opening), stretch.people, stretch.by, explored.way.assuming)
    return Respond(sla.id, one.due, last, one.begun if handed else None)


class _Due(Struct, frozen=True, gc=False):
    """When the clock of what opens then starts, and when the promise must be kept."""

    opening: Instant
    begun: Instant
    due: Instant


def _critical(
    ground: Ground, explored: Explored, stretch: Stretch, targets: Mapping[str, Period], hours: Hours | None,
    handed: tuple[Stretch, ...],
) -> Iterator[_Due]:  # fmt: skip
    """Openings at which the time left may be least: the ends of straight pieces."""
    at = stretch.start
    while at < stretch.end:
        piece = _clock(handed, at)
        front = Front(at, stretch.end if piece is None else min(stretch.end, piece.end))
        period = targets.get(_priority(ground, explored, front))
        begun, starts = (at, True) if piece is None else (piece.reached_at(at), piece.moves)
        if period is not None and begun is not None:
            due, moves = front.after((begun, starts), period, hours)
            yield _Due(at, begun, due)
            more = front.until - 1 - at
            yield _Due(at + more, begun + starts * more, due + moves * more)
        at = front.until


def _clock(handed: tuple[Stretch, ...], at: Instant) -> Stretch | None:
    """When it starts for what opens at `at`; None: at the opening."""
    return handed[bisect_right(handed, at, key=_start) - 1] if handed else None


def _start(one: Stretch) -> Instant:
    return one.start


def _priority(ground: Ground, explored: Explored, front: Front) -> Priority:
    """What is promised hangs on the priority that criteria give it, some of them at some times alone."""
    setting = explored.opening.setting
    if not setting.criteria:
        return setting.priority
    one = Standing(ground, setting, explored.supposed, front)
    raise_(one)
    return one.priority
