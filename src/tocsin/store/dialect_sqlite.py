"""SQLite: one file, one process, one writer connection that also checkpoints; everybody else may only look."""

import os
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from shutil import disk_usage
from typing import Any, ClassVar

import pysqlite3.dbapi2 as driver
from sqlalchemy import Connection, Engine, StaticPool, create_engine, event

from tocsin.store.contract import RANKS
from tocsin.store.dialect import HEAD
from tocsin.store.errors import Conflict, Refused, StoreBroken, StoreBusy, StoreError, StoreFull
from tocsin.store.lockfile import LockFile
from tocsin.store.url import Address

OLDEST = (3, 51, 3)
"""Older ones can corrupt a WAL database when two connections write and checkpoint at once (the WAL-reset bug)."""

CHECKPOINT_CHANGES = 6_000
"""Rows written between two checkpoints: few enough for short pauses, enough that a page is copied once for many."""

PAGE = 8192
"""Bytes of a page in a new file; one that is there keeps its own. An incident's snapshot takes two to three thousand:
with the usual 4,096 most of each page is written, copied and kept for nothing, with more a step writes too much.
"""

BUSY, LOCKED, READONLY, IOERR, CORRUPT, FULL, CANTOPEN, CONSTRAINT, NOTADB = 5, 6, 8, 10, 11, 13, 14, 19, 26

_DUE = "select {} from streams s where s.kind = ? and s.rank = {} and s.due_at <= ? order by s.due_at limit ?"
DUE = " union all ".join(f"select * from ({_DUE.format(HEAD, rank)})" for rank in RANKS) + " limit ?"

COUNT = """insert into meta (key, value) values ('number', ?)
    on conflict do update set value = cast(value as integer) + ? returning value"""

# The driver looks up an adapter for every value that is not exactly an int, float, str or bytearray, and failing to
# find one costs 2.5 us a value: more than the row itself. These identities, in C, cost 0.3 us.
driver.register_adapter(bytes, bytes)
driver.register_adapter(bool, int)
driver.register_adapter(type(None), {}.get)


def _made_private(file: Path) -> None:
    """A new database is its owner's alone: it holds names and addresses. SQLite gives its other files the same mode."""
    with suppress(OSError):
        os.close(os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))


class Sqlite:
    """A SQLite file or memory. In memory, readers share the writer's connection and take turns with it."""

    lock: ClassVar[str] = ""
    skip: ClassVar[str] = ""

    def __init__(self, address: Address, *, write: bool) -> None:
        """Open it. With `write`, take FILE.lock; without, the file must be there, and nothing can be written."""
        refuse_old(driver.sqlite_version_info)
        self.file = address.file
        self.remembers = write
        self._turn = threading.RLock()
        self._changes = 0
        self._held = LockFile(address.file) if address.file and write else None
        if address.file and not write and not address.file.exists():
            raise StoreError(f"there is no database at {address.file}")
        if self._held and address.file:
            self._held.take()
            _made_private(address.file)
        try:
            self._writer = _writer(address) if write or address.file is None else None
            self._reader = _reader(address) if address.file else None
        except StoreError:
            if self._held:
                self._held.release()
            raise

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """The one writer connection, when it is our turn."""
        if self._writer is None:
            raise StoreError("this database was opened for reading")
        with self._turn:
            inside = self._writer.in_transaction()  # in memory, somebody reads in the middle of their own transaction
            try:
                yield self._writer
            finally:
                if self._writer.get_transaction() is not None and not inside:  # also after a commit that failed
                    self._writer.rollback()

    @contextmanager
    def reading(self, *, long: bool = False) -> Iterator[Connection]:  # noqa: ARG002  nobody hurries a reader here
        """A reader's connection; in memory the writer's own, in turn, inside a transaction that is rolled back."""
        if self._reader is not None:
            with self._reader.connect() as connection:
                yield connection
        else:
            with self.writing() as connection:
                yield connection

    def due(self, connection: Connection, kind: str, now: int, limit: int) -> Sequence[Sequence[Any]]:
        """Heads of what is due, rank by rank."""
        found: list[Sequence[Any]] = (
            _raw(connection).execute(DUE, ((kind, now, limit) * len(RANKS)) + (limit,)).fetchall()
        )
        return found

    def numbers(self, connection: Connection, n: int) -> list[int]:
        """Count in `meta`: there is one writer, so nobody waits for the row."""
        last = int(_raw(connection).execute(COUNT, (str(n), n)).fetchone()[0])
        return list(range(last - n + 1, last + 1))

    def last_number(self, connection: Connection) -> int:
        """The highest number handed out."""
        found = connection.exec_driver_sql("select value from meta where key = 'number'").scalar()
        return int(found or 0)

    def number_from(self, connection: Connection, last: int) -> None:
        """Hand out numbers above `last` from now on."""
        connection.exec_driver_sql(
            "insert into meta (key, value) values ('number', ?) on conflict do update set value = excluded.value",
            (str(last),),
        )

    def translate(self, error: BaseException, connection: Connection | None, committing: bool) -> StoreError | None:  # noqa: ARG002
        """SQLite's result codes in our words."""
        cause = getattr(error, "orig", None) or error
        if not isinstance(cause, driver.Error):
            return None
        code = getattr(cause, "sqlite_errorcode", 0) & 0xFF
        if code == IOERR and self.file and disk_usage(self.file.parent).free < 1 << 20:
            code = FULL  # the shared memory file could not grow
        if code == FULL:
            self._changes = CHECKPOINT_CHANGES  # the next commit empties the WAL, and what follows needs no more room
        return _in_our_words(code, str(cause))

    def alone(self, connection: Connection) -> None:
        """FILE.lock sees to it."""

    def committed(self, connection: Connection, changes: int) -> None:
        """Checkpoint when enough was written; never waits for readers. Failing, it is raised: the file is in doubt.

        Only where there is no room for it, StoreFull, nothing is: all is in the WAL, and the next commit tries again.
        """
        self._changes += changes
        if self._changes >= CHECKPOINT_CHANGES and self.file:
            self._checkpoint(connection, "passive")
            self._changes = 0

    def _checkpoint(self, connection: Connection, mode: str) -> None:
        try:
            checkpoint(connection, mode)
        except StoreBroken as error:
            known = self.translate(error.__cause__ or error, connection, committing=False)
            if isinstance(known, StoreFull):
                raise known from error
            raise

    def close(self) -> None:
        """Bring all of the WAL into the file, then let go of it."""
        with self._turn:
            if self._reader:
                self._reader.dispose()
            if self._writer:
                if self.file:
                    with suppress(StoreFull):  # it stays in the WAL
                        self._checkpoint(self._writer, "truncate")
                self._writer.close()
                self._writer.engine.dispose()
                self._writer = None
            if self._held:
                self._held.release()


