"""Whether a promise to respond can be kept when all but the last of the ladder's first lap answer too late."""

from collections.abc import Iterator, Mapping

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


def respond(ground: Ground, explored: Explored, sla: Sla | None) -> Respond | None:
    """The opening at which the least time is left of the promise; None where nothing was promised."""
    targets = {} if sla is None else sla.targets.get("respond", {})
    if sla is None or not targets:
        return None
    hours = ground.hours(sla.hours)
    worst: tuple[bool, Duration, Stretch, Instant, Instant] | None = None
    for stretch in explored.way.last:
        for opening, due in _critical(ground, explored, stretch, targets, hours):
            at = stretch.reached_at(opening)
            left = 0 if at is None else due - at
            if worst is None or (at is not None, left) < worst[:2]:
                worst = (at is not None, left, stretch, opening, due)
    if worst is None:
        return None
    _, _, stretch, opening, due = worst
    at = stretch.reached_at(opening)
    return Respond(sla.id, due, Worst(opening, at, stretch.people, stretch.by, explored.way.assuming))


def _critical(
    ground: Ground, explored: Explored, stretch: Stretch, targets: Mapping[str, Period], hours: Hours | None
) -> Iterator[tuple[Instant, Instant]]:
    """Openings at which the time left may be least, with the instant of the promise: the ends of straight pieces."""
    at = stretch.start
    while at < stretch.end:
        front = Front(at, stretch.end)
        period = targets.get(_priority(ground, explored, front))
        if period is not None:
            due, moves = front.after((at, True), period, hours)
            yield at, due
            last = front.until - 1
            yield last, due + last - at if moves else due
        at = front.until


def _priority(ground: Ground, explored: Explored, front: Front) -> Priority:
    """What is promised hangs on the priority that criteria give it, some of them at some times alone."""
    setting = explored.opening.setting
    if not setting.criteria:
        return setting.priority
    one = Standing(ground, setting, explored.supposed, front)
    raise_(one)
    return one.priority
