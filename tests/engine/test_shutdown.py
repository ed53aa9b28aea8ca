"""SIGTERM under load: what was promised is kept, what was begun is finished, nothing is left behind."""

import fcntl
import signal
import socket
import time
from pathlib import Path

import pytest

from tests.engine.account import account
from tests.engine.running import Client, Place, command, place, rulebook, until
from tests.engine.sink import Sink
from tests.engine.test_kills import load
from tocsin.engine.clock import SystemClock


def left_behind(at: Place) -> list[str]:
    """A lock that is held, a control socket, a port that is taken."""
    found = [path.name for path in at.folder.glob("*.sock")]
    for path in Path(at.database.removeprefix("sqlite:///")).parent.glob("*.lock"):
        with path.open("rb") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                found.append(path.name)
    with socket.socket() as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if trial.connect_ex(("127.0.0.1", at.port)) == 0:
            found.append("port")
    return found


@pytest.mark.timeout(120)
def test_sigterm_under_load_keeps_every_promise_finishes_every_send_and_leaves_nothing(
    store_url: str, mails: Sink, tmp_path: Path
) -> None:
    at = place(tmp_path, store_url, mails.port, rulebook("30m", "30m", "1h"))
    clients = [Client(at.port) for _ in range(4)]
    with command(at) as process:
        until(lambda: clients[0].post("first"))
        with load(clients[0]), load(clients[1]), load(clients[2]), load(clients[3]):
            time.sleep(1.5)
            mails.hold()
            begun = mails.begun
            until(lambda: mails.begun > begun)
            process.send_signal(signal.SIGTERM)
            time.sleep(0.5)
            assert process.poll() is None  # sends are under way, and it waits for them
            mails.release()
            assert process.wait(30) == 0, at.folder.joinpath("log.txt").read_text()[-3000:]
    for client in clients:
        client.close()
    promises = [promise for client in clients for promise in client.promises]
    found = account(store_url, promises, mails.mails, SystemClock().now())
    assert (found.lost, found.silent, found.wrong) == ([], [], [])
    assert (found.duplicates, found.in_flight) == (0, 0)  # every send that began was heard
    assert len(promises) > 20
    assert left_behind(at) == []


@pytest.mark.timeout(120)
def test_a_second_server_on_the_same_file_is_refused_and_names_the_first(
    sqlite_url: str, mails: Sink, tmp_path: Path
) -> None:
    at = place(tmp_path, sqlite_url, mails.port)
    client = Client(at.port)
    with command(at) as first:
        until(lambda: client.post("first"))
        with command(at._replace(port=at.port + 1)) as second:
            assert second.wait(30) == 2
        assert f"process {first.pid}" in (tmp_path / "log.txt").read_text()
        until(lambda: client.post("still served"))
        client.close()
