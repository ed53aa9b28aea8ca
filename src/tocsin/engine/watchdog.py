"""The auditor: looks in the store itself for what must never be, and pages about it."""

import asyncio

from msgspec import Struct

from tocsin.core.instant import MINUTE, SECOND, Duration
from tocsin.engine.clock import Clock, Stepped
from tocsin.engine.door import Door
from tocsin.engine.ourselves import about_ourselves
from tocsin.engine.pause import pause
from tocsin.engine.ready import Health
from tocsin.lib.logs import logger
from tocsin.lib.metrics import Metrics
from tocsin.store.contract import Ledger
from tocsin.store.queries.silent import silent

EVERY = 15.0
GRACE: Duration = MINUTE
"""A timer this late is taken to be stuck."""

log = logger("watchdog")


class Finding(Struct, frozen=True):
    """What was found in one look: incidents without a next action, and those whose action is long overdue."""

    silent: tuple[str, ...]
    overdue: tuple[str, ...]


class Watchdog:
    """Asks the store itself, by its own reader, and not the loops that might be wrong."""

    def __init__(self, ledger: Ledger, door: Door, clock: Clock, metrics: Metrics, health: Health) -> None:
        self._ledger = ledger
        self._door = door
        self._clock = clock
        self._metrics = metrics
        self._health = health
        self._stepped = Stepped(clock)
        self.last: Finding = Finding((), ())

    def look(self) -> Finding:
        """One look at the store."""
        now = self._clock.now()
        with self._ledger.read() as connection:
            mute, late = silent(connection, now, GRACE)
        self.last = Finding(tuple(mute), tuple(late))
        self._metrics.silent.set(len(mute))
        return self.last

    async def run(self, stop: asyncio.Event) -> None:
        """Until told to stop."""
        while not stop.is_set():
            try:
                await self._round()
            except Exception:
                log.exception("look_failed")
            await pause(stop, EVERY)

    async def _round(self) -> None:
        jump = self._stepped.by()
        if jump:
            log.warning("clock_stepped", seconds=jump / SECOND)
        self._metrics.clock_offset.set(self._health.offset / SECOND)
        finding = await asyncio.to_thread(self.look)
        if finding.silent or finding.overdue:
            log.error("never_silent_violated", silent=finding.silent[:20], overdue=finding.overdue[:20])
            await self._page(finding)

    async def _page(self, finding: Finding) -> None:
        """Report it as an incident of our own; the same key joins while it is live."""
        mute, late = (", ".join(ids) or "none" for ids in (finding.silent, finding.overdue))
        text = f"Without a next action: {mute}. Overdue: {late}."
        title = f"tocsin: {len(finding.silent) + len(finding.overdue)} incidents are not being escalated"
        await self._door.submit(about_ourselves("never-silent", title, text, self._clock.now()))
