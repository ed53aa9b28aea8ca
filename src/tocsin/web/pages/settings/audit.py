"""The audit log: what was administered, by whom, the newest first; whether its chain holds; and as a table."""

import asyncio
import datetime as dt
from typing import Any
from urllib.parse import urlencode

import msgspec
from litestar import Response, get
from msgspec import Struct
from sqlalchemy import Connection

from tocsin.core.instant import DAY, MINUTE, SECOND, Duration, Instant
from tocsin.lib.moments import iso, zone_of
from tocsin.lib.spreadsheet import MEDIA, table
from tocsin.store import audit_log
from tocsin.store.audit_log import Entry, Sought
from tocsin.web.here import Asked, Here, here
from tocsin.web.pages.settings.places import Seat, seated
from tocsin.web.parts.naming import naming
from tocsin.web.parts.words import Names, name_of

__all__ = ["export", "show"]

SIZE = 100
MOST = 10_000
"""Deeds of one export."""

COLUMNS = ("n", "at", "actor", "what", "object", "details", "hash")
KINDS = (
    "account", "absence", "channel", "contact", "incident", "override", "preference", "rulebook", "setup", "source",
    "token",
)  # fmt: skip
"""The first words of what is written down."""

GOOD_FOR: Duration = 5 * MINUTE


class Wanted(Struct, frozen=True):
    """What the address asks for; days are those of the reader's zone."""

    actor: str = ""
    what: str = ""
    since: str = ""
    until: str = ""
    before: int | None = None

    @property
    def query(self) -> str:
        """The same as a query, without the place in it."""
        given = {"actor": self.actor, "what": self.what, "since": self.since, "until": self.until}
        return urlencode({name: value for name, value in given.items() if value})

    def sought(self, zone: str) -> Sought:
        """As the store is asked."""
        end = _midnight(self.until, zone)
        return Sought(self.actor, _midnight(self.since, zone), None if end is None else end + DAY)


class Line(Struct, frozen=True):
    """One deed in words; `details` are its pairs."""

    entry: Entry
    who: str
    about: str
    details: tuple[tuple[str, str], ...]


class Chain:
    """Looks whether every entry is as it was written, and believes it for a while."""

    def __init__(self) -> None:
        self._known: tuple[int, Instant, str] | None = None

    def broken(self, connection: Connection, steady: Instant) -> str:
        """What is wrong, '' where the chain holds."""
        last = audit_log.last(connection)
        if self._known is None or self._known[0] != last or steady - self._known[1] >= GOOD_FOR:
            found = next(iter(audit_log.broken(connection)), None)
            self._known = (last, steady, "" if found is None else found[1])
        return self._known[2]


@get("/settings/audit")
async def show(request: Asked) -> Response[str]:
    """A page of it."""
    at, seat = here(request), await seated(request, "audit")
    wanted = _wanted(request)
    return await asyncio.to_thread(_page, at, seat, wanted)


def _page(at: Here, seat: Seat, wanted: Wanted) -> Response[str]:
    sought = wanted.sought(seat.frame.reader.zone)

    def query(connection: Connection) -> dict[str, Any]:
        names = naming(connection, at, seat.frame)
        found = audit_log.latest(connection, SIZE + 1, wanted.before, wanted.what, sought)
        return {
            "lines": [_line(entry, names) for entry in found[:SIZE]],
            "more": found[SIZE - 1].n if len(found) > SIZE else None,
            "actors": [(one, name_of(one, names)) for one in audit_log.actors(connection)],
            "broken": at.kept(Chain).broken(connection, at.site.clock.steady()),
            "last": audit_log.last(connection),
        }

    return seat.shown("audit", wanted=wanted, kinds=KINDS, **at.read(query))


def _line(entry: Entry, names: Names) -> Line:
    return Line(entry, name_of(entry.actor, names), name_of(entry.object, names), _pairs(entry.details))


def _pairs(details: bytes) -> tuple[tuple[str, str], ...]:
    found = msgspec.json.decode(details)
    plain = found if isinstance(found, dict) else {"": found}
    return tuple((str(name), _plain(value)) for name, value in plain.items() if value not in (None, "", [], ()))


def _plain(value: Any) -> str:
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


@get("/settings/audit.csv")
async def export(request: Asked) -> Response[str]:
    """The same as a table, at most 10,000 deeds."""
    at, seat = here(request), await seated(request, "audit")
    wanted = _wanted(request)
    sought = wanted.sought(seat.frame.reader.zone)
    found = await at.gate.read(
        lambda connection: audit_log.latest(connection, MOST, wanted.before, wanted.what, sought)
    )
    headers = {"content-disposition": 'attachment; filename="audit.csv"'}
    return Response(table(COLUMNS, [_cells(one) for one in found]), media_type=MEDIA, headers=headers)


def _cells(one: Entry) -> tuple[str, ...]:
    return str(one.n), iso(one.at), one.actor, one.what, one.object, one.details.decode(), one.hash.hex()


def _wanted(request: Asked) -> Wanted:
    given = {name: str(value)[:200] for name, value in request.query_params.items()}
    before = given.get("before", "")
    return Wanted(
        given.get("actor", ""), given.get("what", ""), given.get("since", ""), given.get("until", ""),
        int(before) if before.isascii() and before.isdigit() and len(before) < 18 else None,
    )  # fmt: skip


def _midnight(day: str, zone: str) -> Instant | None:
    try:
        found = dt.date.fromisoformat(day)
    except ValueError:
        return None
    begin = dt.datetime.combine(found, dt.time(), zone_of(zone) or dt.UTC)
    return int(begin.timestamp()) * SECOND
