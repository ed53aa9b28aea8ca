"""How people and providers behave in a simulation: who answers after how long, and what fails when."""

from collections.abc import Iterable, Iterator
from typing import Literal, Protocol, assert_never

from msgspec import Struct
from msgspec.structs import replace

from tocsin.core.ids import IncidentId, PersonId, RequestId, SourceId
from tocsin.core.incident import commands as cmd
from tocsin.core.instant import Duration, Instant
from tocsin.core.oncall.override import Absence, Facts, Override
from tocsin.core.outgoing import Message, Purpose
from tocsin.core.signal import Signal


class Signals(Struct, frozen=True):
    """One delivery of a source: its signals find or make their incidents by key."""

    source: SourceId
    signals: tuple[Signal, ...]


class Put(Struct, frozen=True):
    """One command for one incident. The first incident of a simulation is INC-1.

    Of several with the same `once` the first alone is done: whoever is called by three methods answers once.
    """

    incident: IncidentId
    command: cmd.Command
    once: str = ""


class Happening(Struct, frozen=True):
    """Something from outside at an instant."""

    at: Instant
    what: Signals | Put


class Trouble(Struct, frozen=True):
    """In [start, end) messages fail: of a `method` ('': every one), to a `person` ('': everybody).

    A `passing` failure is taken once the trouble is over (`end` None: never); a `permanent` one breaks the method.
    """

    outcome: Literal["passing", "permanent"]
    start: Instant
    end: Instant | None = None
    method: str = ""
    person: str = ""

    def hits(self, message: Message, at: Instant) -> bool:
        """Whether a try of `message` at that instant fails by this."""
        during = self.start <= at and (self.end is None or at < self.end)
        return during and self.method in ("", message.method) and self.person in ("", message.to)


Deed = Literal["acknowledge", "take_over", "decline", "accept", "answer", "resolve"]


class Habit(Struct, frozen=True):
    """`person` does so `after` a message for one of `purposes` has reached them, once a round; `option` chooses.

    Without a person it is everybody's but those of `but`. With `since` it is done once an incident, and not before; who
    declines says so once of each question, and once of being paged.
    """

    person: PersonId | Literal[""]
    does: Deed
    after: Duration = 0
    purposes: tuple[Purpose, ...] = ("page",)
    option: str = ""
    since: Instant | None = None
    but: frozenset[PersonId] = frozenset()

    def means(self, message: Message) -> bool:
        """Whether whoever got that message does so."""
        theirs = message.to == self.person or (not self.person and message.to not in self.but)
        return theirs and message.purpose in self.purposes and message.method != "channel"

    def reply(self, message: Message, at: Instant) -> Happening:
        """What they do about a message that reached them at that instant."""
        when = at + self.after if self.since is None else max(at, self.since)
        occasion = "" if self.since is not None else message.request if self.does == "decline" else message.round
        once = f"{message.incident}.{occasion}.{message.to}.{self.does}"
        return Happening(when, Put(message.incident, self.command(message), once))

    def command(self, message: Message) -> cmd.Command:
        """What they put to the incident of that message."""
        by, request = PersonId(message.to), message.request
        match self.does:
            case "acknowledge":
                return cmd.Acknowledge(by)
            case "take_over":
                return cmd.TakeOver(by)
            case "decline":
                return cmd.Decline(by, request)
            case "accept":
                return cmd.Accept(by, request)
            case "answer":
                return cmd.Answer(by, request or RequestId(""), self.option if message.options else "")
            case "resolve":
                return cmd.Resolve(by)
            case _:
                assert_never(self.does)


class Fate(Struct, frozen=True):
    """What comes of one try. `again_at` is when a passing failure is tried with success, None for never."""

    outcome: cmd.Outcome
    again_at: Instant | None = None


SENT = Fate("sent")


class Acting(Protocol):
    """Whatever decides in a simulation what becomes of messages and what their readers do."""

    def fate(self, message: Message, at: Instant) -> Fate:
        """Of a try at that instant."""

    def replies(self, message: Message, at: Instant) -> Iterable[Happening]:
        """What a message that arrived at that instant makes its reader do."""


class Behaviour(Struct, frozen=True):
    """Everybody silent and every provider well, but for these."""

    troubles: tuple[Trouble, ...] = ()
    habits: tuple[Habit, ...] = ()

    def fate(self, message: Message, at: Instant) -> Fate:
        """Of a try at that instant: the worst trouble that hits it, else it is sent."""
        hits = [trouble for trouble in self.troubles if trouble.hits(message, at)] if self.troubles else []
        if not hits:
            return SENT
        if any(trouble.outcome == "permanent" for trouble in hits):
            return Fate("permanent")
        ends = [trouble.end for trouble in hits if trouble.end is not None]
        return Fate("passing", max(ends) if len(ends) == len(hits) else None)

    def replies(self, message: Message, at: Instant) -> Iterator[Happening]:
        """What a message that arrived at that instant makes its reader do."""
        for habit in self.habits:
            if habit.means(message):
                yield habit.reply(message, at)


def with_broken(facts: Facts, person: str, method: str) -> Facts:
    """The roster facts after that method has failed for good."""
    ways = facts.methods.get(person, {})
    return replace(facts, version=facts.version + 1, methods={**facts.methods, person: {**ways, method: "broken"}})


def with_fact(facts: Facts, fact: Absence | Override) -> Facts:
    """The roster facts after one more was entered."""
    version = facts.version + 1
    if isinstance(fact, Absence):
        return replace(facts, version=version, absences=(*facts.absences, fact))
    return replace(facts, version=version, overrides=(*facts.overrides, fact))
