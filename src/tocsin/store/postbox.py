"""The inbox: commands that one stream posted to another, kept until they are carried out."""

from collections.abc import Collection, Sequence

from sqlalchemy import Connection, text

from tocsin.core.instant import Instant
from tocsin.store.contract import Posted
from tocsin.store.rows import add, each
from tocsin.store.tables import inbox

DUE = """select s.id, s.stream, s.due_at, s.body, s.depth, s.cause from inbox s
    where s.due_at <= :now order by s.due_at, s.id limit :limit"""
DONE = "delete from inbox where id in (select id from r)"


def post(connection: Connection, posted: Sequence[Posted]) -> None:
    """Keep these; one that is there already stays as it is."""
    add(connection, inbox, [(p.id, p.stream, p.due_at, p.depth, p.cause, p.body) for p in posted])


def due(connection: Connection, now: Instant, limit: int, skip: str) -> list[Posted]:
    """Those whose time has come, oldest first; `skip` passes over what another worker has locked."""
    found = connection.execute(text(DUE + skip), {"now": now, "limit": limit})
    return [Posted(*row) for row in found]


def done(connection: Connection, ids: Collection[str]) -> None:
    """Forget these."""
    each(connection, DONE, {"id": "text"}, [(id_,) for id_ in sorted(ids)])
