"""A file that only takes up room beside the database: thrown out on a full disk, so that paging goes on meanwhile."""

import os
from pathlib import Path
from shutil import disk_usage

from msgspec import Struct

SIZE = 64 << 20
"""Bytes of ballast: some hours of paging, while new signals are refused with 503 and somebody makes room."""


class Space(Struct, frozen=True):
    """The disk that a database lies on, in bytes; `ballast` is 0 when it was thrown out."""

    total: int
    free: int
    ballast: int

    @property
    def share(self) -> float:
        """Free space as a part of the whole: warn below 0.2, page below 0.1."""
        return self.free / self.total


def lay(database: Path, size: int = SIZE) -> bool:
    """Put ballast beside the database, really written; whether it is there. Never takes more than 2 % of the free."""
    path = _path(database)
    if path.exists() and path.stat().st_size == size:
        return True
    if disk_usage(database.parent).free * 0.02 < size:
        return False
    with path.open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, size)
        os.fsync(file.fileno())
    return True


def release(database: Path) -> bool:
    """Throw it out; whether there was any. `lay` puts it back when there is room again."""
    path = _path(database)
    if not path.exists():
        return False
    path.unlink()
    return True


def space(database: Path) -> Space:
    """How much room there is."""
    usage, path = disk_usage(database.parent), _path(database)
    return Space(usage.total, usage.free, path.stat().st_size if path.exists() else 0)


def _path(database: Path) -> Path:
    return database.with_name(database.name + ".ballast")
