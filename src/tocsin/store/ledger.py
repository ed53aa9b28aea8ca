"""THE transaction: all that a batch of decisions changes is committed durably together, or nothing is."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NoReturn, TypeVar

from sqlalchemy import Connection

from tocsin.store import migrate
from tocsin.store.contract import Tx
from tocsin.store.dialect import Dialect
from tocsin.store.errors import StoreBroken, StoreError, StoreFull
from tocsin.store.portable import ROOM
from tocsin.store.recent import Recent
from tocsin.store.tables import meta
from tocsin.store.tx import Transaction
from tocsin.store.url import Address, parse

T = TypeVar("T")

REMEMBERED = 32 << 20
"""Bytes of recent streams that a ledger holds in memory unless told otherwise."""


class SqlLedger:
    """The Ledger of contract.py, on SQLite or PostgreSQL."""

    def __init__(self, address: Address, dialect: Dialect, remembered: int) -> None:
        """Use `open_ledger`."""
        self.url = address.shown
        self.dialect = dialect
        self.recent = Recent(remembered)
        self.filled: Callable[[], object] = lambda: None
        self._broken: str | None = None
        self._full = ""

    def transact(self, body: Callable[[Tx], T]) -> T:
        """Run `body` in one transaction; see contract.py."""
        if self._broken:
            raise StoreBroken(self._broken)
        try:
            with self.dialect.writing() as connection:
                return self._run(connection, body)
        except StoreError:
            raise
        except Exception as error:  # noqa: BLE001 - raised again in our words
            self._fail(error, None, committing=False)

    @contextmanager
    def read(self, *, long: bool = False) -> Iterator[Connection]:
        """A connection that sees one consistent state and cannot write; a `long` look may take minutes."""
        try:
            with self.dialect.reading(long=long) as connection:
                yield connection
        except Exception as error:  # noqa: BLE001 - raised again in our words
            self._fail(error, None, committing=False)

    def trouble(self) -> str:
        """Why nothing can be written, '' when it can. Where the last write found no room, another one is tried."""
        if self._full and not self._broken:
            before, self._full = self._full, ""
            try:
                self.transact(_write_a_little)
            except StoreError:
                self._full = self._full or before
        return self._broken or self._full

    def close(self) -> None:
        """Wait for the writer, checkpoint, release the file."""
        self.dialect.close()

    def _run(self, connection: Connection, body: Callable[[Tx], T]) -> T:
        transaction = connection.begin()
        tx = Transaction(connection, self.dialect, self.recent)
        try:
            result = body(tx)
        except BaseException as error:  # noqa: BLE001 - raised again after the rollback
            self._abandon(connection, error)
        try:
            transaction.commit()
        except Exception as error:  # noqa: BLE001 - raised again in our words
            self.recent.forget(*tx.streams)
            try:
                self._fail(error, connection, committing=True)
            finally:
                _undo(connection)
        if tx.changes:
            self._full = ""
        self.recent.keep(tx.streams)
        self.recent.versions |= tx.versions
        try:
            self.dialect.committed(connection, tx.changes)
        except StoreError as error:
            self._draw_conclusions(error)
            if not isinstance(error, StoreFull):  # then all is well but for the upkeep, which waits for room
                raise
        return result

    def _abandon(self, connection: Connection, error: BaseException) -> NoReturn:
        """Roll back and say why; a connection that cannot even do that is thrown away."""
        known = self.dialect.translate(error, connection, committing=False)
        _undo(connection)
        self._draw_conclusions(known)
        if known is None or known is error:
            raise error
        raise known from error

    def _fail(self, error: Exception, connection: Connection | None, *, committing: bool) -> NoReturn:
        known = self.dialect.translate(error, connection, committing)
        self._draw_conclusions(known or error)
        if known is None:
            raise error
        raise known from error

    def _draw_conclusions(self, error: BaseException | None) -> None:
        if isinstance(error, StoreBroken):
            self._broken = str(error)
        elif isinstance(error, StoreFull):
            self._full = str(error)
            self.filled()


def _write_a_little(tx: Tx) -> None:
    """One row that nobody reads, of some pages: it can be written where there is room."""
    tx.connection.execute(meta.delete().where(meta.c.key == ROOM))
    tx.connection.execute(meta.insert().values(key=ROOM, value="." * 16_384))


def _undo(connection: Connection) -> None:
    """Leave no transaction open, neither SQLAlchemy's nor the driver's: a failed commit ends only the second, or none.

    A connection that cannot even do that is thrown away; the server rolls back what it lost.
    """
    try:
        connection.rollback()
        if not connection.invalidated:
            connection.connection.rollback()
    except Exception:  # noqa: BLE001 - whatever it was
        connection.invalidate()


def open_ledger(url: str, *, write: bool = True, remembered: int = REMEMBERED) -> SqlLedger:
    """Open the database at `url`; with `write` it is made or migrated as needed, and a SQLite file is locked.

    Raises StoreInUse (another process writes), SchemaMismatch (made by a newer version), StoreError (cannot be opened).
    """
    address = parse(url)
    dialect = _dialect(address, write=write)
    try:
        migrate.bring_up(dialect, write=write)
    except BaseException:
        dialect.close()
        raise
    return SqlLedger(address, dialect, remembered)


def _dialect(address: Address, *, write: bool) -> Dialect:
    if address.engine == "sqlite":
        from tocsin.store.dialect_sqlite import Sqlite

        return Sqlite(address, write=write)
    from tocsin.store.dialect_postgres import Postgres

    return Postgres(address, write=write)
