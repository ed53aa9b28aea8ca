"""FILE.lock: one process writes to a SQLite file, and everybody else can see which."""

import fcntl
import os
from pathlib import Path

from tocsin.store.errors import StoreError, StoreInUse


class LockFile:
    """An exclusive lock, held from `take` to `release` or to the end of the process, whatever ends it."""

    def __init__(self, database: Path) -> None:
        """The lock of `database` is a file beside it; it stays when the lock is released, so that no race arises."""
        self.path = database.with_name(database.name + ".lock")
        self._descriptor: int | None = None

    def take(self) -> None:
        """Take it and write our process id into it; StoreInUse names the process that has it."""
        try:
            descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise StoreError(f"cannot open {self.path}: {error.strerror}") from error
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            holder = os.read(descriptor, 64).decode("ascii", "replace").strip() or "unknown"
            os.close(descriptor)
            raise StoreInUse(
                f"{self.path.with_suffix('')} is being written by process {holder}; "
                "stop it, or let it carry out the command"
            ) from error
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
        self._descriptor = descriptor

    def release(self) -> None:
        """Let the next one write; nothing happens when it is not held."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None
