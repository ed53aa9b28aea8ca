"""PostgreSQL: rows are locked, workers are many, and a lost connection may hide a commit."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, ClassVar

import psycopg
from psycopg import errors as pg
from psycopg.pq import TransactionStatus
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import TimeoutError as PoolTimeout

from tocsin.store.dialect import HEAD
from tocsin.store.errors import AmbiguousCommit, Conflict, Refused, StoreBroken, StoreBusy, StoreError, StoreFull
from tocsin.store.url import Address

COMMON = {"timezone": "UTC", "client_encoding": "UTF8", "jit": "off", "application_name": "tocsin"}
WRITING = {
    "synchronous_commit": "on",
    "statement_timeout": "5s",
    "lock_timeout": "2s",
    "idle_in_transaction_session_timeout": "15s",
}
READING = {
    "default_transaction_read_only": "on",
    "default_transaction_isolation": "repeatable read",
    "statement_timeout": "4s",
    "idle_in_transaction_session_timeout": "10min",
}
LOOKING = READING | {"statement_timeout": "30s"}
"""For whoever only looks in from outside: nobody waits for them."""

PATIENCE = {"4s": 5.0, "5s": 6.0, "30s": 35.0, "60s": 65.0, "10min": 620.0}
"""Seconds that we ourselves wait for an answer, a little more than the server is told: a frozen one keeps no time."""

DUE = f"""select {HEAD} from generate_series(0, 7) k cross join lateral (
    select * from streams s where s.kind = %s and s.rank = k and s.due_at <= %s order by s.due_at limit %s
    for update skip locked) s limit %s"""

MIGRATING = 0x746F6373696E
"""The key of the advisory lock that migrations take."""

RETRY = (
    pg.SerializationFailure, pg.DeadlockDetected, pg.LockNotAvailable, pg.QueryCanceled, pg.AdminShutdown,
    pg.CrashShutdown, pg.CannotConnectNow, pg.TooManyConnections, pg.ReadOnlySqlTransaction,
    pg.IdleInTransactionSessionTimeout, pg.InFailedSqlTransaction, pg.ConnectionException,
)  # fmt: skip
FULL = (pg.DiskFull, pg.OutOfMemory, pg.ConfigurationLimitExceeded)
BROKEN = (pg.DataCorrupted, pg.IndexCorrupted, pg.IoError)


class Impatient(psycopg.Connection[Any]):
    """A connection that is given up when no answer comes in time: the network may be whole, and the server frozen."""

    patience: float | None = None

    def wait(self, gen: Any, interval: float = 0.1, timeout: float | None = None) -> Any:
        """Let a step of the protocol run to its end; where it takes too long, OperationalError, and we hang up."""
        try:
            return super().wait(gen, interval, self.patience if timeout is None else timeout)
        except psycopg.OperationalError as error:
            if self.pgconn.transaction_status != TransactionStatus.ACTIVE:
                raise
            self.pgconn.finish()  # whatever comes later is for nobody
            raise psycopg.OperationalError(f"no answer within {self.patience:.0f} s") from error


class Postgres:
    """A PostgreSQL database, with pools of their own for writing and for reading."""

    lock: ClassVar[str] = " for update of s"
    skip: ClassVar[str] = " for update of s skip locked"
    remembers = False

    def __init__(self, address: Address, *, write: bool) -> None:
        """Connect, and refuse what cannot keep the promise of durability."""
        self._writer = _engine(address, WRITING, pool_size=4, max_overflow=4) if write else None
        self._reader = _engine(address, READING if write else LOOKING, pool_size=8, max_overflow=8)
        _greet(self._writer or self._reader, address, write=write)

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A connection of the writing pool."""
        if self._writer is None:
            raise StoreError("this database was opened for reading")
        with self._writer.connect() as connection:
            yield connection

    @contextmanager
    def reading(self, *, long: bool = False) -> Iterator[Connection]:
        """A connection of the reading pool: repeatable read, read only."""
        with self._reader.connect() as connection:
            if long:
                _take_time(connection, "10min")
            yield connection

    def due(self, connection: Connection, kind: str, now: int, limit: int) -> Sequence[Sequence[Any]]:
        """Heads of what is due, rank by rank; rows that another worker has locked are passed over."""
        return connection.exec_driver_sql(DUE, (kind, now, limit, limit)).fetchall()

    def numbers(self, connection: Connection, n: int) -> list[int]:
        """From the sequence, which waits for nobody and leaves gaps."""
        raw: Any = connection.connection.driver_connection
        found = raw.execute(
            "select array_agg(nextval('incident_numbers')) from generate_series(1, %s)", (n,)
        ).fetchone()
        return sorted(found[0])

    def last_number(self, connection: Connection) -> int:
        """The highest number handed out."""
        sql = "select case when is_called then last_value else 0 end from incident_numbers"
        return int(connection.exec_driver_sql(sql).scalar_one())

    def number_from(self, connection: Connection, last: int) -> None:
        """Hand out numbers above `last` from now on."""
        connection.exec_driver_sql("select setval('incident_numbers', %s, %s)", (max(last, 1), last > 0))

    def translate(self, error: BaseException, connection: Connection | None, committing: bool) -> StoreError | None:
        """PostgreSQL's conditions in our words; a connection lost in the middle of a commit is in doubt."""
        if isinstance(error, PoolTimeout):
            return StoreBusy("every connection is in use")
        cause = getattr(error, "orig", None) or error
        if not isinstance(cause, psycopg.Error):
            return None
        if connection is not None and _lost(connection):
            connection.invalidate()
            said = f"the connection was lost: {cause}".strip()
            return AmbiguousCommit(said) if committing else StoreBusy(said)
        return _in_our_words(cause)

    def alone(self, connection: Connection) -> None:
        """One migration at a time; one that cannot get its lock in two seconds gives up and holds nobody up."""
        _take_time(connection, "60s")
        connection.exec_driver_sql("set local lock_timeout = '60s'")
        connection.exec_driver_sql(f"select pg_advisory_xact_lock({MIGRATING})")
        connection.exec_driver_sql("set local lock_timeout = '2s'")

    def committed(self, connection: Connection, changes: int) -> None:
        """The server looks after itself."""

    def close(self) -> None:
        """Give all connections back."""
        for engine in filter(None, (self._writer, self._reader)):
            engine.dispose()


