"""A swap: one offers a shift of theirs for one of somebody else's; accepted, it becomes two overrides at once."""

from collections.abc import Iterator, Mapping
from typing import Literal

from msgspec import Struct

from tocsin.core.calendar.hours import Hours
from tocsin.core.ids import PersonId, ScheduleId
from tocsin.core.instant import Instant, Span
from tocsin.core.oncall.coverage import shifts
from tocsin.core.oncall.objection import Objection, unfit
from tocsin.core.oncall.override import Facts, Override
from tocsin.core.oncall.schedule import Schedule

SwapState = Literal["offered", "accepted", "declined", "withdrawn", "expired"]


class Swap(Struct, frozen=True):
    """`person` gives their hours `give` to `other`, and takes theirs, `take`. `state` is as it was last written."""

    id: str
    schedule: ScheduleId
    person: PersonId
    other: PersonId
    give: Span
    take: Span
    state: SwapState = "offered"

    @property
    def ends_at(self) -> Instant:
        """Until when it can be accepted: when the first of the two shifts begins."""
        return min(self.give.start, self.take.start)

    def standing(self, now: Instant) -> SwapState:
        """How it stands; an offer that nobody answered ends by itself."""
        return "expired" if self.state == "offered" and now >= self.ends_at else self.state

    def overrides(self) -> tuple[Override, Override]:
        """What becomes of it when it is accepted."""
        return (
            Override(f"{self.id}.1", self.schedule, self.give.start, self.give.end, self.other, "replace", self.person,
                     swap=self.id),
            Override(f"{self.id}.2", self.schedule, self.take.start, self.take.end, self.person, "replace", self.other,
                     swap=self.id),
        )  # fmt: skip


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
