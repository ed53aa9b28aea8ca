"""Where a list goes on, the newest first: after a row that was made then, and among equals by its id."""

from typing import Any

from msgspec import Struct
from sqlalchemy import ColumnElement, Select, and_, or_

from tocsin.core.instant import Instant


class Place(Struct, frozen=True):
    """After the row of that id, which was made then."""

    created_at: Instant
    id: str


def newest(
    query: "Select[Any]", made: ColumnElement[Any], id_: ColumnElement[Any], limit: int, after: Place | None
) -> "Select[Any]":
    """So many of its rows, the newest first, from a place on."""
    if after is not None:
        query = query.where(or_(made < after.created_at, and_(made == after.created_at, id_ > after.id)))
    return query.order_by(made.desc(), id_).limit(limit)
