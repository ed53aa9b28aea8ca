"""The incident as a value: who owns it, where both ladders stand, who is being called, what is being asked."""

from hashlib import sha256
from typing import Literal

from msgspec import Struct

from tocsin.core.catalogue.priority import Priority
from tocsin.core.catalogue.target import Target
from tocsin.core.ids import HoursId, IncidentId, PersonId, PolicyId, RequestId, ServiceId, SourceId, TeamId
from tocsin.core.instant import Duration, Instant
from tocsin.core.outgoing import Lane, Purpose
from tocsin.core.phrase import Phrase
from tocsin.core.signal import Kind, Signal

Status = Literal["new", "open", "acknowledged", "resolved", "closed"]
"""`new` is before the first event and is never stored."""

ALERT_LIMIT = 1_000
"""Alerts of one incident; more go to a linked sibling that does not page by itself."""


SEVERITY_LIMIT = 16
"""Characters of a sender's severity that an alert keeps."""


class Alert(Struct, frozen=True, array_like=True, gc=False):
    """One condition of the source: firing or not, since when by its own clock (None: unknown), its claimed severity."""

    firing: bool
    at: Instant | None = None
    severity: str = ""


def alert_id(name: str) -> str:
    """An alert's name as states and events keep it: a fingerprint as it is, a longer one as 16 hex of its SHA-256.

    A thousand of them have to fit into a state.
    """
    if len(name) <= 16 and name.isascii():
        return name
    data = name.encode("utf-8", "replace")
    return name if len(data) <= 16 else sha256(data).hexdigest()[:16]


class Cursor(Struct, frozen=True, gc=False):
    """Where the functional ladder stands: the step last entered (-1: none), and how often it began again (`lap`).

    `due_at` is when the next step is entered. `called` are those whom the step named; `queue` waits to be called one by
    one, the next at `call_at`, then every `spacing`. `shut` means the step waits for its team's opening and has not
    paged. `passed` are the steps of this lap whose `when` did not hold, `tried` the people whom earlier steps of it
    called, and those who said that they cannot. `resume` is where it stood when it was acknowledged, once a step has
    come that only a resolution stops. `rescue` counts the rounds after exhaustion, `stage` says how far they have come:
    the next hierarchical step (0), the team (1), the last resort (2 and on).
    """

    position: int = -1
    lap: int = 0
    entered_at: Instant = 0
    due_at: Instant | None = None
    called: tuple[PersonId, ...] = ()
    queue: tuple[PersonId, ...] = ()
    call_at: Instant | None = None
    spacing: Duration = 0
    need: int = 1
    shut: bool = False
    passed: tuple[int, ...] = ()
    tried: tuple[PersonId, ...] = ()
    resume: int | None = None
    exhausted: bool = False
    rescue: int = 0
    stage: int = 0

    def tried_by(self, lap: int) -> tuple[PersonId, ...]:
        """Whom the steps of that lap have tried, the one it stands on among them."""
        if self.lap != lap:
            return ()
        return tuple(dict.fromkeys((*self.tried, *self.called))) if self.called else self.tried


RungState = Literal["planned", "fired", "skipped", "unmatched"]


class Rung(Struct, frozen=True, array_like=True, gc=False):
    """One hierarchical step of this incident: when it is planned and what became of it.

    `skipped`: passed over because of an acknowledgement, not done. `unmatched`: its `when` did not hold.
    """

    at: Instant
    state: RungState = "planned"


RingState = Literal["waiting", "ringing", "sent", "unanswered", "failing", "broken"]


class Ring(Struct, frozen=True, array_like=True, gc=False):
    """One method of a round: `waiting` for its time, `ringing` (handed to the outbox), and what came of it.

    `failing` is tried again by the sender; `unanswered` rang out; `broken` failed for good.
    """

    method: str
    at: Instant
    state: RingState = "waiting"


class Round(Struct, frozen=True, gc=False):
    """One person being called once, over one contact ladder, for one or more causes."""

    number: int
    person: PersonId
    purpose: Purpose
    lane: Lane
    rings: tuple[Ring, ...]
    causes: tuple[Phrase, ...]
    request: RequestId = RequestId("")
    options: tuple[str, ...] = ()


class Request(Struct, frozen=True, gc=False):
    """An ask, a decision or an offer that waits for an answer until `deadline`, then climbs.

    `current` are those asked now, `asked` all so far, `deputies` the holders still to try. `climbs` counts the steps
    up; `rescue` is reached when nobody is above. An offer moves the incident from `giver` to `team` (or a person).
    """

    id: RequestId
    purpose: Literal["ask", "decide", "offer"]
    text: Phrase
    deadline: Instant
    within: Duration
    current: tuple[PersonId, ...]
    asked: tuple[PersonId, ...]
    deputies: tuple[Target, ...] = ()
    origin: Target | None = None
    hours: HoursId | None = None
    options: tuple[str, ...] = ()
    default: str | None = None
    climbs: int = 0
    rescue: int = 0
    team: TeamId | None = None
    giver: PersonId | None = None


