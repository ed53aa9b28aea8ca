"""The doctor's look at memory: chains whole, snapshots true, silence impossible, nothing signed taken back."""

from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from typing import Any

from msgspec import Struct
from sqlalchemy import CheckConstraint, Connection, inspect, select, text

from tocsin.store import audit_log
from tocsin.store.chain import GENESIS, link
from tocsin.store.migrate import HEAD, version_of
from tocsin.store.roots import Digest, Root, after
from tocsin.store.tables import METADATA, events, streams, versions

Fold = Callable[[str, str, Sequence[tuple[str, bytes]]], bytes | None]
"""From a stream's kind, its id and its events (type, body) to the snapshot that they make; None: unknown kind."""

Anew = Callable[[str, bytes], bytes]
"""A snapshot of that kind as it would be written today: an older version left out what it did not know."""

Verify = Callable[[bytes, bytes], bool]
"""Whether a signature is ours: (digest, signature)."""


class Finding(Struct, frozen=True):
    """Something that must not be. `place` is a stream's id, a table or a root; `hint` is what to do."""

    code: str
    place: str
    text: str
    hint: str = "stop writing, keep the file, restore the last verified backup and compare"


class Tallied(Struct):
    """How much was looked at: a clean result over nothing is worth nothing."""

    streams: int = 0
    events: int = 0
    roots: int = 0


def verify(
    connection: Connection,
    fold: Fold,
    signed: Verify | None = None,
    seen: Tallied | None = None,
    anew: Anew = lambda _kind, state: state,
) -> Iterator[Finding]:
    """Look at everything, stream by stream, on a reader's connection; memory stays small however much there is."""
    seen = seen or Tallied()
    yield from _schema(connection)
    yield from _medium(connection)
    roots = after(connection)
    digests = _digests(roots)
    known = set(connection.execute(select(versions.c.id)).scalars())
    for stream, told in _pairs(connection):
        seen.streams += 1
        seen.events += len(told)
        yield from _looked_at(stream, told, fold, known, anew)
        _tell(digests, roots, told)
    seen.roots = len(roots)
    yield from _roots(roots, digests, signed)
    for n, wrong in audit_log.broken(connection):
        yield Finding("audit-broken", f"audit {n}", wrong)


# --------------------------------------------------------------------------------------------- tables


def _schema(connection: Connection) -> Iterator[Finding]:
    found = version_of(connection)
    if found != HEAD:
        yield Finding("schema-version", "tables", f"version {found}, {HEAD} is needed", "run `tocsin serve` once")
    looked = inspect(connection)
    tables = set(looked.get_table_names())
    for table in METADATA.tables.values():
        if table.name not in tables:
            yield Finding("table-missing", table.name, "the table is not in the database")
            continue
        there = {check["name"] for check in looked.get_check_constraints(table.name)}
        for check in table.constraints:
            if isinstance(check, CheckConstraint) and check.name not in there:
                yield Finding("check-missing", table.name, f"the CHECK {check.name} is not in the database")


def _medium(connection: Connection) -> Iterator[Finding]:
    """SQLite can say of its file whether it is whole; PostgreSQL has checksums of its own."""
    if connection.dialect.name != "sqlite":
        return
    for (said,) in connection.execute(text("pragma integrity_check(20)")):
        if said != "ok":
            yield Finding("file-damaged", "file", str(said))


# -------------------------------------------------------------------------------------------- streams


def _pairs(connection: Connection) -> Iterator[tuple[Any, list[Any]]]:
    """Each stream's row with its events in order; what has only one of the two comes with None or nothing."""
    rows = connection.execution_options(yield_per=500)
    heads = iter(rows.execute(select(streams.c.id, streams.c.kind, streams.c.seq, streams.c.hash, streams.c.state,
                                     streams.c.status, streams.c.due_at).order_by(streams.c.id)))  # fmt: skip
    told = rows.execute(select(events).order_by(events.c.stream, events.c.seq))
    head = next(heads, None)
    for id_, group in groupby(told, key=lambda event: event.stream):
        while head is not None and head.id < id_:
            yield head, []
            head = next(heads, None)
        if head is not None and head.id == id_:
            yield head, list(group)
            head = next(heads, None)
        else:
            yield None, list(group)
    while head is not None:
        yield head, []
        head = next(heads, None)


