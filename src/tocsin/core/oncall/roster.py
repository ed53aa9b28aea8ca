"""Who is on call at an instant, and why: layers, restrictions, overrides, absences, and schedules that follow another.

The later layer wins where it has somebody on; where it has nobody (it is closed, its turn is a gap, its person is away
or removed), the earlier one shows. Overrides apply in the order in which they were entered, so that the later wins:
`replace` puts a person in the place of another or of everybody, `add` joins, `remove` takes off. Somebody who is
absent is on no shift. Every answer also says over which span it holds unchanged.
"""

from collections.abc import Iterable, Iterator, Mapping

from msgspec import Struct

from tocsin.core.calendar.hours import Hours
from tocsin.core.calendar.working import stretch
from tocsin.core.ids import PersonId, ScheduleId
from tocsin.core.instant import Instant
from tocsin.core.oncall.changes import absences_of, overrides_of
from tocsin.core.oncall.override import Facts, Override
from tocsin.core.oncall.rotation import Turn, first_handoff, last_end, turn_at
from tocsin.core.oncall.schedule import Rotation, Schedule
from tocsin.core.phrase import Phrase


class Duty(Struct, frozen=True):
    """`person` is on call. Neither that nor anything of `why` changes within [since, until); a shift may be longer.

    `why` reads from the rotation outwards: the turn of a layer, what it follows, the overrides that led here.
    """

    person: PersonId
    since: Instant | None
    until: Instant | None
    why: tuple[Phrase, ...]


class Roster(Struct, frozen=True):
    """Everybody on call at an instant; `why_not` says why others, or all, are not. It holds over [since, until).

    None for `since` or `until` is as far as anybody can see.
    """

    duties: tuple[Duty, ...]
    why_not: tuple[Phrase, ...]
    since: Instant | None
    until: Instant | None

    @property
    def people(self) -> tuple[PersonId, ...]:
        """Who is on call."""
        return tuple(duty.person for duty in self.duties)


def on_call(
    schedule: ScheduleId,
    at: Instant,
    schedules: Mapping[str, Schedule],
    hours: Mapping[str, Hours],
    facts: Facts,
    *,
    by: int = 0,
) -> tuple[Duty, ...]:
    """Who is on call at `at`, perhaps nobody. With `by`, who takes over that many turns later in the same rotation."""
    return roster(schedule, at, schedules, hours, facts, by=by).duties


def roster(
    schedule: ScheduleId,
    at: Instant,
    schedules: Mapping[str, Schedule],
    hours: Mapping[str, Hours],
    facts: Facts,
    *,
    by: int = 0,
) -> Roster:
    """As `on_call`, with the reasons why others are not on, and the span over which the answer holds.

    Those who are on now are passed over when later turns are counted: nobody takes over from themselves, and where no
    other is left there is nobody. Past or future, the answer depends on the arguments alone.
    """
    found = _Search(at, schedules, hours, facts)
    members = found.on(schedule) if by == 0 else found.present(found.later(schedule, by))
    duties = tuple(Duty(member.person, found.since, found.until, member.why) for member in members)
    return Roster(duties, tuple(found.why_not), found.since, found.until)


class _Member(Struct, frozen=True):
    """Somebody on the way to being on call; `holds` tells who stands for a rotation from who was only added."""

    person: PersonId
    why: tuple[Phrase, ...]
    holds: bool = True


class _Slot(Struct, frozen=True):
    """The turn that is on in one layer; layers count from 1, as people do."""

    layer: int
    rotation: Rotation
    turn: Turn

    def phrase(self) -> Phrase:
        return Phrase("oncall.turn", {"layer": str(self.layer), "turn": str(self.turn.number + 1)})


