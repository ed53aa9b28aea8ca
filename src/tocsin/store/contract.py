"""What the engine may ask of memory: one transaction over streams, and the values that go in and come out.

The store knows streams, bytes and a few columns to read; what an event means is not its business. All instants are
integer microseconds UTC and come from the caller: the store reads no clock.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, Literal, Protocol, TypeVar

from msgspec import Struct
from sqlalchemy import Connection

from tocsin.core.instant import Duration, Instant

T = TypeVar("T")

Key = tuple[str, str]
"""(scope, key): the identity by which a signal finds its incident."""

RANKS = range(8)
"""What is due is taken rank by rank, 0 first; for an incident the caller derives it from the priority."""

ENDED = ("resolved", "closed")
STATUSES = ("open", "acknowledged", *ENDED)

OutboxState = Literal["waiting", "claimed", "sending", "sent", "failed", "withdrawn", "dead"]
"""waiting -> claimed (leased, nothing begun) -> sending (an attempt is committed) -> sent | failed | dead, or waiting
again for a retry. `failed`: permanently; `dead`: given up as poison. `withdrawn`: no longer wanted, never begun."""


class Versions(Struct, frozen=True, gc=False):
    """What a batch of events was decided under: the policy's digest, the roster's version, zone and holiday data."""

    policy: str
    roster: int = 0
    zones: str = ""
    holidays: str = ""


class Stream(Struct, frozen=True, gc=False):
    """One decider's memory. `kind` is `incident`, `desk` ...; `seq` counts its events; `state` is the snapshot that
    fold(events) must equal; `hash` is the head of its chain (32 bytes).

    `value` is what the writer handed in as the decoded `state`, when the ledger still remembers it, else None.
    """

    id: str
    kind: str
    seq: int
    state: bytes
    hash: bytes
    status: str = ""
    due_at: Instant | None = None
    rank: int = 7
    value: Any = None


class Recorded(Struct, frozen=True, gc=False):
    """One event as it is kept: `body` is stored and hashed as it is. `due_at` is when it was planned to happen
    (None when nothing was planned: a signal, a click); `actor` is an id, never a name.
    """

    type: str
    at: Instant
    body: bytes
    due_at: Instant | None = None
    actor: str = ""


class Listed(Struct, frozen=True, gc=False):
    """The columns that lists show and filter by. Never the truth: the state is. NUL in text is replaced."""

    title: str = ""
    priority: str = ""
    service: str = ""
    team: str = ""
    owner: str = ""
    opened_at: Instant = 0
    confidential: bool = False
    next_what: str = ""
    next_who: str = ""


class Queued(Struct, frozen=True, gc=False):
    """A message for the outbox. `id` is the idempotency key of every attempt: adding it twice adds it once.

    `lane` 0 is emptied first. `due_at` is when it was meant to leave, `next_at` when a sender may first take it
    (None: `due_at`). `body` is the encoded message. `round` is the page round that an acknowledgement may end.
    """

    id: str
    incident: str
    seq: int
    lane: int
    to: str
    method: str
    purpose: str
    body: bytes
    due_at: Instant
    round: int = 0
    next_at: Instant | None = None


class Withdrawal(Struct, frozen=True, gc=False):
    """Unsent messages of an incident that are no longer wanted; None means any. `rounds` is the last round meant.

    `keep` are ids that stay. A row whose attempt has begun is not called back, but is not retried either.
    """

    incident: str
    rounds: int | None = None
    to: str | None = None
    method: str | None = None
    purposes: tuple[str, ...] | None = None
    keep: tuple[str, ...] = ()


class Held(Struct, frozen=True, gc=False):
    """Which incident a (scope, key) belongs to: while it is live (`until` None), or in its flap window, of which
    `until` is the last instant.

    A row that meanwhile belongs to another incident is left alone.
    """

    scope: str
    key: str
    until: Instant | None = None
    release: bool = False


class Text(Struct, frozen=True, gc=False):
    """Free text apart from the events, which hold its key and hash: deleting it leaves chain and replay valid."""

    key: str
    body: str


class Posted(Struct, frozen=True):
    """A command from one stream to another, for later. `id` is made from the event that caused it: posted once."""

    id: str
    stream: str
    due_at: Instant
    body: bytes
    depth: int = 1
    cause: str = ""


class Written(Struct, frozen=True, kw_only=True, gc=False):
    """All that one stream's decision changes. `seq` is what it was decided on, 0 for a new stream.

    `status` and `due_at` obey the CHECK: an incident is resolved or closed, or something is due. `revived` are messages
    that were perhaps withdrawn, and are wanted after all. `value` is the decoded
    `state`, remembered beside it so that the next load need not decode. Nothing changes without an event: there is one
    at least.
    """

    stream: str
    kind: str
    seq: int
    state: bytes
    versions: Versions
    events: tuple[Recorded, ...]
    status: str = ""
    due_at: Instant | None = None
    rank: int = 7
    listed: Listed = Listed()
    value: Any = None
    outbox: tuple[Queued, ...] = ()
    withdrawals: tuple[Withdrawal, ...] = ()
    revived: tuple[Queued, ...] = ()
    live: tuple[Held, ...] = ()
    texts: tuple[Text, ...] = ()
    inbox: tuple[Posted, ...] = ()


class Claim(Struct, frozen=True, gc=False):
    """The incident that a (scope, key) belongs to, and whether this transaction is the one that made it.

    `earlier` is the ended one that had the key before, as long as that is remembered; '' where none did.
    """

    stream: str
    is_new: bool
    earlier: str = ""


class Tally(Struct, frozen=True, gc=False):
    """Repeats that change nothing a rule can read: `n` more in the minute that starts at `minute`."""

    incident: str
    alert: str
    minute: Instant
    n: int
    last_seen: Instant


class Answer(Struct, frozen=True, gc=False):
    """The fate of one command, kept 7 days under its id."""

    id: str
    answer: bytes
    at: Instant


class Quarantined(Struct, frozen=True):
    """A command whose deciding raised: kept whole, with the error, for a human."""

    id: str
    command: bytes
    error: str
    at: Instant


class Tx(Protocol):
    """What may be done inside one transaction. All of it is committed, or none."""

    @property
    def connection(self) -> Connection:
        """For the small modules (outbox, people, rulebooks ...), whose functions take a connection."""

    def claim_live(self, keys: Iterable[Key], now: Instant, make_id: Callable[[int], str]) -> dict[Key, Claim]:
        """Find or make the incident of each key. A new one gets `make_id(number)`; its stream is written later in this
        transaction. A row whose flap window ended before `now` counts as absent. Of two transactions that want one
        new key, one makes it and the other waits, then joins.
        """

    def find_live(self, keys: Iterable[Key], now: Instant) -> dict[Key, str]:
        """As `claim_live`, but what is absent stays absent."""

    def next_numbers(self, n: int) -> list[int]:
        """`n` fresh incident numbers, rising; a rolled back transaction leaves a gap."""

    def load(self, ids: Collection[str]) -> dict[str, Stream]:
        """The streams that exist among `ids`, their rows locked in id order until the end. Load once per transaction,
        incidents and others together, so that two transactions cannot wait for each other.
        """

    def due(self, now: Instant, limit: int, kind: str = "incident") -> list[Stream]:
        """Streams with `due_at <= now`, lowest rank and oldest first, locked; those held by others are skipped."""

    def write(self, batch: Sequence[Written]) -> None:
        """Append events, replace snapshots, and all that goes with them. Each stream at most once per call; a stream
        with `seq` > 0 must have been loaded (or written) in this transaction. Conflict when one is not at its seq.
        """

    def answers(self, ids: Collection[str]) -> dict[str, bytes]:
        """The answers already given, by command id."""

    def record_answers(self, answers: Sequence[Answer]) -> None:
        """Keep answers; Conflict (to be retried: the answer is there then) when one of the ids has just been answered.
        Give every transaction whose fate somebody waits for at least one, or an ambiguous commit cannot be settled.
        """

    def tally(self, rows: Sequence[Tally]) -> None:
        """Add repeats to their minutes."""

    def inbox_due(self, now: Instant, limit: int) -> list[Posted]:
        """Posted commands whose time has come, oldest first, locked; those another worker holds are skipped."""

    def inbox_done(self, ids: Collection[str]) -> None:
        """They were carried out in this transaction."""

    def claim(self, now: Instant, holder: str, slots: "Slots", lease: Duration) -> list["Claimed"]:
        """Take messages that may be sent, lane 0 first, oldest first; those another sender holds are skipped."""

    def queue(self, messages: Sequence[Queued], now: Instant) -> None:
        """Messages that belong to no stream's decision: news of tocsin itself."""

    def quarantine(self, rows: Sequence[Quarantined]) -> None:
        """Put commands aside that could not be decided."""


