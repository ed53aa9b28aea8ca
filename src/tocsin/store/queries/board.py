"""Incidents as lists show them, the worst and oldest first, by index: a page costs the same however many wait."""

from collections.abc import Sequence
from typing import Any

from msgspec import Struct
from sqlalchemy import ColumnElement, Connection, Select, func, literal, select, tuple_

from tocsin.core.instant import Instant
from tocsin.store.contract import ENDED
from tocsin.store.tables import streams

LIVE = ("open", "acknowledged")


class Row(Struct, frozen=True):
    """One incident as a list needs it; `state` is its snapshot. `rank` and `opened_at` say where it stands."""

    id: str
    seq: int
    status: str
    rank: int
    opened_at: Instant
    updated_at: Instant
    due_at: Instant | None
    title: str
    priority: str
    service: str
    team: str
    owner: str
    confidential: bool
    state: bytes


class Filter(Struct, frozen=True):
    """Which incidents; '' means any. Confidential ones are left out unless asked for."""

    statuses: Sequence[str] = LIVE
    team: str = ""
    priority: str = ""
    confidential: bool = False


class Place(Struct, frozen=True, array_like=True):
    """Where a page ended: among the live (0) or the ended (1), and the columns of its last row."""

    group: int
    rank: int
    opened_at: Instant
    id: str


_COLUMNS = [streams.c[name] for name in Row.__struct_fields__]
_ORDER = (streams.c.rank, streams.c.opened_at, streams.c.id)


def board(
    connection: Connection, wanted: Filter, limit: int, after: Place | None = None
) -> tuple[list[Row], Place | None]:
    """The next `limit` incidents after a place, and the place where they end, None when there are no more.

    Live ones by urgency, oldest first; then ended ones, newest first.
    """
    found: list[tuple[int, Row]] = []
    for group, statuses in enumerate((LIVE, ENDED)):
        chosen = [status for status in statuses if status in wanted.statuses]
        start = after if after is not None and after.group == group else None
        if after is None or after.group <= group:
            found += [(group, row) for row in _group(connection, chosen, wanted, limit + 1 - len(found), start)]
    rows = [row for _, row in found[:limit]]
    if len(found) <= limit:
        return rows, None
    group, last = found[limit - 1]
    return rows, Place(group, last.rank, last.opened_at, last.id)


def _group(
    connection: Connection, statuses: Sequence[str], wanted: Filter, limit: int, after: Place | None
) -> list[Row]:
    ended = not set(statuses) & set(LIVE)
    rows = [row for status in statuses for row in _of_status(connection, status, wanted, limit, after, ended)]
    return sorted(rows, key=lambda row: (row.rank, row.opened_at, row.id), reverse=ended)[: max(limit, 0)]


def _of_status(
    connection: Connection, status: str, wanted: Filter, limit: int, after: Place | None, newest_first: bool
) -> list[Row]:
    query = select(*_COLUMNS).where(streams.c.kind == "incident", streams.c.status == status, *_asked(wanted))
    query = _from(query, after, newest_first).limit(max(limit, 0))
    return [_row(row) for row in connection.execute(query)]


def _from(query: "Select[Any]", after: Place | None, newest_first: bool) -> "Select[Any]":
    columns = tuple_(*_ORDER)
    place = None if after is None else tuple_(literal(after.rank), literal(after.opened_at), literal(after.id))
    if newest_first:
        if place is not None:
            query = query.where(columns < place)
        return query.order_by(*(column.desc() for column in _ORDER))
    if place is not None:
        query = query.where(columns > place)
    return query.order_by(*_ORDER)


def _asked(wanted: Filter) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.team:
        found.append(streams.c.team == wanted.team)
    if wanted.priority:
        found.append(streams.c.priority == wanted.priority)
    if not wanted.confidential:
        found.append(streams.c.confidential.is_(False))
    return found


def _row(row: Any) -> Row:
    values = row._asdict()
    return Row(**values | {"state": bytes(values["state"]), "confidential": bool(values["confidential"])})


def live_counts(connection: Connection) -> dict[str, int]:
    """How many live incidents there are, by priority; confidential ones are not counted."""
    query = (
        select(streams.c.priority, func.count())
        .where(streams.c.kind == "incident", streams.c.status.in_(LIVE), streams.c.confidential.is_(False))
        .group_by(streams.c.priority)
    )
    return {str(priority): int(n) for priority, n in connection.execute(query)}
