"""All timers are one: whatever is due by its column is ticked, worst and oldest first."""

import asyncio
from collections.abc import Callable

from tocsin.core.instant import SECOND, Duration, Instant
from tocsin.core.world import World
from tocsin.engine.batch import Batch
from tocsin.engine.clock import Clock
from tocsin.engine.submission import Answer
from tocsin.lib.logs import logger
from tocsin.lib.metrics import Metrics
from tocsin.store.errors import StoreBusy

POLL: Duration = SECOND // 5
"""The longest sleep: another worker may have written something that is due sooner."""

AGAIN: Duration = SECOND // 100
"""The shortest sleep."""

AT_ONCE = 200

log = logger("timers")


class Timers:
    """Looks what is due, ticks it, and sleeps until the next; a restart is a rescan."""

    def __init__(
        self, batch: Batch, world: Callable[[], World], clock: Clock, metrics: Metrics, may_claim: Callable[[], bool]
    ) -> None:
        self._batch = batch
        self._world = world
        self._clock = clock
        self._metrics = metrics
        self._may_claim = may_claim
        self._wake = asyncio.Event()
        self._next_at: Instant | None = None
        self.beat: Instant = 0

    def step(self) -> list[Answer]:
        """Tick one lot of what is due now; empty when nothing is. For stepping, and for the loop's thread."""
        return self._batch.tick(self._world(), self._clock.now(), AT_ONCE)

    def would_miss(self, due_at: Instant | None) -> bool:
        """Whether it may still sleep then, so that it must be woken. May be asked by any thread."""
        return due_at is not None and due_at < self._clock.now() + 2 * POLL

    def wake(self) -> None:
        """Something was written that is due soon."""
        self._wake.set()

    async def run(self, stop: asyncio.Event) -> None:
        """Until told to stop; a failing store is tried again, and never ends the loop."""
        while not stop.is_set():
            self._wake.clear()
            try:
                served = await asyncio.to_thread(self._step_when_due)
            except StoreBusy:
                served, self._next_at = 0, None
            except Exception:
                log.exception("tick_failed")
                served, self._next_at = 0, None
            self.beat = self._clock.steady()
            if not served and not stop.is_set():
                await self._rest(self._next_at)

    def _step_when_due(self) -> int:
        """A cheap look first: the writer is only taken when something is due."""
        self._next_at = next_at = self._batch.next_due()
        now = self._clock.now()
        if next_at is None or next_at > now or not self._may_claim():
            return 0
        self._metrics.due_lateness.observe(max(now - next_at, 0) / SECOND)
        return len(self.step())

    async def _rest(self, next_at: Instant | None) -> None:
        """Until the next is due. What is due and was not served is another worker's, or must not be claimed now."""
        wait = POLL if next_at is None else min(max(next_at - self._clock.now(), AGAIN), POLL)
        try:
            async with asyncio.timeout(wait / SECOND):
                await self._wake.wait()
        except TimeoutError:
            return
