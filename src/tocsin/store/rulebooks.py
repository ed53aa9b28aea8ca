"""Every version of the rulebook that was applied, as the texts of its files."""

from collections.abc import Mapping
from typing import Any

import msgspec
from msgspec import Struct
from sqlalchemy import Connection, Row, func, select

from tocsin.core.instant import Instant
from tocsin.store.tables import rulebooks


class Version(Struct, frozen=True):
    """One applied rulebook: `texts` by file name, and the digest of what they mean."""

    version: int
    digest: str
    applied_at: Instant
    applied_by: str
    note: str
    texts: Mapping[str, str]


class Heading(Struct, frozen=True):
    """A version without its texts, for lists."""

    version: int
    digest: str
    applied_at: Instant
    applied_by: str
    note: str


_HEADING = tuple(rulebooks.c[name] for name in Heading.__struct_fields__)
_COLUMNS = tuple(rulebooks.c[n] for n in ("version", "digest", "applied_at", "applied_by", "note", "texts"))

_NUMBER = select(func.coalesce(func.max(rulebooks.c.version), 0))


def _version(row: Row[Any]) -> Version:
    return Version(row.version, row.digest, row.applied_at, row.applied_by, row.note, msgspec.json.decode(row.texts))


def apply(
    connection: Connection, digest: str, texts: Mapping[str, str], now: Instant, by: str = "", note: str = ""
) -> int:
    """Add a version; its number. One that says the same as the latest adds nothing."""
    last = latest(connection)
    if last is not None and last.digest == digest and dict(last.texts) == dict(texts):
        return last.version
    number = (last.version if last is not None else 0) + 1
    row = {"version": number, "digest": digest, "applied_at": now, "applied_by": by, "note": note}
    connection.execute(rulebooks.insert().values(row | {"texts": msgspec.json.encode(dict(texts))}))
    return number


def latest(connection: Connection) -> Version | None:
    """The rulebook in force, or None before the first."""
    row = connection.execute(select(*_COLUMNS).order_by(rulebooks.c.version.desc()).limit(1)).first()
    return None if row is None else _version(row)


def at(connection: Connection, instant: Instant) -> Version | None:
    """The rulebook that was in force then; before the first was applied, the first."""
    then = select(*_COLUMNS).where(rulebooks.c.applied_at <= instant).order_by(rulebooks.c.version.desc())
    first = select(*_COLUMNS).order_by(rulebooks.c.version)
    row = connection.execute(then.limit(1)).first() or connection.execute(first.limit(1)).first()
    return None if row is None else _version(row)


def find(connection: Connection, number: int) -> Version | None:
    """The version of that number, if there ever was one."""
    row = connection.execute(select(*_COLUMNS).where(rulebooks.c.version == number)).first()
    return None if row is None else _version(row)


def number(connection: Connection) -> int:
    """The latest version's number, 0 before the first."""
    return int(connection.execute(_NUMBER).scalar_one())


def earlier(connection: Connection) -> list[Version]:
    """All versions, oldest first: live incidents may be pinned to a policy of any of them."""
    rows = connection.execute(select(*_COLUMNS).order_by(rulebooks.c.version)).all()
    return [_version(row) for row in rows]


def recent(connection: Connection, most: int) -> list[Version]:
    """The last ones, the newest first."""
    rows = connection.execute(select(*_COLUMNS).order_by(rulebooks.c.version.desc()).limit(most)).all()
    return [_version(row) for row in rows]


def headings(connection: Connection, most: int, below: int | None = None) -> list[Heading]:
    """The last ones, the newest first; those numbered below `below`, where that is given."""
    found = select(*_HEADING).order_by(rulebooks.c.version.desc()).limit(most)
    if below is not None:
        found = found.where(rulebooks.c.version < below)
    return [Heading(*row) for row in connection.execute(found)]
