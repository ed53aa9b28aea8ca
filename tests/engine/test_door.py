"""The one door on real stores: nobody is answered before their commit, nobody twice, and nobody is swallowed."""

import asyncio
import os
import signal as signals
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import psycopg
import pysqlite3.dbapi2 as sqlite
import pytest
from sqlalchemy import text

from tests.contracts.a_cut_line import Cut, Line, line_to
from tests.engine.crowd import ask, signal, world
from tests.engine.running import rulebook
from tocsin.core.instant import Instant
from tocsin.core.world import World
from tocsin.engine.batch import Batch
from tocsin.engine.clock import SystemClock
from tocsin.engine.door import QUEUE_LIMIT, Door, OverloadedError
from tocsin.engine.submission import Answer, Submission
from tocsin.lib.metrics import Metrics
from tocsin.store.errors import StoreBusy
from tocsin.store.ledger import open_ledger

WORLD = world(rulebook())


class Opened:
    """A door over a store, and its numbers."""

    def __init__(self, batch: Batch) -> None:
        self.batch, self.metrics = batch, Metrics(process=False)
        self.door = Door(batch, lambda: WORLD, SystemClock(), self.metrics)

    def commits(self, outcome: str) -> float:
        """How many transactions ended so."""
        return self.metrics.commits.labels(outcome=outcome)._value.get()

    def events(self) -> list[tuple[str, str]]:
        """What is committed: (incident, type)."""
        with self.batch.ledger.read() as connection:
            return [tuple(row) for row in connection.execute(text("select stream, type from events order by 1, seq"))]


@contextmanager
def door(url: str, kind: type[Batch] = Batch) -> Iterator[Opened]:
    """Open, served by its own thread, until the end."""
    ledger = open_ledger(url)
    opened = Opened(kind(ledger))
    opened.door.open()
    try:
        yield opened
    finally:
        opened.door.close()
        ledger.close()


@contextmanager
def nobody_can_commit(url: str, seconds: float = 0.0) -> Iterator[threading.Event]:
    """Somebody else holds the lock that every commit needs: until the end, or for so long."""
    released = threading.Event()
    if url.startswith("sqlite"):
        held = sqlite.connect(url.removeprefix("sqlite:///"), isolation_level=None, check_same_thread=False)
        held.execute("begin immediate")
    else:
        held = psycopg.connect(url)
        held.execute("lock table events in share mode")

    def let_go() -> None:
        released.wait(seconds or None)
        held.rollback()
        held.close()

    thread = threading.Thread(target=let_go)
    thread.start()
    try:
        yield released
    finally:
        released.set()
        thread.join()


async def test_nobody_is_answered_before_the_commit_and_all_who_waited_are_committed_together(store_url: str) -> None:
    with door(store_url) as opened:
        with nobody_can_commit(store_url):
            waiting = [asyncio.create_task(opened.door.submit(signal(n))) for n in range(100)]
            await asyncio.sleep(0.4)
            assert not any(task.done() for task in waiting)
            assert opened.events() == []
        answers = await asyncio.gather(*waiting)
        assert {answer.outcome for answer in answers} == {"opened"}
        assert len({incident for incident, _ in opened.events()}) == 100
        assert opened.commits("committed") <= 2


async def test_a_caller_who_waits_too_long_is_refused_and_the_same_id_is_answered_later(store_url: str) -> None:
    once = [Submission(one.id, one.command, key=one.key, once=True) for one in (signal(1),)]
    with door(store_url) as opened:
        with nobody_can_commit(store_url), pytest.raises(OverloadedError):
            await opened.door.submit_all(once, patience=0.3)
        (late,) = await opened.door.submit_all(once)
        (again,) = await opened.door.submit_all(once)
        assert late == again
        assert late.outcome == "opened"
        assert opened.events().count((late.incident, "opened")) == 1
        assert (late.incident, "signalled") not in opened.events()


async def test_a_lock_that_is_not_to_be_had_is_waited_for_and_the_batch_retried(postgres_url: str) -> None:
    with door(postgres_url) as opened:
        with nobody_can_commit(postgres_url, seconds=2.3):  # a lock is waited for 2 s at most
            answer = await opened.door.submit(signal(1))
        assert answer.outcome == "opened"
        assert opened.commits("retried") >= 1


class Narrow(Batch):
    """A store that takes only small transactions."""

    def carry_out(self, world: World, submissions: Sequence[Submission], now: Instant, mark: str = "") -> list[Answer]:
        if len(submissions) > 3:
            raise StoreBusy("too many at once")
        return super().carry_out(world, submissions, now, mark)


