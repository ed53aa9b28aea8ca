"""Whether this process can do its work: loops alive, store answering, clock near the database's."""

from collections.abc import Callable

from sqlalchemy import text

from tocsin.core.instant import SECOND, Duration, Instant
from tocsin.engine.clock import Clock
from tocsin.store.contract import Ledger
from tocsin.store.errors import StoreError

STUCK: Duration = 20 * SECOND
"""A loop that has not come round for this long is stuck."""

TOLERATED: Duration = 5 * SECOND
"""Beyond this offset between our clock and the database's, nothing is claimed."""


class Health:
    """Collects what is wrong. `beats` tell, for each loop, when it last came round (steady microseconds)."""

    def __init__(self, ledger: Ledger, clock: Clock) -> None:
        self._ledger = ledger
        self._clock = clock
        self._beats: dict[str, Callable[[], Instant]] = {}
        self._started = clock.steady()
        self.offset: Duration = 0
        self.stopping = False

    def watch(self, name: str, beat: Callable[[], Instant]) -> None:
        """Watch a loop."""
        self._beats[name] = beat

    def may_claim(self) -> bool:
        """Whether work may be taken: not while our clock and the database's disagree."""
        return abs(self.offset) <= TOLERATED

    def measure(self) -> Duration:
        """Measure our clock against the database's; 0 on SQLite, which has none of its own."""
        if not self._ledger.url.startswith("postgres"):
            return 0
        with self._ledger.read() as connection:
            before = self._clock.now()
            theirs = connection.execute(text("select extract(epoch from clock_timestamp())")).scalar_one()
            after = self._clock.now()
        self.offset = (before + after) // 2 - int(float(theirs) * SECOND)
        return self.offset

    def faults(self) -> list[str]:
        """What is wrong now."""
        found = ["shutting down"] if self.stopping else []
        now = self._clock.steady()
        for name, beat in self._beats.items():
            if now - max(beat(), self._started) > STUCK:
                found.append(f"the {name} loop has not come round for {(now - beat()) // SECOND} s")
        if not self.may_claim():
            found.append(f"our clock is {self.offset / SECOND:+.1f} s off the database's: nothing is claimed")
        try:
            with self._ledger.read() as connection:
                connection.execute(text("select 1"))
        except StoreError as problem:
            found.append(f"the store does not answer: {problem}")
        return found
