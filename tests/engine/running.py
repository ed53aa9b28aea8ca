"""The real program as a process of its own, and a client that remembers what it was promised."""

import http.client
import json
import os
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple

from tests.engine.ports import free_port

ROOT = Path(__file__).resolve().parents[2]
KEY = "key-of-scripts"
PYTHON = {"PYTHONPATH": str(ROOT / "src"), "PYTHONDONTWRITEBYTECODE": ""}
"""Ours, and with its bytecode kept: without, each start compiles it all again."""

RULEBOOK = """
tocsin: 1
organisation: Acme Retail
timezone: Europe/London
last_resort: [person:carla]
unrouted: {team: infrastructure, policy: production, priority: P2}
people:
  carla: {name: Carla Reyes, email: carla@acme.example}
  dana:  {name: Dana Levi,   email: dana@acme.example}
  eve:   {name: Eve Martin,  email: eve@acme.example}
  finn:  {name: Finn Berg,   email: finn@acme.example}
  frank: {name: Frank Weber, email: frank@acme.example}
contact: {urgent: [email], routine: [email]}
teams:
  infrastructure: {tier: 2, lead: frank, members: [dana, eve, finn]}
services:
  order-database: {team: infrastructure, policy: production}
policies:
  production:
    functional:
      - {notify: person:dana, wait: FIRST}
      - {notify: person:eve, wait: SECOND}
      - {notify: person:finn, wait: 1h}
    hierarchical:
      - {after: RUNG, inform: person:frank}
sources:
  scripts: {intake: generic, service: label:service, key: "${TOCSIN_KEY_SCRIPTS}"}
"""


def rulebook(first: str = "1s", second: str = "2s", rung: str = "2s") -> str:
    """A small organisation whose first steps come after seconds, and whose last one comes after an hour."""
    return RULEBOOK.replace("FIRST", first).replace("SECOND", second).replace("RUNG", rung)


class Place(NamedTuple):
    """Where a program runs: its folder, database, port and mail server."""

    folder: Path
    database: str
    port: int
    smtp: int

    def arguments(self, *more: str) -> list[str]:
        """Of `tocsin`."""
        return ["serve", "--database", self.database, "--port", str(self.port), "--rulebook", "rules.yaml", *more]

    @property
    def environment(self) -> dict[str, str]:
        """What the program is told by its environment."""
        return {
            "TOCSIN_KEY_SCRIPTS": KEY,
            "TOCSIN_SMTP": f"smtp://127.0.0.1:{self.smtp}",
            "TOCSIN_SECRET": "the secret of all tests of the engine",
            **PYTHON,
        }


def place(folder: Path, database: str, smtp: int, rules: str = "") -> Place:
    """A folder with the rulebook in it, and a port that is free."""
    (folder / "rules.yaml").write_text(rules or rulebook())
    return Place(folder, database, free_port(), smtp)


# ------------------------------------------------------------------------------------------ processes


class Program:
    """A process that was started here, ended by its own descriptor: no other can be meant."""

    def __init__(self, pid: int, log: Path) -> None:
        self.pid, self.log = pid, log
        self._descriptor = os.pidfd_open(pid)

    def signal(self, number: signal.Signals) -> None:
        """Send it, unless it has ended."""
        with suppress(ProcessLookupError):
            signal.pidfd_send_signal(self._descriptor, number)

    def wait(self, seconds: float = 30) -> None:
        """Until it has ended."""
        waiting = select.poll()
        waiting.register(self._descriptor, select.POLLIN)
        assert waiting.poll(seconds * 1000), f"{self.pid} does not end:\n{self.log.read_text()[-3000:]}"

    def kill(self) -> None:
        """kill -9, and wait for the end."""
        self.signal(signal.SIGKILL)
        self.wait()

    def terminate(self) -> None:
        """SIGTERM, and wait for the end."""
        self.signal(signal.SIGTERM)
        self.wait()

    def forget(self) -> None:
        """End it for certain and let go of it."""
        self.kill()
        os.close(self._descriptor)


