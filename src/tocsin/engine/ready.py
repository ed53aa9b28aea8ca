"""Whether this process can do its work: loops alive, store answering, clock near the database's."""

import asyncio
from collections.abc import Callable

from sqlalchemy import text

from tocsin.core.instant import SECOND, Duration, Instant
from tocsin.engine.clock import Clock
from tocsin.engine.pause import pause
from tocsin.lib.logs import logger
from tocsin.store.contract import Ledger
from tocsin.store.errors import StoreError

STUCK: Duration = 20 * SECOND
"""A loop that has not come round for this long is stuck."""

EVERY = 1.0
"""Seconds between two looks at the store."""

SLOW: Duration = 2 * SECOND
"""A store that keeps us waiting for longer does not answer."""

TOLERATED: Duration = 5 * SECOND
"""Beyond this offset between our clock and the database's, nothing is claimed."""

log = logger("ready")


class Health:
    """Collects what is wrong. `beats` tell, for each loop, when it last came round (steady microseconds)."""

    def __init__(self, ledger: Ledger, clock: Clock) -> None:
        self._ledger = ledger
        self._clock = clock
        self._beats: dict[str, Callable[[], Instant]] = {}
        self._started = clock.steady()
        self._measured: Duration | None = None
        self._between: Duration = 0
        self._unknown = False
        self._asked: Instant | None = None
        self._unwritable = ""
        self._trouble = ""
        self._ruled: Callable[[], bool] = lambda: True
        self.stopping = False

    def expect_rules(self, ruled: Callable[[], bool]) -> None:
        """Whether a rulebook is in force: before the first one nobody can be called."""
        self._ruled = ruled

    def watch(self, name: str, beat: Callable[[], Instant]) -> None:
        """Watch a loop."""
        self._beats[name] = beat

    def may_claim(self) -> bool:
        """Whether work may be taken: not while our clock and the database's disagree, or nobody could compare them."""
        return not self._unknown and abs(self.offset) <= TOLERATED

    @property
    def offset(self) -> Duration:
        """How far our clock is ahead of the database's: as measured, and what it has jumped since. 0 on SQLite."""
        if self._measured is None:
            return 0
        return self._measured + self._apart() - self._between

    def _apart(self) -> Duration:
        return self._clock.now() - self._clock.steady()

    async def run(self, stop: asyncio.Event) -> None:
        """Look again and again until told to stop."""
        while not stop.is_set():
            await asyncio.to_thread(self.look)
            await pause(stop, EVERY)

    def look(self) -> None:
        """Ask the store for the time; as long as it has never answered, nothing may be claimed. And does it write?"""
        self._asked = self._clock.steady()
        self._unwritable = self._ledger.trouble()
        try:
            self.measure()
        except StoreError as problem:
            self._unknown = self._measured is None and self._has_a_clock
            if not self._trouble:
                log.warning("store_silent", error=str(problem))
            self._trouble = str(problem)
        else:
            if self._trouble:
                log.warning("store_answers_again")
            self._trouble = ""
        self._asked = None

    @property
    def _has_a_clock(self) -> bool:
        return self._ledger.url.startswith("postgres")

    def measure(self) -> Duration:
        """Measure our clock against the database's; 0 on SQLite, which has none of its own."""
        with self._ledger.read() as connection:
            if not self._has_a_clock:
                connection.execute(text("select 1"))
                return 0
            before = self._clock.now()
            theirs = connection.execute(text("select extract(epoch from clock_timestamp())")).scalar_one()
            after = self._clock.now()
        if self._measured is None or after - before <= SECOND:  # a slower answer tells of the network, not of clocks
            self._measured = (before + after) // 2 - int(float(theirs) * SECOND)
            self._between, self._unknown = self._apart(), False
        return self.offset

    def loops(self) -> dict[str, Duration]:
        """How long ago each loop of this process came round."""
        now = self._clock.steady()
        return {name: now - max(beat(), self._started) for name, beat in self._beats.items()}

    def faults(self) -> list[str]:
        """What is wrong now, as far as it is known; it waits for nobody."""
        found = ["shutting down"] if self.stopping else []
        if not self._ruled():
            found.append("no rulebook is in force: signals are refused")
        now = self._clock.steady()
        for name, beat in self._beats.items():
            if now - max(beat(), self._started) > STUCK:
                found.append(f"the {name} loop has not come round for {(now - beat()) // SECOND} s")
        if not self.may_claim():
            found.append(f"our clock is {self.offset / SECOND:+.1f} s off the database's: nothing is claimed")
        asked = self._asked
        if self._trouble:
            found.append(f"the store does not answer: {self._trouble}")
        elif asked is not None and now - asked > SLOW:
            found.append(f"the store has not answered for {(now - asked) // SECOND} s")
        if self._unwritable:
            found.append(f"nothing can be written: {self._unwritable}")
        return found