class Ledger(Protocol):
    """The memory of one organisation. Safe for use from many threads; on SQLite writers queue for one connection."""

    filled: Callable[[], object]
    """Called in the thread of a transaction that found no room, after it was rolled back: make some, and return."""

    @property
    def url(self) -> str:
        """Where it is, without a password."""

    def transact(self, body: Callable[[Tx], T]) -> T:
        """Run `body` in ONE transaction and commit it durably before returning.

        What `body` raises rolls everything back and is raised again. Raises StoreBusy (retry), Conflict (decide
        again), AmbiguousCommit (look for the answers), StoreFull, StoreBroken. `body` may be run once per call only;
        it must not call `transact` or `read`.
        """

    def read(self, *, long: bool = False) -> AbstractContextManager[Connection]:
        """A connection that sees one consistent state and cannot write; for `store/queries`.

        A query that takes longer than seconds is given up, so that whoever waits is answered; a `long` look at much
        may take minutes.
        """

    def trouble(self) -> str:
        """Why nothing can be written, '' when it can: no room at the last write, or damage. May write to find out."""

    def close(self) -> None:
        """Wait for the writer, checkpoint, release the file. The ledger is of no use afterwards."""


class Claimed(Struct, frozen=True):
    """A message that this sender holds until its lease ends. `fence` must be shown at each later step.

    `tried` counts attempts begun before. `unknown` means the last one began and its outcome was never heard (a crash):
    it is sent again under the same id.
    """

    id: str
    fence: int
    incident: str
    seq: int
    lane: int
    to: str
    method: str
    purpose: str
    body: bytes
    round: int
    due_at: Instant
    created_at: Instant
    tried: int
    unknown: bool


class Outcome(Struct, frozen=True):
    """How an attempt ended. `state` sent, failed (permanently), dead, or waiting with `next_at` for a retry."""

    id: str
    fence: int
    at: Instant
    state: OutboxState
    outcome: str
    detail: str = ""
    next_at: Instant | None = None


Slots = Mapping[int, int]
"""How many messages of each lane a sender would take now: reserved slots are the caller's arithmetic."""
