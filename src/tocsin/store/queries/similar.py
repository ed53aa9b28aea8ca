"""Earlier incidents of the same signature, found without reading a whole history."""

from msgspec import Struct
from sqlalchemy import Connection, select

from tocsin.core.instant import Instant
from tocsin.store.contract import ENDED
from tocsin.store.tables import streams

LOOKED_AT = 2_000
"""Of each status so many of the latest are looked through."""


class Earlier(Struct, frozen=True):
    """One that ended."""

    id: str
    opened_at: Instant
    updated_at: Instant


def earlier(connection: Connection, service: str, title: str, besides: str, limit: int) -> list[Earlier]:
    """Ended ones with that service and title, the latest first; confidential ones are left out."""
    found: list[Earlier] = []
    for status in ENDED:
        near = (
            select(streams.c.id, streams.c.opened_at, streams.c.updated_at, streams.c.service, streams.c.title)
            .where(streams.c.kind == "incident", streams.c.status == status, streams.c.confidential.is_(False))
            .order_by(streams.c.rank.desc(), streams.c.opened_at.desc(), streams.c.id.desc())
            .limit(LOOKED_AT)
            .subquery()
        )
        same = (near.c.service == service, near.c.title == title, near.c.id != besides)
        columns = (near.c.id, near.c.opened_at, near.c.updated_at)
        rows = connection.execute(select(*columns).where(*same).order_by(near.c.opened_at.desc()).limit(limit))
        found += [Earlier(*row) for row in rows]
    return sorted(found, key=lambda one: one.opened_at, reverse=True)[:limit]
