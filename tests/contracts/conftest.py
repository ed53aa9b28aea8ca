"""A store with all its tables, for each contract that asks for one: made once by migration, then copied."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy.engine import make_url

from tocsin.store.ledger import SqlLedger, open_ledger

MIGRATED = "migrated"


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
def migrated_url(request: pytest.FixtureRequest, store_url: str) -> str:
    """The address of a new database that has its tables and no rows."""
    if store_url.startswith("sqlite"):
        shutil.copy(request.getfixturevalue("migrated_file"), store_url.removeprefix("sqlite:///"))
        return store_url
    server, name = request.getfixturevalue("migrated_server"), make_url(store_url).database
    with psycopg.connect(server.get_uri("postgres"), autocommit=True) as connection:
        connection.execute(f"drop database {name}")
        connection.execute(f"create database {name} template {MIGRATED}")
    return store_url


@pytest.fixture
def ledger(migrated_url: str) -> Iterator[SqlLedger]:
    """An open ledger on a new store of either kind."""
    opened = open_ledger(migrated_url)
    yield opened
    opened.close()
