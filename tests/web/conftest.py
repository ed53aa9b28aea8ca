"""One running tocsin for each test of its pages: as strangers reach it, and as a demonstration on this machine."""

from collections.abc import Iterator

import pytest

from tests.cast import small_rulebook
from tests.doors import Running, running
from tests.web.browsing import browser, faults, url
from tocsin.core.routing.criterion import Criterion, Raise

__all__ = ["browser", "demo", "faults", "here", "secret", "url"]


@pytest.fixture
def here(sqlite_url: str) -> Iterator[Running]:
    """Over a fresh SQLite file, at its public address."""
    with running(sqlite_url) as standing:
        yield standing


@pytest.fixture
def demo(sqlite_url: str) -> Iterator[Running]:
    """A demonstration, reached from its own machine by its own name."""
    with running(sqlite_url, demo=True) as standing:
        standing.client.headers["host"] = "127.0.0.1:8400"
        yield standing


@pytest.fixture
def secret(sqlite_url: str) -> Iterator[Running]:
    """A demonstration in which every critical incident is confidential."""
    hush = Criterion("hush", "signal.severity == 'critical'", Raise(confidential=True))
    with running(sqlite_url, rulebook=small_rulebook(criteria=(hush,)), demo=True) as standing:
        yield standing