class Forge:
    """Starts programs by fork: a second of imports is paid once for many."""

    def __init__(self) -> None:
        self._channel, theirs = socket.socketpair()
        with theirs:
            command = [sys.executable, str(Path(__file__).with_name("forge.py")), str(theirs.fileno())]
            environment = os.environ | PYTHON
            self._process = subprocess.Popen(command, pass_fds=[theirs.fileno()], env=environment)
        self._answers = self._channel.makefile("rb")
        self._programs: list[Program] = []
        assert self._answers.readline() == b"ready\n"

    def start(self, at: Place, *more: str) -> Program:
        """`tocsin serve` there."""
        log = at.folder / "log.txt"
        order = {
            "arguments": at.arguments(*more),
            "environment": at.environment,
            "folder": str(at.folder),
            "log": str(log),
        }
        self._channel.sendall(json.dumps(order).encode() + b"\n")
        program = Program(int(self._answers.readline()), log)
        self._programs.append(program)
        return program

    def forget(self) -> None:
        """End everything that was started since the last time."""
        for program in self._programs:
            program.forget()
        self._programs.clear()

    def close(self) -> None:
        """End the forge too."""
        self.forget()
        self._answers.close()
        self._channel.close()
        self._process.wait(10)


@contextmanager
def command(at: Place, *more: str, **environment: str) -> Iterator["subprocess.Popen[bytes]"]:
    """The same as a user starts it: `python -m tocsin serve ...`, in its own session."""
    with (at.folder / "log.txt").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "tocsin", *at.arguments(*more)],
            cwd=at.folder, env=os.environ | at.environment | environment, start_new_session=True,
            stdin=subprocess.DEVNULL, stdout=log, stderr=log,
        )  # fmt: skip
    try:
        yield process
    finally:
        process.kill()
        process.wait()


# --------------------------------------------------------------------------------------------- client


class Promise(NamedTuple):
    """A 2xx: what was sent, and what came back."""

    key: str
    action: str
    incident: str
    outcome: str


class Client:
    """A sender of signals that keeps, outside the program, every promise it was given."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._connection: http.client.HTTPConnection | None = None
        self.promises: list[Promise] = []
        self.refused = 0

    def post(self, key: str, action: str = "trigger", *, once: str = "", timeout: float = 10) -> Promise | None:
        """The promise, or None when there was none: refused, cut off, or nobody there."""
        body = {"key": key, "action": action, "title": f"{key} is broken", "severity": "critical"}
        headers = {"Authorization": f"Bearer {KEY}"} | ({"Idempotency-Key": once} if once else {})
        answer = self._request("POST", "/in/scripts", json.dumps(self._labelled(body)), headers, timeout)
        if answer is None or answer[0] != 202:
            self.refused += answer is not None
            return None
        taken = answer[1]["incidents"][0]
        promise = Promise(key, action, taken["id"], taken["outcome"])
        self.promises.append(promise)
        return promise

    def get(self, path: str) -> tuple[int, Any] | None:
        """Status and body, or None when nobody is there."""
        return self._request("GET", path, None, {}, 5)

    def close(self) -> None:
        """Hang up."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _labelled(self, body: dict[str, str]) -> dict[str, Any]:
        return {**body, "labels": {"service": "order-database"}}

    def _request(
        self, method: str, path: str, body: str | None, headers: dict[str, str], timeout: float
    ) -> tuple[int, Any] | None:
        if self._connection is None:
            self._connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=timeout)
        try:
            self._connection.request(method, path, body, headers)
            answer = self._connection.getresponse()
            content = answer.read()
        except (OSError, http.client.HTTPException):
            self.close()
            return None
        if answer.will_close:
            self.close()
        return answer.status, json.loads(content)


def until(holds: Callable[[], object], seconds: float = 30, every: float = 0.02) -> None:
    """Wait until something holds; AssertionError when it takes too long."""
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, f"still not so after {seconds} s: {holds}"
        time.sleep(every)
