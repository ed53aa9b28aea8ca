"""How many live incidents each service has, counted in the index of those that live."""

from sqlalchemy import Connection, func, select

from tocsin.store.queries.board import LIVE
from tocsin.store.tables import streams


def live_by_service(connection: Connection) -> dict[str, int]:
    """By service; confidential ones are not counted, whoever may know of them counts those apart."""
    query = (
        select(streams.c.service, func.count())
        .where(streams.c.kind == "incident", streams.c.status.in_(LIVE), streams.c.confidential.is_(False))
        .group_by(streams.c.service)
    )
    return {str(service): int(n) for service, n in connection.execute(query)}
