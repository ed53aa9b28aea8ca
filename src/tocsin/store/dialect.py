"""What the two engines do differently, as one list; everything else in this folder is written once for both."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, ClassVar, Protocol

from sqlalchemy import Connection, Table

from tocsin.store.errors import StoreError

Columns = Mapping[str, str]
"""Names and types of the rows that `each` is given; types are `text`, `bigint`, `int`, `bytea`."""

HEAD = "s.id, s.kind, s.seq, s.hash, s.status, s.due_at, s.rank"
"""What is read of a stream before its state: enough to know whether the state is remembered."""

Rows = Sequence[Sequence[Any]]


class Dialect(Protocol):
    """A database that is open. `writing` and `reading` hand out connections without a transaction."""

    lock: ClassVar[str]
    """Ends a select that locks its rows of the table called `s` until the commit."""

    skip: ClassVar[str]
    """As `lock`, for rows that nobody else has locked."""

    remembers: bool
    """Nobody else writes: what was loaded or written once need not be read again."""

    def writing(self) -> AbstractContextManager[Connection]:
        """A connection that commits durably; waits for its turn where there is only one."""

    def reading(self, *, long: bool = False) -> AbstractContextManager[Connection]:
        """A connection whose transaction sees one state and cannot write; with `long` it may take minutes."""

    def due(self, connection: Connection, kind: str, now: int, limit: int) -> Sequence[Sequence[Any]]:
        """Heads of the streams that are due, lowest rank and oldest first, locked; `limit` at most."""

    def numbers(self, connection: Connection, n: int) -> list[int]:
        """`n` incident numbers that nobody had before."""

    def last_number(self, connection: Connection) -> int:
        """The highest number handed out."""

    def number_from(self, connection: Connection, last: int) -> None:
        """Hand out numbers above `last` from now on."""

    def translate(self, error: BaseException, connection: Connection | None, committing: bool) -> StoreError | None:
        """The error in our words; None when it is not the database's."""

    def alone(self, connection: Connection) -> None:
        """Let nobody else change the tables until this transaction ends, and nobody wait long for us."""

    def committed(self, connection: Connection, changes: int) -> None:
        """A transaction of about `changes` rows is over: time for upkeep, on the connection that wrote it."""

    def close(self) -> None:
        """Leave the database whole and alone."""


class Bulk(Protocol):
    """Many rows in one statement: what SQLAlchemy does one row, or one round trip, at a time."""

    def insert(self, connection: Connection, table: Table, rows: Rows) -> None:
        """Insert rows whose values are in the order of the table's columns."""

    def add(self, connection: Connection, table: Table, rows: Rows, *, tell: bool) -> list[tuple[Any, ...]]:
        """Insert those rows whose key is not there yet; with `tell`, the keys of those that were not."""

    def replace(self, connection: Connection, table: Table, rows: Rows) -> None:
        """Update whole rows found by their primary key."""

    def each(self, connection: Connection, statement: str, columns: Columns, rows: Rows) -> list[tuple[Any, ...]]:
        """Run `statement`, in which `r` is a table of `rows`; what it returns, if anything."""
