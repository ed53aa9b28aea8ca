"""What tests of real processes share: a forge for each test process, and a mail server for each test."""

import io
import sys
from collections.abc import Callable, Iterator

import pytest

from tests.engine.running import Forge
from tests.engine.sink import Sink, sink
from tocsin.lib import logs

Report = Callable[..., None]


@pytest.fixture(autouse=True, scope="session")
def plain_logs() -> None:
    """As a server writes them: a traceback is some lines, and not a page of values."""
    logs.configure(lambda: "", as_json=True, stream=io.StringIO())


@pytest.fixture
def report(capsys: pytest.CaptureFixture[str], record_property: Callable[[str, object], None]) -> Report:
    """Shows what was measured, also where nothing failed."""

    def show(what: str, *found: str) -> None:
        record_property(what, ", ".join(found))
        with capsys.disabled():
            sys.stdout.write(f"\n{what}: {', '.join(found)}\n")

    return show


@pytest.fixture(scope="session")
def shared_forge() -> Iterator[Forge]:
    """Imports the program once."""
    made = Forge()
    yield made
    made.close()


@pytest.fixture
def forge(shared_forge: Forge) -> Iterator[Forge]:
    """Starts programs that end with the test."""
    yield shared_forge
    shared_forge.forget()


@pytest.fixture
def mails() -> Iterator[Sink]:
    """A mail server that takes its time."""
    with sink(slowness=0.02) as running:
        yield running
