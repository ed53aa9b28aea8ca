"""The live engine on a virtual clock: the same door, timers and dispatcher, stepped from one event to the next."""

from collections.abc import Iterator
from contextlib import contextmanager

from tocsin.core.instant import Instant
from tocsin.engine.batch import Batch
from tocsin.engine.clock import VirtualClock
from tocsin.engine.dispatcher import Dispatcher
from tocsin.engine.door import Door
from tocsin.engine.submission import Answer, Submission
from tocsin.engine.timers import Timers
from tocsin.store.queries.due import next_send


class Stepper:
    """Nothing here waits: time passes only when it is told to, and stops at every timer and every retry."""

    def __init__(self, batch: Batch, door: Door, timers: Timers, dispatcher: Dispatcher, clock: VirtualClock) -> None:
        self.clock = clock
        self._batch = batch
        self._door = door
        self._timers = timers
        self._dispatcher = dispatcher

    @contextmanager
    def running(self) -> Iterator["Stepper"]:
        """With the door open, for receipts come through it."""
        self._door.open()
        try:
            yield self
        finally:
            self._door.close()

    async def put(self, *submissions: Submission) -> list[Answer]:
        """Put commands now, and let what follows from them happen."""
        answers = await self._door.submit_all(submissions)
        await self.settle()
        return answers

    async def settle(self) -> None:
        """Send and tick until nothing more is to be done at this instant."""
        while True:
            began = await self._dispatcher.step_in_order()
            if not began and not self._timers.step():
                return

    async def advance_to(self, instant: Instant) -> None:
        """Go on to `instant`, stopping wherever something is due or may be sent on the way."""
        while (at := self._next()) is not None and at <= instant:
            self.clock.advance_to(at)
            await self.settle()
        self.clock.advance_to(instant)
        await self.settle()

    def _next(self) -> Instant | None:
        with self._batch.ledger.read() as connection:
            send = next_send(connection)
        moments = [at for at in (self._batch.next_due(), send) if at is not None]
        return min(moments, default=None)