async def test_a_batch_that_is_too_large_for_the_store_is_halved_until_it_fits(sqlite_url: str) -> None:
    with door(sqlite_url, Narrow) as opened:
        answers = await opened.door.submit_all([signal(n) for n in range(10)], patience=30)
        assert [answer.id for answer in answers] == [f"open:{n}" for n in range(10)]
        assert {answer.outcome for answer in answers} == {"opened"}


async def test_a_full_queue_refuses_and_takes_nothing_of_what_it_refused(sqlite_url: str) -> None:
    ledger = open_ledger(sqlite_url)
    opened = Opened(Batch(ledger))  # nobody serves it yet
    first = asyncio.create_task(opened.door.submit(signal(0)))
    await asyncio.sleep(0)
    with pytest.raises(OverloadedError) as refused:
        await opened.door.submit_all([signal(1)] * QUEUE_LIMIT)
    assert (refused.value.retry_after, opened.door.depth) == (5, 1)
    opened.door.open()
    assert (await first).outcome == "opened"
    opened.door.close()
    with pytest.raises(OverloadedError):
        await opened.door.submit(signal(2))
    ledger.close()


# ---------------------------------------------------------------------------------- connections that are lost


@pytest.fixture
def line(postgres_url: str) -> Iterator[Line]:
    with line_to(postgres_url) as line:
        yield line


@pytest.mark.parametrize("cut", ["before", "after"])
async def test_a_commit_whose_answer_is_lost_is_settled_and_done_once(line: Line, cut: Cut, postgres_url: str) -> None:
    with door(line.url) as opened:
        line.cut = cut
        waiting = asyncio.create_task(opened.door.submit_all([signal(1), signal(2), signal(1)]))
        await asyncio.sleep(0.3)
        line.cut = "no"
        answers = await waiting
        assert [answer.outcome for answer in answers] == ["opened", "opened", "joined"]
        assert ask(postgres_url, "select count(*) from events where type = 'opened'") == [(2,)]
        assert {answer.incident for answer in answers} == {
            row[0] for row in ask(postgres_url, "select id from streams")
        }


async def test_connections_that_are_ended_under_load_lose_no_answer(postgres_url: str) -> None:
    end_all = """select pg_terminate_backend(pid) from pg_stat_activity
        where application_name = 'tocsin' and pid <> pg_backend_pid()"""
    answers: list[Answer] = []
    with door(postgres_url) as opened:
        for turn in range(6):
            waiting = [asyncio.create_task(opened.door.submit(signal(turn * 100 + n))) for n in range(100)]
            await asyncio.sleep(0.01 * turn)
            await asyncio.to_thread(ask, postgres_url, end_all)
            answers += await asyncio.gather(*waiting)
    assert {answer.outcome for answer in answers} == {"opened"}
    assert ask(postgres_url, "select count(*), count(distinct stream) from events where type = 'opened'") == [
        (600, 600)
    ]


async def test_a_database_that_hangs_costs_the_caller_their_patience_and_nothing_else(postgres_url: str) -> None:
    once = [Submission("hung", signal(2).command, key=signal(2).key, once=True)]
    with door(postgres_url) as opened:
        await opened.door.submit(signal(1))
        backends = ask(postgres_url, "select pid from pg_stat_activity where application_name = 'tocsin'")
        with frozen([int(str(pid)) for (pid,) in backends]):
            began = time.monotonic()
            with pytest.raises(OverloadedError):
                await opened.door.submit_all(once, patience=0.5)
            assert time.monotonic() - began < 2
        (late,) = await opened.door.submit_all(once)
        assert late.outcome == "opened"
    assert ask(postgres_url, "select count(*) from events where type = 'opened'") == [(2,)]


@contextmanager
def frozen(pids: Sequence[int]) -> Iterator[None]:
    """Up, and silent: connections of the test's own database server."""
    for pid in pids:
        os.kill(pid, signals.SIGSTOP)
    try:
        yield
    finally:
        for pid in pids:
            os.kill(pid, signals.SIGCONT)


async def test_a_doubtful_commit_that_is_still_under_way_is_waited_for(postgres_url: str) -> None:
    with door(postgres_url) as opened:
        committing = threading.Event()

        def late_commit() -> None:
            with psycopg.connect(postgres_url) as other:
                other.execute("insert into commands (id, at, answer) values ('batch:1', 1, '[]')")
                committing.set()
                time.sleep(0.5)

        thread = threading.Thread(target=late_commit)
        thread.start()
        await asyncio.to_thread(committing.wait)
        with pytest.raises(StoreBusy):  # it was there first: the next look finds its answers
            await asyncio.to_thread(opened.batch.settle, "batch:1")
        thread.join()
        assert opened.batch.settle("batch:1") == []