class _Search:
    """One question, and what was looked at on the way to its answer: reasons, and the span in which nothing changes."""

    __slots__ = ("at", "facts", "hours", "schedules", "seen", "since", "until", "why_not")

    def __init__(self, at: Instant, schedules: Mapping[str, Schedule], hours: Mapping[str, Hours], facts: Facts):
        self.at, self.schedules, self.hours, self.facts = at, schedules, hours, facts
        self.since: Instant | None = None
        self.until: Instant | None = None
        self.why_not: list[Phrase] = []
        self.seen: list[str] = []

    def on(self, name: str) -> tuple[_Member, ...]:
        """Who is on call in a schedule, overrides and absences applied."""
        schedule = self._enter(name)
        if schedule is None:
            return ()
        if schedule.follows is not None:
            members = self.later(schedule.follows, schedule.by)
            return self.present(_overridden(members, self._overrides(schedule)))
        return self._layers(schedule)[0]

    def later(self, name: str, by: int) -> tuple[_Member, ...]:
        """Who takes over `by` turns later; whether they are present is the caller's question."""
        schedule = self._enter(name)
        if schedule is None:
            return ()
        if schedule.follows is not None:
            return self.later(schedule.follows, schedule.by + by)
        now, slot = self._layers(schedule)
        if slot is None:
            return ()
        person = _successor(slot, by, {member.person for member in now})
        if not person:
            self._say("oncall.gap" if person is not None else "oncall.alone", schedule=name, by=str(by))
            return ()
        return (_Member(person, (slot.phrase(), Phrase("oncall.follows", {"schedule": name, "by": str(by)}))),)

    def present(self, members: Iterable[_Member]) -> tuple[_Member, ...]:
        """Those who are not away."""
        return tuple(member for member in members if not self._away(member.person))

    def _enter(self, name: str) -> Schedule | None:
        """The schedule of that name, unless it is unknown or follows itself; config has refused both."""
        schedule = self.schedules.get(name)
        if schedule is None or name in self.seen:
            self._say("oncall.unknown" if schedule is None else "oncall.circle", schedule=name)
            return None
        self.seen.append(name)
        return schedule

    def _layers(self, schedule: Schedule) -> tuple[tuple[_Member, ...], _Slot | None]:
        """Who is on, and the slot that decided it; where nobody is on, the topmost slot that has a turn."""
        overrides = self._overrides(schedule)
        topmost: _Slot | None = None
        for slot in self._slots(schedule):
            topmost = topmost or slot
            if not slot.turn.person:
                self._say("oncall.gap", layer=str(slot.layer), turn=str(slot.turn.number + 1))
                continue
            holder = _Member(slot.turn.person, (slot.phrase(),))
            members = self.present(_overridden((holder,), overrides))
            if any(member.holds for member in members):
                return members, slot
        return self.present(_overridden((), overrides)), topmost

    def _slots(self, schedule: Schedule) -> Iterator[_Slot]:
        """The turns that are on, the topmost layer first."""
        for layer in range(len(schedule.rotations), 0, -1):
            rotation = schedule.rotations[layer - 1]
            if not self._open(layer, rotation):
                continue
            turn = turn_at(rotation, schedule.timezone, self.at)
            if turn is None:
                self._off(layer, rotation, schedule.timezone)
            else:
                self._within(turn.start, turn.end)
                yield _Slot(layer, rotation, turn)

    def _off(self, layer: int, rotation: Rotation, zone: str) -> None:
        begins, ends = first_handoff(rotation, zone), last_end(rotation, zone)
        if ends is not None and self.at >= ends:
            self._within(ends, None)
            self._say("oncall.ended", layer=str(layer))
        else:
            self._within(None, begins if ends is None else min(begins, ends))
            self._say("oncall.not_begun", layer=str(layer))

    def _open(self, layer: int, rotation: Rotation) -> bool:
        if rotation.only is None:
            return True
        span = stretch(self.at, self.hours.get(rotation.only))
        self._within(span.start, span.end)
        if not span.open:
            self._say("oncall.closed", layer=str(layer), hours=rotation.only)
        return span.open

    def _overrides(self, schedule: Schedule) -> tuple[Override, ...]:
        timeline = overrides_of(self.facts, schedule.id)
        if timeline is None:
            return ()
        active, since, until = timeline.at(self.at)
        self._within(since, until)
        for override in active:
            if override.mode == "remove":
                self._say("oncall.removed", override=override.id, person=override.person)
        return active

    def _away(self, person: PersonId) -> bool:
        timeline = absences_of(self.facts, person)
        if timeline is None:
            return False
        active, since, until = timeline.at(self.at)
        self._within(since, until)
        if active:
            self._say("oncall.absent", person=person, absence=active[-1].id)
        return bool(active)

    def _within(self, since: Instant | None, until: Instant | None) -> None:
        if since is not None and (self.since is None or since > self.since):
            self.since = since
        if until is not None and (self.until is None or until < self.until):
            self.until = until

    def _say(self, key: str, **values: str) -> None:
        phrase = Phrase(key, values)
        if phrase not in self.why_not:
            self.why_not.append(phrase)


def _overridden(members: tuple[_Member, ...], overrides: tuple[Override, ...]) -> tuple[_Member, ...]:
    for override in overrides:
        members = _APPLY[override.mode](members, override)
    return members


def _replace(members: tuple[_Member, ...], override: Override) -> tuple[_Member, ...]:
    why = Phrase("oncall.replaces", {"override": override.id, "person": override.of or ""})
    if override.of is None:
        return (_Member(override.person, (why,)),)
    others = tuple(member for member in members if member.person not in {override.of, override.person})
    place = next((member for member in members if member.person == override.of), None)
    if place is None:
        return members
    return (*others, _Member(override.person, (*place.why, why), place.holds))


def _add(members: tuple[_Member, ...], override: Override) -> tuple[_Member, ...]:
    if any(member.person == override.person for member in members):
        return members
    return (*members, _Member(override.person, (Phrase("oncall.added", {"override": override.id}),), holds=False))


def _remove(members: tuple[_Member, ...], override: Override) -> tuple[_Member, ...]:
    return tuple(member for member in members if member.person != override.person)


_APPLY = {"replace": _replace, "add": _add, "remove": _remove}


def _successor(slot: _Slot, by: int, on: set[PersonId]) -> PersonId | None:
    """Whoever takes over `by` hand-overs after this turn; '' when that turn is a gap, None when nobody else is left."""
    people, number = slot.rotation.people, slot.turn.number
    passed = on | {slot.turn.person}
    counted, before = 0, None
    for step in range(1, len(people)):
        person = people[(number + step) % len(people)]
        if person in passed or person == before:
            continue
        counted, before = counted + 1, person
        if counted == by:
            return person
    return None
