"""The one door: whatever happens to an incident enters here, and nobody is answered before their own commit."""

import asyncio
import random
import threading
from collections import deque
from collections.abc import Callable, Sequence

from uuid_utils import uuid7

from tocsin.core.decider import Refused
from tocsin.core.world import World
from tocsin.engine.backoff import jittered
from tocsin.engine.batch import Batch, is_somebodys
from tocsin.engine.clock import Clock
from tocsin.engine.submission import Answer, Submission
from tocsin.engine.worlds import NoRulebookError
from tocsin.lib.logs import logger
from tocsin.lib.metrics import Metrics
from tocsin.store.errors import AmbiguousCommit, StoreBusy, StoreFull

LARGEST_BATCH = 512
"""Commands of one commit. There is no linger: the queue fills while the commit before it runs."""

QUEUE_LIMIT = 20_000
"""Commands that may wait; more are refused, never swallowed."""

PATIENCE = 5.0
"""Seconds that a caller waits; after that they get 503, and the same id is answered later."""

TRIES = 6

log = logger("door")


class OverloadedError(Exception):
    """The queue is full, or the commit takes too long: try again after `retry_after` seconds with the same id."""

    def __init__(self, retry_after: int = 5) -> None:
        super().__init__("tocsin is behind: nothing was accepted, try again")
        self.retry_after = retry_after


Asked = tuple[Sequence[Submission], "asyncio.Future[list[Answer]]"]
"""What one caller has put, and where they wait for the answers to it."""


