"""A store with all its tables, for each contract that asks for one: made once by migration, then copied."""

import itertools
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tocsin.store.ledger import SqlLedger, open_ledger

MIGRATED = "migrated"
_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file: Path = tmp_path_factory.mktemp("migrated") / "tocsin.db"
    open_ledger(f"sqlite:///{file}").close()
    return file


@pytest.fixture(scope="session")
def migrated_server(postgres: Any) -> Any:
    with psycopg.connect(postgres.get_uri("postgres"), autocommit=True) as connection:
        connection.execute(f"create database {MIGRATED}")
    open_ledger(postgres.get_uri(MIGRATED)).close()
    return postgres


@pytest.fixture
def migrated_sqlite(migrated_file: Path, sqlite_url: str) -> str:
    shutil.copy(migrated_file, sqlite_url.removeprefix("sqlite:///"))
    return sqlite_url


@pytest.fixture
def migrated_postgres(migrated_server: Any) -> Iterator[str]:
    name = f"copy_{next(_numbers)}"
    with psycopg.connect(migrated_server.get_uri("postgres"), autocommit=True) as connection:
        connection.execute(f"create database {name} template {MIGRATED}")
        yield migrated_server.get_uri(name)
        connection.execute(f"drop database {name} with (force)")


@pytest.fixture(params=["sqlite", "postgres"])
def migrated_url(request: pytest.FixtureRequest) -> str:
    """The address of a new database that has its tables and no rows: the test runs on each kind."""
    url: str = request.getfixturevalue(f"migrated_{request.param}")
    return url


@pytest.fixture
def ledger(migrated_url: str) -> Iterator[SqlLedger]:
    """An open ledger on a new store of either kind."""
    opened = open_ledger(migrated_url)
    yield opened
    opened.close()
