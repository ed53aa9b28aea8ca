"""Access tokens: of each only its hash, what it may do, and whether it still may."""

from msgspec import Struct
from sqlalchemy import Connection, select, update

from tocsin.core.instant import Instant
from tocsin.store.place import Place, newest
from tocsin.store.tables import tokens


class Token(Struct, frozen=True):
    """One token as it is kept. `prefix` is the part of its text that names it; `hash` is SHA-256 over the whole.

    `scopes` narrow its role, None does not; `teams` are those it is bound to, () is none. From `ends_at` on it is of
    no use; None: until it is revoked.
    """

    id: str
    name: str
    role: str
    prefix: str
    hash: bytes
    created_at: Instant
    revoked_at: Instant | None = None
    last_used: Instant | None = None
    scopes: tuple[str, ...] | None = None
    teams: tuple[str, ...] = ()
    ends_at: Instant | None = None

    def good(self, now: Instant) -> bool:
        """Whether it still lets anybody in."""
        return self.revoked_at is None and (self.ends_at is None or now < self.ends_at)


_ROW = [tokens.c[name] for name in Token.__struct_fields__]


def add(connection: Connection, token: Token) -> None:
    """Keep a new one."""
    plain = {name: getattr(token, name) for name in Token.__struct_fields__}
    kept = {"scopes": None if token.scopes is None else " ".join(token.scopes), "teams": " ".join(token.teams)}
    connection.execute(tokens.insert().values(plain | kept))


def by_hash(connection: Connection, hashed: bytes) -> Token | None:
    """The token with that hash, revoked or not."""
    row = connection.execute(select(*_ROW).where(tokens.c.hash == hashed)).first()
    return None if row is None else _token(row)


def by_id(connection: Connection, id_: str) -> Token | None:
    """The token of that id, revoked or not."""
    row = connection.execute(select(*_ROW).where(tokens.c.id == id_)).first()
    return None if row is None else _token(row)


def everything(connection: Connection) -> list[Token]:
    """All tokens, the newest first."""
    rows = connection.execute(select(*_ROW).order_by(tokens.c.created_at.desc(), tokens.c.id))
    return [_token(row) for row in rows]


def listed(connection: Connection, limit: int, after: Place | None = None) -> list[Token]:
    """Some of them, from a place on."""
    query = newest(select(*_ROW), tokens.c.created_at, tokens.c.id, limit, after)
    return [_token(row) for row in connection.execute(query)]


def revoke(connection: Connection, id_: str, now: Instant) -> bool:
    """End a token for good; whether there was one to end."""
    still = (tokens.c.id == id_, tokens.c.revoked_at.is_(None))
    return connection.execute(update(tokens).where(*still).values(revoked_at=now)).rowcount > 0


def used(connection: Connection, id_: str, now: Instant) -> None:
    """Note that it was shown."""
    connection.execute(update(tokens).where(tokens.c.id == id_).values(last_used=now))


def _token(row: object) -> Token:
    values = {name: getattr(row, name) for name in Token.__struct_fields__}
    scopes = None if values["scopes"] is None else tuple(values["scopes"].split())
    return Token(**values | {"hash": bytes(values["hash"]), "scopes": scopes, "teams": tuple(values["teams"].split())})
