"""Processes that a measure starts, watches and ends by their id: their ports, their logs, their processor time."""

import http.client
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
READY_SECONDS = 60.0
END_SECONDS = 30.0
TICKS = os.sysconf("SC_CLK_TCK")


class FailedError(RuntimeError):
    """A process did not do what was asked; the text ends with the last lines that it wrote."""


class Process:
    """One process and what it costs."""

    def __init__(self, popen: "subprocess.Popen[bytes]", log: Path) -> None:
        self._popen = popen
        self._log = log
        self.pid = popen.pid

    def cpu(self) -> float:
        """Seconds of processor time so far, user's and system's."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def megabytes(self) -> float:
        """Resident memory now."""
        return self._status("VmRSS")

    def peak_megabytes(self) -> float:
        """The most memory that was ever resident."""
        return self._status("VmHWM")

    def _status(self, field: str) -> float:
        lines = Path(f"/proc/{self.pid}/status").read_text().splitlines()
        return next(int(line.split()[1]) / 1024 for line in lines if line.startswith(field))

    def must_run(self) -> None:
        """FailedError when it has ended."""
        if self._popen.poll() is not None:
            raise FailedError(f"{self._popen.args!r} ended with {self._popen.returncode}:\n{self.tail()}")

    def tail(self) -> str:
        """The last lines of its log."""
        return "\n".join(self._log.read_text("utf-8", "replace").splitlines()[-15:])


@contextmanager
def running(command: Sequence[str], folder: Path, name: str, env: Mapping[str, str] | None = None) -> Iterator[Process]:
    """Start it, and end it by its id whatever happens; standard output and error go to `folder/name.log`."""
    log = folder / f"{name}.log"
    with log.open("wb") as out:
        popen = subprocess.Popen(command, cwd=ROOT, env=dict(env) if env else None, stdout=out, stderr=out)
    try:
        yield Process(popen, log)
    finally:
        popen.terminate()
        try:
            popen.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            popen.kill()
            popen.wait()


def python(module: str, *arguments: str) -> list[str]:
    """The command for one of our own modules."""
    return [sys.executable, "-m", module, *arguments]


def free_port() -> int:
    """A port of the loopback that nobody has at the moment."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
        return port


def wait_for(process: Process, port: int, path: str, method: str = "GET") -> None:
    """Until it answers a request with any status below 500."""
    end = time.monotonic() + READY_SECONDS
    while time.monotonic() < end:
        process.must_run()
        try:
            if _status_of(port, path, method) < 500:
                return
        except (OSError, http.client.HTTPException):
            pass
        time.sleep(0.05)
    raise FailedError(f"nothing answered at port {port} within {READY_SECONDS:.0f} s:\n{process.tail()}")


def _status_of(port: int, path: str, method: str) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request(method, path)
        return connection.getresponse().status
    finally:
        connection.close()
