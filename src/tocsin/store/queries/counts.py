"""How much waits, and for how long: the numbers of /metrics, from indexes that hold only what is unfinished."""

from msgspec import Struct
from sqlalchemy import Connection, text

from tocsin.core.instant import Duration, Instant

_OVERDUE = text("""select count(*), min(due_at) from (select due_at from streams
    where kind = 'incident' and rank = :rank and due_at <= :now order by due_at limit :most) d""")
_UNSENT = text("""select count(*), min(next_at) from (select next_at from outbox
    where lane = :lane and next_at <= :now order by next_at limit :most) d""")
_WAITING = text("select lane, count(*) from outbox where next_at is not null group by lane")

MOST = 10_000
"""What is more than this is counted as this: a flood must not make counting slow."""


class Counts(Struct, frozen=True):
    """`overdue` incidents and `unsent` messages whose time has come (at most MOST each rank or lane), how late the
    oldest of each is, and all messages `waiting` by lane, also those for later.
    """

    overdue: int
    overdue_by: Duration
    unsent: int
    unsent_by: Duration
    waiting: dict[int, int]
    quarantined: int


def counts(connection: Connection, now: Instant) -> Counts:
    """Count; reads no row that is finished."""
    due = [connection.execute(_OVERDUE, {"rank": n, "now": now, "most": MOST}).one() for n in range(8)]
    out = [connection.execute(_UNSENT, {"lane": n, "now": now, "most": MOST}).one() for n in range(4)]
    return Counts(
        overdue=sum(row[0] for row in due),
        overdue_by=max(now - (row[1] or now) for row in due),
        unsent=sum(row[0] for row in out),
        unsent_by=max(now - (row[1] or now) for row in out),
        waiting={int(lane): int(n) for lane, n in connection.execute(_WAITING)},
        quarantined=int(connection.execute(text("select count(*) from quarantine")).scalar_one()),
    )
