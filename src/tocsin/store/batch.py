"""From decisions to rows: checks what each was decided on, links its events to the chain, sorts all by table."""

from collections.abc import Iterable, Mapping, Set
from functools import lru_cache
from hashlib import sha256
from typing import Any

import msgspec

from tocsin.core.instant import Instant
from tocsin.store.chain import GENESIS, link
from tocsin.store.codec import clean, encode
from tocsin.store.contract import Held, Posted, Queued, Stream, Versions, Withdrawal, Written
from tocsin.store.errors import Conflict, Refused

Row = tuple[Any, ...]


class Batch:
    """The rows of one write, by table, in the order of the tables' columns."""

    def __init__(self, loaded: Mapping[str, Stream], known: Set[str]) -> None:
        """`loaded` are the streams that this transaction holds, as they are before the write; `known` are versions
        that are stored already.
        """
        self.loaded = loaded
        self.known = known
        self.streams: dict[str, Stream] = {}
        self.new: list[Row] = []
        self.changed: list[Row] = []
        self.events: list[Row] = []
        self.outbox: list[Row] = []
        self.texts: list[Row] = []
        self.live: list[tuple[str, Held]] = []
        self.withdrawals: list[tuple[Withdrawal, Instant]] = []
        self.revived: list[tuple[str, Instant]] = []
        self.inbox: list[Posted] = []
        self._versions: dict[str, Versions] = {}

    def take(self, written: Written) -> None:
        """Add one stream's decision; Conflict when it was not decided on the stream as it stands."""
        before = self.loaded.get(written.stream)
        if written.stream in self.streams or written.seq != (before.seq if before else 0):
            raise Conflict((written.stream,))
        if not written.events:
            raise Refused(f"{written.stream}: nothing changes without an event")
        version = version_id(written.versions)
        self._versions[version] = written.versions
        head = self._link(written, before.hash if before else GENESIS, version)
        (self.changed if before else self.new).append(_stream_row(written, head))
        self.streams[written.stream] = _stream(written, head)
        self._gather(written)

    @property
    def versions(self) -> list[Row]:
        """Rows of the versions that the events refer to and that may not be there yet."""
        fresh = sorted(self._versions.keys() - self.known)
        return [(id_, v.policy, v.roster, v.zones, v.holidays) for id_ in fresh for v in (self._versions[id_],)]

    @property
    def version_ids(self) -> Iterable[str]:
        """The names of all of them."""
        return self._versions.keys()

    @property
    def changes(self) -> int:
        """About how many rows are written."""
        streams = len(self.new) + len(self.changed)
        return streams + len(self.events) + len(self.outbox) + len(self.texts) + len(self.live) + len(self.inbox)

    def _link(self, written: Written, head: bytes, version: str) -> bytes:
        stream, rows = written.stream, self.events
        for seq, event in enumerate(written.events, written.seq + 1):
            head = link(head, stream, seq, event.at, event.due_at, event.type, event.actor, version, event.body)
            rows.append((stream, seq, event.at, event.due_at, event.type, event.actor, version, head, event.body))
        return head

    def _gather(self, written: Written) -> None:
        at = written.events[-1].at
        for queued in written.outbox:
            self.outbox.append(outbox_row(queued, at))
        for queued in written.revived:  # one that was never written, for it was called back at once, is added
            self.outbox.append(outbox_row(queued, at))
            self.revived.append((queued.id, queued.due_at))
        for withdrawal in written.withdrawals:
            self.withdrawals.append((withdrawal, at))
        for held in written.live:
            self.live.append((written.stream, held))
        for text in written.texts:
            self.texts.append((text.key, encode(text.body)))
        self.inbox += written.inbox


@lru_cache(maxsize=1024)
def version_id(versions: Versions) -> str:
    """A name made from the content: 16 hexadecimal digits."""
    return sha256(msgspec.json.encode(versions)).hexdigest()[:16]


def _stream(written: Written, head: bytes) -> Stream:
    return Stream(
        written.stream,
        written.kind,
        written.seq + len(written.events),
        written.state,
        head,
        written.status,
        written.due_at,
        written.rank,
        written.value,
    )


def _stream_row(written: Written, head: bytes) -> Row:
    listed = written.listed
    return (
        written.stream,
        written.kind,
        written.seq + len(written.events),
        written.status,
        written.due_at,
        written.rank,
        clean(listed.title),
        listed.priority,
        clean(listed.service),
        listed.team,
        listed.owner,
        listed.opened_at,
        written.events[-1].at,
        listed.confidential,
        clean(listed.next_what),
        clean(listed.next_who),
        head,
        written.state,
    )


def outbox_row(queued: Queued, at: Instant) -> Row:
    """A message as a row of the outbox, waiting."""
    next_at = queued.due_at if queued.next_at is None else queued.next_at
    return (
        queued.id, queued.incident, queued.seq, queued.lane, queued.round, clean(queued.to), queued.method,
        queued.purpose, "waiting", 0, 0, "", next_at, queued.due_at, at, None, None, "", queued.body,
    )  # fmt: skip
