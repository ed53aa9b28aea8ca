"""The real rules on a virtual clock: what would happen, whom it would reach, and when; exactly as the live engine does.

Nothing here decides: deciders decide, and this carries their facts, messages and reactions from one to another.
"""

import heapq
import itertools
from collections.abc import Iterable, Sequence
from typing import Any, TypeAlias

from msgspec import Struct
from msgspec.structs import replace

from tocsin.core.decider import Refused
from tocsin.core.desk.decide import DESK, surroundings
from tocsin.core.desk.decide import decide as decide_desk
from tocsin.core.desk.state import Desk
from tocsin.core.desk.state import Event as DeskEvent
from tocsin.core.ids import IncidentId, SourceId
from tocsin.core.incident import commands as cmd
from tocsin.core.incident import events as ev
from tocsin.core.incident.decide import Facts, decided
from tocsin.core.incident.due import due, precedence, rank
from tocsin.core.incident.ending import FLAP_WINDOW
from tocsin.core.incident.evolve import evolve, initial
from tocsin.core.incident.linking import cannot_link, other_side
from tocsin.core.incident.outgoing import outgoing, withdrawn
from tocsin.core.incident.sharing import concerns_others, share_out, succession
from tocsin.core.incident.siblings import attended
from tocsin.core.incident.state import Incident
from tocsin.core.instant import MINUTE, Duration, Instant
from tocsin.core.oncall.override import Absence, Override
from tocsin.core.outgoing import LANES, Message, in_order
from tocsin.core.phrase import Phrase
from tocsin.core.react import Reaction, react
from tocsin.core.signal import Signal
from tocsin.core.world import World
from tocsin.lab.behaviour import Acting, Behaviour, Happening, Put, Signals, with_broken, with_fact


class Told(Struct, frozen=True, gc=False):
    """One fact of one stream, an incident or a desk; `seq` counts from 1 within it, `by` is who was behind it."""

    stream: str
    seq: int
    event: ev.Event | DeskEvent
    by: str = ""


class Tried(Struct, frozen=True, gc=False):
    """One try to hand over a message, and what came of it."""

    message: Message
    at: Instant
    outcome: cmd.Outcome

    @property
    def late(self) -> Duration:
        """How long after the planned instant it was, in microseconds."""
        return self.at - self.message.due_at


class NotDone(Struct, frozen=True):
    """A command that was refused."""

    at: Instant
    incident: str
    command: cmd.Command
    why: Refused


class Transcript(Struct, frozen=True):
    """All that happened, in order, and how every stream stood at the end; not `whole`: there was more to do."""

    told: tuple[Told, ...]
    tried: tuple[Tried, ...]
    refused: tuple[NotDone, ...]
    incidents: dict[str, Incident]
    desks: dict[str, Desk]
    whole: bool = True

    def events(self, incident: str) -> tuple[ev.Event, ...]:
        """The facts of one incident."""
        return tuple(one.event for one in self.told if one.stream == incident)  # type: ignore[misc]


def play(
    world: World,
    happenings: Iterable[Happening],
    until: Instant,
    behaviour: Acting | None = None,
    most: int | None = None,
) -> Transcript:
    """Play incidents from the first happening to `until`, inclusive; deterministic. `most` things are done at most."""
    simulation = Simulation(world, behaviour)
    simulation.expect(happenings)
    whole = simulation.run(until, most)
    return simulation.transcript(whole)


ECHO: Duration = MINUTE
"""An equal delivery within this time joins and is not counted."""


class NoProgressError(RuntimeError):
    """A tick that was due changed nothing: the live engine would turn in circles here."""


_SEND, _TICK, _HAPPEN = 0, 1, 2
_Entry: TypeAlias = tuple[Instant, int, tuple[Any, ...], str | Happening]