class Lease(Struct, frozen=True, gc=False):
    """How long an acknowledgement holds. `asked_until` is set while the owner is asked "still on it?".

    `soft`: it came by a link from nobody who was signed in, and is not confirmed yet.
    """

    since: Instant
    ends_at: Instant
    length: Duration
    priority: Priority
    asked_until: Instant | None = None
    soft: bool = False


class Pending(Struct, frozen=True, gc=False):
    """It waits for somebody outside."""

    reason: str
    review_at: Instant


Relation = Literal["related", "duplicate_of", "caused_by", "problem"]
"""What one incident is to another; or that it belongs to a problem, which is kept elsewhere."""


class Linked(Struct, frozen=True, array_like=True, gc=False):
    """What it is linked with. `back`: the other one says so, and it is the other's relation to this one."""

    to: str
    relation: Relation
    back: bool = False


class Flap(Struct, frozen=True, gc=False):
    """Reopenings within the last hour; while `quiet_at` is set the incident is flapping and waits for that quiet."""

    reopened: tuple[Instant, ...] = ()
    quiet_at: Instant | None = None


class Incident(Struct, frozen=True, gc=False):
    """The decider's value. Everything that a timer needs is in here: nothing is remembered elsewhere.

    `moved` is the seq of the last change of status, owner or priority: a command that has `seen` less is stale.
    `carried[person]` are the methods that carried a page, for telling that it is over. `siblings` keep the alerts for
    which there was no room here; `sibling_of` is the one beside which this keeps such alerts, and until `held_until`,
    when that is judged again, it pages nobody by itself.
    """

    id: IncidentId
    status: Status = "new"
    seq: int = 0
    moved: int = 0
    at: Instant = 0
    scope: str = ""
    key: str = ""
    source: SourceId = SourceId("")
    kind: Kind = "incident"
    title: str = ""
    text: str = ""
    service: ServiceId | None = None
    team: TeamId = TeamId("")
    policy: PolicyId = PolicyId("")
    digest: str = ""
    priority: Priority = "P2"
    major: bool = False
    confidential: bool = False
    opened_at: Instant = 0
    signal: Signal | None = None
    severity: str = ""
    alerts: dict[str, Alert] = {}
    reports: dict[str, int] = {}
    repeated_at: Instant = 0
    owner: PersonId | None = None
    lease: Lease | None = None
    acknowledged_by: tuple[PersonId, ...] = ()
    suspended_until: Instant | None = None
    snoozed_until: Instant | None = None
    pending: Pending | None = None
    functional: Cursor = Cursor()
    ladder_start: Instant = 0
    hierarchical: tuple[Rung, ...] = ()
    rounds: tuple[Round, ...] = ()
    round: int = 0
    requests: tuple[Request, ...] = ()
    request: int = 0
    carried: dict[str, tuple[str, ...]] = {}
    criteria: dict[str, Instant] = {}
    transfers: tuple[tuple[TeamId, TeamId], ...] = ()
    flap: Flap = Flap()
    reopened: int = 0
    resolved_at: Instant | None = None
    close_at: Instant | None = None
    findings: tuple[Phrase, ...] = ()
    siblings: tuple[IncidentId, ...] = ()
    sibling_of: IncidentId | None = None
    held_until: Instant | None = None
    informed: tuple[PersonId, ...] = ()
    linked: tuple[Linked, ...] = ()

    @property
    def live(self) -> bool:
        """Open or acknowledged: something will happen by itself."""
        return self.status in ("open", "acknowledged")

    @property
    def calling(self) -> bool:
        """Whether the functional ladder goes on: nobody works on it yet, or fewer than the step needs."""
        if self.status != "acknowledged":
            return self.status == "open"
        return not self.functional.exhausted and len(self.acknowledged_by) < self.functional.need

    @property
    def resting(self) -> bool:
        """Whether functional steps rest: snoozed, acknowledged at the source, or held beside another incident."""
        return (self.snoozed_until, self.suspended_until, self.held_until) != (None, None, None)

    @property
    def firing(self) -> bool:
        """Whether any alert still fires."""
        return True in [alert.firing for alert in self.alerts.values()]

    @property
    def asking(self) -> tuple[Request, ...]:
        """The requests that wait for an answer: a resolved incident keeps its own, in case it fires again at once."""
        return self.requests if self.live else ()

    def request_of(self, request: str) -> Request | None:
        """The request of that id, if it waits for an answer."""
        return next((one for one in self.asking if one.id == request), None) if self.requests else None
