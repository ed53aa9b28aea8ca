"""How each method of sending does: what waits, and what became of the latest messages of what changed."""

from collections.abc import Iterable
from typing import Any

from msgspec import Struct
from sqlalchemy import Connection, Row, text

from tocsin.core.instant import Instant
from tocsin.store.queries import sent
from tocsin.store.queries.sent import Sent

LOOKED_AT = 500
"""Messages of incidents, and as many that belong to none."""

_WAITING = text("select method, count(*) n, min(next_at) at from outbox where next_at is not null group by method")


class Traffic(Struct, frozen=True):
    """One method. `failing` are tries in a row that came to nothing, the latest first; `why` is what was said then.

    Of confidential incidents nothing is looked at but how much waits.
    """

    method: str
    waiting: int = 0
    next_at: Instant | None = None
    sent: int = 0
    failed: int = 0
    failing: int = 0
    sent_at: Instant | None = None
    failed_at: Instant | None = None
    why: str = ""


def traffic(connection: Connection) -> dict[str, Traffic]:
    """By method; one that nothing was ever sent by is not there."""
    waiting = {row.method: row for row in connection.execute(_WAITING)}
    rows = [*sent.recent(connection, LOOKED_AT), *sent.of_incident(connection, "", LOOKED_AT)]
    rows.sort(key=lambda row: row.sent_at or row.created_at, reverse=True)
    methods = {*waiting, *(row.method for row in rows)}
    return {one: _traffic(one, [row for row in rows if row.method == one], waiting.get(one)) for one in methods}


def _traffic(method: str, rows: list[Sent], queue: Row[Any] | None) -> Traffic:
    well, ill = [row for row in rows if row.state == "sent"], [row for row in rows if _failed(row)]
    return Traffic(
        method,
        0 if queue is None else queue.n,
        None if queue is None else queue.at,
        len(well),
        len(ill),
        _in_a_row(rows),
        well[0].sent_at if well else None,
        ill[0].created_at if ill else None,
        (ill[0].detail or ill[0].outcome)[:300] if ill else "",
    )


def _failed(row: Sent) -> bool:
    return row.state in ("failed", "dead") or (row.state == "waiting" and row.tried > 0)


def _in_a_row(rows: Iterable[Sent]) -> int:
    n = 0
    for row in rows:
        if row.state == "sent":
            break
        n += _failed(row)
    return n
