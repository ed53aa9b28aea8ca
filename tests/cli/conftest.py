"""A database with the example's rules in it, and a server that runs on one."""

import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.cli.terminal import ACME, Ran, environment, in_process
from tocsin.cli.remote import Remote, socket_of


@pytest.fixture(scope="session")
def ruled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file in which the example's rulebook is in force; to be copied."""
    from tocsin.cli.direct import direct
    from tocsin.config import load

    file = tmp_path_factory.mktemp("ruled") / "tocsin.db"
    with direct(f"sqlite:///{file}", may_make=True) as someone:
        someone.apply(load(ACME), by="tests", comment="")
    return file


@pytest.fixture
def file(ruled: Path, tmp_path: Path) -> Path:
    """A copy of it, for one test."""
    return Path(shutil.copy(ruled, tmp_path / "tocsin.db"))


@pytest.fixture
def run(file: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., Ran]:
    """Run a command on it, in this process."""
    return lambda *arguments: in_process(capsys, *arguments, "--database", f"sqlite:///{file}")


def free_port() -> int:
    """A port on which nothing listens now."""
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        return int(trial.getsockname()[1])


@pytest.fixture
def served(file: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A real server on it, until the end of the test."""
    line = [sys.executable, "-m", "tocsin", "serve", "--database", f"sqlite:///{file}", "--port", str(free_port())]
    with (file.parent / "serve.log").open("wb") as log:
        server = subprocess.Popen(line, env=environment(), stderr=log)
    control = Remote(socket_of(file))
    for _ in range(600):
        if control.alive() or server.poll() is not None:
            break
        time.sleep(0.1)
    assert server.poll() is None, (file.parent / "serve.log").read_text()
    yield server
    if server.poll() is None:
        server.terminate()
    server.wait(30)
