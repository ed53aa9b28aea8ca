"""Answers of the rules that change only now and then, kept as timelines: asked of the real rules once for each span.

Whatever a rule consults on its way to an answer says how long it holds; the earliest of these ends is where it is
asked again. Many services ask the same of the same teams, so nearly every answer is found by bisection.
"""

from collections.abc import Callable, Hashable, Iterable
from typing import Any, TypeVar

from msgspec import Struct, field
from msgspec.structs import replace

from tocsin.core.calendar import working
from tocsin.core.calendar.hours import Hours
from tocsin.core.catalogue.priority import Priority
from tocsin.core.catalogue.target import Target
from tocsin.core.ids import HoursId, IncidentId, PersonId, ScheduleId, ServiceId, TeamId
from tocsin.core.incident import events as ev
from tocsin.core.incident import whom
from tocsin.core.incident.asking import ask, climb
from tocsin.core.incident.calls import ladder_of
from tocsin.core.incident.state import Cursor, Incident, Request, Ring
from tocsin.core.incident.turn import Turn
from tocsin.core.instant import DAY, Duration, Instant
from tocsin.core.oncall.changes import absences_of
from tocsin.core.oncall.roster import Roster
from tocsin.core.phrase import Phrase
from tocsin.core.rulebook import Rulebook
from tocsin.core.steps.contract import Question
from tocsin.core.world import CHANNEL, World
from tocsin.lab.verifier.line import Line, Trail

T = TypeVar("T")

IN_SIGHT: Duration = 50 * DAY
"""What is not within so much time is not in sight: it is further than anybody waits."""

FAR: Duration = 500 * DAY
"""How far ahead is looked until when there is somebody: further than is proved."""

SOMEBODY = (PersonId("somebody"),)

_WHY = Phrase("climb.unanswered")


class Stand(tuple[TeamId, ServiceId | None, tuple[PersonId, ...], tuple[PersonId, ...]]):
    """What targets are relative to: the owning team, the service, whom the step called, whom the lap has tried."""

    __slots__ = ()

    @property
    def state(self) -> Incident:
        """An incident that stands so."""
        team, service, called, tried = self
        cursor = Cursor(called=called, tried=tried)
        return Incident(id=IncidentId("proof"), status="open", team=team, service=service, functional=cursor)


class _Watched(World, frozen=True):
    """A world that notes until when each of its answers holds."""

    ends: list[Instant] = field(default_factory=list)

    def roster(self, schedule: ScheduleId, at: Instant, by: int = 0) -> Roster:
        found = super().roster(schedule, at, by)
        if found.until is not None:
            self.ends.append(found.until)
        return found

    def absent(self, person: PersonId, at: Instant) -> bool:
        if person not in self.rulebook.people:
            return not person.startswith(CHANNEL)
        away, until = _away(self, person, at)
        if until is not None:
            self.ends.append(until)
        return away


class _Watch(Turn):
    """A turn that keeps no answers for others, so that all it rests on is asked of the watched world."""

    def __init__(self, state: Incident, world: _Watched, now: Instant) -> None:
        super().__init__(state, world, now)
        self.watched = world
        self.spaced = False

    def by_priority(self, urgent: dict[Priority, Duration], other: Instant) -> Instant:
        """Asked only for a question that has gone round the last resort: it is put again at a distance."""
        self.spaced = True
        return super().by_priority(urgent, other)

    def once(self, question: Hashable, answer: Callable[..., T], *given: Any) -> T:  # noqa: ARG002
        return answer(self, *given)

    def hours(self, name: HoursId | None) -> Hours | None:
        found = super().hours(name)
        end = None if found is None else working.stretch(self.now, found).end
        if end is not None:
            self.watched.ends.append(end)
        return found


class Put(Struct, frozen=True):
    """A request without its deadline; `spaced`: it has gone round the last resort, so that it is put at a distance."""

    request: Request
    spaced: bool


def _put(turn: _Watch, request: Request) -> Put:
    return Put(replace(request, deadline=0), turn.spaced)


