"""The next hand-off of a schedule: when somebody else comes on, and how long those who are on now still have."""

from collections.abc import Mapping

from msgspec import Struct

from tocsin.core.calendar.hours import Hours
from tocsin.core.ids import PersonId, ScheduleId
from tocsin.core.instant import DAY, Duration, Instant, Span
from tocsin.core.oncall.override import Facts
from tocsin.core.oncall.roster import roster
from tocsin.core.oncall.schedule import Schedule

HORIZON: Duration = 400 * DAY
"""How far ahead a hand-off is looked for: beyond every yearly pattern."""


class Handoff(Struct, frozen=True):
    """At `at` those of `leaving` go off and those of `joining` come on; `staying` are on before and after."""

    at: Instant
    leaving: tuple[PersonId, ...]
    joining: tuple[PersonId, ...]
    staying: tuple[PersonId, ...]


def next_handoff(
    schedule: ScheduleId,
    at: Instant,
    schedules: Mapping[str, Schedule],
    hours: Mapping[str, Hours],
    facts: Facts,
    *,
    within: Duration = HORIZON,
) -> Handoff | None:
    """The first instant after `at` at which other people are on than at `at`, or None when there is none `within`."""
    before = roster(schedule, at, schedules, hours, facts)
    now = before
    while now.until is not None and now.until <= at + within:
        turn = now.until
        now = roster(schedule, turn, schedules, hours, facts)
        if set(now.people) != set(before.people):
            return _between(turn, before.people, now.people)
    return None


def _between(at: Instant, before: tuple[PersonId, ...], after: tuple[PersonId, ...]) -> Handoff:
    return Handoff(
        at,
        leaving=tuple(person for person in before if person not in after),
        joining=tuple(person for person in after if person not in before),
        staying=tuple(person for person in after if person in before),
    )


def shift_of(
    person: PersonId,
    schedule: ScheduleId,
    at: Instant,
    schedules: Mapping[str, Schedule],
    hours: Mapping[str, Hours],
    facts: Facts,
    *,
    within: Duration = HORIZON,
) -> Span | None:
    """How long `person`, on call at `at`, has been so and will be without a break; None for somebody who is not on.

    The span is cut where it reaches further than `within` on either side.
    """
    now = roster(schedule, at, schedules, hours, facts)
    if person not in now.people:
        return None
    earlier = now
    while earlier.since is not None and earlier.since > at - within:
        before = roster(schedule, earlier.since - 1, schedules, hours, facts)
        if person not in before.people:
            break
        earlier = before
    later = now
    while later.until is not None and later.until < at + within:
        after = roster(schedule, later.until, schedules, hours, facts)
        if person not in after.people:
            break
        later = after
    since = at - within if earlier.since is None else max(earlier.since, at - within)
    until = at + within if later.until is None else min(later.until, at + within)
    return Span(since, until)
