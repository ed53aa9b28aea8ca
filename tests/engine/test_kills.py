"""kill -9 at random moments under load: nothing accepted is lost, nothing falls silent, duplicates are explained."""

import itertools
import random
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import psycopg
import pysqlite3.dbapi2 as sqlite
import pytest

from tests.engine.account import account
from tests.engine.conftest import Report
from tests.engine.running import Client, Forge, Place, place, until
from tests.engine.sink import Sink
from tocsin.engine.clock import SystemClock

PAUSE = 0.02
"""Seconds between two signals: about 50 a second."""


class Load:
    """Signals without end: new keys, repeats, resolves, and keys that come back."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self._numbers = itertools.count(1)
        self._chance = random.Random(7)
        self._stop = threading.Event()
        self._recent: list[str] = []

    def run(self) -> None:
        """Until told to stop."""
        while not self._stop.is_set():
            key, action = self._next()
            if self.client.post(key, action) is None:
                time.sleep(0.05)
            time.sleep(PAUSE)

    def _next(self) -> tuple[str, str]:
        dice = self._chance.random()
        if dice < 0.3 or len(self._recent) < 5:
            self._recent = [*self._recent[-40:], f"k{next(self._numbers)}"]
            return self._recent[-1], "trigger"
        return self._chance.choice(self._recent), "trigger" if dice < 0.65 else "resolve"

    def stop(self) -> None:
        """No more."""
        self._stop.set()


@contextmanager
def load(client: Client) -> Iterator[Load]:
    """In a thread of its own."""
    running = Load(client)
    thread = threading.Thread(target=running.run, name="load")
    thread.start()
    try:
        yield running
    finally:
        running.stop()
        thread.join(20)


def owed(database: str) -> int:
    """Messages that are not finished, and timers that are due."""
    now = SystemClock().now()
    sql = f"""select (select count(*) from outbox where next_at is not null)
        + (select count(*) from streams where due_at < {now + 4_000_000})"""
    return int(_ask(database, sql))


def let_leases_run_out(database: str) -> None:
    """Half a minute passes in which nobody lives. On SQLite it need not: there a new process knows to be alone."""
    if not database.startswith("sqlite"):
        _ask(database, f"update outbox set next_at = {SystemClock().now()} where state in ('claimed', 'sending')")


def _ask(database: str, sql: str) -> int:
    if database.startswith("sqlite"):
        with sqlite.connect(database.removeprefix("sqlite:///"), timeout=10) as file:
            found = file.execute(sql).fetchone()
        file.close()
    else:
        with psycopg.connect(database, autocommit=True) as server:
            cursor = server.execute(sql)
            found = cursor.fetchone() if cursor.description else None
    return found[0] if found else 0


@pytest.mark.kills
@pytest.mark.timeout(1800)
def test_no_random_kill_loses_a_promise_or_silences_an_incident(
    store_url: str, kills: int, forge: Forge, mails: Sink, tmp_path: Path, report: Report
) -> None:
    at, chance = place(tmp_path, store_url, mails.port), random.Random(store_url)
    with closing(Client(at.port)) as client:
        with load(client):
            for _ in range(kills):
                _one_kill(forge, at, client, chance.uniform(0.05, 2.0) if chance.random() < 0.8 else 0.0)
        let_leases_run_out(store_url)
        last = forge.start(at)
        until(lambda: client.get("/health"))
        until(lambda: owed(store_url) == 0, seconds=150, every=0.2)  # a mail that failed for now may wait a minute
        last.terminate()
    found = account(store_url, client.promises, mails.mails, SystemClock().now())
    report(f"{kills} kills on {store_url.partition(':')[0]}", f"{len(client.promises)} promises", found.summary)
    assert found.clean, found
    assert found.duplicates <= found.in_flight
    assert len(client.promises) >= 2 * kills


def _one_kill(forge: Forge, at: Place, client: Client, delay: float) -> None:
    """Start, wait until it serves (for no delay: kill it while it starts), wait a while, kill."""
    program = forge.start(at)
    if delay:
        before = len(client.promises)
        until(lambda: len(client.promises) > before)
        time.sleep(delay)
    else:
        time.sleep(0.3)
    program.kill()
