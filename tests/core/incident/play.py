"""One incident under a clock of its own: put a command, let time pass, see who was called when, and what was recorded.

Every step is held against the laws that need no randomness: the state is the fold of its events, a live incident
always has a next instant, a refusal leaves nothing behind.
"""

from collections.abc import Iterable
from typing import Any, TypeVar

import msgspec

from tests.cast import MONDAY, facts, period, small_rulebook, target
from tocsin.core.decider import Refused
from tocsin.core.ids import PersonId, PolicyId, RequestId, SourceId
from tocsin.core.incident import commands as cmd
from tocsin.core.incident import events as ev
from tocsin.core.incident.decide import decide
from tocsin.core.incident.due import due
from tocsin.core.incident.evolve import evolve, initial
from tocsin.core.incident.outgoing import Withdrawn, outgoing, withdrawn
from tocsin.core.incident.state import Incident
from tocsin.core.instant import DAY, MINUTE, Instant
from tocsin.core.oncall.override import Absence, Facts
from tocsin.core.outgoing import Message, Purpose
from tocsin.core.policy.policy import Exhausted, Policy
from tocsin.core.routing.criteria import Conditions
from tocsin.core.rulebook import Rulebook
from tocsin.core.signal import Signal
from tocsin.core.steps import Ask, Decide, FunctionalStep, HandOver, HierarchicalStep, Inform, Notify
from tocsin.core.world import Surroundings, World

E = TypeVar("E")
SOURCE = SourceId("scripts")


