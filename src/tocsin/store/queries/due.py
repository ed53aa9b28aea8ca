"""What is due next: index probes, one for each rank, that cost the same however much is stored."""

from sqlalchemy import Connection, text

from tocsin.core.instant import Instant
from tocsin.store.contract import RANKS

_PROBE = """select * from (select due_at from streams
    where kind = 'incident' and rank = {rank} and due_at is not null order by due_at limit 1) p{rank}"""
NEXT_DUE = text("select min(due_at) from (" + " union all ".join(_PROBE.format(rank=rank) for rank in RANKS) + ") d")
_LANE = """select {lane} as lane, next_at from (select next_at from outbox
    where lane = {lane} and next_at is not null order by next_at limit 1) l{lane}"""
NEXT_SENDS = text(" union all ".join(_LANE.format(lane=lane) for lane in range(4)))


def next_due(connection: Connection) -> Instant | None:
    """When the next incident wants to be ticked."""
    found: Instant | None = connection.execute(NEXT_DUE).scalar()
    return found


def next_sends(connection: Connection) -> dict[int, Instant]:
    """When the next message of each lane may leave; a lane without one is not there."""
    return {row.lane: row.next_at for row in connection.execute(NEXT_SENDS)}


def next_send(connection: Connection) -> Instant | None:
    """When the next message may leave."""
    return min(next_sends(connection).values(), default=None)
