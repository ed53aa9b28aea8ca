"""What can go wrong with memory, sorted by what the caller should do about it."""

from collections.abc import Sequence


class StoreError(Exception):
    """Anything the store refuses or fails at. The text says what and, where there is one, what to do."""


class StoreBusy(StoreError):
    """A passing failure before the commit: a deadlock, a lock timeout, a lost connection. Not written: retry."""


class Conflict(StoreBusy):
    """A stream was not at the seq it was decided on. Nothing was written: load again, decide again."""

    def __init__(self, streams: Sequence[str]) -> None:
        super().__init__(f"decided on an old state of {', '.join(streams)}")
        self.streams = tuple(streams)


class AmbiguousCommit(StoreError):
    """The connection was lost during the commit: written or not. Settle it through the answers to its commands."""


class StoreFull(StoreError):
    """No space left. Nothing was written, all can be read; make room and retry."""


class StoreBroken(StoreError):
    """The medium failed or the data are damaged. Stop writing; restore the last verified backup."""


class StoreInUse(StoreError):
    """Another process writes to this SQLite file."""


class SchemaMismatch(StoreError):
    """The database was made by another version of the program, or a migration is missing."""


class Refused(StoreError):
    """The schema refused a row: a silent incident, a status that does not exist. Retrying does not help."""
