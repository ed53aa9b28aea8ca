"""What may be forgotten: answers to commands, ended sessions, markers of commits, keys of what ended long ago."""

from sqlalchemy import Connection, text

from tocsin.core.instant import DAY, HOUR, Duration, Instant
from tocsin.store import invitations, sessions

KEPT: Duration = 7 * DAY
"""An Idempotency-Key gives its first answer for so long."""

MARKERS_KEPT: Duration = HOUR
"""A marker only settles whether a commit happened whose connection was lost."""

KEYS_KEPT: Duration = 90 * DAY
"""So long a new incident of the same key links back to the one that ended."""

AT_ONCE = 2_000
"""Rows of one kind that one transaction deletes, so that nobody waits long for it."""

_MARKERS = """delete from commands where id in
    (select id from commands where id >= 'batch:' and id < 'batch;' and at < :before limit :limit)"""
_ANSWERS = "delete from commands where id in (select id from commands where at < :before order by at limit :limit)"
_KEYS = """delete from live where until < :before and (scope, key) in
    (select scope, key from live where until < :before order by until limit :limit)"""


def tidy(connection: Connection, now: Instant) -> int:
    """Delete some of what has had its time; how many rows. Ask again until it is 0."""
    ages = {_MARKERS: MARKERS_KEPT, _ANSWERS: KEPT, _KEYS: KEYS_KEPT}
    gone = sessions.forget(connection, now - KEPT) + invitations.forget(connection, now - KEPT)
    return gone + sum(
        connection.execute(text(statement), {"before": now - age, "limit": AT_ONCE}).rowcount
        for statement, age in ages.items()
    )
