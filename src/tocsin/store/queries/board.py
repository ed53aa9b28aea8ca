"""Incidents as lists show them, the worst and oldest first, by index: a page costs the same however many wait."""

import re
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from typing import Any

from msgspec import Struct
from sqlalchemy import ColumnElement, Connection, Select, bindparam, func, literal, or_, select, tuple_
from sqlalchemy import Row as SqlRow

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


class Place(Struct, frozen=True, array_like=True):
    """Where a page ended: among the live (0) or the ended (1), and the columns of its last row."""

    group: int
    rank: int
    opened_at: Instant
    id: str


_COLUMNS = [streams.c[name] for name in Row.__struct_fields__[:-1]]
_ORDER = (streams.c.rank, streams.c.opened_at, streams.c.id)
_EQUAL = ("team", "priority", "service")
_WHEN: dict[str, Callable[[Any], ColumnElement[bool]]] = {
    "since": lambda at: streams.c.opened_at >= at,
    "until": lambda at: streams.c.opened_at < at,
    "updated_since": lambda at: streams.c.updated_at >= at,
}


def board(
    connection: Connection, wanted: Filter, limit: int, after: Place | None = None, *, states: bool = True
) -> tuple[list[Row], Place | None]:
    """The next `limit` incidents after a place, and the place where they end, None when there are no more.

    Live ones by urgency, oldest first; then ended ones, newest first. With their `states`, or without.
    """
    found: list[tuple[int, Row]] = []
    for group, statuses in enumerate((LIVE, ENDED)):
        chosen = [status for status in statuses if status in wanted.statuses]
        start = after if after is not None and after.group == group else None
        if after is None or after.group <= group:
            rows = _group(connection, chosen, wanted, limit + 1 - len(found), start, states=states)
            found += [(group, row) for row in rows]
    rows = [row for _, row in found[:limit]]
    if len(found) <= limit:
        return rows, None
    group, last = found[limit - 1]
    return rows, Place(group, last.rank, last.opened_at, last.id)


def _group(
    connection: Connection, statuses: Sequence[str], wanted: Filter, limit: int, after: Place | None, *, states: bool
) -> list[Row]:
    ended, most = not set(statuses) & set(LIVE), max(limit, 0)
    query = _query(_parts(wanted), states, ended, after is not None)
    values = _values(wanted, after) | {"most": most}
    rows = [_row(row) for status in statuses for row in connection.execute(query, values | {"status": status})]
    return sorted(rows, key=lambda row: (row.rank, row.opened_at, row.id), reverse=ended)[:most]


def _parts(wanted: Filter) -> tuple[str, ...]:
    """The parts of a filter that narrow anything down."""
    equal = [name for name in _EQUAL if getattr(wanted, name)]
    when = [name for name in _WHEN if getattr(wanted, name) is not None]
    flags = {"text": wanted.text, "owner": wanted.owner, "open": not wanted.confidential}
    return (*equal, *when, *(name for name, said in flags.items() if said))


def _values(wanted: Filter, after: Place | None) -> dict[str, object]:
    told: dict[str, object] = {name: getattr(wanted, name) for name in _EQUAL if getattr(wanted, name)}
    told |= {name: getattr(wanted, name) for name in _WHEN if getattr(wanted, name) is not None}
    if wanted.owner:
        told |= {"owner": wanted.owner, "besides": list(wanted.besides)}
    if wanted.text:
        pattern = _ESCAPED.sub(r"/\g<0>", wanted.text.lower())
        told |= {"text": f"%{pattern}%", "sought": SOUGHT}
    if after is not None:
        told |= {"after_rank": after.rank, "after_opened": after.opened_at, "after_id": after.id}
    return told


_ESCAPED = re.compile(r"[/%_]")


