"""One stream's snapshot and its events, as they are stored."""

from collections.abc import Collection, Iterator

from msgspec import Struct
from sqlalchemy import Connection, bindparam, select

from tocsin.core.instant import Instant
from tocsin.store.rows import each
from tocsin.store.tables import events, streams

_STATE = select(streams.c.state).where(streams.c.id == bindparam("id"))
_STATES = "select s.id, s.state from r join streams s on s.id = r.id"


class Event(Struct, frozen=True):
    """An event as it was kept; `body` is the encoded fact."""

    seq: int
    type: str
    at: Instant
    due_at: Instant | None
    actor: str
    body: bytes


def state_of(connection: Connection, stream: str) -> bytes | None:
    """The snapshot of a stream, or None when there is no such stream."""
    body = connection.execute(_STATE, {"id": stream}).scalar()
    return None if body is None else bytes(body)


def states_of(connection: Connection, ids: Collection[str]) -> dict[str, bytes]:
    """The snapshots of those streams that there are."""
    return dict(each(connection, _STATES, {"id": "text"}, [(id_,) for id_ in sorted(set(ids))]))


def events_of(connection: Connection, stream: str, after: int = 0, limit: int = 100_000) -> Iterator[Event]:
    """The events of a stream after `after`, in order."""
    columns = (events.c.seq, events.c.type, events.c.at, events.c.due_at, events.c.actor, events.c.body)
    query = select(*columns).where(events.c.stream == stream, events.c.seq > after).order_by(events.c.seq).limit(limit)
    for row in connection.execute(query):
        yield Event(*row[:5], bytes(row.body))
