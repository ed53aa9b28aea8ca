"""What may be forgotten: answers to commands after their week, markers of commits after an hour. Events never."""

from sqlalchemy import Connection, delete

from tocsin.core.instant import DAY, HOUR, Duration, Instant
from tocsin.store.tables import commands, live

KEPT: Duration = 7 * DAY
"""An Idempotency-Key gives its first answer for so long."""

MARKERS_KEPT: Duration = HOUR
"""A marker only settles whether a commit happened whose connection was lost."""


def tidy(connection: Connection, now: Instant) -> int:
    """Delete what has had its time; how many rows."""
    old = commands.c.at < now - KEPT
    settled = commands.c.id.startswith("batch:") & (commands.c.at < now - MARKERS_KEPT)
    gone = connection.execute(delete(commands).where(old | settled)).rowcount
    return gone + connection.execute(delete(live).where(live.c.until < now - DAY)).rowcount
