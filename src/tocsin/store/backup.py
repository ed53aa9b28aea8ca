"""Backups, made while the work goes on, and taken back only after they have been found whole."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import IO, Any

import msgspec
from msgspec import Struct
from sqlalchemy import Connection, Table, delete, select

from tocsin.core.instant import SECOND, Instant
from tocsin.store import portable, rows
from tocsin.store.errors import SchemaMismatch, StoreError
from tocsin.store.ledger import SqlLedger, open_ledger
from tocsin.store.migrate import HEAD
from tocsin.store.tables import meta

SQLITE = b"SQLite format 3\0"
Bunches = Callable[[Table], Iterator[list[portable.Row]]]


class Restored(Struct, frozen=True):
    """When the backup was made that this database was restored from, and when that was done.

    What came in between is not in it: somebody should be told.
    """

    backup_at: Instant
    restored_at: Instant


def backup(ledger: SqlLedger, to: Path, now: Instant) -> portable.Manifest:
    """Write a portable backup of one consistent state to `to`; it is read back and compared before it has that name."""
    with _whole_or_not_at_all(to) as file, ledger.read(long=True) as connection:
        number = ledger.dialect.last_number(connection)
        manifest = portable.write(file, connection, HEAD, number, now)
        file.flush()
        dump = portable.Dump(Path(file.name))
        dump.check()
        dump.close()
    return manifest


def copy_file(ledger: SqlLedger, to: Path) -> None:
    """Write a SQLite database's own file, whole and checked, to `to`; StoreError on another engine."""
    if not ledger.url.startswith("sqlite"):
        raise StoreError(f"{ledger.url} is no file; make a portable backup")
    import pysqlite3.dbapi2 as driver

    with _whole_or_not_at_all(to) as file, ledger.read(long=True) as connection:
        raw: Any = connection.connection.driver_connection
        target = driver.connect(file.name)
        try:
            raw.backup(target)
            target.execute("pragma journal_mode = delete").fetchall()
            said = target.execute("pragma integrity_check(1)").fetchone()[0]
        finally:
            target.close()
        if said != "ok":
            raise StoreError(f"the copy of {ledger.url} is damaged: {said}")


@contextmanager
def _whole_or_not_at_all(to: Path) -> Iterator[IO[bytes]]:
    """A file that gets its name only when all of it is on the disk; only its owner may read it."""
    unfinished = to.with_name(f".{to.name}.unfinished")
    try:
        unfinished.touch(mode=0o600)
        with unfinished.open("w+b") as file:
            yield file
            os.fsync(file.fileno())
        unfinished.rename(to)
    except OSError as error:
        raise StoreError(f"cannot write {to}: {error.strerror}") from error
    finally:
        unfinished.unlink(missing_ok=True)
    folder = os.open(to.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


# -------------------------------------------------------------------------------------------- restore


def restore(source: Path, url: str, now: Instant, *, force: bool = False) -> portable.Manifest:
    """Fill the database at `url` from a backup of either form, made on either engine, and compare every table.

    StoreError when the backup is damaged or the database is not empty; with `force` what is there is thrown away.
    """
    with _opened(source) as (manifest, bunches):
        if manifest.schema != HEAD:
            made = f"the backup has tables of version {manifest.schema}, this program's are {HEAD}"
            raise SchemaMismatch(f"{made}; restore it with the tocsin that made it, then upgrade")
        ledger = open_ledger(url)
        try:
            ledger.transact(lambda tx: _fill(ledger, tx.connection, manifest, bunches, now, force=force))
            with ledger.read(long=True) as connection:
                _compare(connection, manifest)
        finally:
            ledger.close()
    return manifest


def restored(connection: Connection) -> Restored | None:
    """What is known of the restore that made this database, or None."""
    found = connection.execute(select(meta.c.value).where(meta.c.key == portable.RESTORED)).scalar()
    return None if found is None else msgspec.json.decode(found, type=Restored)


@contextmanager
def _opened(source: Path) -> Iterator[tuple[portable.Manifest, Bunches]]:
    """A backup of either form, found whole, as a manifest and the rows of each table."""
    try:
        with source.open("rb") as file:
            is_copy = file.read(len(SQLITE)) == SQLITE
    except OSError as error:
        raise StoreError(f"cannot read {source}: {error.strerror}") from error
    with _copy(source) if is_copy else _dump(source) as opened:
        yield opened


@contextmanager
def _dump(source: Path) -> Iterator[tuple[portable.Manifest, Bunches]]:
    dump = portable.Dump(source)
    try:
        dump.check()
        yield dump.manifest, dump.rows
    finally:
        dump.close()


@contextmanager
def _copy(source: Path) -> Iterator[tuple[portable.Manifest, Bunches]]:
    ledger = open_ledger(f"sqlite:///{source}", write=False)
    try:
        with ledger.read(long=True) as connection:
            said = connection.exec_driver_sql("pragma integrity_check(1)").scalar()
            if said != "ok":
                raise StoreError(f"{source} is damaged: {said}")
            parts = {t.name: portable.part(t, portable.rows_of(connection, t)) for t in portable.tables()}
            number, at = ledger.dialect.last_number(connection), int(source.stat().st_mtime) * SECOND
            manifest = portable.Manifest(portable.FORMAT, HEAD, at, number, parts)
            yield manifest, lambda table: _bunched(portable.rows_of(connection, table))
    finally:
        ledger.close()


def _bunched(told: Iterator[portable.Row]) -> Iterator[list[portable.Row]]:
    while bunch := list(islice(told, portable.CHUNK)):
        yield bunch


def _fill(
    ledger: SqlLedger,
    connection: Connection,
    manifest: portable.Manifest,
    bunches: Bunches,
    now: Instant,
    *,
    force: bool,
) -> None:
    for table in portable.FLEETING:
        connection.execute(delete(table))
    for table in portable.tables():
        if force:
            connection.execute(delete(table))
        elif connection.execute(select(table).limit(1)).first() is not None:
            raise StoreError(f"{ledger.url} is not empty ({table.name} has rows); nothing was touched, see --force")
        for bunch in bunches(table):
            rows.insert(connection, table, bunch)
    ledger.dialect.number_from(connection, manifest.number)
    said = msgspec.json.encode(Restored(manifest.at, now)).decode()
    connection.execute(meta.insert().values(key=portable.RESTORED, value=said))


def _compare(connection: Connection, manifest: portable.Manifest) -> None:
    """What is in the database now against what the backup said; StoreError names the table that differs."""
    for table in portable.tables():
        told = manifest.tables.get(table.name)
        found = portable.part(table, portable.rows_of(connection, table))
        if told is not None and found != told:
            raise StoreError(f"{table.name} is not what the backup holds: {found} instead of {told}; do not use it")