class Play:
    """`now` only moves by `wait`. What is sent counts as delivered at once, unless `silent_providers`."""

    def __init__(self, world: World, at: Instant = MONDAY, silent_providers: bool = False) -> None:
        self.world = world
        self.start = self.now = at
        self.state: Incident = initial("INC-1")
        self.events: list[ev.Event] = []
        self.authors: list[str] = []
        self.messages: list[Message] = []
        self.sent_at: dict[str, Instant] = {}
        self.withdrawn: list[Withdrawn] = []
        self.silent_providers = silent_providers
        self._unanswered: list[Message] = []

    # -------------------------------------------------------------------------------------- commands

    def put(self, command: cmd.Command) -> tuple[ev.Event, ...]:
        """The facts that follow; a refusal is a failure here."""
        decision = decide(self.state, command, self.world, self.now)
        assert not isinstance(decision, Refused), decision
        for event in decision:
            self.state = evolve(self.state, event)
            self.events.append(event)
            self.authors.append(cmd.author(command))
            sent = outgoing(event, self.state)
            self.messages += sent
            self.sent_at |= {one.id: self.now for one in sent}
            self._unanswered += sent
            self.withdrawn += withdrawn(event, self.state)
        assert not self.state.live or due(self.state) is not None, "silent"
        if not self.silent_providers:
            self.deliver()
        return decision

    def undo(self, by: str = "dana", **fields: Any) -> tuple[ev.Event, ...]:
        """Take back that person's last act."""
        return self.put(cmd.Undo(by, past=self.past, **fields))

    @property
    def past(self) -> tuple[cmd.Past, ...]:
        """All that has happened, with who was behind it."""
        return tuple(map(cmd.Past, self.events, self.authors))

    def refused(self, command: cmd.Command) -> str:
        """The code of the refusal that must follow."""
        decision = decide(self.state, command, self.world, self.now)
        assert isinstance(decision, Refused), decision
        return decision.code

    def trigger(self, **fields: Any) -> tuple[ev.Event, ...]:
        """A signal about the order database, worth P1."""
        return self.report(signal(**fields))

    def report(self, *signals: Signal, scope: str = "scripts", texts: tuple[str, ...] = ()) -> tuple[ev.Event, ...]:
        return self.put(cmd.Report(SOURCE, scope, signals, texts))

    def resolved(self, **fields: Any) -> tuple[ev.Event, ...]:
        """The source says that it is over."""
        return self.report(signal(action="resolve", **fields))

    def acknowledge(self, by: str = "dana", **fields: Any) -> tuple[ev.Event, ...]:
        return self.put(cmd.Acknowledge(by, **fields))

    def request(self, purpose: str = "") -> RequestId:
        """The id of the last open request."""
        return [one.id for one in self.state.requests if purpose in ("", one.purpose)][-1]

    # ------------------------------------------------------------------------------------------ time

    def tick(self) -> tuple[ev.Event, ...]:
        return self.put(cmd.Tick())

    def wait(self, length: str) -> "Play":
        """Let time pass, and everything happen when it is due."""
        until = self.now + period(length).elapsed
        while (at := due(self.state)) is not None and at <= until:
            self.now = max(self.now, at)
            before = len(self.events)
            self.tick()
            assert len(self.events) > before, f"a tick at {at} did nothing"
        self.now = until
        return self

    def outage(self, length: str) -> tuple[ev.Event, ...]:
        """Time passes while nobody ticks; then one tick."""
        self.now += period(length).elapsed
        return self.tick()

    # -------------------------------------------------------------------------------------- delivery

    def deliver(self, outcome: cmd.Outcome = "sent") -> None:
        """All that was sent had this outcome."""
        while self._unanswered:
            self.receipt(self._unanswered.pop(0), outcome)

    def receipt(self, message: Message, outcome: cmd.Outcome) -> tuple[ev.Event, ...]:
        self._unanswered = [one for one in self._unanswered if one.id != message.id]
        return self.put(cmd.Receipt(message.id, message.round, message.to, message.method, outcome))

    def last(self, person: str, method: str = "email") -> Message:
        """The last message to that person by that method."""
        return [one for one in self.messages if (one.to, one.method) == (person, method)][-1]

    # ------------------------------------------------------------------------------------- questions

    def calls(self, purpose: Purpose = "page", since: str = "0m") -> list[tuple[int, str]]:
        """(minutes since the beginning, person) of every message for that purpose."""
        first = self.start + period(since).elapsed
        chosen = [one for one in self.messages if one.purpose == purpose and self.sent_at[one.id] >= first]
        return [((self.sent_at[one.id] - self.start) // MINUTE, one.to) for one in chosen]

    def rings(self, person: str, purpose: Purpose = "page") -> list[tuple[int, str]]:
        """(minutes, method) of every message to that person."""
        chosen = [one for one in self.messages if one.purpose == purpose and one.to == person]
        return [((self.sent_at[one.id] - self.start) // MINUTE, one.method) for one in chosen]

    def facts(self, kind: type[E]) -> list[E]:
        """Every recorded fact of that type."""
        return [one for one in self.events if isinstance(one, kind)]

    def at(self, kind: type[ev.Event]) -> list[int]:
        """The minutes at which facts of that type were recorded."""
        return [(one.at - self.start) // MINUTE for one in self.facts(kind)]

    @property
    def minute(self) -> int:
        """Minutes since the beginning."""
        return (self.now - self.start) // MINUTE


# ---------------------------------------------------------------------------------------------- worlds


def signal(key: str = "db", action: Any = "trigger", **fields: Any) -> Signal:
    """One report about the order database; critical unless it says otherwise."""
    fields = {"title": "Disk full", "severity": "critical", "service": "order-database", **fields}
    return Signal(key=key, action=action, **fields)


def notify(targets: str, wait: str = "5m", **fields: Any) -> Notify:
    return Notify(tuple(map(target, targets.split(", "))), period(wait), **fields)


def hand_over(targets: str, wait: str = "5m", **fields: Any) -> HandOver:
    return HandOver(tuple(map(target, targets.split(", "))), period(wait), **fields)


def inform(targets: str, after: str, **fields: Any) -> Inform:
    return Inform(tuple(map(target, targets.split(", "))), period(after), **fields)


def ask(targets: str, after: str, within: str | None = None, **fields: Any) -> Ask:
    length = None if within is None else period(within)
    return Ask(tuple(map(target, targets.split(", "))), period(after), within=length, **fields)


def put_decision(targets: str, after: str, within: str | None = None, **fields: Any) -> Decide:
    length = None if within is None else period(within)
    people = tuple(map(target, targets.split(", ")))
    return Decide("Fall back?", ("yes", "no"), people, period(after), within=length, **fields)


def every(text: str) -> Exhausted:
    return Exhausted(period(text))


def policy(
    functional: Iterable[FunctionalStep], hierarchical: Iterable[HierarchicalStep] = (), **fields: Any
) -> Policy:
    digest = fields.pop("digest", "test")
    return Policy(PolicyId("production"), tuple(functional), tuple(hierarchical), digest=digest, **fields)


def world(rulebook: Rulebook | None = None, people: Facts | None = None, **surroundings: Any) -> World:
    return World(rulebook or small_rulebook(), Conditions({}), people or facts(), Surroundings(**surroundings))


def ladder(
    *functional: FunctionalStep,
    hierarchical: Iterable[HierarchicalStep] = (),
    people: Facts | None = None,
    rules: dict[str, Any] | None = None,
    at: Instant = MONDAY,
    silent_providers: bool = False,
    load: dict[str, int] | None = None,
    turns: dict[str, str] | None = None,
    **fields: Any,
) -> Play:
    """A play in which the policy `production` has these steps; `rules` replace parts of the rulebook."""
    book = small_rulebook()
    policies = {**book.policies, "production": policy(functional, hierarchical, **fields)}
    book = msgspec.structs.replace(book, policies=policies, **(rules or {}))
    return Play(world(book, people, load=load or {}, turns=turns or {}), at, silent_providers)


def covers(one: Withdrawn, message: Message) -> bool:
    """Whether a message is among those withdrawn."""
    fits = message.purpose in one.purposes and message.seq < one.seq
    return fits and one.request in ("", message.request) and one.person in ("", message.to)


def away(*people: str) -> Facts:
    """These are on leave all year; everybody has e-mail."""
    spans = (Absence(person, PersonId(person), MONDAY - DAY, MONDAY + 365 * DAY) for person in people)
    return facts(absences=tuple(spans))


def reachable(*people: str) -> Facts:
    """Only these can be reached, by e-mail."""
    return facts(methods={person: {"email": "verified"} for person in people})
