"""One transaction over streams: find, lock, load, and write all that a batch of decisions changes."""

from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Any

from sqlalchemy import Connection

from tocsin.core.instant import Duration, Instant
from tocsin.store import identities, outbox, postbox
from tocsin.store.batch import Batch, outbox_row
from tocsin.store.codec import clean, clean_key
from tocsin.store.contract import (
    Answer,
    Claim,
    Claimed,
    Key,
    Posted,
    Quarantined,
    Queued,
    Slots,
    Stream,
    Tally,
    Written,
)
from tocsin.store.dialect import HEAD, Dialect
from tocsin.store.recent import Recent
from tocsin.store.rows import add, each, insert, replace
from tocsin.store.tables import commands, events, quarantine, streams, texts, versions
from tocsin.store.tables import outbox as outbox_table

ID = {"id": "text"}
LOAD = f"select {HEAD} from r join streams s on s.id = r.id order by s.id"
STATES = "select s.id, s.state from r join streams s on s.id = r.id"
ANSWERS = "select s.id, s.answer from r join commands s on s.id = r.id"
TALLIED = {"incident": "text", "alert": "text", "minute": "bigint", "n": "int", "last_seen": "bigint"}
TALLY = """insert into tally (incident, alert, minute, n, last_seen)
    select incident, alert, minute, n, last_seen from r where true
    on conflict (incident, alert, minute) do update set n = tally.n + excluded.n, last_seen =
    case when excluded.last_seen > tally.last_seen then excluded.last_seen else tally.last_seen end"""


