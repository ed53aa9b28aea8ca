"""What speaks against a swap of two shifts, when it is offered and when it is accepted."""

from collections.abc import Iterator, Mapping

from tocsin.core.calendar.hours import Hours
from tocsin.core.ids import PersonId, ScheduleId
from tocsin.core.instant import Instant, Span
from tocsin.core.oncall.coverage import shifts
from tocsin.core.oncall.objection import Objection, unfit
from tocsin.core.oncall.override import Facts, Swap
from tocsin.core.oncall.schedule import Schedule


def objections(
    swap: Swap, now: Instant, schedules: Mapping[str, Schedule], hours: Mapping[str, Hours], facts: Facts
) -> tuple[Objection, ...]:
    """What speaks against a swap, when it is offered and again when it is accepted: the roster may have changed."""
    if swap.person == swap.other:
        return (Objection("oneself", swap.person),)
    if now >= swap.ends_at:
        return (Objection("over", start=swap.ends_at, end=swap.ends_at),)
    if swap.give.start < swap.take.end and swap.take.start < swap.give.end:
        start, end = max(swap.give.start, swap.take.start), min(swap.give.end, swap.take.end)
        return (Objection("meets", start=start, end=end),)
    halves = ((swap.person, swap.give, swap.other), (swap.other, swap.take, swap.person))
    return tuple(one for half in halves for one in _half(*half, swap.schedule, schedules, hours, facts))


def _half(
    leaving: PersonId,
    span: Span,
    joining: PersonId,
    schedule: ScheduleId,
    schedules: Mapping[str, Schedule],
    hours: Mapping[str, Hours],
    facts: Facts,
) -> Iterator[Objection]:
    for shift in shifts(schedule, span.start, span.end, schedules, hours, facts):
        if leaving not in shift.people:
            yield Objection("not_on", leaving, shift.start, shift.end)
        if joining in shift.people:
            yield Objection("already", joining, shift.start, shift.end)
    yield from unfit(joining, span, facts)
