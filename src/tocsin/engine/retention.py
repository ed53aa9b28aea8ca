"""Tidies up once an hour, in small transactions, so that nobody waits long for it."""

import asyncio

from tocsin.engine.clock import Clock
from tocsin.engine.pause import pause
from tocsin.lib.logs import logger
from tocsin.store.contract import Ledger
from tocsin.store.errors import StoreError
from tocsin.store.retention import tidy

EVERY = 3600.0

log = logger("retention")


class Retention:
    """Forgets what the store need not keep."""

    def __init__(self, ledger: Ledger, clock: Clock) -> None:
        self._ledger = ledger
        self._clock = clock

    def step(self) -> int:
        """Forget now, some at a time; how many rows went."""
        gone = 0
        while some := self._ledger.transact(lambda tx: tidy(tx.connection, self._clock.now())):
            gone += some
        return gone

    async def run(self, stop: asyncio.Event) -> None:
        """Until told to stop."""
        while not stop.is_set():
            try:
                await asyncio.to_thread(self.step)
            except StoreError:
                log.exception("tidy_failed")
            await pause(stop, EVERY)
