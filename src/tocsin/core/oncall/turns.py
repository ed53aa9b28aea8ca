"""One person's own turns over all schedules, and who is on in their place while they are away."""

from collections.abc import Iterator, Mapping

from msgspec import Struct
from msgspec.structs import replace

from tocsin.core.calendar.hours import Hours
from tocsin.core.ids import PersonId, ScheduleId
from tocsin.core.instant import Instant
from tocsin.core.oncall.coverage import shifts
from tocsin.core.oncall.override import Absence, Facts
from tocsin.core.oncall.roster import Duty, roster
from tocsin.core.oncall.schedule import Schedule
from tocsin.core.phrase import Phrase

Schedules = Mapping[str, Schedule]
Openings = Mapping[str, Hours]


class Turn(Struct, frozen=True):
    """They are on call by `schedule` in [start, end), and why."""

    schedule: ScheduleId
    start: Instant
    end: Instant
    why: tuple[Phrase, ...]


class Instead(Struct, frozen=True):
    """In [start, end) of a turn that would have been theirs those are on; nobody is a gap."""

    schedule: ScheduleId
    start: Instant
    end: Instant
    people: tuple[PersonId, ...]


def turns_of(
    person: PersonId, start: Instant, end: Instant, schedules: Schedules, hours: Openings, facts: Facts
) -> tuple[Turn, ...]:
    """Their turns that touch [start, end), cut to it, the earliest first."""
    found = [
        turn
        for name in sorted(_concerning(person, schedules, facts))
        for turn in _turns(person, ScheduleId(name), start, end, schedules, hours, facts)
    ]
    return tuple(sorted(found, key=lambda turn: (turn.start, turn.schedule)))


def instead_of(absence: Absence, schedules: Schedules, hours: Openings, facts: Facts) -> tuple[Instead, ...]:
    """Who would be on in their place if they were away then: what that absence does to the turns that they have."""
    away = replace(facts, absences=(*facts.absences, absence))
    turns = turns_of(absence.person, absence.start, absence.end, schedules, hours, facts)
    return tuple(
        Instead(turn.schedule, shift.start, shift.end, shift.people)
        for turn in turns
        for shift in shifts(turn.schedule, turn.start, turn.end, schedules, hours, away)
    )


def _concerning(person: PersonId, schedules: Schedules, facts: Facts) -> set[str]:
    """The schedules that could ever name them, so that no other is laid out."""
    found = {name for name, one in schedules.items() if any(person in layer.people for layer in one.rotations)}
    found |= {one.schedule for one in facts.overrides if one.person == person and one.schedule in schedules}
    more = True
    while more:
        following = {name for name, one in schedules.items() if one.follows in found} - found
        found, more = found | following, bool(following)
    return found


def _turns(
    person: PersonId, schedule: ScheduleId, start: Instant, end: Instant, schedules: Schedules, hours: Openings,
    facts: Facts,
) -> Iterator[Turn]:  # fmt: skip
    held: Turn | None = None
    at = start
    while at < end:
        now = roster(schedule, at, schedules, hours, facts)
        until = end if now.until is None else min(now.until, end)
        duty = next((one for one in now.duties if one.person == person), None)
        if duty is not None:
            held = _longer(held, duty, schedule, at, until)
        elif held is not None:
            yield held
            held = None
        at = until
    if held is not None:
        yield held


def _longer(held: Turn | None, duty: Duty, schedule: ScheduleId, start: Instant, end: Instant) -> Turn:
    """The turn goes on; another week of the same layer is no further reason."""
    if held is None:
        return Turn(schedule, start, end, duty.why)
    said = {one.key for one in held.why}
    return Turn(schedule, held.start, end, (*held.why, *(one for one in duty.why if one.key not in said)))