class Transaction:
    """The Tx of contract.py. What it loaded and wrote is remembered by the ledger only after the commit."""

    def __init__(self, connection: Connection, dialect: Dialect, recent: Recent) -> None:
        """On a connection whose transaction has begun."""
        self._connection = connection
        self._dialect = dialect
        self._recent = recent
        self.streams: dict[str, Stream] = {}
        self.versions: set[str] = set()
        self.changes = 0

    @property
    def connection(self) -> Connection:
        """For the small modules."""
        return self._connection

    # ------------------------------------------------------------------------------------ identities

    def claim_live(self, keys: Iterable[Key], now: Instant, make_id: Callable[[int], str]) -> dict[Key, Claim]:
        """Find or make the incident of each key."""
        claims = identities.claim(self._connection, keys, now, self.next_numbers, make_id)
        self.changes += sum(claim.is_new for claim in claims.values())
        return claims

    def find_live(self, keys: Iterable[Key], now: Instant) -> dict[Key, str]:
        """Find the incident of each key that has one."""
        return identities.find(self._connection, keys, now)

    def next_numbers(self, n: int) -> list[int]:
        """Fresh incident numbers."""
        return self._dialect.numbers(self._connection, n)

    # ---------------------------------------------------------------------------------------- streams

    def load(self, ids: Collection[str]) -> dict[str, Stream]:
        """The streams that exist, locked in id order."""
        wanted = sorted(set(ids) - self.streams.keys())
        known = {id_: stream for id_ in wanted if (stream := self._recent.get(id_))}
        if self._dialect.remembers:
            self.streams |= known
            wanted = [id_ for id_ in wanted if id_ not in known]
        heads = each(self._connection, LOAD + self._dialect.lock, ID, [(id_,) for id_ in wanted])
        self._enter(heads, known)
        return {id_: self.streams[id_] for id_ in ids if id_ in self.streams}

    def due(self, now: Instant, limit: int, kind: str = "incident") -> list[Stream]:
        """Streams that are due, lowest rank and oldest first, locked."""
        heads = self._dialect.due(self._connection, kind, now, limit)
        known = {id_: stream for id_, *_ in heads if (stream := self.streams.get(id_) or self._recent.get(id_))}
        return self._enter(heads, known)

    def _enter(self, heads: Sequence[Sequence[Any]], known: dict[str, Stream]) -> list[Stream]:
        """Streams of these heads, with the states that are remembered, or else read; now locked."""
        fresh = {head[0] for head in heads if head[0] in known and known[head[0]].hash == head[3]}
        stale = [(head[0],) for head in heads if head[0] not in fresh]
        states = dict(each(self._connection, STATES, ID, stale))
        entered = [_stream(head, known[head[0]] if head[0] in fresh else None, states) for head in heads]
        self.streams |= {stream.id: stream for stream in entered}
        return entered

    def write(self, batch: Sequence[Written]) -> None:
        """Append events, replace snapshots, and all that goes with them."""
        prepared = Batch(self.streams, self._recent.versions)
        for written in batch:
            prepared.take(written)
        connection = self._connection
        add(connection, versions, prepared.versions)
        insert(connection, streams, prepared.new)
        replace(connection, streams, prepared.changed)
        insert(connection, events, prepared.events)
        identities.hold(connection, prepared.live)
        outbox.withdraw(connection, prepared.withdrawals, self._dialect.lock)
        outbox.revive(connection, prepared.revived)
        add(connection, outbox_table, prepared.outbox)
        add(connection, texts, prepared.texts)
        postbox.post(connection, prepared.inbox)
        self.streams |= prepared.streams
        self.versions.update(prepared.version_ids)
        self.changes += prepared.changes

    # --------------------------------------------------------------------------------------- commands

    def answers(self, ids: Collection[str]) -> dict[str, bytes]:
        """The answers already given, by the id as it was asked for."""
        asked = {id_: clean_key(id_) for id_ in ids}
        found = dict(each(self._connection, ANSWERS, ID, [(id_,) for id_ in asked.values()]))
        return {id_: found[kept] for id_, kept in asked.items() if kept in found}

    def record_answers(self, answers: Sequence[Answer]) -> None:
        """Keep answers; an id that has one already is a Conflict."""
        insert(self._connection, commands, [(clean_key(answer.id), answer.at, answer.answer) for answer in answers])
        self.changes += len(answers)

    def tally(self, rows: Sequence[Tally]) -> None:
        """Add repeats to their minutes."""
        sums: dict[tuple[str, str, Instant], tuple[int, Instant]] = {}
        for row in rows:
            key = (row.incident, clean_key(row.alert), row.minute)
            n, seen = sums.get(key, (0, 0))
            sums[key] = (n + row.n, max(seen, row.last_seen))
        each(self._connection, TALLY, TALLIED, [(*key, *sums[key]) for key in sorted(sums)])
        self.changes += len(sums)

    def inbox_due(self, now: Instant, limit: int) -> list[Posted]:
        """Posted commands whose time has come."""
        return postbox.due(self._connection, now, limit, self._dialect.skip)

    def inbox_done(self, ids: Collection[str]) -> None:
        """They were carried out."""
        postbox.done(self._connection, ids)
        self.changes += len(ids)

    def claim(self, now: Instant, holder: str, slots: Slots, lease: Duration) -> list[Claimed]:
        """Take messages that may be sent; see store/outbox."""
        claimed = outbox.claim(self._connection, now, holder, slots, lease, self._dialect.skip)
        self.changes += len(claimed)
        return claimed

    def queue(self, messages: Sequence[Queued], now: Instant) -> None:
        """Messages that belong to no stream's decision: the store's own news."""
        add(self._connection, outbox_table, [outbox_row(message, now) for message in messages])
        self.changes += len(messages)

    def quarantine(self, rows: Sequence[Quarantined]) -> None:
        """Put commands aside for a human."""
        add(self._connection, quarantine, [(clean_key(r.id), r.at, clean(r.error), r.command) for r in rows])


def _stream(head: Sequence[Any], known: Stream | None, states: dict[str, bytes]) -> Stream:
    id_, kind, seq, chained, status, due_at, rank = head
    state, value = (known.state, known.value) if known else (states[id_], None)
    return Stream(id_, kind, seq, state, chained, status, due_at, rank, value)
