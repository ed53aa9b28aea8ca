"""Openings that the real rules treat alike, found by playing: exact where answers matter that no proof knows of.

An opening is played, and so is the one a microsecond later: every instant of the first either moves with the opening or
stands. All that was consulted on the way says until when it stays as it is, so the earliest instant at which something
that moves comes upon such an end, or upon something that stands, is how far all openings go the same way.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from typing import Any

from msgspec import Struct, field
from msgspec.structs import replace

from tocsin.core.ids import HoursId, PersonId, ScheduleId, SourceId
from tocsin.core.incident.due import timers
from tocsin.core.incident.evolve import evolve, initial
from tocsin.core.incident.state import Incident
from tocsin.core.instant import DAY, HOUR, MINUTE, Duration, Instant, Span, parse_duration
from tocsin.core.oncall.changes import absences_of
from tocsin.core.oncall.roster import Roster
from tocsin.core.routing.criteria import Conditions, CriteriaError, compile_condition
from tocsin.core.signal import Signal
from tocsin.core.world import Surroundings, World
from tocsin.lab.behaviour import Acting, Happening, Signals
from tocsin.lab.simulator import Simulation
from tocsin.lab.verifier.content import reads
from tocsin.lab.verifier.supposing import wall_until
from tocsin.lab.verifier.timeline import Ground

FAR: Duration = 3660 * DAY
"""How far openings may go alike."""


class Question(Struct, frozen=True):
    """What is asked of an opening: whether it `holds` by the last of `looks` after it, or sooner."""

    signal: Signal
    behaviour: Acting
    looks: tuple[Duration, ...]
    holds: Callable[[Simulation], bool]


class Regime(Struct, frozen=True):
    """All openings in [start, end) have this answer."""

    start: Instant
    end: Instant
    holds: bool


class _Noting(dict[Any, Any]):
    """Hours or conditions that note which of them were asked for, known or not."""

    def __init__(self, given: dict[Any, Any]) -> None:
        super().__init__(given)
        self.asked: set[Any] = set()

    def get(self, name: Any, default: Any = None) -> Any:
        self.asked.add(name)
        return super().get(name, default)


_Asked = list[tuple[Instant, Instant | None]]
"""When something was asked, and until when its answer holds."""


class _Watched(World, frozen=True):
    """A world that notes until when its answers hold; `plain` is the same, without."""

    plain: World | None = None
    noted: _Asked = field(default_factory=list)

    def roster(self, schedule: ScheduleId, at: Instant, by: int = 0) -> Roster:
        assert self.plain is not None
        found = self.plain.roster(schedule, at, by)
        self.noted.append((at, found.until))
        return found

    def absent(self, person: PersonId, at: Instant) -> bool:
        timeline = absences_of(self.facts, person)
        if timeline is not None:
            self.noted.append((at, timeline.at(at)[2]))
        return super().absent(person, at)


class _Trace(Struct, frozen=True):
    """One opening as it was played up to `last`; `shape` is all of it but times.

    `conditions` were asked later than it opened, `at_once` at that very instant.
    """

    opening: Instant
    last: Instant
    holds: bool
    shape: tuple[object, ...]
    instants: tuple[Instant, ...]
    noted: tuple[tuple[Instant, Instant | None], ...]
    hours: frozenset[HoursId]
    conditions: frozenset[str]
    at_once: frozenset[str]


class Regimes:
    """A question put to all openings of a world from `start` on, at the price of at most `most` plays."""

    def __init__(self, world: World, start: Instant, question: Question, most: int) -> None:
        self.question = question
        self.left = most
        self.turned = False
        """Whether anything hung on whose turn it is in an assigned team: it was played as though nobody had had one."""
        self._ground = Ground(world, start)
        self._hours = _Noting(world.rulebook.hours)
        self._conditions = _Noting(world.conditions.compiled)
        self._plain = replace(world, rosters={}, asked=[])
        self._book = replace(world.rulebook, hours=self._hours)
        self._known: dict[Instant, _Trace] = {}

    def holds(self, at: Instant) -> bool:
        """The answer for one opening."""
        return self._played(at).holds

    def over(self, spans: Iterable[Span]) -> Iterator[Regime]:
        """In order, without a seam within a span; it ends before the last span does where no plays are left."""
        for span in spans:
            at = span.start
            while at < span.end and self.left > 0:
                end = min(self._until(at), span.end)
                yield Regime(at, end, self._played(at).holds)
                at = end
            if at < span.end:
                return

    def _until(self, at: Instant) -> Instant:
        one, other = self._played(at), self._played(at + 1)
        if one.shape != other.shape or not _beside(one, other):
            return at + 1
        timed = [(now, now != later) for now, later in zip(one.instants, other.instants, strict=True)]
        moving = sorted({one.last, *(x for x, moved in timed if moved and x <= one.last)})
        standing = {x for x, moved in timed if not moved and x >= at}
        ends = [_meeting(moving, x) for x in standing]
        for (asked, until), (later, _) in zip(one.noted, other.noted, strict=True):
            if until is not None and later != asked:
                ends.append(until - asked)
        ends += self._closings(one, moving)
        ends += self._clocks(one, moving, standing)
        return at + max(min(ends, default=FAR), 1)

    def _closings(self, one: _Trace, moving: list[Instant]) -> Iterator[Duration]:
        """What is over exactly at closing is over then; a microsecond later it is over after the next opening."""
        for name in one.hours & self._plain.rulebook.hours.keys():
            for x in moving:
                end = self._ground.open(name, x)[1]
                if end is not None:
                    yield end - x

    def _clocks(self, one: _Trace, moving: list[Instant], standing: set[Instant]) -> Iterator[Duration]:
        """Conditions that read the clock, the age of an incident, or how many reports there were by the minute.

        When it opens it is of no age, and all reports have come just then: only the clock matters there.
        """
        zone = self._plain.rulebook.timezone
        for source in one.conditions | one.at_once:
            read = reads(source)
            if read.clock or read.daily:
                asked = moving if source in one.conditions else (one.opening,)
                yield from (wall_until(zone, x, HOUR if read.clock else DAY) - x for x in asked)
        for source in one.conditions:
            read = reads(source)
            if read.age:
                yield from ((x - one.opening) % MINUTE + 1 for x in standing)
            for length in _counted(source):
                yield from (MINUTE - x % MINUTE for x in (one.opening, *(x - length for x in moving)))

    def _played(self, at: Instant) -> _Trace:
        known = self._known.get(at)
        if known is None:
            self.left -= 1
            known = self._trace(at)
            self._known = {x: one for x, one in self._known.items() if x >= at - 1} | {at: known}
        return known

    def _trace(self, at: Instant) -> _Trace:
        self._hours.asked.clear()
        self._conditions.asked.clear()
        noted: _Asked = []
        plain, known = self._plain, Conditions(self._conditions)
        others = Surroundings(_Noting(plain.surroundings.load), _Noting(plain.surroundings.turns))
        world = _Watched(self._book, known, plain.facts, others, plain.pinned, plain=plain, noted=noted)
        played = Simulation(world, self.question.behaviour)
        played.expect([Happening(at, Signals(SourceId("expect"), (self.question.signal,)))])
        last, holds = at, False
        played.run(at)
        at_once = frozenset(self._conditions.asked)
        self._conditions.asked.clear()
        for look in self.question.looks:
            last = at + look
            played.run(last)
            holds = self.question.holds(played)
            if holds:
                break
        self.turned |= any(each.asked for each in (others.load, others.turns) if isinstance(each, _Noting))
        shape, instants = _seen(played)
        asked = frozenset(self._hours.asked), frozenset(self._conditions.asked), at_once
        return _Trace(at, last, holds, (last - at, holds, *shape), instants, tuple(noted), *asked)


def _seen(played: Simulation) -> tuple[list[object], tuple[Instant, ...]]:
    """What happened, without times, and every time that was or might have been."""
    shape: list[object] = []
    instants: list[Instant] = []
    states: dict[str, Incident] = {}
    for told in played.told:
        event = told.event
        shape.append((told.stream, type(event), getattr(event, "person", None)))
        instants.append(event.at)
        if told.stream in played.incidents:
            state = states[told.stream] = evolve(states.get(told.stream) or initial(told.stream), event)  # type: ignore[arg-type]
            running = [(timer.kind, timer.key, timer.at) for timer in timers(state)]
            shape += [(kind, key) for kind, key, _ in running]
            instants += [x for _, _, x in running]
    for tried in played.tried:
        shape.append((tried.message.to, tried.message.method, tried.message.purpose))
        instants += [tried.at, tried.message.due_at]
    return shape, tuple(instants)


def _beside(one: _Trace, other: _Trace) -> bool:
    """Whether every time of the other is the same or a microsecond later."""
    if (
        len(one.instants) != len(other.instants)
        or len(one.noted) != len(other.noted)
        or (one.hours, one.conditions, one.at_once) != (other.hours, other.conditions, other.at_once)
    ):
        return False
    same = all(0 <= later - now <= 1 for now, later in zip(one.instants, other.instants, strict=True))
    return same and all(0 <= b - a <= 1 for (a, _), (b, _) in zip(one.noted, other.noted, strict=True))


def _meeting(moving: list[Instant], standing: Instant) -> Duration:
    """After how long something that moves comes upon what stands; a microsecond on where it is there already."""
    return standing - moving[bisect_right(moving, standing) - 1] or 1


@lru_cache(maxsize=4096)
def _counted(source: str) -> tuple[Duration, ...]:
    """The lengths of time in which an expression counts reports."""
    try:
        return tuple(parse_duration(length) for length in compile_condition(source).durations)
    except CriteriaError:
        return ()
