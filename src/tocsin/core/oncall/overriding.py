"""What an override would change, and what speaks against it, before it is made; and what is called off with it."""

from collections.abc import Iterator, Mapping

from msgspec import Struct
from msgspec.structs import replace

from tocsin.core.calendar.hours import Hours
from tocsin.core.ids import PersonId, ScheduleId
from tocsin.core.instant import Instant, Span
from tocsin.core.oncall.coverage import shifts
from tocsin.core.oncall.objection import Objection, unfit
from tocsin.core.oncall.override import Facts, Override
from tocsin.core.oncall.schedule import Schedule


class Change(Struct, frozen=True):
    """In [start, end) the people of `after` are on in place of those of `before`."""

    start: Instant
    end: Instant
    before: tuple[PersonId, ...]
    after: tuple[PersonId, ...]


def with_override(facts: Facts, *made: Override) -> Facts:
    """The roster facts as they would be."""
    return replace(facts, overrides=(*facts.overrides, *made))


def changes(
    schedule: ScheduleId,
    span: Span,
    schedules: Mapping[str, Schedule],
    hours: Mapping[str, Hours],
    before: Facts,
    after: Facts,
) -> tuple[Change, ...]:
    """Where in a span other people are on by `after` than by `before`; what stays as it is is left out."""
    old = shifts(schedule, span.start, span.end, schedules, hours, before)
    new = shifts(schedule, span.start, span.end, schedules, hours, after)
    met = (
        Change(max(one.start, two.start), min(one.end, two.end), one.people, two.people)
        for one in old
        for two in new
        if one.start < two.end and two.start < one.end and set(one.people) != set(two.people)
    )
    return tuple(sorted(met, key=lambda change: change.start))


def objections(
    made: Override, now: Instant, schedules: Mapping[str, Schedule], hours: Mapping[str, Hours], facts: Facts
) -> tuple[Objection, ...]:
    """What speaks against an override, the gravest first."""
    return tuple(_against(made, now, schedules, hours, facts))


def _against(
    made: Override, now: Instant, schedules: Mapping[str, Schedule], hours: Mapping[str, Hours], facts: Facts
) -> Iterator[Objection]:
    span = Span(made.start, made.end)
    if made.end <= now:
        yield Objection("over", start=made.start, end=made.end)
        return
    if made.mode != "remove":
        yield from unfit(made.person, span, facts)
    for other in overlapping(made, facts):
        yield Objection("overlaps", other.person, other.start, other.end, other.id)
    if not changes(made.schedule, span, schedules, hours, facts, with_override(facts, made)):
        yield Objection("nothing" if made.mode == "remove" or made.of else "already", made.person)


def overlapping(made: Override, facts: Facts) -> tuple[Override, ...]:
    """Overrides of the same schedule that share time with it."""
    return tuple(
        other
        for other in facts.overrides
        if other.schedule == made.schedule and other.start < made.end and made.start < other.end
    )


def together(override: Override, facts: Facts) -> tuple[Override, ...]:
    """What is called off as one: both halves of a swap, else the override alone."""
    if not override.swap:
        return (override,)
    return tuple(other for other in facts.overrides if other.swap == override.swap)
