"""The auditor's question: which live incidents have no next action, and whose is long past."""

from sqlalchemy import Connection, text

from tocsin.core.instant import Duration, Instant

_MUTE = text("""select id from streams where due_at is null and status in ('open', 'acknowledged')
    order by id limit 100""")
_LATE = text("""select id from streams where kind = 'incident' and status in ('open', 'acknowledged')
    and rank = :rank and due_at < :before order by due_at limit 20""")


def silent(connection: Connection, now: Instant, grace: Duration) -> tuple[list[str], list[str]]:
    """Ids of live incidents without a next action, and of those whose action was due more than `grace` ago."""
    mute = [row.id for row in connection.execute(_MUTE)]
    late = [row.id for rank in range(5) for row in connection.execute(_LATE, {"rank": rank, "before": now - grace})]
    return mute, late
