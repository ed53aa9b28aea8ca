"""`tocsin demo`: within a minute a page, a time-out, the next person, an acknowledgement, and the manager informed."""

import json
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from tests.cli.conftest import free_port
from tests.cli.terminal import ACME, environment, tocsin
from tocsin.cli.demo_stage import free_port as next_free
from tocsin.cli.demo_stage import rulebook
from tocsin.config import diff, load, loads

WAITS = re.compile(r"policies\.[\w-]+\.(functional|hierarchical)\[\d+\]\.(wait|after|within)")


def test_its_rulebook_is_the_example_with_other_waits() -> None:
    example, ours = load(ACME).rulebook, loads({"demo.yaml": rulebook(fast=False)}).rulebook
    assert example is not None
    assert ours is not None
    others = [change.path for change in diff(example, ours) if not WAITS.fullmatch(change.path)]
    assert [path for path in others if not path.startswith("expect[")] == []


def test_it_can_be_made_faster_still() -> None:
    faster = loads({"demo.yaml": rulebook(fast=True)})
    assert faster.rulebook is not None
    assert faster.complaints == ()


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, object]]:
    """The first incident, played by the real program."""
    folder = tmp_path_factory.mktemp("demo")
    ran = tocsin("demo", "--once", "--fast", "--format", "json", "--port", free_port(), "--folder", folder / "stage")
    assert ran.status == 0, ran.err
    return [json.loads(line) for line in ran.out.splitlines()]


def test_it_tells_the_whole_story_in_order(story: list[dict[str, object]]) -> None:
    told = [str(line["text"]) for line in story]
    acts = [
        "Opened as P1",
        "Paging",
        "Nobody acknowledged in time",
        "Paging",
        "opens the link in the page and presses Acknowledge",
        "is working on it",
        "informed",
        "posts a resolve",
        "Resolved by source:scripts",
    ]
    place = 0
    for act in acts:
        place = next((i for i in range(place, len(told)) if act in told[i]), -1) + 1
        assert place, f"{act!r} is missing in {told}"


def test_the_next_person_is_another_one_and_the_whole_fits_into_a_minute(story: list[dict[str, object]]) -> None:
    paged = [str(line["text"]).split(" by ")[0] for line in story if str(line["text"]).startswith("Paging")]
    assert len(set(paged[:2])) == 2
    assert all(isinstance(line["elapsed"], int) and line["elapsed"] < 60 for line in story)


def test_a_port_in_use_gives_way_to_the_next(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert next_free("127.0.0.1", port) > port
    assert f"port {port} is in use" in capsys.readouterr().err


def test_stopping_it_stops_its_server(tmp_path: Path) -> None:
    line = [sys.executable, "-m", "tocsin", "demo", "--fast", "--folder", str(tmp_path), "--port", str(free_port())]
    kept = environment(PYTHONUNBUFFERED="1")
    with subprocess.Popen(line, env=kept, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as demo:
        assert demo.stdout is not None
        next(told for told in demo.stdout if "Paging" in told)
        demo.send_signal(signal.SIGTERM)
        rest = demo.stdout.read()
    assert demo.returncode == 0
    assert "stopping" in rest
    lock = (tmp_path / "tocsin.db.lock").read_text().strip()
    assert not Path(f"/proc/{lock}").exists()


def gone(pid: int) -> bool:
    """Whether a process has ended; one that nobody has waited for yet has."""
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


@pytest.mark.parametrize("killed", ["the demonstration", "what started it"])
def test_its_server_ends_with_it_also_where_it_is_killed(tmp_path: Path, killed: str) -> None:
    line = [sys.executable, "-m", "tocsin", "demo", "--fast", "--folder", str(tmp_path), "--port", str(free_port())]
    if killed == "what started it":  # as make does
        starting = "import subprocess, sys; sys.exit(subprocess.run(sys.argv[1:]).returncode)"
        line = [sys.executable, "-c", starting, *line, "--leash"]
    kept = environment(PYTHONUNBUFFERED="1")
    with subprocess.Popen(line, env=kept, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        assert process.stdout is not None
        next(told for told in process.stdout if "Paging" in told)
        server = int((tmp_path / "tocsin.db.lock").read_text())
        assert not gone(server)
        process.kill()
        process.stdout.read()  # until nobody holds the other end
    for _ in range(300):
        if gone(server):
            break
        time.sleep(0.1)
    assert gone(server)
    assert (tmp_path / "tocsin.db").exists()
    assert not (tmp_path / "tocsin.db.sock").exists()  # it ended by itself, in order
