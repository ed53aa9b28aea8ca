"""What many ask of the store in one moment is asked once for all of them, and only so much of it at a time."""

import asyncio
from asyncio import Semaphore, Task
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

from tocsin.store.errors import StoreBusy

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")

PATIENCE = 20.0
"""Seconds that somebody waits for a turn; longer than a store that is only busy needs for hundreds of them."""


class Together(Generic[K, V]):
    """`most` questions at a time, each in a thread of its own; whoever asks what is being asked waits for that answer.

    Threads and connections are fewer than browsers that come back in one moment: without turns they would wait for a
    connection until the pool gives up, and those who acknowledge meanwhile with them.
    """

    def __init__(self, most: int = 4, patience: float = PATIENCE) -> None:
        self._turns = Semaphore(most)
        self._patience = patience
        self._asked: dict[K, Task[V]] = {}

    async def ask(self, key: K, work: Callable[[], V]) -> V:
        """What `work` gives, or gave to another who asked by the same key; StoreBusy where no turn comes."""
        task = self._asked.get(key)
        if task is None:
            task = self._asked[key] = asyncio.create_task(self.alone(work))
            task.add_done_callback(lambda done: self._over(key, done))
        return await asyncio.shield(task)  # who leaves takes nothing away from the others

    def forget(self) -> None:
        """Whoever asks from now on shares no answer that was asked for before."""
        self._asked.clear()

    async def alone(self, work: Callable[[], V]) -> V:
        """What `work` gives, in its turn, for nobody else."""
        try:
            async with asyncio.timeout(self._patience):
                await self._turns.acquire()
        except TimeoutError:
            raise StoreBusy("too many wait for an answer of the store") from None
        try:
            return await asyncio.to_thread(work)
        finally:
            self._turns.release()

    def _over(self, key: K, done: "Task[V]") -> None:
        if self._asked.get(key) is done:
            del self._asked[key]
        if not done.cancelled():
            done.exception()  # told to those who wait; where all have left, nobody misses it