def _take_time(connection: Connection, limit: str) -> None:
    """For this transaction, which may take longer than others."""
    connection.exec_driver_sql(f"set local statement_timeout = '{limit}'")
    raw: Any = connection.connection.driver_connection
    raw.patience = PATIENCE[limit]


def _lost(connection: Connection) -> bool:
    if connection.invalidated or connection.closed:
        return True
    raw: Any = connection.connection.driver_connection
    return bool(raw.closed or raw.broken)


def _in_our_words(cause: psycopg.Error) -> StoreError:
    said = str(cause).strip()
    if isinstance(cause, pg.UniqueViolation):
        return Conflict((said,))
    if isinstance(cause, pg.IntegrityError | pg.DataError):
        return Refused(said)
    if isinstance(cause, FULL):
        return StoreFull(f"PostgreSQL has no space left: {said}")
    if isinstance(cause, BROKEN):
        return StoreBroken(f"PostgreSQL's data are damaged: {said}")
    if isinstance(cause, RETRY) or (isinstance(cause, psycopg.OperationalError) and not cause.sqlstate):
        return StoreBusy(said)
    return StoreError(said)


def _engine(address: Address, settings: dict[str, str], **pool: Any) -> Engine:
    options = {"connect_timeout": 3, "target_session_attrs": "read-write", **address.url.query}
    engine = create_engine(address.url, connect_args=options, pool_timeout=2, pool_use_lifo=True, **pool)
    patience = PATIENCE[settings["statement_timeout"]]

    @event.listens_for(engine, "do_connect")
    def _connect(_dialect: object, _record: object, arguments: Any, options: Any) -> Any:
        made = Impatient.connect(*arguments, **options)
        made.patience = patience
        return made

    @event.listens_for(engine, "checkout")
    def _in_a_hurry_again(raw: Any, _record: object, _proxy: object) -> None:
        raw.patience = patience

    @event.listens_for(engine, "connect")
    def _prepare(raw: Any, _record: object) -> None:
        with raw.cursor() as cursor:
            for name, value in {**COMMON, **settings}.items():
                cursor.execute("select set_config(%s, %s, false)", (name, value))
        raw.commit()

    return engine


def _greet(engine: Engine, address: Address, *, write: bool) -> None:
    try:
        with engine.connect() as connection:
            durable, encoding, behind = connection.exec_driver_sql(
                "select current_setting('synchronous_commit'), current_setting('server_encoding'), pg_is_in_recovery()"
            ).one()
    except Exception as error:
        raise StoreError(f"cannot open {address.shown}: {getattr(error, 'orig', None) or error}") from error
    if encoding != "UTF8":
        raise StoreError(f"{address.shown} is encoded in {encoding}; create it with encoding 'UTF8'")
    if write and (durable != "on" or behind):
        raise StoreError(f"{address.shown} cannot commit durably (synchronous_commit {durable}, standby {behind})")
