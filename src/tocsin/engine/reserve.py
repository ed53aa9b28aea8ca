"""When the disk runs short: a warning, a page, and on a full one the ballast goes, so that what is live goes on."""

import asyncio
import threading
from contextlib import suppress
from enum import IntEnum
from pathlib import Path

from tocsin.core.instant import HOUR, Duration, Instant
from tocsin.engine.clock import Clock
from tocsin.engine.door import Door
from tocsin.engine.ourselves import about_ourselves
from tocsin.engine.worlds import NoRulebookError
from tocsin.lib.logs import logger
from tocsin.lib.metrics import Metrics
from tocsin.store import ballast
from tocsin.store.ballast import Space

EVERY = 2.0
"""Seconds between two looks at the disk."""

AGAIN: Duration = HOUR
"""What is still so after this long is reported again, whoever resolved the incident meanwhile."""

MARGIN = 0.02
"""How much more must be free before a level is left: what goes to and fro is told once."""

log = logger("reserve")


class Level(IntEnum):
    """How the disk is doing, from well to ill. `FULL`: a commit has failed; signals are refused until there is room."""

    AMPLE = 0
    LOW = 1
    SHORT = 2
    FULL = 3


LIMITS = {Level.SHORT: 0.1, Level.LOW: 0.2}
"""Free parts of the disk below which somebody is paged, or the log warns."""


def judged(share: float, before: Level) -> Level:
    """The level that a disk with this part free is at, and was not full."""
    for level, limit in LIMITS.items():
        if share < limit + (MARGIN if before >= level else 0):
            return level
    return Level.AMPLE


class Reserve:
    """Watches the disk of a SQLite file, and gives way when it is full."""

    def __init__(self, database: Path, door: Door, clock: Clock, metrics: Metrics) -> None:
        self._database = database
        self._door = door
        self._clock = clock
        self._metrics = metrics
        self._turn = threading.Lock()
        self._wake = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._reported: Instant | None = 0  # perhaps, by a process before us
        self.level = Level.AMPLE

    def filled(self) -> None:
        """A commit found no room: out with the ballast, and no more signals. Called by whichever thread committed."""
        with self._turn:
            thrown_out = False
            with suppress(OSError):
                thrown_out = ballast.release(self._database)
            if self._door.takes_signals or thrown_out:
                log.error("disk_full", database=str(self._database), ballast_thrown_out=thrown_out)
            self._door.takes_signals = False
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._wake.set)

    def look(self) -> Space:
        """How much room there is; where there is enough, the ballast is laid, and signals are welcome."""
        with self._turn:
            laid = ballast.lay(self._database)
            if laid and not self._door.takes_signals:
                log.warning("room_again", database=str(self._database))
                self._door.takes_signals = True
            found = ballast.space(self._database)
        before = self.level
        self.level = judged(found.share, before) if self._door.takes_signals else Level.FULL
        if self.level in LIMITS and self.level > before:
            log.warning("disk_low", database=str(self._database), free=f"{found.share:.0%}")
        self._metrics.disk_free.set(found.share)
        return found

    async def run(self, stop: asyncio.Event) -> None:
        """Until told to stop."""
        self._loop = asyncio.get_running_loop()
        stopping = asyncio.create_task(stop.wait())
        while not stop.is_set():
            try:
                with suppress(NoRulebookError):  # before the first one there is nobody to tell
                    await self.step()
            except Exception:
                log.exception("look_failed")
            woken = asyncio.create_task(self._wake.wait())
            await asyncio.wait({stopping, woken}, timeout=EVERY, return_when=asyncio.FIRST_COMPLETED)
            woken.cancel()
            self._wake.clear()
        self._loop = None

    async def step(self) -> None:
        """One look, and what there is to report."""
        before = self.level
        found = await asyncio.to_thread(self.look)
        now = self._clock.now()
        if self.level >= Level.SHORT:
            if self._reported is None or self.level > before or now - self._reported >= AGAIN:
                self._reported = None
                await self._door.submit(about_ourselves("disk", *_told(found, self.level), now))
                self._reported = now
        elif self._reported is not None:
            await self._door.submit(about_ourselves("disk", *_told(found, self.level), now, "resolve"))
            self._reported = None


def _told(found: Space, level: Level) -> tuple[str, str]:
    """Title and text of the report."""
    room = f"{found.share:.0%} ({found.free >> 20} MiB) of the disk of tocsin's database is free"
    if level == Level.FULL:
        more = (
            "The ballast was thrown out, so that what is live goes on; new signals are refused with 503. Make room now."
        )
        return "tocsin: the disk is full, new signals are refused", f"{room}. {more}"
    if level == Level.SHORT:
        return f"tocsin: the disk is almost full ({found.share:.0%} free)", f"{room}. Make room."
    return "tocsin: there is room on the disk again", f"{room}."
