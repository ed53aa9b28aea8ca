"""One running tocsin for each test, and the token of an admin."""

from collections.abc import Iterator

import pytest

from tests.cast import MONDAY
from tests.doors import Running, running
from tocsin.access.permissions import Role
from tocsin.access.tokens import mint
from tocsin.store import tokens

ADMIN = {"authorization": "filled in by the fixture"}


def token_for(here: Running, role: Role, name: str = "robot") -> str:
    """A new token of that role."""
    text, token = mint(name, role, MONDAY)
    here.site.ledger.transact(lambda tx: tokens.add(tx.connection, token))
    return text


@pytest.fixture
def here(sqlite_url: str) -> Iterator[Running]:
    """Over a fresh SQLite file."""
    with running(sqlite_url) as standing:
        ADMIN["authorization"] = f"Bearer {token_for(standing, 'admin')}"
        yield standing
