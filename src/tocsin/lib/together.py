"""Calls that come while one is under way are carried out together by the next: few rounds for many callers, no wait."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

T = TypeVar("T")
R = TypeVar("R")


class Together(Generic[T, R]):
    """Gathers single calls for `carry_out`, which takes many and gives a result for each. Of one event loop."""

    def __init__(self, carry_out: Callable[[list[T]], Awaitable[Sequence[R]]]) -> None:
        self._carry_out = carry_out
        self._waiting: list[tuple[T, asyncio.Future[R]]] = []
        self._round: asyncio.Task[None] | None = None

    async def put(self, item: T) -> R:
        """The result for this one. What `carry_out` raises is raised to all whose round it was."""
        future: asyncio.Future[R] = asyncio.get_running_loop().create_future()
        self._waiting.append((item, future))
        if self._round is None:
            self._round = asyncio.create_task(self._rounds())
        return await future

    async def _rounds(self) -> None:
        while self._waiting:
            taken, self._waiting = self._waiting, []
            try:
                results = await self._carry_out([item for item, _ in taken])
            except Exception as problem:  # noqa: BLE001  it is the callers'
                _fail([future for _, future in taken], problem)
            else:
                _tell([future for _, future in taken], results)
        self._round = None


def _tell(futures: Sequence[asyncio.Future[R]], results: Sequence[R]) -> None:
    for future, result in zip(futures, results, strict=True):
        if not future.done():
            future.set_result(result)


def _fail(futures: Sequence[asyncio.Future[R]], problem: Exception) -> None:
    for future in futures:
        if not future.done():
            future.set_exception(problem)
