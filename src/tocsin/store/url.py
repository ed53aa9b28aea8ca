"""The address of a database as people write it, and what that means: a file, memory, or a PostgreSQL."""

from pathlib import Path

from msgspec import Struct
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from tocsin.store.errors import StoreError

HINT = "write sqlite:///tocsin.db, sqlite:///:memory: or postgresql://user:password@host/database"


class Address(Struct, frozen=True):
    """`file` is the SQLite file, None in memory and for PostgreSQL; `shown` has no password in it."""

    engine: str
    url: URL
    file: Path | None
    shown: str


def parse(text: str) -> Address:
    """Read a database's address; StoreError with a hint when it is none that is supported."""
    try:
        url = make_url(text)
    except ArgumentError as error:
        raise StoreError(f"{text!r} is not the address of a database; {HINT}") from error
    backend = url.get_backend_name()
    if backend == "sqlite":
        return _sqlite(url)
    if backend in {"postgresql", "postgres"}:
        driven = url.set(drivername="postgresql+psycopg")
        return Address("postgresql", driven, None, driven.set(drivername="postgresql").render_as_string())
    raise StoreError(f"{backend} is not supported; {HINT}")


def _sqlite(url: URL) -> Address:
    if url.host or url.query:
        raise StoreError(f"{url.render_as_string()!r}: a file takes three slashes and no options; {HINT}")
    name = url.database or ":memory:"
    file = None if name == ":memory:" else Path(name)
    return Address("sqlite", url.set(drivername="sqlite+pysqlite"), file, f"sqlite:///{name}")
