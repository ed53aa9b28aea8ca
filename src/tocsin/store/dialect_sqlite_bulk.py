"""Many rows for SQLite: one statement for up to 128, so that the interpreter's lock is given up once, not 128 times."""

from collections.abc import Iterator, Sequence
from functools import cache
from itertools import chain
from typing import Any

from sqlalchemy import Connection, Table

from tocsin.store.dialect import Columns, Rows

CHUNKS = (128, 64, 48, 32, 24, 16, 12, 8, 6, 4, 3, 2, 1)
"""Rows of one statement: few sizes, so that each is prepared once; near to each other, so that few statements do."""


def insert(connection: Connection, table: Table, rows: Rows) -> None:
    """Insert rows whose values are in the order of the table's columns."""
    _run(connection, _insert(table), "", len(table.columns), rows)


def add(connection: Connection, table: Table, rows: Rows, *, tell: bool) -> list[tuple[Any, ...]]:
    """Insert those rows whose key is not there yet; with `tell`, the keys of those that were not."""
    returning = f" returning {_names(table.primary_key.columns.keys())}" if tell else ""
    return _run(connection, _insert(table), f" on conflict do nothing{returning}", len(table.columns), rows)


def replace(connection: Connection, table: Table, rows: Rows) -> None:
    """Update whole rows found by their primary key."""
    _run(connection, _insert(table), _on_conflict(table), len(table.columns), rows)


def each(connection: Connection, statement: str, columns: Columns, rows: Rows) -> list[tuple[Any, ...]]:
    """Run `statement`, in which `r` is a table of `rows`; what it returns, if anything."""
    head = f"with r({', '.join(columns)}) as (values "
    return _run(connection, head, f") {statement}", len(columns), rows)


def _run(connection: Connection, head: str, tail: str, width: int, rows: Rows) -> list[tuple[Any, ...]]:
    raw: Any = connection.connection.driver_connection
    found: list[tuple[Any, ...]] = []
    for chunk in _chunks(rows):
        values = list(chain.from_iterable(chunk))
        found += raw.execute(_statement(head, tail, width, len(chunk)), values).fetchall()
    return found


def _chunks(rows: Rows) -> Iterator[Rows]:
    at = 0
    for size in CHUNKS:
        while len(rows) - at >= size:
            yield rows[at : at + size]
            at += size


@cache
def _statement(head: str, tail: str, width: int, count: int) -> str:
    row = f"({', '.join('?' * width)})"
    return head + ", ".join([row] * count) + tail


@cache
def _insert(table: Table) -> str:
    return f"insert into {table.name} ({_names(table.columns.keys())}) values "


@cache
def _on_conflict(table: Table) -> str:
    names, key = table.columns.keys(), table.primary_key.columns.keys()
    changed = ", ".join(f'"{name}" = excluded."{name}"' for name in names if name not in key)
    return f" on conflict ({_names(key)}) do update set {changed}"


def _names(names: Sequence[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)
