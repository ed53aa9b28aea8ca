"""Facts about an incident, in the past tense, kept forever. Each carries `at`, and `due_at` when it was planned."""

from tocsin.core.catalogue.priority import Priority
from tocsin.core.ids import IncidentId, PersonId, PolicyId, RequestId, ServiceId, SourceId, TeamId
from tocsin.core.incident.events_calls import (
    Assigned,
    Called,
    CauseAdded,
    Delivery,
    Exhausted,
    FunctionalEvent,
    HierarchicalEvent,
    Informed,
    Paged,
    PagingEvent,
    Rang,
    Replanned,
    Rescued,
    RungFired,
    RungSkipped,
    RungUnmatched,
    StepEntered,
    StepPassed,
    Undelivered,
    Unreachable,
)
from tocsin.core.incident.events_undo import Undone
from tocsin.core.incident.fact import Fact
from tocsin.core.incident.state import Alert, Lease, Relation, Request, Rung
from tocsin.core.instant import Duration, Instant
from tocsin.core.phrase import Phrase
from tocsin.core.signal import Kind, Signal

__all__ = [
    "Assigned",
    "Called",
    "CauseAdded",
    "Delivery",
    "Exhausted",
    "Fact",
    "FunctionalEvent",
    "HierarchicalEvent",
    "Informed",
    "Paged",
    "PagingEvent",
    "Rang",
    "Replanned",
    "Rescued",
    "RungFired",
    "RungSkipped",
    "RungUnmatched",
    "StepEntered",
    "StepPassed",
    "Undelivered",
    "Undone",
    "Unreachable",
]


class Opened(Fact, frozen=True, tag="opened"):
    """It began. `signal` is the first one without its long text, which is stored apart under `text`."""

    source: SourceId
    scope: str
    key: str
    kind: Kind
    title: str
    service: ServiceId | None
    team: TeamId
    policy: PolicyId
    digest: str
    priority: Priority
    severity: str
    signal: Signal
    alerts: dict[str, Alert]
    ladder: tuple[Rung, ...]
    text: str = ""
    major: bool = False
    confidential: bool = False
    criteria: tuple[str, ...] = ()
    why: tuple[Phrase, ...] = ()


class Signalled(Fact, frozen=True, tag="signalled"):
    """A signal changed something: alerts, severity, or what a rule can read."""

    source: SourceId
    signal: Signal
    alerts: dict[str, Alert]
    severity: str
    text: str = ""


class Repeated(Fact, frozen=True, tag="repeated"):
    """`n` more reports of what is already known."""

    n: int


class Ignored(Fact, frozen=True, tag="ignored"):
    """A signal was recorded and not applied: older than what is known, or late."""

    alert: str
    why: Phrase


class Overflowed(Fact, frozen=True, tag="overflowed"):
    """There is no room for `n` further alerts: `siblings` keep them. What they claim counts here: `severity`."""

    siblings: tuple[IncidentId, ...]
    n: int
    severity: str


class HeldBeside(Fact, frozen=True, tag="held_beside"):
    """It keeps alerts for which `first` has no room, and pages nobody by itself; at `until` that is judged again."""

    first: IncidentId
    until: Instant


class Stood(Fact, frozen=True, tag="stood"):
    """Held no longer: it stands for itself, still `beside` the first, or in its place, with `siblings` beside it.

    `ladder` is empty where it has one already.
    """

    why: Phrase
    ladder: tuple[Rung, ...]
    beside: IncidentId | None = None
    siblings: tuple[IncidentId, ...] = ()


class Succeeded(Fact, frozen=True, tag="succeeded"):
    """It has ended, and `by` goes on in its place: alerts that are kept there still fire."""

    by: IncidentId


class Suspended(Fact, frozen=True, tag="suspended"):
    """The source says that somebody acknowledged there: functional steps rest for one lease, nobody owns it."""

    source: str
    until: Instant


class SuspensionEnded(Fact, frozen=True, tag="suspension_ended"):
    """The source's acknowledgement has run out."""


class Prioritised(Fact, frozen=True, tag="prioritised"):
    """The priority changed, by a criterion (`by` is '') or a person."""

    priority: Priority
    by: str
    why: Phrase


class Flagged(Fact, frozen=True, tag="flagged"):
    """Criteria that applied from now on, and the flags they set."""

    criteria: tuple[str, ...]
    major: bool
    confidential: bool


class Repoliced(Fact, frozen=True, tag="repoliced"):
    """A criterion chose another policy: both ladders start over under it."""

    policy: PolicyId
    digest: str
    ladder: tuple[Rung, ...]


class Found(Fact, frozen=True, tag="found"):
    """Something about the rules themselves that a person should mend."""

    finding: Phrase


class Acknowledged(Fact, frozen=True, tag="acknowledged"):
    """Somebody works on it. `lease` is None where the owner stays another; `settled` ends the calls.

    `next_at` is when a functional step comes that only a resolution stops, None where there is none.
    """

    by: PersonId
    lease: Lease | None
    settled: bool
    next_at: Instant | None = None


