"""What is due next: index probes, one for each rank, that cost the same however much is stored."""

from sqlalchemy import Connection, text

from tocsin.core.instant import Instant
from tocsin.store.contract import RANKS

_PROBE = """select * from (select due_at from streams
    where kind = 'incident' and rank = {rank} and due_at is not null order by due_at limit 1) p{rank}"""
NEXT_DUE = text("select min(due_at) from (" + " union all ".join(_PROBE.format(rank=rank) for rank in RANKS) + ") d")
_LANE = """select * from (select next_at from outbox
    where lane = {lane} and next_at is not null order by next_at limit 1) l{lane}"""
NEXT_SEND = text(
    "select min(next_at) from (" + " union all ".join(_LANE.format(lane=lane) for lane in range(4)) + ") n"
)


def next_due(connection: Connection) -> Instant | None:
    """When the next incident wants to be ticked."""
    found: Instant | None = connection.execute(NEXT_DUE).scalar()
    return found


def next_send(connection: Connection) -> Instant | None:
    """When the next message may leave."""
    found: Instant | None = connection.execute(NEXT_SEND).scalar()
    return found
