"""Free text apart from the events, which hold its key: forgetting deletes the row, and replay and chain stay valid."""

from collections.abc import Callable, Collection

from sqlalchemy import Connection, bindparam, delete, select

from tocsin.store.codec import decoder
from tocsin.store.rows import each
from tocsin.store.tables import texts

_FIND = select(texts.c.body).where(texts.c.key == bindparam("key"))
_FIND_ALL = "select t.key, t.body from r join texts t on t.key = r.key"
_text: Callable[[bytes], str] = decoder(str)


def find(connection: Connection, key: str) -> str:
    """The text of a key, '' when it was never there or is forgotten."""
    body = connection.execute(_FIND, {"key": key}).scalar()
    return "" if body is None else _text(bytes(body))


def find_all(connection: Connection, keys: Collection[str]) -> dict[str, str]:
    """The texts of those keys that have one."""
    rows = each(connection, _FIND_ALL, {"key": "text"}, [(key,) for key in sorted(set(keys))])
    return {key: _text(body) for key, body in rows}


def forget(connection: Connection, keys: Collection[str]) -> int:
    """Delete these texts for good; how many there were."""
    return connection.execute(delete(texts).where(texts.c.key.in_(list(keys)))).rowcount
