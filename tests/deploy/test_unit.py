"""The unit of systemd: read by systemd itself where it is there, and its command run as systemd would run it."""

import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.engine.ports import free_port

ROOT = Path(__file__).resolve().parents[2]
UNIT = ROOT / "deploy" / "tocsin.service"
TOCSIN = "/opt/tocsin/bin/tocsin"


def settings(section: str) -> dict[str, list[str]]:
    """The lines of a section; a name may stand there several times."""
    found: dict[str, list[str]] = {}
    within = ""
    for line in UNIT.read_text().splitlines():
        if line.startswith("["):
            within = line.strip("[]")
        elif within == section and "=" in line and not line.startswith("#"):
            name, _, value = line.partition("=")
            found.setdefault(name, []).append(value)
    return found


@pytest.fixture
def manager(tmp_path: Path) -> Iterator[socket.socket]:
    """The socket on which a service manager listens."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(str(tmp_path / "notify"))
        listening.settimeout(1)
        yield listening


def told(manager: socket.socket, process: "subprocess.Popen[bytes]", log: Path) -> bytes:
    """The next word to the service manager; a program that has ended without one shows its log."""
    for _ in range(120):
        try:
            return manager.recv(100)
        except TimeoutError:
            assert process.poll() is None, log.read_text()
    raise AssertionError(f"not a word in two minutes:\n{log.read_text()}")


def test_systemd_finds_nothing_wrong_with_the_unit(tmp_path: Path) -> None:
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        pytest.skip("no systemd here")
    program = tmp_path / "tocsin"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    unit = tmp_path / "tocsin.service"
    unit.write_text(UNIT.read_text().replace(TOCSIN, str(program)))
    verified = subprocess.run([analyze, "verify", unit], capture_output=True, text=True, timeout=60, check=False)
    assert (verified.returncode, verified.stderr) == (0, "")


@pytest.fixture
def state() -> Iterator[Path]:
    """Where the database is. A control socket lies beside it, and the system takes no long names for those."""
    with tempfile.TemporaryDirectory(prefix="toc-") as folder:
        yield Path(folder)


def test_its_command_is_ready_when_it_says_so_and_ends_cleanly_in_time(
    tmp_path: Path, state: Path, manager: socket.socket
) -> None:
    service, port = settings("Service"), free_port()
    (line,) = service["ExecStart"]
    words = [sys.executable, "-m", "tocsin", *line.split()[1:], "--port", str(port)]
    environment = dict(one.split("=", 1) for one in service["Environment"])
    environment["TOCSIN_DATABASE"] = environment["TOCSIN_DATABASE"].replace("/var/lib/tocsin", str(state))
    environment |= {"TOCSIN_RULEBOOK": str(ROOT / "examples" / "acme.yaml"), "PYTHONPATH": str(ROOT / "src")}
    environment |= {"NOTIFY_SOCKET": str(tmp_path / "notify"), "PATH": "/usr/bin:/bin"}
    with (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen(words, cwd=state, env=environment, stdin=subprocess.DEVNULL, stderr=log, stdout=log)
    try:
        assert told(manager, process, tmp_path / "log") == b"READY=1"
        assert httpx.get(f"http://127.0.0.1:{port}/ready").status_code == 200
        process.send_signal(getattr(signal, service["KillSignal"][0]))
        assert told(manager, process, tmp_path / "log") == b"STOPPING=1"
        assert process.wait(int(service["TimeoutStopSec"][0])) == 0
    finally:
        process.kill()
        process.wait()
    assert sorted(path.suffix for path in state.iterdir() if path.stat().st_mode & 0o077) == []


def test_it_keeps_nothing_that_root_could_lend_it() -> None:
    service = settings("Service")
    assert service["DynamicUser"] == ["yes"]
    assert service["CapabilityBoundingSet"] == [""]
    assert service["NoNewPrivileges"] == ["yes"]
    assert "mode 0600" in (UNIT.parent / "tocsin.env").read_text()
    assert "USER tocsin" in (UNIT.parent / "Containerfile").read_text()
