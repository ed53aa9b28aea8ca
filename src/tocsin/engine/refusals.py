"""What sources were refused lately, by this process: so that whoever wires one up sees why nothing comes in."""

from collections import deque
from threading import Lock

from msgspec import Struct

from tocsin.core.instant import Instant

KEPT = 10
"""Refusals of one source."""


class Refused(Struct, frozen=True):
    """One request that was not taken: when, by which HTTP status, and why. Nothing of what it held is kept."""

    at: Instant
    status: int
    why: str


class Refusals:
    """The last few of each source that exists; in memory alone."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._known: dict[str, deque[Refused]] = {}

    def note(self, source: str, refused: Refused) -> None:
        """Remember one."""
        with self._lock:
            self._known.setdefault(source, deque(maxlen=KEPT)).append(refused)

    def of(self, source: str) -> tuple[Refused, ...]:
        """Those of a source, the latest first."""
        with self._lock:
            return tuple(reversed(self._known.get(source, ())))
