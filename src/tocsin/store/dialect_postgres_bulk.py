"""Many rows for PostgreSQL: binary COPY where nothing can collide, arrays where something can."""

from functools import cache
from typing import Any

from sqlalchemy import BigInteger, Boolean, Connection, Integer, LargeBinary, SmallInteger, Table, Text
from sqlalchemy.types import TypeEngine

from tocsin.store.dialect import Columns, Rows

_COPIED: tuple[tuple[type[TypeEngine[Any]], str], ...] = (
    (SmallInteger, "int2"), (BigInteger, "int8"), (Integer, "int4"), (Boolean, "bool"), (LargeBinary, "bytea"),
    (Text, "text"),
)  # fmt: skip

WORTH_A_COPY = 8
"""Fewer rows are sent as arrays: to prepare a COPY costs as much as that."""


def insert(connection: Connection, table: Table, rows: Rows) -> None:
    """Insert rows whose values are in the order of the table's columns."""
    if len(rows) < WORTH_A_COPY:
        each(connection, _plain(table), _types(table), rows)
        return
    raw: Any = connection.connection.driver_connection
    statement, types = _copy(table)
    with raw.cursor() as cursor, cursor.copy(statement) as copy:
        copy.set_types(types)
        for row in rows:
            copy.write_row(row)


def add(connection: Connection, table: Table, rows: Rows, *, tell: bool) -> list[tuple[Any, ...]]:
    """Insert those rows whose key is not there yet; with `tell`, the keys of those that were not."""
    key = ", ".join(f'"{column.name}"' for column in table.primary_key)
    statement = f"{_plain(table)} on conflict do nothing" + (f" returning {key}" if tell else "")
    return each(connection, statement, _types(table), rows)


def replace(connection: Connection, table: Table, rows: Rows) -> None:
    """Update whole rows found by their primary key."""
    each(connection, _update(table), _types(table), rows)


def each(connection: Connection, statement: str, columns: Columns, rows: Rows) -> list[tuple[Any, ...]]:
    """Run `statement`, in which `r` is a table of `rows`; what it returns, if anything."""
    if not rows:
        return []
    raw: Any = connection.connection.driver_connection
    arrays = [list(column) for column in zip(*rows, strict=True)]
    with raw.cursor(binary=True) as cursor:
        cursor.execute(_with(statement, tuple(columns), tuple(columns.values())), arrays)
        return cursor.fetchall() if cursor.description else []


@cache
def _with(statement: str, names: tuple[str, ...], types: tuple[str, ...]) -> str:
    arrays = ", ".join(f"%b::{kind}[]" for kind in types)
    return f"with r({', '.join(names)}) as (select * from unnest({arrays})) {statement}"


@cache
def _copy(table: Table) -> tuple[str, list[str]]:
    return f"copy {table.name} ({_names(table)}) from stdin (format binary)", list(_types(table).values())


@cache
def _plain(table: Table) -> str:
    return f"insert into {table.name} ({_names(table)}) select {_names(table)} from r"


@cache
def _update(table: Table) -> str:
    key = table.primary_key.columns.keys()
    changed = ", ".join(f'"{name}" = r."{name}"' for name in _columns(table) if name not in key)
    found = " and ".join(f't."{name}" = r."{name}"' for name in key)
    return f"update {table.name} t set {changed} from r where {found}"


def _columns(table: Table) -> list[str]:
    return [column.name for column in table.columns]


def _names(table: Table) -> str:
    return ", ".join(f'"{name}"' for name in _columns(table))


@cache
def _types(table: Table) -> dict[str, str]:
    return {column.name: _type(column.type) for column in table.columns}


def _type(kind: TypeEngine[Any]) -> str:
    return next(name for known, name in _COPIED if isinstance(kind, known))
