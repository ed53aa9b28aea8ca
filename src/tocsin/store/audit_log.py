"""The audit log: what was administered, by whom; appended, never changed, each entry chained to the one before."""

from collections.abc import Iterator, Mapping
from hashlib import sha256
from typing import Any

import msgspec
from msgspec import Struct
from sqlalchemy import Connection, func, select, text

from tocsin.core.instant import Instant
from tocsin.store.chain import GENESIS
from tocsin.store.codec import clean, encode
from tocsin.store.tables import audit


class Entry(Struct, frozen=True):
    """`what` is a word of its own with a dot, such as `account.created`; `object` the id of what it was done to.

    `details` is JSON as it was hashed. No secret and no address of a person is ever in it.
    """

    n: int
    at: Instant
    actor: str
    what: str
    object: str
    details: bytes
    hash: bytes


class Deed(Struct, frozen=True):
    """What is to be written down."""

    actor: str
    what: str
    object: str = ""
    details: Mapping[str, Any] = {}


_ROW = [audit.c[name] for name in Entry.__struct_fields__]
_SEPARATE = "\0"


def append(connection: Connection, deed: Deed, now: Instant) -> Entry:
    """Write down a deed in the transaction that does it: both are there, or neither.

    Writers take turns: there is one chain.
    """
    in_turn(connection)
    last = connection.execute(select(audit.c.n, audit.c.hash).order_by(audit.c.n.desc()).limit(1)).first()
    n, before = (1, GENESIS) if last is None else (last.n + 1, bytes(last.hash))
    plain = (clean(deed.actor), clean(deed.what), clean(deed.object))
    made = _chained(before, Entry(n, now, *plain, encode(dict(deed.details)), b""))
    connection.execute(audit.insert().values({name: getattr(made, name) for name in Entry.__struct_fields__}))
    return made


def in_turn(connection: Connection) -> None:
    """Until the end of the transaction nobody else administers anything; whoever only looks need not wait."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("lock table audit in exclusive mode"))


def _chained(before: bytes, entry: Entry) -> Entry:
    columns = (str(entry.n), str(entry.at), entry.actor, entry.what, entry.object)
    hashed = sha256(before + _SEPARATE.join(columns).encode() + b"\0" + entry.details).digest()
    return msgspec.structs.replace(entry, hash=hashed)


class Sought(Struct, frozen=True):
    """Which deeds; '' and None are any. By `actor`, in [since, until)."""

    actor: str = ""
    since: Instant | None = None
    until: Instant | None = None


ANY = Sought()


def latest(
    connection: Connection, limit: int, before: int | None = None, what: str = "", sought: Sought = ANY
) -> list[Entry]:
    """Entries, the newest first, numbered below `before`; of a kind, where `what` is `account` or `account.created`."""
    found = select(*_ROW).order_by(audit.c.n.desc()).limit(limit)
    if sought.actor:
        found = found.where(audit.c.actor == sought.actor)
    if sought.since is not None:
        found = found.where(audit.c.at >= sought.since)
    if sought.until is not None:
        found = found.where(audit.c.at < sought.until)
    if before is not None:
        found = found.where(audit.c.n < before)
    if what:
        found = found.where((audit.c.what == what) | audit.c.what.startswith(f"{what}.", autoescape=True))
    return [_entry(row) for row in connection.execute(found)]


def actors(connection: Connection) -> list[str]:
    """Everybody who ever administered anything."""
    return list(connection.execute(select(audit.c.actor).distinct().order_by(audit.c.actor)).scalars())


def last(connection: Connection) -> int:
    """The number of the latest entry, 0 before the first."""
    return int(connection.execute(select(func.coalesce(func.max(audit.c.n), 0))).scalar_one())


def broken(connection: Connection) -> Iterator[tuple[int, str]]:
    """Where the chain does not hold: the number, and what is wrong. It is not followed any further."""
    before = GENESIS
    with connection.execution_options(yield_per=500).execute(select(*_ROW).order_by(audit.c.n)) as rows:
        for n, row in enumerate(rows, 1):
            entry = _entry(row)
            if entry.n != n:
                yield n, f"entry {n} is not there, the next is {entry.n}"
                return
            if _chained(before, entry) != entry:
                yield n, f"entry {n} is not what was written, or one before it is not"
                return
            before = entry.hash


def _entry(row: Any) -> Entry:
    values = {name: getattr(row, name) for name in Entry.__struct_fields__}
    return Entry(**values | {"details": bytes(values["details"]), "hash": bytes(values["hash"])})
