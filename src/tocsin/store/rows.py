"""Many rows in one statement, on whichever engine the connection leads to."""

from functools import cache
from typing import Any

from sqlalchemy import Connection, Table

from tocsin.store.dialect import Bulk, Columns, Rows


@cache
def _bulk(engine: str) -> Bulk:
    if engine == "sqlite":
        from tocsin.store import dialect_sqlite_bulk

        return dialect_sqlite_bulk
    from tocsin.store import dialect_postgres_bulk

    return dialect_postgres_bulk


def insert(connection: Connection, table: Table, rows: Rows) -> None:
    """Insert rows whose values are in the order of the table's columns."""
    if rows:
        _bulk(connection.dialect.name).insert(connection, table, rows)


def add(connection: Connection, table: Table, rows: Rows, *, tell: bool = False) -> list[tuple[Any, ...]]:
    """Insert those rows whose key is not there yet; with `tell`, the keys of those that were not."""
    return _bulk(connection.dialect.name).add(connection, table, rows, tell=tell) if rows else []


def replace(connection: Connection, table: Table, rows: Rows) -> None:
    """Update whole rows found by their primary key."""
    if rows:
        _bulk(connection.dialect.name).replace(connection, table, rows)


def each(connection: Connection, statement: str, columns: Columns, rows: Rows) -> list[tuple[Any, ...]]:
    """Run `statement`, in which `r` is a table of `rows` with `columns`; what it returns, if anything.

    The text must be the same each time (it is prepared once); on SQLite it runs once for every 128 rows or fewer.
    """
    if not rows:
        return []
    if not connection.in_transaction():
        connection.begin()  # as SQLAlchemy would: a reader's statements see one state, whichever way they go
    return _bulk(connection.dialect.name).each(connection, statement, columns, rows)
