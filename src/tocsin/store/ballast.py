"""A file that only takes up room beside the database: thrown out on a full disk, so that paging goes on meanwhile."""

import os
from pathlib import Path
from shutil import disk_usage

from msgspec import Struct

MOST = 64 << 20
"""Bytes of ballast: some hours of paging, while new signals are refused with 503 and somebody makes room."""

SHARE = 0.02
"""On a small disk it takes this part of the whole."""

ROOM = 4
"""It is laid where this many times its size is free: never the last room there is, nor again at once."""


class Space(Struct, frozen=True):
    """The disk that a database lies on, in bytes; `ballast` is 0 when it was thrown out."""

    total: int
    free: int
    ballast: int

    @property
    def due(self) -> int:
        """How much ballast belongs on a disk of this size."""
        return min(MOST, int(self.total * SHARE))

    @property
    def share(self) -> float:
        """Free space as a part of the whole, the ballast not counted in."""
        return self.free / self.total


def lay(database: Path) -> bool:
    """Put ballast beside the database, really written; whether there is any afterwards."""
    path, now = _path(database), space(database)
    if now.ballast == now.due or now.free + now.ballast < ROOM * now.due:
        return now.ballast > 0
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            os.posix_fallocate(file.fileno(), 0, now.due)
            os.fsync(file.fileno())
    except OSError:  # others took the room meanwhile
        path.unlink(missing_ok=True)
        return False
    return True


def release(database: Path) -> bool:
    """Throw it out; whether there was any. `lay` puts it back when there is room again."""
    path = _path(database)
    if not path.exists():
        return False
    path.unlink()
    return True


def make_way(database: Path) -> bool:
    """Before a database is opened: whether its disk is full but for the ballast, which is thrown out then."""
    now = space(database)
    if now.free + now.ballast >= 2 * now.due:
        return False
    release(database)
    return True


def space(database: Path) -> Space:
    """How much room there is."""
    usage, path = disk_usage(database.parent), _path(database)
    return Space(usage.total, usage.free, path.stat().st_size if path.exists() else 0)


def _path(database: Path) -> Path:
    return database.with_name(database.name + ".ballast")