class Door:
    """Group commit: one thread takes all that has come, decides and commits it, and wakes each caller once.

    `takes_signals` is False while there is no room for new ones; those who ask for sources turn them away.
    """

    def __init__(self, batch: Batch, world: Callable[[], World], clock: Clock, metrics: Metrics) -> None:
        self._batch = batch
        self._world = world
        self._clock = clock
        self._metrics = metrics
        self._waiting: deque[Asked] = deque()
        self._depth = 0
        self._wake = threading.Condition()
        self._closed = False
        self._thread = threading.Thread(target=self._run, name="door", daemon=True)
        self.takes_signals = True
        self._random = random.Random()  # noqa: S311  spreads retries, guards nothing

    def open(self) -> None:
        """Begin to serve."""
        self._thread.start()

    async def submit(self, submission: Submission, patience: float = PATIENCE) -> Answer:
        """Put one command; its answer once it is committed. Raises OverloadedError, or the store's error."""
        (answer,) = await self.submit_all([submission], patience)
        return answer

    async def submit_all(self, submissions: Sequence[Submission], patience: float = PATIENCE) -> list[Answer]:
        """Put several commands, in order; they may be committed together."""
        if not submissions:
            return []
        loop = asyncio.get_running_loop()
        future: asyncio.Future[list[Answer]] = loop.create_future()
        with self._wake:
            if self._closed or self._depth + len(submissions) > QUEUE_LIMIT:
                raise OverloadedError
            self._waiting.append((submissions, future))
            self._depth += len(submissions)
            self._wake.notify()
        out_of_patience = loop.call_later(patience, _give_up, future)
        try:
            return await future
        finally:
            out_of_patience.cancel()

    @property
    def depth(self) -> int:
        """How many commands wait."""
        return self._depth

    def close(self) -> None:
        """Serve what waits, then stop. Later commands are refused."""
        with self._wake:
            self._closed = True
            self._wake.notify()
        if self._thread.is_alive():
            self._thread.join()

    def carry_out(self, submissions: Sequence[Submission]) -> list[Answer]:
        """The same, in the caller's own thread: for stepping an engine, and for the door's own."""
        return self._settled(list(submissions))

    def _run(self) -> None:
        while True:
            with self._wake:
                while not self._waiting and not self._closed:
                    self._wake.wait()
                if not self._waiting:
                    return
                taken = self._taken()
            self._serve(taken)

    def _taken(self) -> list[Asked]:
        """What one commit takes: whole callers, one of them at least."""
        taken: list[Asked] = []
        size = 0
        while self._waiting and (not taken or size + len(self._waiting[0][0]) <= LARGEST_BATCH):
            taken.append(self._waiting.popleft())
            size += len(taken[-1][0])
        self._depth -= size
        return taken

    def _serve(self, taken: list[Asked]) -> None:
        try:
            answers = self.carry_out([one for submissions, _ in taken for one in submissions])
        except Exception as problem:
            if not isinstance(problem, NoRulebookError):
                log.exception("batch_failed", callers=len(taken))
            _resolve([(future, problem) for _, future in taken])
            return
        results, at = [], 0
        for submissions, future in taken:
            results.append((future, answers[at : at + len(submissions)]))
            at += len(submissions)
        _resolve(results)

    def _settled(self, submissions: list[Submission]) -> list[Answer]:
        """Carry out a batch; a store's passing failure is retried with jitter, then the batch is halved.

        What fails for any other reason is halved at once, down to the one command to blame, which is put aside.
        """
        world, mark = self._world(), f"batch:{uuid7()}"
        for attempt in range(TRIES):
            now = self._clock.now()
            try:
                answers = self._batch.carry_out(world, submissions, now, mark)
            except AmbiguousCommit:
                settled = self._after_doubt(mark)
                if settled is not None:
                    return self._counted(settled)
            except StoreBusy:
                self._metrics.commits.labels(outcome="retried").inc()
                threading.Event().wait(jittered(attempt, self._random))
            except StoreFull:
                if attempt:  # once there was nothing left to throw out
                    raise
            except Exception as problem:
                if not is_somebodys(problem):
                    raise
                if len(submissions) == 1:
                    return self._counted([self._batch.put_aside(world, submissions[0], problem, now)])
                log.exception("batch_halved", size=len(submissions))
                break
            else:
                return self._counted(answers)
        if len(submissions) == 1:
            return [Answer(submissions[0].id, "", "failed", 0, Refused("busy", "the store is busy: try again"))]
        middle = len(submissions) // 2
        return self._settled(submissions[:middle]) + self._settled(submissions[middle:])

    def _after_doubt(self, mark: str) -> list[Answer] | None:
        """A connection was lost in the middle of a commit: ask until it is known what became of it."""
        for attempt in range(TRIES):
            try:
                return self._batch.settle(mark)
            except (StoreBusy, AmbiguousCommit):
                threading.Event().wait(jittered(attempt, self._random, shortest=0.1))
        raise AmbiguousCommit("nobody can say whether it was committed: the store does not answer")

    def _counted(self, answers: list[Answer]) -> list[Answer]:
        """One commit more."""
        self._metrics.commits.labels(outcome="committed").inc()
        self._metrics.batch_size.observe(len(answers))
        failed = sum(answer.outcome == "failed" for answer in answers)
        if failed:
            self._metrics.quarantined.inc(failed)
        return answers


Result = tuple["asyncio.Future[list[Answer]]", list[Answer] | Exception]


def _resolve(results: Sequence[Result]) -> None:
    """Wake the callers: once per loop, not once per caller."""
    loops: dict[asyncio.AbstractEventLoop, list[Result]] = {}
    for result in results:
        loops.setdefault(result[0].get_loop(), []).append(result)
    for loop, mine in loops.items():
        try:
            loop.call_soon_threadsafe(_set_all, mine)
        except RuntimeError:
            log.warning("caller_gone", callers=len(mine))


def _set_all(results: Sequence[Result]) -> None:
    for future, answers in results:
        if future.done():
            continue
        if isinstance(answers, Exception):
            future.set_exception(answers)
            future.exception()  # a caller that has left never looks
        else:
            future.set_result(answers)


def _give_up(future: "asyncio.Future[list[Answer]]") -> None:
    """The caller has waited long enough; what they put is carried out all the same."""
    if not future.done():
        future.set_exception(OverloadedError())
