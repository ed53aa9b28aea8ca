"""What can be put to an incident. `by` is a person's id, `source:ID` or `token:NAME`; `seen` the seq that was read."""

from typing import Literal

from msgspec import Struct

from tocsin.core.catalogue.priority import Priority
from tocsin.core.catalogue.target import Target
from tocsin.core.ids import IncidentId, RequestId, SourceId
from tocsin.core.incident.events import Event
from tocsin.core.incident.state import Relation
from tocsin.core.instant import Instant
from tocsin.core.outgoing import Outcome as Outcome  # noqa: PLC0414  told to all who know commands
from tocsin.core.signal import Signal


class Beside(Struct, frozen=True):
    """`first` has no room for the alerts of a report: another incident keeps them, as confidential as the first is."""

    first: IncidentId
    confidential: bool = False


class Report(Struct, frozen=True, tag="report", gc=False):
    """Signals of one incident, in the order they came; each triggers, acknowledges or resolves one alert.

    `texts[i]` is the key under which the i-th signal's long text is stored, '' where it has none. An `echo` is an equal
    body within a minute with nothing between: it is applied, but repeats in it are not counted. `after` is the ended
    incident of the same key, where one is remembered: a new one links back to it. `beside` another one, which is live,
    its alerts are only kept.
    """

    source: SourceId
    scope: str
    signals: tuple[Signal, ...]
    texts: tuple[str, ...] = ()
    echo: bool = False
    after: str = ""
    beside: Beside | None = None

    @property
    def triggers(self) -> bool:
        """Whether it says that something is wrong, so that it can open an incident."""
        return any(signal.action == "trigger" for signal in self.signals)


class Acknowledge(Struct, frozen=True, tag="acknowledge", gc=False):
    """I am working on it. `eta` moves the end of the lease, at most four leases on.

    `soft`: said by a link alone, which proves nobody; see `soft`.
    """

    by: str
    eta: Instant | None = None
    seen: int | None = None
    soft: bool = False


class TakeOver(Struct, frozen=True, tag="take_over"):
    """I am working on it from now on, whoever did before."""

    by: str
    eta: Instant | None = None
    seen: int | None = None


class Unacknowledge(Struct, frozen=True, tag="unacknowledge"):
    """Nobody is working on it any more: the current step is entered afresh."""

    by: str
    reason: str = ""
    seen: int | None = None


class Answer(Struct, frozen=True, tag="answer"):
    """Stops one request; never changes owner or status. `option` is given for a decision."""

    by: str
    request: RequestId
    option: str = ""
    text: str = ""
    seen: int | None = None


class Accept(Struct, frozen=True, tag="accept"):
    """Take an offered transfer; `soft` as for `Acknowledge`."""

    by: str
    request: RequestId
    seen: int | None = None
    soft: bool = False


class Decline(Struct, frozen=True, tag="decline"):
    """I cannot: calls the next at once. Without a request it declines the page."""

    by: str
    request: RequestId = RequestId("")
    seen: int | None = None


class Resolve(Struct, frozen=True, tag="resolve", gc=False):
    """It is over, says a person."""

    by: str
    reason: str = ""
    seen: int | None = None


class Reopen(Struct, frozen=True, tag="reopen"):
    """It is not over after all; refused once closed."""

    by: str
    reason: str = ""
    seen: int | None = None


class Close(Struct, frozen=True, tag="close"):
    """Final: a closed incident never reopens."""

    by: str
    seen: int | None = None


class Escalate(Struct, frozen=True, tag="escalate"):
    """Move a ladder's cursor forward now, or reach `target` instead of its next step."""

    by: str
    ladder: Literal["functional", "hierarchical"]
    reason: str
    target: Target | None = None
    seen: int | None = None


class Reassign(Struct, frozen=True, tag="reassign"):
    """Give it to a team or a person; an offer where somebody owns it."""

    by: str
    target: Target
    reason: str = ""
    seen: int | None = None


class Snooze(Struct, frozen=True, tag="snooze"):
    """Stop functional steps and pages until then; None takes the priority's default."""

    by: str
    until: Instant | None = None
    seen: int | None = None


class Pend(Struct, frozen=True, tag="pending"):
    """It waits for somebody outside, for `reason`, to be looked at again at `review_at`."""

    by: str
    reason: str
    review_at: Instant | None = None
    seen: int | None = None


class Note(Struct, frozen=True, tag="note"):
    """Something worth keeping; `text` is the key of the stored text."""

    by: str
    text: str
    seen: int | None = None


class PostUpdate(Struct, frozen=True, tag="post_update"):
    """News for those who are informed; `text` is the key of the stored text."""

    by: str
    text: str
    seen: int | None = None


class Link(Struct, frozen=True, tag="link"):
    """It has to do with another incident, or with a problem that is kept elsewhere: `to` is a number or a reference.

    `back`: the other one was linked with this one, as it says.
    """

    by: str
    to: str
    relation: Relation = "related"
    reason: str = ""
    seen: int | None = None
    back: bool = False


class Unlink(Struct, frozen=True, tag="unlink"):
    """It has nothing to do with that after all."""

    by: str
    to: str
    reason: str = ""
    seen: int | None = None
    back: bool = False


class SetPriority(Struct, frozen=True, tag="priority"):
    """A person's judgement, either way, with a reason. `rated`: what impact and urgency of a report come to, which
    lowers nothing that a criterion asks for.
    """

    by: str
    priority: Priority
    reason: str
    seen: int | None = None
    rated: bool = False


class Past(Struct, frozen=True, array_like=True, gc=False):
    """A fact of the incident, and who put the command that it followed from: '' for time and receipts."""

    event: Event
    by: str = ""


class Undo(Struct, frozen=True, tag="undo"):
    """Take back one's own act: as if it had never happened. `act` is the seq of any of its facts.

    Without one it is one's last act that `seen` includes. `past` are all facts so far: whoever carries the command out
    puts them in, for a state remembers nothing of what it was before.
    """

    by: str
    act: int | None = None
    seen: int | None = None
    past: tuple[Past, ...] = ()


class Receipt(Struct, frozen=True, tag="receipt", gc=False):
    """What became of one message: `ring` is (round, person, method)."""

    message: str
    round: int
    person: str
    method: str
    outcome: Outcome
    detail: str = ""


class Overflow(Struct, frozen=True, tag="overflow"):
    """Alerts that nobody knew were given to `siblings`, for there was no room: these are all that are in use, and what
    they say, in `signals`, counts here all the same.
    """

    siblings: tuple[IncidentId, ...]
    signals: tuple[Signal, ...]


class FirstEnded(Struct, frozen=True, tag="first_ended"):
    """The incident beside which this one is held has ended, and `first` goes on in its place: perhaps this one itself,
    with `siblings` beside it.
    """

    first: IncidentId
    siblings: tuple[IncidentId, ...] = ()


class Tick(Struct, frozen=True, tag="tick", gc=False):
    """Do what is due."""


Command = (
    Report
    | Overflow
    | FirstEnded
    | Tick
    | Receipt
    | Acknowledge
    | TakeOver
    | Unacknowledge
    | Answer
    | Accept
    | Decline
    | Resolve
    | Reopen
    | Close
    | Escalate
    | Reassign
    | Snooze
    | Pend
    | Note
    | PostUpdate
    | Link
    | Unlink
    | SetPriority
    | Undo
)


_NOBODYS = frozenset((Receipt, Tick))


def author(command: Command) -> str:
    """Who is behind it: a person, a token or a source; '' for time and receipts."""
    if type(command) in _NOBODYS:
        return ""
    return str(getattr(command, "by", "") or getattr(command, "source", ""))
