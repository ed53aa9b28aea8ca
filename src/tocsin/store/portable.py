"""A backup that any engine can take back: a zip of one file of JSON lines for each table, and a manifest of hashes."""

import base64
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from hashlib import sha256
from itertools import islice
from pathlib import Path
from typing import IO, Any

import msgspec
from msgspec import Struct
from sqlalchemy import Boolean, Connection, LargeBinary, Table, select

from tocsin.core.instant import Instant
from tocsin.store.errors import StoreError
from tocsin.store.tables import METADATA, invitations, meta, opened, sessions

MANIFEST = "manifest.json"
FORMAT = 1
CHUNK = 500

NUMBER = "number"
RESTORED = "restored"
ROOM = "room"
OWN = (NUMBER, RESTORED, ROOM)
"""What `meta` says of one database alone: SQLite's last incident number, whence it was restored, that there is room."""

Row = Sequence[Any]


class Part(Struct, frozen=True):
    """One table: how many rows, and the SHA-256 of its file, which is the same for equal rows on any engine."""

    rows: int
    sha256: str


class Manifest(Struct, frozen=True):
    """What a backup holds. `number` is the last incident number handed out; `at` is when it was made."""

    format: int
    schema: str
    at: Instant
    number: int
    tables: dict[str, Part]


FLEETING = (sessions, invitations, opened)
"""What no backup holds: a door that was shut after it must not stand open again when it is put back."""


def tables() -> list[Table]:
    """All tables but the fleeting ones, by name."""
    return [METADATA.tables[name] for name in sorted(METADATA.tables) if METADATA.tables[name] not in FLEETING]


def rows_of(connection: Connection, table: Table) -> Iterator[Row]:
    """All rows of a table in the order of its key, as they are told in a file."""
    ordered = select(table).order_by(*table.primary_key.columns)
    if table is meta:
        ordered = ordered.where(meta.c.key.not_in(OWN))
    streamed = connection.execution_options(yield_per=CHUNK).execute(ordered)
    flags = [at for at, column in enumerate(table.columns) if isinstance(column.type, Boolean)]
    for row in streamed:
        values = list(row)
        for at in flags:
            values[at] = bool(values[at])
        yield values


def write(file: IO[bytes], connection: Connection, schema: str, number: int, at: Instant) -> Manifest:
    """Write all tables as `connection` sees them, which must be one consistent state."""
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        parts = {table.name: _write(archive, table, rows_of(connection, table)) for table in tables()}
        manifest = Manifest(FORMAT, schema, at, number, parts)
        archive.writestr(MANIFEST, msgspec.json.format(msgspec.json.encode(manifest)))
    return manifest


def part(table: Table, rows: Iterable[Row]) -> Part:
    """What `rows` would be in a manifest."""
    digest, count = sha256(_heading(table)), 0
    for row in rows:
        digest.update(_line(row))
        count += 1
    return Part(count, digest.hexdigest())


def _write(archive: zipfile.ZipFile, table: Table, rows: Iterable[Row]) -> Part:
    digest, count = sha256(_heading(table)), 0
    with archive.open(f"{table.name}.jsonl", "w", force_zip64=True) as file:
        file.write(_heading(table))
        for row in rows:
            line = _line(row)
            file.write(line)
            digest.update(line)
            count += 1
    return Part(count, digest.hexdigest())


def _heading(table: Table) -> bytes:
    return _line([str(column.name) for column in table.columns])


def _line(row: Row) -> bytes:
    return msgspec.json.encode(row) + b"\n"


# ------------------------------------------------------------------------------------------ and back


class Dump:
    """A portable backup that is read again."""

    def __init__(self, path: Path) -> None:
        """Open it; StoreError when it is not one, or is damaged."""
        try:
            self._archive = zipfile.ZipFile(path)
            self.manifest = msgspec.json.decode(self._archive.read(MANIFEST), type=Manifest)
        except (OSError, zipfile.BadZipFile, KeyError, msgspec.DecodeError) as error:
            raise StoreError(f"{path} is not a backup of tocsin: {error}") from error

    def check(self) -> None:
        """Compare every file with the manifest; StoreError names the first that differs."""
        for name, told in self.manifest.tables.items():
            try:
                content = self._digest(name)
            except (OSError, zipfile.BadZipFile, zlib.error, KeyError) as error:
                raise StoreError(f"the backup's {name} cannot be read: {error}") from error
            if content != told:
                raise StoreError(f"the backup's {name} is damaged: {content} instead of {told}")

    def rows(self, table: Table) -> Iterator[list[Row]]:
        """The rows of a table in bunches, values in the order of its columns. A table that was not there is empty."""
        if table.name not in self.manifest.tables:
            return
        binary = [at for at, column in enumerate(table.columns) if isinstance(column.type, LargeBinary)]
        with self._archive.open(f"{table.name}.jsonl") as file:
            if next(file) != _heading(table):
                raise StoreError(f"the backup's {table.name} has other columns than this version's")
            while bunch := [_values(line, binary) for line in islice(file, CHUNK)]:
                yield bunch

    def close(self) -> None:
        """Let go of the file."""
        self._archive.close()

    def _digest(self, name: str) -> Part:
        digest, lines = sha256(), 0
        with self._archive.open(f"{name}.jsonl") as file:
            for line in file:
                digest.update(line)
                lines += 1
        return Part(lines - 1, digest.hexdigest())


def _values(line: bytes, binary: Sequence[int]) -> Row:
    values: list[Any] = msgspec.json.decode(line)
    for at in binary:
        values[at] = base64.b64decode(values[at])
    return values
