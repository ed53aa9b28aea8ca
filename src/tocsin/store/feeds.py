"""Addresses of calendars that are read without signing in: of each only its hash, whose it is, and what it shows."""

from msgspec import Struct
from sqlalchemy import Connection, select, update

from tocsin.core.instant import Instant
from tocsin.store.tables import accounts, feeds


class Feed(Struct, frozen=True):
    """`what` is `schedule:NAME` or `person:ID`, and nothing else can be read by it."""

    id: str
    hash: bytes
    account: str
    what: str
    created_at: Instant
    revoked_at: Instant | None = None
    last_used: Instant | None = None


_ROW = [feeds.c[name] for name in Feed.__struct_fields__]


def add(connection: Connection, feed: Feed) -> None:
    """Keep a new one; those of the same account that show the same are worthless from now on."""
    same = (feeds.c.account == feed.account, feeds.c.what == feed.what, feeds.c.revoked_at.is_(None))
    connection.execute(update(feeds).where(*same).values(revoked_at=feed.created_at))
    connection.execute(feeds.insert().values({name: getattr(feed, name) for name in Feed.__struct_fields__}))


def by_hash(connection: Connection, hashed: bytes) -> Feed | None:
    """The feed with that hash, while it is good and its account is not disabled."""
    good = (feeds.c.hash == hashed, feeds.c.revoked_at.is_(None), accounts.c.disabled_at.is_(None))
    whose = feeds.join(accounts, accounts.c.id == feeds.c.account)
    row = connection.execute(select(*_ROW).select_from(whose).where(*good)).first()
    return None if row is None else _feed(row)


def of_account(connection: Connection, account: str) -> list[Feed]:
    """All of an account that are good, the newest first."""
    mine = (feeds.c.account == account, feeds.c.revoked_at.is_(None))
    rows = connection.execute(select(*_ROW).where(*mine).order_by(feeds.c.created_at.desc(), feeds.c.id))
    return [_feed(row) for row in rows]


def revoke(connection: Connection, account: str, id_: str, now: Instant) -> bool:
    """End one of an account for good; whether there was one to end."""
    still = (feeds.c.id == id_, feeds.c.account == account, feeds.c.revoked_at.is_(None))
    return connection.execute(update(feeds).where(*still).values(revoked_at=now)).rowcount > 0


def used(connection: Connection, id_: str, now: Instant) -> None:
    """Note that it was read."""
    connection.execute(update(feeds).where(feeds.c.id == id_).values(last_used=now))


def _feed(row: object) -> Feed:
    values = {name: getattr(row, name) for name in Feed.__struct_fields__}
    return Feed(**values | {"hash": bytes(values["hash"])})
