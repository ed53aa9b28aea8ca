"""Sessions: of each only the hash of its cookie, whose it is, and when it was last seen."""

from typing import Any

from msgspec import Struct
from sqlalchemy import Connection, delete, or_, select, update

from tocsin.core.instant import Instant
from tocsin.store.tables import opened, sessions


class Session(Struct, frozen=True):
    """One browser that is signed in: to an account, or with a token (`account` is '' then).

    `proved_at` is when its person last showed who they are; `ends_at` when it ends whatever happens.
    """

    id: str
    hash: bytes
    account: str
    token: str
    method: str
    trusted: bool
    created_at: Instant
    seen_at: Instant
    proved_at: Instant
    ends_at: Instant
    revoked_at: Instant | None = None
    address: str = ""
    agent: str = ""


class Opened(Struct, frozen=True):
    """A confidential incident that somebody has opened by breaking the glass, until when, and why."""

    account: str
    incident: str
    at: Instant
    until: Instant
    reason: str


_ROW = [sessions.c[name] for name in Session.__struct_fields__]


def add(connection: Connection, session: Session) -> None:
    """Keep a new one."""
    connection.execute(sessions.insert().values({name: getattr(session, name) for name in Session.__struct_fields__}))


def by_hash(connection: Connection, hashed: bytes) -> Session | None:
    """The session of that cookie, ended or not."""
    row = connection.execute(select(*_ROW).where(sessions.c.hash == hashed)).first()
    return None if row is None else _session(row)


def live(connection: Connection, now: Instant, account: str | None = None) -> list[Session]:
    """Sessions that were not ended and whose time is not over, the last seen first: of one account, or of all."""
    where = [sessions.c.revoked_at.is_(None), sessions.c.ends_at > now]
    if account is not None:
        where.append(sessions.c.account == account)
    return [
        _session(row) for row in connection.execute(select(*_ROW).where(*where).order_by(sessions.c.seen_at.desc()))
    ]


def seen(connection: Connection, id_: str, now: Instant) -> None:
    """Note that it is in use."""
    connection.execute(update(sessions).where(sessions.c.id == id_).values(seen_at=now))


def rotate(connection: Connection, id_: str, hashed: bytes, now: Instant) -> None:
    """Another cookie for it from now on; its person has just shown again who they are."""
    values = {"hash": hashed, "proved_at": now, "seen_at": now}
    connection.execute(update(sessions).where(sessions.c.id == id_).values(values))


def revoke(connection: Connection, id_: str, now: Instant) -> bool:
    """End one; whether there was one to end."""
    return _end(connection, now, sessions.c.id == id_) > 0


def revoke_all(connection: Connection, account: str, now: Instant, but: str = "") -> int:
    """End those of an account, all `but` one; how many."""
    return _end(connection, now, (sessions.c.account == account) & (sessions.c.id != but))


def forget(connection: Connection, before: Instant) -> int:
    """Delete those that ended before that, and glass that was mended; how many rows."""
    over = or_(sessions.c.ends_at < before, sessions.c.revoked_at < before)
    gone = connection.execute(delete(sessions).where(over)).rowcount
    return gone + connection.execute(delete(opened).where(opened.c.until < before)).rowcount


def _end(connection: Connection, now: Instant, which: Any) -> int:
    still = sessions.c.revoked_at.is_(None)
    return connection.execute(update(sessions).where(which, still).values(revoked_at=now)).rowcount


def _session(row: Any) -> Session:
    values = {name: getattr(row, name) for name in Session.__struct_fields__}
    return Session(**values | {"hash": bytes(values["hash"]), "trusted": bool(values["trusted"])})


# ------------------------------------------------------------------------------------------ the glass


def open_for(connection: Connection, glass: Opened) -> None:
    """Let an account read one incident for a while."""
    same = (opened.c.account == glass.account, opened.c.incident == glass.incident)
    connection.execute(delete(opened).where(*same))
    connection.execute(opened.insert().values({name: getattr(glass, name) for name in Opened.__struct_fields__}))


def opened_by(connection: Connection, account: str, now: Instant) -> frozenset[str]:
    """The incidents whose glass an account has broken and that are still open to it."""
    found = select(opened.c.incident).where(opened.c.account == account, opened.c.until > now)
    return frozenset(connection.execute(found).scalars())
