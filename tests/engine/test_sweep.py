"""kill -9 at every single write of a commit: the whole of it is there afterwards, or nothing; what was answered, is."""

import json
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pysqlite3.dbapi2 as sqlite
import pytest

from tests.engine.committing import LIMIT, WRITES, prepare
from tests.engine.conftest import Report
from tests.engine.running import ROOT

COMMITS = 5
STRIDE = 5
"""The ordinary run takes every fifth write, each time the same ones; the long form takes all."""

Content = dict[str, list[tuple[object, ...]]]


def strace() -> list[str]:
    """The tool as a prefix of a command; skips where it is missing, or not allowed to trace."""
    if shutil.which("strace") is None:
        pytest.skip("strace is not installed (Debian: apt install strace)")
    trial = subprocess.run(["strace", "-f", "-qq", "-o", "/dev/null", "true"], capture_output=True, check=False)
    if trial.returncode:
        pytest.skip(f"strace may not trace here: {trial.stderr.decode().strip()[:200]}")
    inject = f"inject={WRITES}:signal=SIGKILL:when={LIMIT}"
    return ["strace", "-f", "-qq", "-o", "/dev/null", "-e", f"trace={WRITES}", "-e", "signal=none", "-e", inject]


class Traced:
    """Children that live until the write that they are told."""

    def __init__(self, channel: socket.socket, folder: Path) -> None:
        self._channel, self._answers = channel, channel.makefile("rb")
        self._folder = folder
        self._template = folder / "template.db"
        self.file, self._acknowledged = folder / "swept.db", folder / "acknowledged"
        prepare(self._template)

    def live(self, writes: int = 0, last: int = COMMITS) -> tuple[int, int]:
        """Until before the `writes`-th write (0: to the end), or the `last` commit: exit status, commits answered."""
        for name in ("", "-wal", "-shm", ".lock"):
            Path(f"{self.file}{name}").unlink(missing_ok=True)
        shutil.copyfile(self._template, self.file)
        idle = LIMIT - writes if writes else 0
        order = {"file": str(self.file), "acknowledged": str(self._acknowledged), "idle": idle, "last": last}
        self._channel.sendall(json.dumps(order).encode() + b"\n")
        status = int(self._answers.readline())
        return status, len(self._acknowledged.read_bytes())

    def content(self) -> Content:
        """Every row of every table, after recovery, of a file that is whole."""
        with sqlite.connect(str(self.file)) as connection:
            assert connection.execute("pragma integrity_check").fetchall() == [("ok",)]
            names = [row[0] for row in connection.execute("select name from sqlite_master where type = 'table'")]
            found = {name: sorted(connection.execute(f"select * from {name}").fetchall(), key=repr) for name in names}
        connection.close()
        return found

    def close(self) -> None:
        """No more orders."""
        self._answers.close()


@contextmanager
def traced(folder: Path) -> Iterator[Traced]:
    """Imports once, under strace."""
    prefix = strace()
    ours, theirs = socket.socketpair()
    script = str(Path(__file__).with_name("committing.py"))
    with theirs:
        process = subprocess.Popen(
            [*prefix, sys.executable, script, str(theirs.fileno())],
            pass_fds=[theirs.fileno()],
            env=os.environ | {"PYTHONPATH": str(ROOT / "src"), "PYTHONDONTWRITEBYTECODE": "1"},
        )
    with ours:
        running = Traced(ours, folder)
        yield running
        running.close()
    process.wait(20)


def sweep(swept: Traced, stride: int) -> tuple[int, int]:
    """Kill at every `stride`-th write; how many points there are, and at how many it was killed."""
    states = []
    for last in range(COMMITS + 1):
        assert swept.live(last=last) == (0, last)
        states.append(swept.content())
    assert all(states[n] != states[n + 1] for n in range(COMMITS - 1)), "each commit changes something"
    point, killed = 1, 0
    while True:
        status, answered = swept.live(point)
        found = swept.content()
        assert found in states[answered : answered + 2], f"half a commit at write {point}, {answered} answered"
        if status == 0:
            return point - 1, killed
        assert status == 9, f"it ended by itself at write {point}: {status}"
        killed += 1
        point += stride


def test_a_kill_at_every_fifth_write_leaves_whole_commits_and_keeps_what_was_answered(
    tmp_path: Path, report: Report
) -> None:
    with traced(tmp_path) as swept:
        points, killed = sweep(swept, STRIDE)
    report("kill -9 at writes of five commits", f"{killed} of about {points} points, 0 halves, 0 lost")
    assert killed >= 20


@pytest.mark.prove
@pytest.mark.timeout(900)
def test_a_kill_at_any_write_leaves_whole_commits_and_keeps_what_was_answered(tmp_path: Path, report: Report) -> None:
    with traced(tmp_path) as swept:
        points, killed = sweep(swept, 1)
    report("kill -9 at every write of five commits", f"{killed} of {points} points, 0 halves, 0 lost")
    assert killed == points
