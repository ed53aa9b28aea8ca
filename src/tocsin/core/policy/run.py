"""The walk along the two ladders as plain arithmetic: which step comes next, and when each is planned."""

from collections.abc import Callable, Sequence

from tocsin.core.calendar.hours import Hours
from tocsin.core.ids import HoursId
from tocsin.core.instant import DAY, MINUTE, Duration, Instant, Period
from tocsin.core.policy.policy import Policy
from tocsin.core.steps import FunctionalStep, HierarchicalStep

RESPACING: Duration = 5 * MINUTE
"""Overdue hierarchical steps come at this distance, or their own if that is less."""

SHORTEST_CALL: Duration = 2 * MINUTE
"""The least time that a member is given before the next one of an assigned team is called."""


def next_step(policy: Policy, position: int, lap: int) -> tuple[int, int] | None:
    """The functional step after (position, lap), beginning again `repeat` times; None when there is none left."""
    if not policy.functional:
        return None
    if position + 1 < len(policy.functional):
        return position + 1, lap
    return (0, lap + 1) if lap < policy.repeat else None


def steps_left(policy: Policy, position: int) -> Sequence[tuple[int, FunctionalStep]]:
    """The rest of this lap after `position`, with positions."""
    return list(enumerate(policy.functional[position + 1 :], position + 1))


After = Callable[[Period, HoursId | None, Instant], Instant]
"""When a period counted in those hours, from that instant, is over."""


def planned(step: HierarchicalStep, start: Instant, after: After) -> Instant:
    """When a hierarchical step comes: its `after` from the ladder start, counted in its own hours."""
    return after(step.after, step.hours, start)


def respaced(planned_at: Sequence[tuple[int, Instant]], now: Instant, last: Instant) -> dict[int, Instant]:
    """New times for overdue steps, given as (index, planned instant) in order, after one planned at `last` fired now.

    Each comes RESPACING after the one before it, or their own spacing if that is less.
    """
    plan: dict[int, Instant] = {}
    at = now
    for index, was in planned_at:
        at += min(RESPACING, max(was - last, 0))
        last = was
        plan[index] = at
    return plan


def counted(period: Period, hours: Hours | None) -> Duration:
    """The time that `period` counts in those hours (None: always), in microseconds."""
    return period.time + period.days * (DAY if hours is None else hours.day)


def spacing(wait: Duration, members: int) -> Duration:
    """How long one of so many members is given before the next is called: a share of the wait, at least two minutes."""
    return max(SHORTEST_CALL, wait // max(members, 1))