class Ground:
    """A world from `start` on, asked again and again. In it messages by the method `outage` wait for their provider.

    `away` hears of nothing, though the last resort rings them where nobody else is left.
    """

    def __init__(self, world: World, start: Instant, outage: str = "", away: str = "") -> None:
        self.world = world
        self.outage = outage
        self.away = away
        self.start = start
        book = world.rulebook
        self._watched = _Watched(book, world.conditions, world.facts, world.surroundings)
        self.trail: Trail = []
        self.exact: set[int] = set()
        self.singular = False
        self._lines: dict[Hashable, Line[Any]] = {}
        self._once: dict[Callable[[Rulebook], Any], Any] = {}
        self._delays: dict[tuple[PersonId, bool, bool], Duration | None] = {}
        self._mutes: dict[tuple[PersonId, bool, bool], bool] = {}
        self._equals: dict[PersonId, bool] = {}
        self._targets: dict[Target, frozenset[str]] = {}
        self._owners: dict[tuple[Target, TeamId], TeamId | None] = {}
        self._last_needs = _needs(book, book.last_resort)

    def hours(self, name: HoursId | None) -> Hours | None:
        """Hours by name; None for the built-in `always`."""
        return None if name is None else self.world.rulebook.hours.get(name)

    def once(self, ask: Callable[[Rulebook], T]) -> T:
        """What is asked of the rulebook alone, and is the same at any time."""
        if ask not in self._once:
            self._once[ask] = ask(self.world.rulebook)
        found: T = self._once[ask]
        return found

    def remember(
        self, key: Hashable, at: Instant, ask: Callable[[Instant], tuple[T, Instant | None]]
    ) -> tuple[T, Instant | None]:
        """The answer at `at` of a question that `key` names, from its timeline."""
        known = self._lines.get(key)
        if known is None:
            known = self._lines[key] = Line(ask, self.trail)
        return known.at(at)

    def set_out(self) -> None:
        """A walk begins: what was asked before is no part of it."""
        self.trail.clear()
        self.exact.clear()
        self.singular = False

    def to_the_end(self) -> None:
        """It is also of use on this walk when exactly the last answer ends."""
        self.exact.add(len(self.trail) - 1)

    def count(self, hours: Hours, begin: Instant, due: Instant) -> None:
        """The walk has counted time in those hours: it rests on when they open and close until then."""
        if self.world.rulebook.hours.get(hours.id) is not hours or due - begin > IN_SIGHT:
            self.singular = True
            return
        at: Instant | None = begin
        while at is not None and at <= due:
            is_open, at = self.open(hours.id, at)
            self.to_the_end()
            self.singular |= at is None and not is_open

    def open(self, name: HoursId, at: Instant) -> tuple[bool, Instant | None]:
        """Whether those hours are open, and until when that stays so."""
        known = self._lines.get(name)
        if known is None:
            hours = self.world.rulebook.hours[name]

            def ask_hours(now: Instant) -> tuple[bool, Instant | None]:
                span = working.stretch(now, hours)
                return span.open, span.end

            known = self._lines[name] = Line(ask_hours, self.trail)
        return known.at(at)

    def resolve(
        self, target: Target, stand: Stand, hours_given: bool, skills: tuple[str, ...], at: Instant, blind: bool = False
    ) -> tuple[whom.Group, Instant | None]:
        """As `whom.resolve`. `blind`: somebody, whoever it is to whom something leads; so it holds longer."""
        ask = self._manned if blind else self._resolved
        hours = None if hours_given else self.shutting(target, stand)
        if hours is None:
            found = ask(target, stand, hours_given, skills, at)
            self.singular |= found[0].opens_at is not None
            return found
        is_open, until = self.open(hours, at)
        if not is_open:
            self.to_the_end()
            return whom.Group((), opens_at=until), until
        group, end = ask(target, stand, True, skills, at)
        return group, _earlier(until, end)

    def _manned(
        self, target: Target, stand: Stand, hours_given: bool, skills: tuple[str, ...], at: Instant
    ) -> tuple[whom.Group, Instant | None]:
        def ask_manned(now: Instant) -> tuple[whom.Group, Instant | None]:
            group, until = self._resolved(target, stand, hours_given, skills, now)
            manned = any(map(self.reachable, group.people))
            while until is not None and until < now + FAR:
                group, end = self._resolved(target, stand, hours_given, skills, until)
                if any(map(self.reachable, group.people)) is not manned:
                    break
                until = end
            return whom.Group(SOMEBODY if manned else ()), until

        return self.remember(("manned", target, stand[:2], hours_given, skills), at, ask_manned)

    def _resolved(
        self, target: Target, stand: Stand, hours_given: bool, skills: tuple[str, ...], at: Instant
    ) -> tuple[whom.Group, Instant | None]:
        needs = self._targets.get(target)
        if needs is None:
            needs = self._targets[target] = _needs(self.world.rulebook, (target,))
        key = (target, self._scope(stand, needs), hours_given, skills)
        return self._line(key, stand.state, lambda turn: whom.resolve(turn, target, hours_given, skills)).at(at)

    def shutting(self, target: Target, stand: Stand) -> HoursId | None:
        """The hours outside which a target is shut: those of its team."""
        name = target.name if target.kind == "team" else ""
        if target.kind == "word" and target.name in ("team", "team.next", "team.all"):
            name = stand[0]
        team = self.world.rulebook.teams.get(name)
        return team.hours if team is not None and self.hours(team.hours) is not None else None

    def everybody(
        self, targets: tuple[Target, ...], stand: Stand, hours_given: bool, at: Instant
    ) -> tuple[tuple[PersonId, ...], Instant | None]:
        """As `whom.everybody`."""
        key = ("everybody", targets, self._scope(stand, _needs(self.world.rulebook, targets)), hours_given)
        return self._line(key, stand.state, lambda turn: whom.everybody(turn, targets, hours_given)).at(at)

    def around_last_resort(self, stand: Stand) -> Hashable:
        """All of how it stands that the last resort hangs on."""
        return self._scope(stand, self._last_needs)

    def last_resort(self, stand: Stand, at: Instant) -> tuple[tuple[PersonId, ...], Instant | None]:
        """As `whom.last_resort` from the first on."""
        key = ("last resort", self.around_last_resort(stand))
        return self._line(key, stand.state, lambda turn: whom.last_resort(turn, 0)).at(at)

    def owning_team(self, target: Target, team: TeamId) -> TeamId | None:
        """The team that a hand-over to `target` gives the incident to; as `whom.owning_team_of`."""
        key = (target, team)
        if key not in self._owners:
            state = Stand((team, None, (), ())).state
            self._owners[key] = whom.owning_team_of(_Watch(state, self._watched, self.start), target)
        return self._owners[key]

    def there(self, person: PersonId, at: Instant) -> tuple[bool, Instant | None]:
        """Whether they are present and something leads to them."""
        if not self.reachable(person):
            return False, None
        if person not in self.world.rulebook.people:
            return person.startswith(CHANNEL), None
        away, until = self.remember(("away", person), at, lambda now: _away(self.world, person, now))
        return not away, until

    def reachable(self, person: PersonId) -> bool:
        """Whether any method leads to them."""
        return self.delay(person, False, True) is not None

    def delay(self, person: PersonId, urgent: bool, at_once: bool) -> Duration | None:
        """How long after it begins a round rings first; None where nothing leads to them."""
        if (key := (person, urgent, at_once)) not in self._delays:
            self._delays[key] = min((ring.at - self.start for ring in self._rings(*key)), default=None)
        return self._delays[key]

    def length(self, person: PersonId, urgent: bool, at_once: bool) -> Duration:
        """How long after it begins a round rings last."""
        return max((ring.at - self.start for ring in self._rings(person, urgent, at_once)), default=0)

    def _rings(self, person: PersonId, urgent: bool, at_once: bool) -> tuple[Ring, ...]:
        turn = _Watch(Incident(id=IncidentId("proof")), self._watched, self.start)
        return ladder_of(turn, person, urgent, at_once)

    def equal(self, person: PersonId) -> bool:
        """Whether it is all the same to them how urgent it is: they hear of it as soon, by ways that stand as well."""
        if person not in self._equals:
            same = self.delay(person, True, False) == self.delay(person, False, False)
            self._equals[person] = same and self.mute(person, True, False) == self.mute(person, False, False)
        return self._equals[person]

    def may_shut(self, target: Target, stand: Stand) -> bool:
        """Whether its team has hours outside which it is shut."""
        role = self.world.rulebook.roles.get(target.name) if target.kind == "role" else None
        if role is not None:
            return any(self.may_shut(holder, stand) for holder in role.holders)
        return target.name == "stakeholders" or self.shutting(target, stand) is not None

    def mute(self, person: PersonId, urgent: bool, at_once: bool) -> bool:
        """Whether all that such a round rings waits for the provider that is down."""
        if not self.outage:
            return person == self.away
        if (key := (person, urgent, at_once)) not in self._mutes:
            self._mutes[key] = all(ring.method == self.outage for ring in self._rings(*key))
        return self._mutes[key]

    def asked(self, question: Question, stand: Stand, priority: Priority, at: Instant) -> tuple[Put, Instant | None]:
        """The request that putting a question makes."""
        targets = (*question.targets, *self.world.rulebook.last_resort)
        key = ("ask", question, self._scope(stand, _needs(self.world.rulebook, targets) | {"team"}), priority)

        def put(turn: _Watch) -> Put:
            ask(turn, question, _WHY)
            return _put(turn, next(one.request for one in turn.events if isinstance(one, ev.Asked)))

        return self._line(key, _of(stand, priority), put).at(at)

    def climbed(self, request: Request, stand: Stand, priority: Priority, at: Instant) -> tuple[Put, Instant | None]:
        """The request after nobody has answered in time."""
        who = (request.current, request.asked, request.deputies, request.origin, request.rescue, request.hours)
        key = ("climb", who, request.within, request.purpose, stand, priority)

        def put(turn: _Watch) -> Put:
            climb(turn, request, _WHY)
            return _put(turn, next(one.request for one in turn.events if isinstance(one, ev.Climbed)))

        return self._line(key, _of(stand, priority), put).at(at)

    def by_turns(self, targets: tuple[Target, ...], stand: Stand) -> bool:
        """Whether whom they name hangs on whom steps have called."""
        return self._takes_turns(stand[0], _needs(self.world.rulebook, targets))

    def _takes_turns(self, team: TeamId, needs: frozenset[str]) -> bool:
        known = self.world.rulebook.teams.get(team)
        return "turns" in needs and known is not None and known.on_call is None

    def _scope(self, stand: Stand, needs: frozenset[str]) -> Hashable:
        team, service, called, tried = stand
        turns = self._takes_turns(team, needs)
        mine = (team if needs else "", service if "service" in needs else "")
        return (*mine, called, tried) if turns else mine

    def _line(self, key: Hashable, state: Incident, answer: Callable[[_Watch], T]) -> Line[T]:
        known = self._lines.get(key)
        if known is None:
            known = self._lines[key] = Line(lambda at: self._watch(state, at, answer), self.trail)
        return known

    def _watch(self, state: Incident, at: Instant, answer: Callable[[_Watch], T]) -> tuple[T, Instant | None]:
        ends = self._watched.ends
        ends.clear()
        value = answer(_Watch(state, self._watched, at))
        return value, min(ends, default=None)


def _of(stand: Stand, priority: Priority) -> Incident:
    return replace(stand.state, priority=priority)


def _away(world: World, person: PersonId, at: Instant) -> tuple[bool, Instant | None]:
    timeline = absences_of(world.facts, person)
    if timeline is None:
        return False, None
    active, _, until = timeline.at(at)
    return bool(active), until


def _earlier(one: Instant | None, other: Instant | None) -> Instant | None:
    return other if one is None else one if other is None else min(one, other)


def _needs(book: Rulebook, targets: Iterable[Target]) -> frozenset[str]:
    """What these targets are relative to: the team, the service, and whose turns have been."""
    found: set[str] = set()
    for target in targets:
        if target.kind == "role" and target.name in book.roles:
            found |= _needs(book, book.roles[target.name].holders)
        elif target.kind == "manager":
            found.add("team")
        elif target.kind == "word":
            found.add("team")
            found |= {"service", "turns"} if target.name == "stakeholders" else set()
            found |= {"turns"} if target.name == "team.next" else set()
    return frozenset(found)
