"""What tests of real processes share: a forge for each test process, and a mail server for each test."""

from collections.abc import Iterator

import pytest

from tests.engine.running import Forge
from tests.engine.sink import Sink, sink


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
