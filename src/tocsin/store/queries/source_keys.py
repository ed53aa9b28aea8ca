"""The keys of sources that are kept beside those of the environment, so that one can be changed without a gap."""

from msgspec import Struct
from sqlalchemy import Connection, select, text, update

from tocsin.core.instant import Instant
from tocsin.store.tables import source_keys

_LIVE = text("select source, hash from source_keys where state = 'live' order by source, created_at")


class Key(Struct, frozen=True):
    """One key as it is kept: `prefix` is the part of its text that names it, `hash` SHA-256 over the whole."""

    source: str
    id: str
    prefix: str
    hash: bytes
    state: str
    created_at: Instant


_ROW = [source_keys.c[name] for name in Key.__struct_fields__]


def live_keys(connection: Connection) -> dict[str, tuple[bytes, ...]]:
    """SHA-256 of every key that is good now, by source."""
    found: dict[str, tuple[bytes, ...]] = {}
    for row in connection.execute(_LIVE):
        found[row.source] = (*found.get(row.source, ()), bytes(row.hash))
    return found


def keys(connection: Connection, source: str | None = None) -> list[Key]:
    """All keys, revoked ones too, the newest first: of one source, or of all."""
    found = select(*_ROW).order_by(source_keys.c.source, source_keys.c.created_at.desc(), source_keys.c.id)
    if source is not None:
        found = found.where(source_keys.c.source == source)
    return [_key(row) for row in connection.execute(found)]


def add(connection: Connection, key: Key) -> None:
    """Keep a new one."""
    connection.execute(source_keys.insert().values({name: getattr(key, name) for name in Key.__struct_fields__}))


def revoke(connection: Connection, source: str, id_: str) -> bool:
    """End one for good; whether there was one to end."""
    same = (source_keys.c.source == source, source_keys.c.id == id_, source_keys.c.state == "live")
    return connection.execute(update(source_keys).where(*same).values(state="revoked")).rowcount > 0


def _key(row: object) -> Key:
    values = {name: getattr(row, name) for name in Key.__struct_fields__}
    return Key(**values | {"hash": bytes(values["hash"])})
