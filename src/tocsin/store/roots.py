"""Every few minutes one signed hash over all chains that moved: proof, kept elsewhere, that nothing was taken back."""

from hashlib import sha256

from msgspec import Struct
from sqlalchemy import Connection, Row, func, select

from tocsin.core.instant import Duration, Instant
from tocsin.store.chain import GENESIS
from tocsin.store.tables import events, roots, streams

LAG: Duration = 60_000_000
"""A root covers what happened up to this long ago: a commit takes seconds, so nothing arrives behind it."""


class Root(Struct, frozen=True):
    """Over the chains of `streams` streams that had events after `since` and up to `until`; `digest` covers the root
    before it, these bounds, and each stream's id, seq and hash as they were at `until`, in id order. `signature` is
    over the digest.
    """

    n: int
    since: Instant
    until: Instant
    streams: int
    digest: bytes
    signature: bytes = b""


class Digest:
    """The digest of a root while its streams are told one by one, in id order."""

    def __init__(self, n: int, before: bytes, since: Instant, until: Instant) -> None:
        """`before` is the digest of the root before, GENESIS for the first."""
        self.streams = 0
        self._hash = sha256(before + f"{n}\0{since}\0{until}\0".encode())

    def add(self, stream: str, seq: int, head: bytes) -> None:
        """The next stream, with its chain's head at the root's `until`."""
        self.streams += 1
        self._hash.update(f"{stream}\0{seq}\0".encode() + head)

    def value(self) -> bytes:
        """The digest so far."""
        return self._hash.digest()


def following(connection: Connection, now: Instant) -> Root | None:
    """The next root, to be signed and kept; None when nothing has moved since the last one. Only reads."""
    last = latest(connection)
    since, before, n = (last.until, last.digest, last.n + 1) if last else (-1, GENESIS, 1)
    until = now - LAG
    moved = _moved(connection, since, until) if until > since else []
    if not moved:
        return None
    digest = Digest(n, before, since, until)
    for stream, seq, head in moved:
        digest.add(stream, seq, head)
    return Root(n, since, until, digest.streams, digest.value())


def keep(connection: Connection, root: Root) -> None:
    """Add it. Of two processes that made the same one, one is told that it is there already (a UNIQUE violation)."""
    connection.execute(roots.insert().values({name: getattr(root, name) for name in Root.__struct_fields__}))


def latest(connection: Connection) -> Root | None:
    """The last root, or None before the first."""
    row = connection.execute(select(roots).order_by(roots.c.n.desc()).limit(1)).first()
    return None if row is None else _root(row)


def after(connection: Connection, n: int = 0) -> list[Root]:
    """All roots behind the `n`th, the oldest first."""
    return [_root(row) for row in connection.execute(select(roots).where(roots.c.n > n).order_by(roots.c.n))]


def _root(row: Row[tuple[int, Instant, Instant, int, bytes, bytes]]) -> Root:
    return Root(row.n, row.since, row.until, row.streams, bytes(row.digest), bytes(row.signature))


def _moved(connection: Connection, since: Instant, until: Instant) -> list[tuple[str, int, bytes]]:
    """Id, seq and hash, at `until`, of the streams that had events in between."""
    resting = select(streams.c.id, streams.c.seq, streams.c.hash).where(
        streams.c.updated_at > since, streams.c.updated_at <= until
    )
    last = (
        select(events.c.stream, func.max(events.c.seq).label("seq"))
        .join(streams, streams.c.id == events.c.stream)
        .where(streams.c.updated_at > until, events.c.at > since, events.c.at <= until)
        .group_by(events.c.stream)
        .subquery()
    )
    moving = select(events.c.stream, events.c.seq, events.c.hash).join(
        last, (last.c.stream == events.c.stream) & (last.c.seq == events.c.seq)
    )
    found = [*connection.execute(resting), *connection.execute(moving)]
    return sorted((id_, seq, bytes(head)) for id_, seq, head in found)
