"""Facts about calling people: the functional ladder, one person's round, the hierarchical ladder."""

from tocsin.core.ids import PersonId
from tocsin.core.incident.fact import Fact
from tocsin.core.incident.state import Cursor, Round
from tocsin.core.instant import Instant
from tocsin.core.outgoing import Outcome
from tocsin.core.phrase import Phrase


class StepEntered(Fact, frozen=True, tag="step_entered"):
    """The functional cursor stands on a step; `cursor` says whom it calls and how long it waits.

    `chosen` tells why the first of an assigned team comes first: by which load of which, in turn, by skill.
    """

    cursor: Cursor
    why: Phrase
    chosen: Phrase | None = None


class StepPassed(Fact, frozen=True, tag="step_passed"):
    """A functional step was passed over at once: condition, nobody there, nobody reachable."""

    position: int
    lap: int
    why: Phrase
    unmatched: bool = False


class Called(Fact, frozen=True, tag="called"):
    """The next member of the step's queue is called."""

    person: PersonId
    call_at: Instant | None


class Exhausted(Fact, frozen=True, tag="exhausted"):
    """The functional ladder has no step left."""


class Rescued(Fact, frozen=True, tag="rescued"):
    """A round after exhaustion: who is tried, and when the next round comes."""

    round: int
    stage: int
    next_at: Instant
    people: tuple[PersonId, ...]
    why: Phrase


class Paged(Fact, frozen=True, tag="paged"):
    """A round to one person began, perhaps `instead` of one whose ways all broke; its first rings are on their way."""

    round: Round
    instead: int = 0


class CauseAdded(Fact, frozen=True, tag="cause_added"):
    """A person being called already has one more reason."""

    round: int
    cause: Phrase


class Rang(Fact, frozen=True, tag="rang"):
    """The next methods of a round."""

    round: int
    methods: tuple[str, ...]
    why: Phrase


class Delivery(Fact, frozen=True, tag="delivery"):
    """What the provider said of one message. Only a human act ever stops a ladder.

    `after_end`: it carried a call to somebody who does not know yet that it has ended.
    """

    message: str
    round: int
    person: PersonId
    method: str
    outcome: Outcome
    detail: str = ""
    after_end: bool = False


class Unreachable(Fact, frozen=True, tag="unreachable"):
    """Every method to this person is missing or failed for good."""

    person: PersonId
    round: int


class Undelivered(Fact, frozen=True, tag="undelivered"):
    """No method can be tried for now: the provider is down. The step keeps its wait."""

    person: PersonId
    round: int


class Assigned(Fact, frozen=True, tag="assigned"):
    """One person is called outside the ladder, which goes on at `until` where it stood."""

    person: PersonId
    until: Instant
    by: str


class RungFired(Fact, frozen=True, tag="rung_fired"):
    """A hierarchical step was done; `why` says by time, by hand or by exhaustion."""

    index: int
    why: Phrase


class RungSkipped(Fact, frozen=True, tag="rung_skipped"):
    """A hierarchical step was passed over because of an acknowledgement; it is not done."""

    index: int


class RungUnmatched(Fact, frozen=True, tag="rung_unmatched"):
    """A hierarchical step's condition did not hold."""

    index: int


class Replanned(Fact, frozen=True, tag="replanned"):
    """Hierarchical steps have new times: overdue ones re-spaced, newly eligible ones begun."""

    plan: dict[str, Instant]
    why: Phrase


class Informed(Fact, frozen=True, tag="informed"):
    """These were told; no answer is needed."""

    people: tuple[PersonId, ...]
    channels: tuple[str, ...]
    text: Phrase


FunctionalEvent = StepEntered | StepPassed | Called | Exhausted | Rescued | Assigned
PagingEvent = Paged | CauseAdded | Rang | Delivery | Unreachable | Undelivered
HierarchicalEvent = RungFired | RungSkipped | RungUnmatched | Replanned | Informed
