"""The running server, asked over its own API: by the control socket beside a SQLite file, or by a port."""

import json
import socket
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any

from tocsin.cli.output import MistakeError

PATIENCE = 15.0
"""Seconds for one answer."""


class SilentError(MistakeError):
    """Nobody answers there."""


class _Control(HTTPConnection):
    """HTTP over a Unix socket."""

    def __init__(self, path: Path, patience: float) -> None:
        super().__init__("localhost", timeout=patience)
        self._path = path

    def connect(self) -> None:
        """To the socket instead of a port."""
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(str(self._path))


class Answer:
    """What the server said: its status, its headers by lower-case name, and its JSON, None where it sent none."""

    def __init__(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self.status = status
        self.headers = headers
        self.body = body

    @property
    def data(self) -> Any:
        """The JSON document."""
        try:
            return json.loads(self.body) if self.body else None
        except ValueError:
            return None

    @property
    def problem(self) -> str:
        """The code of what went wrong, '' where nothing did."""
        told = self.data if self.status >= 400 and isinstance(self.data, dict) else {}
        return str(told.get("type", "")).rpartition(":")[2]

    def checked(self) -> Any:
        """The JSON document, or a MistakeError in the server's own words."""
        if self.status < 400:
            return self.data
        told = self.data if isinstance(self.data, dict) else {}
        what = str(told.get("detail") or told.get("title") or f"the server answered {self.status}")
        raise MistakeError(what, str(told.get("hint") or ""))


class Remote:
    """A server that answers. One connection for each request: commands are rare."""

    def __init__(self, sock: Path | None = None, port: int = 0, patience: float = PATIENCE) -> None:
        self._sock = sock
        self._port = port
        self._patience = patience

    def patient(self, seconds: float) -> "Remote":
        """The same server, waited for so long."""
        return Remote(self._sock, self._port, seconds)

    def _open(self) -> HTTPConnection:
        if self._sock is not None:
            return _Control(self._sock, self._patience)
        return HTTPConnection("127.0.0.1", self._port, timeout=self._patience)

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        """One request, its body as JSON unless it is bytes already; SilentError when nobody answers."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        content = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        if content is not None:
            named.setdefault("Content-Type", "application/json")
        connection = self._open()
        try:
            connection.request(method, path, content, named)
            reply = connection.getresponse()
            told = {name.lower(): value for name, value in reply.getheaders()}
            return Answer(reply.status, told, reply.read())
        except (OSError, HTTPException) as problem:
            raise SilentError(f"the server does not answer: {problem}", "see its log") from problem
        finally:
            connection.close()

    def alive(self) -> bool:
        """Whether it answers at all."""
        try:
            self.ask("GET", "/health")
        except SilentError:
            return False
        return True


def socket_of(file: Path) -> Path:
    """Where the server of a SQLite file listens for commands."""
    return file.with_name(file.name + ".sock")


def find(file: Path | None) -> Remote | None:
    """The server that runs on this SQLite file, or None: then the file can be opened."""
    if file is None or not socket_of(file).exists():
        return None
    remote = Remote(socket_of(file))
    return remote if remote.alive() else None