class Renewed(Fact, frozen=True, tag="renewed"):
    """The owner is still on it."""

    by: PersonId
    lease: Lease


class LeaseAsked(Fact, frozen=True, tag="lease_asked"):
    """The owner is asked whether they are still on it."""

    until: Instant


class AcknowledgementEnded(Fact, frozen=True, tag="acknowledgement_ended"):
    """Nobody works on it any more."""

    by: str
    why: Phrase


class HandedOver(Fact, frozen=True, tag="handed_over"):
    """It stands with another team."""

    team: TeamId
    by: str
    why: Phrase


class Asked(Fact, frozen=True, tag="asked"):
    """An answer is wanted."""

    request: Request


class Climbed(Fact, frozen=True, tag="climbed"):
    """Nobody answered, or nobody could: the request goes on to others."""

    request: Request
    why: Phrase


class Answered(Fact, frozen=True, tag="answered"):
    """A request was answered; a decision names its option. `default`: taken at the deadline, as the step says."""

    request: RequestId
    by: str
    option: str = ""
    text: str = ""
    default: bool = False


class Declined(Fact, frozen=True, tag="declined"):
    """Somebody cannot: a request, or their page."""

    request: RequestId
    by: PersonId


class RequestEnded(Fact, frozen=True, tag="request_ended"):
    """A request came to its end without an answer."""

    request: RequestId
    why: Phrase


class Snoozed(Fact, frozen=True, tag="snoozed"):
    """Functional steps and pages rest until then."""

    by: str
    until: Instant


class SnoozeEnded(Fact, frozen=True, tag="snooze_ended"):
    """They go on."""

    why: Phrase


class Pended(Fact, frozen=True, tag="pended"):
    """It waits for somebody outside."""

    by: str
    reason: str
    review_at: Instant


class PendingEnded(Fact, frozen=True, tag="pending_ended"):
    """It is looked at again."""

    why: Phrase


class Noted(Fact, frozen=True, tag="noted"):
    """A note; `text` is the key of the stored text."""

    by: str
    text: str


class Posted(Fact, frozen=True, tag="posted"):
    """News for those who are informed; `text` is the key of the stored text, `told` whom it went to, by which methods.

    Where that is nobody, `why` says so.
    """

    by: str
    text: str
    told: dict[PersonId, tuple[str, ...]]
    why: Phrase | None = None


class Linked(Fact, frozen=True, tag="linked"):
    """It has to do with another incident or a problem; `back`: that other one said so."""

    by: str
    to: str
    relation: Relation
    reason: str = ""
    back: bool = False


class Unlinked(Fact, frozen=True, tag="unlinked"):
    """It has nothing to do with that other incident, or with that `problem`."""

    by: str
    to: str
    reason: str = ""
    problem: bool = False


class Late(Fact, frozen=True, tag="late"):
    """A command that came too late to change anything, kept for the record."""

    by: str
    command: str


class Resolved(Fact, frozen=True, tag="resolved"):
    """It is over, says its source (`by` is `source:ID`) or a person."""

    by: str
    why: Phrase
    close_at: Instant


class Reopened(Fact, frozen=True, tag="reopened"):
    """It is not over. Within the flap window everything stands as it stood, moved on by `shift`."""

    by: str
    flap: bool
    shift: Duration = 0
    ladder: tuple[Rung, ...] = ()


class FlappingBegan(Fact, frozen=True, tag="flapping_began"):
    """The third cycle within an hour: resolves are noted, it stays live until `quiet_at`."""

    quiet_at: Instant


class FlappingWent(Fact, frozen=True, tag="flapping_went"):
    """Still flapping: the quiet starts over."""

    quiet_at: Instant


class FlappingEnded(Fact, frozen=True, tag="flapping_ended"):
    """The source was quiet for the window."""


class Closed(Fact, frozen=True, tag="closed"):
    """Final."""

    by: str


SignalEvent = Opened | Signalled | Repeated | Ignored | Suspended | SuspensionEnded
SiblingEvent = Overflowed | HeldBeside | Stood | Succeeded
RuleEvent = Prioritised | Flagged | Repoliced | Found
OwnerEvent = Acknowledged | Renewed | LeaseAsked | AcknowledgementEnded | HandedOver
RequestEvent = Asked | Climbed | Answered | Declined | RequestEnded
OverlayEvent = Snoozed | SnoozeEnded | Pended | PendingEnded | Noted | Posted | Linked | Unlinked | Late | Undone
EndEvent = Resolved | Reopened | FlappingBegan | FlappingWent | FlappingEnded | Closed

CallEvent = FunctionalEvent | PagingEvent | HierarchicalEvent
Event = SignalEvent | SiblingEvent | RuleEvent | CallEvent | OwnerEvent | RequestEvent | OverlayEvent | EndEvent