def refuse_old(version: tuple[int, ...]) -> None:
    """StoreError when this SQLite has the WAL-reset bug."""
    if version < OLDEST:
        found, wanted = (".".join(map(str, v)) for v in (version, OLDEST))
        raise StoreError(
            f"SQLite {found} can corrupt a database; {wanted} or later comes with `pip install -U pysqlite3`"
        )


def checkpoint(connection: Connection, mode: str) -> tuple[int, int]:
    """Copy the WAL into the file: (frames in the WAL, frames copied). StoreBroken when SQLite cannot.

    Fewer are copied while a reader still looks at an old state; the rest comes with the next one.
    """
    try:
        _busy, frames, copied = _raw(connection).execute(f"pragma wal_checkpoint({mode})").fetchone()
    except driver.OperationalError as error:
        raise StoreBroken(f"the checkpoint failed: {error}; stop, and restore the last verified backup") from error
    return frames, copied


def _in_our_words(code: int, said: str) -> StoreError:
    if code in {BUSY, LOCKED}:
        return StoreBusy(f"SQLite is busy: {said}")
    if code == FULL:
        return StoreFull(f"no space left for the database: {said}")
    if code == CONSTRAINT and said.startswith("UNIQUE"):
        return Conflict((said,))
    if code == CONSTRAINT:
        return Refused(said)
    if code in {IOERR, CORRUPT, NOTADB, CANTOPEN, READONLY}:
        return StoreBroken(f"SQLite cannot go on: {said}; check the disk, restore the last verified backup")
    return StoreError(said)


# ---------------------------------------------------------------------------------------- connections


def _engine(address: Address, pragmas: dict[str, str], begin: str, **options: Any) -> Engine:
    engine = create_engine(
        address.url,
        module=driver,
        connect_args={"check_same_thread": False, "cached_statements": 512, "timeout": 5},
        **options,
    )

    @event.listens_for(engine, "connect")
    def _prepare(raw: Any, _record: object) -> None:
        raw.isolation_level = None  # transactions begin below, not when the driver guesses
        raw.execute(f"pragma page_size = {PAGE}")
        for pragma, wanted in pragmas.items():
            raw.execute(f"pragma {pragma} = {wanted}").fetchall()
            got = str(raw.execute(f"pragma {pragma}").fetchone()[0])
            if got != wanted:
                raise StoreBroken(f"SQLite keeps {pragma} at {got} instead of {wanted}: this disk cannot be trusted")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        _raw(connection).execute(begin)

    return engine


def _raw(connection: Connection) -> Any:
    """The driver's own connection: for what is done in every transaction, SQLAlchemy's share would be the larger."""
    return connection.connection.driver_connection


SHARED = {"busy_timeout": "5000", "mmap_size": "0", "temp_store": "2", "cell_size_check": "1"}
DURABLE = {"journal_mode": "wal", "synchronous": "2"}


def _writer(address: Address) -> Connection:
    pragmas = {**SHARED, "cache_size": "-16000"}
    if address.file is None:
        del pragmas["mmap_size"]
    else:
        pragmas |= {**DURABLE, "wal_autocheckpoint": "20000"}
    try:
        return _engine(address, pragmas, "begin immediate", poolclass=StaticPool).connect()
    except Exception as error:
        raise StoreError(f"cannot open {address.shown}: {error}") from error


def _reader(address: Address) -> Engine:
    pragmas = {**SHARED, "query_only": "1", "wal_autocheckpoint": "0", "cache_size": "-4000"}
    return _engine(address, pragmas, "begin", pool_size=8, max_overflow=16)
