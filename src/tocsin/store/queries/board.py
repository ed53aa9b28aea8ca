"""Incidents as lists show them, the worst and oldest first, by index: a page costs the same however many wait."""

from collections.abc import Iterator, Sequence
from typing import Any

from msgspec import Struct
from sqlalchemy import ColumnElement, Connection, LargeBinary, Select, func, literal, or_, select, tuple_

from tocsin.core.instant import Instant
from tocsin.store.contract import ENDED
from tocsin.store.tables import streams

LIVE = ("open", "acknowledged")
SOUGHT = 2_000
"""Of each status so many of the first are looked through for a text: a search must not read a whole history."""


class Row(Struct, frozen=True):
    """One incident as a list needs it; `rank` and `opened_at` say where it stands.

    `state` is its snapshot, b"" where a list has no need of it.
    """

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
    """Which incidents; '' means any. Confidential ones are left out unless asked for.

    `text` stands somewhere in title, service or id. `owner` has it, or it is one of `besides`. Opened in
    [since, until); changed at `updated_since` or later.
    """

    statuses: Sequence[str] = LIVE
    team: str = ""
    priority: str = ""
    confidential: bool = False
    service: str = ""
    text: str = ""
    owner: str = ""
    besides: Sequence[str] = ()
    since: Instant | None = None
    until: Instant | None = None
    updated_since: Instant | None = None


Columns = Sequence[ColumnElement[Any]]


class Place(Struct, frozen=True, array_like=True):
    """Where a page ended: among the live (0) or the ended (1), and the columns of its last row."""

    group: int
    rank: int
    opened_at: Instant
    id: str


_COLUMNS = [streams.c[name] for name in Row.__struct_fields__[:-1]]
_LIGHT = (*_COLUMNS, literal(b"", LargeBinary).label("state"))
_WHOLE = (*_COLUMNS, streams.c.state)
_ORDER = (streams.c.rank, streams.c.opened_at, streams.c.id)


def board(
    connection: Connection, wanted: Filter, limit: int, after: Place | None = None, *, states: bool = True
) -> tuple[list[Row], Place | None]:
    """The next `limit` incidents after a place, and the place where they end, None when there are no more.

    Live ones by urgency, oldest first; then ended ones, newest first. With their `states`, or without.
    """
    columns = _WHOLE if states else _LIGHT
    found: list[tuple[int, Row]] = []
    for group, statuses in enumerate((LIVE, ENDED)):
        chosen = [status for status in statuses if status in wanted.statuses]
        start = after if after is not None and after.group == group else None
        if after is None or after.group <= group:
            found += [
                (group, row) for row in _group(connection, columns, chosen, wanted, limit + 1 - len(found), start)
            ]
    rows = [row for _, row in found[:limit]]
    if len(found) <= limit:
        return rows, None
    group, last = found[limit - 1]
    return rows, Place(group, last.rank, last.opened_at, last.id)


def _group(
    connection: Connection, columns: Columns, statuses: Sequence[str], wanted: Filter, limit: int, after: Place | None
) -> list[Row]:
    ended = not set(statuses) & set(LIVE)
    queries = (_of_status(columns, status, wanted, after, ended).limit(max(limit, 0)) for status in statuses)
    rows = [_row(row) for query in queries for row in connection.execute(query)]
    return sorted(rows, key=lambda row: (row.rank, row.opened_at, row.id), reverse=ended)[: max(limit, 0)]


def _of_status(columns: Columns, status: str, wanted: Filter, after: Place | None, newest_first: bool) -> "Select[Any]":
    query: Select[Any] = select(*columns)
    query = query.where(streams.c.kind == "incident", streams.c.status == status, *_asked(wanted))
    query = _from(query, after, newest_first)
    if not wanted.text:
        return query
    near = query.limit(SOUGHT).subquery()
    said = or_(*(near.c[name].icontains(wanted.text, autoescape=True) for name in ("title", "service", "id")))
    order = (near.c.rank, near.c.opened_at, near.c.id)
    found: Select[Any] = select(near).where(said)
    return found.order_by(*((column.desc() for column in order) if newest_first else order))


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
    if wanted.service:
        found.append(streams.c.service == wanted.service)
    if wanted.owner:
        found.append(or_(streams.c.owner == wanted.owner, streams.c.id.in_(wanted.besides)))
    found += _when(wanted)
    if not wanted.confidential:
        found.append(streams.c.confidential.is_(False))
    return found


def _when(wanted: Filter) -> Iterator[ColumnElement[bool]]:
    if wanted.since is not None:
        yield streams.c.opened_at >= wanted.since
    if wanted.until is not None:
        yield streams.c.opened_at < wanted.until
    if wanted.updated_since is not None:
        yield streams.c.updated_at >= wanted.updated_since


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


def live_count(connection: Connection, status: str, most: int) -> int:
    """How many incidents have a live status, `most` at most; confidential ones are not counted."""
    found = select(literal(1)).where(
        streams.c.kind == "incident", streams.c.status == status, streams.c.confidential.is_(False)
    )
    return connection.execute(select(func.count()).select_from(found.limit(most).subquery())).scalar_one()


class Changed(Struct, frozen=True):
    """An incident that changed."""

    id: str
    seq: int
    updated_at: Instant
    confidential: bool


def changed(connection: Connection, since: Instant, limit: int) -> list[Changed]:
    """The incidents that changed after an instant, the latest first."""
    columns = (streams.c.id, streams.c.seq, streams.c.updated_at, streams.c.confidential, streams.c.kind)
    query = select(*columns).where(streams.c.updated_at > since).order_by(streams.c.updated_at.desc()).limit(limit)
    rows = connection.execute(query)  # other kinds are left out here, so that one index gives the order
    return [Changed(row.id, row.seq, row.updated_at, bool(row.confidential)) for row in rows if row.kind == "incident"]


def confidential(connection: Connection, statuses: Sequence[str], limit: int) -> list[Row]:
    """The confidential incidents of those statuses, without their states; whoever asks judges who may know of them."""
    query = select(*_LIGHT).where(
        streams.c.kind == "incident", streams.c.status.in_(statuses), streams.c.confidential.is_(True)
    )
    return [_row(row) for row in connection.execute(query.order_by(*_ORDER).limit(limit))]
