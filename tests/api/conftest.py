"""One running tocsin for each test."""

from collections.abc import Iterator

import pytest

from tests.doors import Running, running


@pytest.fixture
def here(sqlite_url: str) -> Iterator[Running]:
    """Over a fresh SQLite file."""
    with running(sqlite_url) as standing:
        yield standing