class Simulation:
    """A simulation that can be stepped: put something in, run to an instant, look, go on.

    At one instant messages leave first, then timers are served, worst first, then what comes from outside.
    """

    def __init__(self, world: World, behaviour: Acting | None = None, now: Instant = 0) -> None:
        self.world = world
        self._surrounded = world
        self.behaviour: Acting = behaviour or Behaviour()
        self.now = now
        self.incidents: dict[str, Incident] = {}
        self.desks: dict[str, Desk] = {}
        self.told: list[Told] = []
        self.tried: list[Tried] = []
        self.refused: list[NotDone] = []
        self._live: dict[tuple[str, str], tuple[str, Instant | None]] = {}
        self._last: dict[tuple[str, str], tuple[tuple[Signal, ...], Instant]] = {}
        self._unsent: dict[str, Message] = {}
        self._failing: set[str] = set()
        self._done: set[str] = set()
        self._agenda: list[_Entry] = []
        self._wanted: dict[str, Instant | None] = {}
        self._ticks: dict[str, tuple[Instant, tuple[Any, ...]]] = {}
        self._serial = 0
        self._wave = 0

    def expect(self, happenings: Iterable[Happening]) -> None:
        """Put these on the agenda; those of one instant happen in the order given."""
        for one in happenings:
            self._serial += 1
            self._plan(one.at, _HAPPEN, (self._serial,), one)

    def run(self, until: Instant, most: int | None = None) -> bool:
        """Go on to that instant, and do all that is due at it; False where that is more than `most` things."""
        agenda, done = self._agenda, 0
        while agenda and agenda[0][0] <= until:
            if done == most:
                return False
            done += 1
            self.step()
        self.now = max(self.now, until)
        return True

    def step(self) -> None:
        """Do what comes first on the agenda."""
        at, kind, order, what = heapq.heappop(self._agenda)
        if at > self.now:
            self.now, self._wave = at, 0
        if isinstance(what, Happening):
            self._happen(what)
        elif kind == _SEND:
            self._wave = order[0] + 1
            self._send(what)
        else:
            self._serve(at, order, what)

    def coming(self) -> tuple[Instant, Message | None] | None:
        """When the next thing on the agenda comes, and the message that it tries to hand over, if it does."""
        if not self._agenda:
            return None
        at, kind, *_, what = self._agenda[0]
        return at, self._unsent.get(what) if kind == _SEND and isinstance(what, str) else None

    def fork(self, world: World, behaviour: Acting) -> "Simulation":
        """The same so far, to go on by itself in a world in which the same was found broken."""
        other = object.__new__(type(self))
        for name, value in vars(self).items():
            setattr(other, name, value.copy() if isinstance(value, (dict, list, set)) else value)
        facts = self.world.facts
        if facts.version != world.facts.version:
            world = replace(world, facts=replace(world.facts, version=facts.version, methods=facts.methods))
        other.world, other.behaviour = world, behaviour
        other._surrounded = replace(world, surroundings=self._surrounded.surroundings)
        return other

    def report(self, source: SourceId, signals: Sequence[Signal]) -> tuple[IncidentId, ...]:
        """A source reports now; the incidents that were found or made, by key in the order of the signals."""
        known = self.world.rulebook.sources.get(source)
        scope = known.scope if known is not None else source
        grouped: dict[str, list[Signal]] = {}
        for signal in signals:
            grouped.setdefault(signal.key, []).append(signal)
        whole = tuple(signals)
        reports = [
            cmd.Report(source, scope, tuple(own), _texts(own), self._is_echo((scope, key), whole))
            for key, own in grouped.items()
        ]
        return tuple(incident for one in reports if (incident := self._report(one)) is not None)

    def change(self, fact: Absence | Override) -> None:
        """Somebody is away, or a shift is covered, as is entered now."""
        self._surround(replace(self.world, facts=with_fact(self.world.facts, fact)))

    def put(self, incident: str, command: cmd.Command) -> Refused | None:
        """Put a command to an incident now; why it was refused, if it was."""
        state = self.incidents.get(incident) or initial(incident)
        given = self._remembering(incident, command) if isinstance(command, cmd.Undo) else command
        world = self._surrounded if state.held_until is None else self._known_to(state)
        other = self.incidents.get(other_side(command, incident))
        facts = cannot_link(command, incident, other) or decided(state, given, world, self.now)
        if isinstance(facts, Refused):
            self.refused.append(NotDone(self.now, incident, command, facts))
            return facts
        if facts:
            self._take(facts, cmd.author(command))
            after = facts[-1][1]
            if after.siblings or state.sibling_of is not None:
                self._pass_on(command, state, after)
            if other is not None and after.linked != state.linked:
                self.put(other.id, replace(command, to=incident, back=True))
        return None

    def _remembering(self, incident: str, command: cmd.Undo) -> cmd.Command:
        """What is to be undone is judged by all that has happened so far."""
        past = [cmd.Past(one.event, one.by) for one in self.told if one.stream == incident]  # type: ignore[arg-type]
        return replace(command, past=tuple(past))

    def _known_to(self, state: Incident) -> World:
        """The world; what is held beside another incident knows of it whether that has somebody."""
        if state.sibling_of is None:
            return self._surrounded
        first = self.incidents.get(state.sibling_of)
        return self._surrounded.beside(state.sibling_of if first is not None and attended(first) else None)

    def _pass_on(self, command: cmd.Command, before: Incident, state: Incident) -> None:
        """Where the first has ended, one of its siblings that still fire goes on; it takes over the key."""
        if before.live and not state.live and state.siblings:
            for id_, part in succession(self._siblings(state), self.now):
                self.put(id_, part)
        if isinstance(command, cmd.FirstEnded) and command.first == state.id and before.sibling_of in self.incidents:
            first = self.incidents[before.sibling_of]
            event = ev.Succeeded(at=first.at, by=state.id)
            self._take(((event, evolve(first, event)),))
            self._live[state.scope, state.key] = (state.id, None)

    def _siblings(self, first: Incident) -> list[Incident]:
        return [self.incidents[one] for one in first.siblings if one in self.incidents]

    def transcript(self, whole: bool = True) -> Transcript:
        """All that has happened so far."""
        told, tried, refused = tuple(self.told), tuple(self.tried), tuple(self.refused)
        return Transcript(told, tried, refused, dict(self.incidents), dict(self.desks), whole)

    def _take(self, facts: Facts, by: str = "") -> None:
        """Facts of one incident, each with its state just after it."""
        last = facts[-1][1]
        self.incidents[last.id] = last
        for event, state in facts:
            self.told.append(Told(state.id, state.seq, event, by))
            self._send_out(event, state)
        self._hold(last)
        self._plan_tick(last)

    def _plan(self, at: Instant, kind: int, order: tuple[Any, ...], what: str | Happening) -> None:
        heapq.heappush(self._agenda, (at, kind, order, what))

    def _plan_send(self, at: Instant, message: Message) -> None:
        """What is ready at one instant leaves together, lane by lane; what comes of it leaves after that."""
        wave = self._wave if at == self.now else 0
        self._plan(at, _SEND, (wave, LANES.index(message.lane), *in_order(message)), message.id)

    def _plan_tick(self, state: Incident) -> None:
        wanted = self._wanted[state.id] = due(state)
        if wanted is None:
            return
        # what is overdue comes now, after the messages of this instant
        planned = (max(self.now, wanted), precedence(rank(state), wanted, state.id))
        if self._ticks.get(state.id) != planned:
            self._ticks[state.id] = planned
            self._plan(planned[0], _TICK, planned[1], state.id)

    def _happen(self, one: Happening) -> None:
        match one.what:
            case Signals(source, signals):
                self.report(source, signals)
            case Put(incident, command, once):
                if not once or once not in self._done:
                    self._done.add(once)
                    self.put(incident, command)

    def _report(self, report: cmd.Report) -> IncidentId | None:
        """The incident that the key belongs to; a trigger that finds none, or only an ended one, begins a new one."""
        key = (report.scope, report.signals[0].key)
        incident, until = self._live.get(key, ("", None))
        if incident and (until is None or self.now <= until):
            refused = self._share(incident, report)
            if refused is None or refused.code != "ended" or not report.triggers:
                return IncidentId(incident)
            state = self.incidents[incident]
            ignored = ev.Ignored(at=state.at, alert="", why=Phrase("signal.ended"))
            self._take(((ignored, evolve(state, ignored)),))
        if not report.triggers:
            return None
        self._live.pop(key, None)
        fresh = f"INC-{len(self.incidents) + 1}"
        self._share(fresh, replace(report, after=incident) if incident else report)
        return IncidentId(fresh)

    def _share(self, first: str, report: cmd.Report) -> Refused | None:
        """To each incident of the key what is theirs; why the first refused its part, if it did."""
        state = self.incidents.get(first) or initial(first)
        if not concerns_others(state, report):
            return self.put(first, report)
        made = itertools.count(len(self.incidents) + (2 if state.status == "new" else 1))
        puts = share_out(report, state, self._siblings(state), self.now, lambda: IncidentId(f"INC-{next(made)}"))
        refusals = [(id_, self.put(id_, part)) for id_, part in puts]
        return next((refused for id_, refused in refusals if id_ == first and refused is not None), None)

    def _is_echo(self, key: tuple[str, str], whole: tuple[Signal, ...]) -> bool:
        """Whether the same delivery came within a minute, and nothing for that key between."""
        before, self._last[key] = self._last.get(key), (whole, self.now)
        return before is not None and before[0] == whole and self.now - before[1] <= ECHO

    def _hold(self, state: Incident) -> None:
        """Live: the key is bound. Resolved: for the flap window. Closed: remembered. What is another's is left."""
        key = (state.scope, state.key)
        if state.sibling_of is not None or self._live.get(key, (state.id, None))[0] != state.id:
            return
        if state.live:
            self._live[key] = (state.id, None)
        elif state.status == "resolved":
            self._live[key] = (state.id, (state.resolved_at or state.at) + FLAP_WINDOW)

    def _send_out(self, event: ev.Event, state: Incident) -> None:
        """Let a fact withdraw and send messages, and let other streams hear of it."""
        for gone in withdrawn(event, state) if self._unsent else ():
            self._unsent = {name: one for name, one in self._unsent.items() if not gone.means(one)}
        for message in outgoing(event, state):
            if message.id not in self._unsent:
                self._plan_send(max(self.now, message.due_at), message)
            self._unsent[message.id] = message
        reactions = react(event, state)
        if reactions:
            self._react(reactions)

    def _react(self, reactions: tuple[Reaction, ...]) -> None:
        for one in reactions:
            desk = self.desks.get(one.stream) or DESK.initial(one.stream)
            for event in decide_desk(desk, one.command, self.world, self.now):
                desk = self.desks[one.stream] = DESK.evolve(desk, event)
                self.told.append(Told(desk.id, desk.seq, event))
                self._surround(self.world)
                self._react(react(event, desk, one.depth))

    def _surround(self, world: World) -> None:
        self.world = world
        self._surrounded = replace(world, surroundings=surroundings(self.desks.values(), world.surroundings))

    def _send(self, name: str) -> None:
        message = self._unsent.get(name)
        if message is None:
            return
        fate = self.behaviour.fate(message, self.now)
        self.tried.append(Tried(message, self.now, fate.outcome))
        known = name in self._failing
        if fate.outcome == "passing":
            self._failing.add(name)
            if fate.again_at is not None:
                self._plan_send(fate.again_at, message)
            if known:
                return
        else:
            del self._unsent[name]
        if fate.outcome == "permanent":
            self._surround(replace(self.world, facts=with_broken(self.world.facts, message.to, message.method)))
        self.put(message.incident, cmd.Receipt(name, message.round, message.to, message.method, fate.outcome))
        if fate.outcome == "sent":
            self.expect(self.behaviour.replies(message, self.now))

    def _serve(self, at: Instant, order: tuple[Any, ...], incident: str) -> None:
        """A tick that was planned; nothing where the incident has come to want another, or none."""
        if self._ticks.get(incident) == (at, order):
            del self._ticks[incident]
        wanted = self._wanted[incident]
        if wanted is not None and wanted <= at:
            self._tick(incident)

    def _tick(self, incident: str) -> None:
        before = self.incidents[incident]
        self.put(incident, cmd.Tick())
        if self.incidents[incident] == before:
            raise NoProgressError(f"{incident} was due at {due(before)} and nothing came of it")


def _texts(signals: Sequence[Signal]) -> tuple[str, ...]:
    return tuple("text" if signal.text else "" for signal in signals)
