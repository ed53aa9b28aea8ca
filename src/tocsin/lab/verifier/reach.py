"""Whom an incident reaches, for every instant at which it could open: the values that a proof is made of.

Openings that go the same way are one `Stretch`. Time is exact, to the microsecond; nothing here is sampled.
"""

from typing import Literal

from msgspec import Struct

from tocsin.core.catalogue.priority import Priority
from tocsin.core.ids import PersonId, ServiceId
from tocsin.core.instant import Duration, Instant
from tocsin.core.phrase import Phrase
from tocsin.core.signal import Kind
from tocsin.lab.verifier.finding import Path

KINDS: tuple[Kind, ...] = ("incident", "complaint", "security", "request")

Rung = Literal["first", "responder", "management"]
"""Of what is asked: the first human of all, the first who is paged to work on it, the first whom the hierarchical
ladder (or a criterion's escalation) asks or informs. Reached is who is rung, not who stands in a list."""

RUNGS: tuple[Rung, ...] = ("first", "responder", "management")

Loss = Literal["person", "method", "provider"]
"""A person is away; a method has failed for good (it goes on at once); a provider is down (the ladder waits)."""


class Stretch(Struct, frozen=True, gc=False):
    """All that open in [start, end) go this way: these humans are rung first, by what stands at `by`.

    `at` is when, for an opening at `start`; None: nobody, ever. Where it `moves`, an opening d later is heard of d
    later; else all of them at `at` (a team opens). So the longest delay is that of `start`. Of an assigned team
    `people` is one of `any_of`, whoever's turn it is.
    """

    start: Instant
    end: Instant
    at: Instant | None
    moves: bool
    people: tuple[PersonId, ...]
    by: Path
    any_of: tuple[PersonId, ...] = ()

    def reached_at(self, opening: Instant) -> Instant | None:
        """When the first human hears of what opens then."""
        if self.at is None or not self.moves:
            return self.at
        return self.at + opening - self.start

    @property
    def delay(self) -> Duration | None:
        """The longest time until somebody hears of it, in microseconds; None: nobody ever does."""
        return None if self.at is None else self.at - self.start


class Way(Struct, frozen=True):
    """One of the ways in which signals and turns may fall out: what is taken for granted, and what follows from it.

    Each of the three lines fills the whole time that is proved, without a seam. `last` says when the last of the first
    lap's people is called (None where the ladder has nobody). `supposed` is what `assuming` says, by name.
    `later` are lines by what else was asked: they are made where two rulebooks are compared.
    """

    assuming: tuple[Phrase, ...]
    first: tuple[Stretch, ...]
    responder: tuple[Stretch, ...]
    management: tuple[Stretch, ...]
    last: tuple[Stretch, ...] = ()
    supposed: tuple[tuple[str, bool | str], ...] = ()
    later: dict[str, tuple[Stretch, ...]] = {}

    def line(self, rung: Rung) -> tuple[Stretch, ...]:
        """The stretches of one rung of reach."""
        return self.lines[rung]

    @property
    def lines(self) -> dict[str, tuple[Stretch, ...]]:
        """The stretches by the rung of reach, or by what was asked of later steps."""
        return self.later or {"first": self.first, "responder": self.responder, "management": self.management}


class Worst(Struct, frozen=True):
    """The opening that waits longest. `at` is when somebody hears of it, None: never."""

    opening: Instant
    at: Instant | None
    people: tuple[PersonId, ...]
    by: Path
    assuming: tuple[Phrase, ...] = ()

    @property
    def delay(self) -> Duration | None:
        """How long it waits, in microseconds; None: for ever."""
        return None if self.at is None else self.at - self.opening


class Respond(Struct, frozen=True):
    """A promise to respond and whether it can be kept when all but the last answer too late.

    `due` is when it must be kept for what opens at `worst.opening`, where the least time is left (or the most lacks);
    `worst.at` is when the last person of the ladder's first lap is rung then. `handed`: when its clock starts, where
    that is at the hand-over (None: at the opening).
    """

    sla: str
    due: Instant
    worst: Worst
    handed: Instant | None = None

    @property
    def begun(self) -> Instant:
        """When its clock starts."""
        return self.worst.opening if self.handed is None else self.handed

    @property
    def met(self) -> bool:
        """Whether it can be kept whenever it opens."""
        return self.worst.at is not None and self.worst.at <= self.due


class Fall(Struct, frozen=True):
    """What is left when one thing is missing: one opening without it, of the worst kind that there is.

    Others of that kind may wait longer: that somebody is missed is the answer, and how long is told by playing one.
    `rounds` says that only the rounds after exhaustion reach somebody; `worst.at` None, that nothing does. `supposed`
    is what `worst.assuming` says, by name: without it more may have to be supposed than with it.
    """

    loss: Loss
    name: str
    worst: Worst
    rounds: bool = False
    longest: bool = True
    supposed: tuple[tuple[str, bool | str], ...] = ()


class Row(Struct, frozen=True):
    """What is proved of one service, priority and kind. `ways` are shared by rows that go alike.

    `priority` is the claimed one: criteria may raise it. `management` is None where no hierarchical step ever comes.
    `falls` holds, worst first, every single loss that leaves only the rounds after exhaustion, or nobody.
    """

    service: ServiceId
    priority: Priority
    kind: Kind
    ways: tuple[Way, ...]
    first: Worst
    responder: Worst
    management: Worst | None
    ends_at_human: bool
    respond: Respond | None = None
    falls: tuple[Fall, ...] = ()
    assuming: tuple[Phrase, ...] = ()


class Disagreement(Struct, frozen=True):
    """The real rules say otherwise than the prover: a defect of tocsin, never of the rulebook.

    `rung` is a rung of reach, or the loss of what `missing` names, of which it is asked who is paged first.
    """

    service: ServiceId
    priority: Priority
    kind: Kind
    rung: str
    opening: Instant
    proved: Phrase
    played: Phrase
    missing: str = ""


class Proof(Struct, frozen=True):
    """Every service x priority x kind over all openings in [start, end), and what was taken for granted for all.

    `nowhere` are the rows of what names no service that there is, which runs under `unrouted`; their service is ''.
    """

    start: Instant
    end: Instant
    rows: tuple[Row, ...]
    assuming: tuple[Phrase, ...]
    disagreements: tuple[Disagreement, ...] = ()
    nowhere: tuple[Row, ...] = ()

    @property
    def every(self) -> tuple[Row, ...]:
        """The rows of all services, and after them those of what names none."""
        return (*self.rows, *self.nowhere)