def _looked_at(stream: Any, told: list[Any], fold: Fold, known: set[str], anew: Anew) -> list[Finding]:
    """What is wrong with one stream; what cannot even be read is a finding, and the look goes on."""
    found: list[Finding] = []
    try:
        found.extend(_stream(stream, told, fold, known, anew))
    except Exception as error:  # noqa: BLE001 - damaged bytes raise anything
        place = stream.id if stream is not None else told[0].stream
        found.append(Finding("events-unreadable", place, f"its events cannot be read: {error}"[:300]))
    return found


def _stream(stream: Any, told: list[Any], fold: Fold, known: set[str], anew: Anew) -> Iterator[Finding]:
    if stream is None:
        yield Finding("no-stream", told[0].stream, f"{len(told)} events of a stream that is not there")
        return
    yield from _chain(stream.id, told)
    if strange := sorted({event.versions for event in told} - known):
        yield Finding("version-unknown", stream.id, f"decided under {', '.join(strange)}, which nobody knows")
    last = told[-1] if told else None
    if last is None or (last.seq, _octets(last.hash)) != (stream.seq, _octets(stream.hash)):
        yield Finding(
            "head-differs", stream.id, f"the stream is at {stream.seq}, its events end at {last and last.seq}"
        )
        return
    folded = fold(stream.kind, stream.id, [(event.type, _octets(event.body)) for event in told])
    if folded is not None and folded not in (state := _octets(stream.state), anew(stream.kind, state)):
        yield Finding("snapshot-differs", stream.id, "the snapshot is not what its events make")


def _octets(kept: Any) -> bytes:
    """As they lie in the table; SQLite takes a text too, from whoever writes one behind our back."""
    return kept.encode() if isinstance(kept, str) else bytes(kept)


def _chain(id_: str, told: list[Any]) -> Iterator[Finding]:
    head = GENESIS
    for seq, event in enumerate(told, 1):
        if event.seq != seq:
            yield Finding("events-missing", id_, f"event {seq} is not there, the next is {event.seq}")
            return
        columns = (event.at, event.due_at, event.type, event.actor, event.versions, _octets(event.body))
        head = link(head, id_, seq, *columns)
        if head != _octets(event.hash):
            yield Finding("chain-broken", id_, f"event {seq} is not what was written, or one before it is not")
            return


# ---------------------------------------------------------------------------------------------- roots


def _digests(roots: Sequence[Root]) -> list[Digest]:
    before = [GENESIS, *(root.digest for root in roots)]
    return [Digest(root.n, before[at], root.since, root.until) for at, root in enumerate(roots)]


def _tell(digests: Sequence[Digest], roots: Sequence[Root], told: Sequence[Any]) -> None:
    """Add this stream to each root in whose time it moved."""
    untils = [root.until for root in roots]
    last = {bisect_left(untils, event.at): event for event in told}
    for at, event in last.items():
        if at < len(digests):
            digests[at].add(event.stream, event.seq, _octets(event.hash))


def _roots(roots: Sequence[Root], digests: Sequence[Digest], signed: Verify | None) -> Iterator[Finding]:
    unsigned = []
    for root, digest in zip(roots, digests, strict=True):
        if digest.value() != root.digest:
            counted = f"{root.streams} streams when it was signed, {digest.streams} now"
            changed = f"history up to {root.until} has changed: {counted}"
            hint = "compare with a backup; a clock that was set back more than a minute looks the same"
            yield Finding("root-differs", f"root {root.n}", changed, hint)
        elif signed is not None and not signed(root.digest, root.signature):
            unsigned.append(root.n)
    if unsigned:
        others = f", nor are those of {len(unsigned) - 1} others" if unsigned[1:] else ""
        hint = "compare with the file outside and a backup; a secret that is, or was, another looks the same"
        yield Finding("root-unsigned", f"root {unsigned[0]}", f"its signature is not ours{others}", hint)
