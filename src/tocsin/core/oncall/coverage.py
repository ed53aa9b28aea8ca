"""A schedule laid out over time: its shifts, one after the other without a seam, and the gaps in which nobody is on."""

from collections.abc import Iterator, Mapping

from msgspec import Struct

from tocsin.core.calendar.hours import Hours
from tocsin.core.ids import PersonId, ScheduleId
from tocsin.core.instant import Duration, Instant
from tocsin.core.oncall.override import Facts
from tocsin.core.oncall.roster import Roster, roster
from tocsin.core.oncall.schedule import Schedule
from tocsin.core.phrase import Phrase

DELIBERATE = frozenset({"oncall.gap", "oncall.removed", "oncall.closed"})
"""The reasons by which somebody meant nobody to be on: the rest are accidents."""


class Shift(Struct, frozen=True):
    """The same people are on all through [start, end), perhaps nobody.

    `why` holds the reasons why they are on, or, of a gap, why nobody is; the same turn of two weeks is said once.
    """

    start: Instant
    end: Instant
    people: tuple[PersonId, ...]
    why: tuple[Phrase, ...]

    @property
    def gap(self) -> bool:
        """Whether nobody is on."""
        return not self.people

    @property
    def deliberate(self) -> bool:
        """Whether a gap was meant: a layer that is closed, a turn left empty, somebody taken off."""
        return self.gap and bool(self.why) and all(phrase.key in DELIBERATE for phrase in self.why)


def shifts(
    schedule: ScheduleId,
    start: Instant,
    end: Instant,
    schedules: Mapping[str, Schedule],
    hours: Mapping[str, Hours],
    facts: Facts,
    *,
    by: int = 0,
) -> tuple[Shift, ...]:
    """The shifts that fill [start, end) from the first instant to the last, gaps included; neighbours differ."""
    return tuple(_joined(_pieces(schedule, start, end, schedules, hours, facts, by)))


def gaps(
    schedule: ScheduleId,
    start: Instant,
    end: Instant,
    schedules: Mapping[str, Schedule],
    hours: Mapping[str, Hours],
    facts: Facts,
) -> tuple[Shift, ...]:
    """The shifts within [start, end) on which nobody is."""
    return tuple(shift for shift in shifts(schedule, start, end, schedules, hours, facts) if shift.gap)


def time_on_call(laid_out: tuple[Shift, ...]) -> dict[PersonId, Duration]:
    """How long each person is on call in these shifts, in microseconds, the longest first."""
    total: dict[PersonId, Duration] = {}
    for shift in laid_out:
        for person in shift.people:
            total[person] = total.get(person, 0) + shift.end - shift.start
    return dict(sorted(total.items(), key=lambda item: (-item[1], item[0])))


def _pieces(
    schedule: ScheduleId,
    start: Instant,
    end: Instant,
    schedules: Mapping[str, Schedule],
    hours: Mapping[str, Hours],
    facts: Facts,
    by: int,
) -> Iterator[Shift]:
    at = start
    while at < end:
        now = roster(schedule, at, schedules, hours, facts, by=by)
        until = end if now.until is None else min(now.until, end)
        yield Shift(at, until, now.people, _reasons(now))
        at = until


def _reasons(now: Roster) -> tuple[Phrase, ...]:
    if not now.duties:
        return now.why_not
    return tuple(phrase for duty in now.duties for phrase in duty.why)


def _joined(pieces: Iterator[Shift]) -> Iterator[Shift]:
    held: Shift | None = None
    for piece in pieces:
        if held is not None and set(held.people) == set(piece.people):
            held = Shift(held.start, piece.end, held.people, _merged(held.why, piece.why))
            continue
        if held is not None:
            yield held
        held = piece
    if held is not None:
        yield held


def _merged(first: tuple[Phrase, ...], more: tuple[Phrase, ...]) -> tuple[Phrase, ...]:
    """Both, but another turn of the same layer adds nothing."""
    said = {_kind(phrase) for phrase in first}
    return (*first, *(phrase for phrase in more if _kind(phrase) not in said))


def _kind(phrase: Phrase) -> tuple[str, tuple[tuple[str, str], ...]]:
    return phrase.key, tuple(item for item in phrase.values.items() if item[0] != "turn")