@lru_cache(256)
def _query(parts: tuple[str, ...], states: bool, newest_first: bool, after: bool) -> "Select[Any]":
    """The statement for such a filter; putting it together costs more than running it, so it is done once."""
    query: Select[Any] = select(*_COLUMNS, *([streams.c.state] if states else []))
    query = query.where(streams.c.kind == "incident", streams.c.status == bindparam("status"), *_conditions(parts))
    if after:
        place = tuple_(bindparam("after_rank"), bindparam("after_opened"), bindparam("after_id"))
        query = query.where(tuple_(*_ORDER) < place if newest_first else tuple_(*_ORDER) > place)
    order = [column.desc() for column in _ORDER] if newest_first else list(_ORDER)
    if "text" not in parts:
        return query.order_by(*order).limit(bindparam("most"))
    near = query.order_by(*order).limit(bindparam("sought")).subquery()
    said = or_(*(func.lower(near.c[name]).like(bindparam("text"), escape="/") for name in ("title", "service", "id")))
    again = [near.c[column.name] for column in _ORDER]
    found: Select[Any] = select(near).where(said)
    return found.order_by(*([one.desc() for one in again] if newest_first else again)).limit(bindparam("most"))


def _conditions(parts: tuple[str, ...]) -> Iterator[ColumnElement[bool]]:
    for name in parts:
        if name in _EQUAL:
            yield streams.c[name] == bindparam(name)
        elif name in _WHEN:
            yield _WHEN[name](bindparam(name))
        elif name == "owner":
            mine = streams.c.id.in_(bindparam("besides", expanding=True))
            yield or_(streams.c.owner == bindparam("owner"), mine)
        elif name == "open":
            yield streams.c.confidential.is_(False)


def _row(row: "SqlRow[Any]") -> Row:
    """With its state, or without; whether it is confidential stands before that."""
    *columns, hidden = row[: len(_COLUMNS)]
    values = (*columns, bool(hidden), bytes(row[-1]) if len(row) > len(_COLUMNS) else b"")
    return Row(*values)


def live_counts(connection: Connection) -> dict[str, int]:
    """How many live incidents there are, by priority; confidential ones are not counted."""
    query = (
        select(streams.c.priority, func.count())
        .where(streams.c.kind == "incident", streams.c.status.in_(LIVE), streams.c.confidential.is_(False))
        .group_by(streams.c.priority)
    )
    return {str(priority): int(n) for priority, n in connection.execute(query)}


_LIVE_COUNT = select(func.count()).select_from(
    select(literal(1))
    .where(streams.c.kind == "incident", streams.c.status == bindparam("status"), streams.c.confidential.is_(False))
    .limit(bindparam("most"))
    .subquery()
)


def live_count(connection: Connection, status: str, most: int) -> int:
    """How many incidents have a live status, `most` at most; confidential ones are not counted."""
    return connection.execute(_LIVE_COUNT, {"status": status, "most": most}).scalar_one()


class Changed(Struct, frozen=True):
    """An incident that changed."""

    id: str
    seq: int
    updated_at: Instant
    confidential: bool


_CHANGED = (
    select(streams.c.id, streams.c.seq, streams.c.updated_at, streams.c.confidential, streams.c.kind)
    .where(streams.c.updated_at > bindparam("since"))
    .order_by(streams.c.updated_at.desc())
    .limit(bindparam("most"))
)
"""Other kinds are left out afterwards, so that one index gives the order."""


def changed(connection: Connection, since: Instant, limit: int) -> list[Changed]:
    """The incidents that changed after an instant, the latest first."""
    rows = connection.execute(_CHANGED, {"since": since, "most": limit})
    return [Changed(row.id, row.seq, row.updated_at, bool(row.confidential)) for row in rows if row.kind == "incident"]


_HIDDEN = (
    select(*_COLUMNS)
    .where(
        streams.c.kind == "incident",
        streams.c.status.in_(bindparam("statuses", expanding=True)),
        streams.c.confidential.is_(True),
    )
    .order_by(*_ORDER)
    .limit(bindparam("most"))
)


def confidential(connection: Connection, statuses: Sequence[str], limit: int) -> list[Row]:
    """The confidential incidents of those statuses, without their states; whoever asks judges who may know of them."""
    return [_row(row) for row in connection.execute(_HIDDEN, {"statuses": list(statuses), "most": limit})]
