"""The files of a SQLite store belong to their owner alone: they hold names and addresses."""

import os
from pathlib import Path

import pysqlite3.dbapi2 as sqlite
from sqlalchemy import text

from tocsin.store.dialect_sqlite import PAGE
from tocsin.store.ledger import SqlLedger, open_ledger


def test_a_new_database_and_its_log_can_be_read_by_their_owner_alone(tmp_path: Path) -> None:
    before = os.umask(0o022)
    try:
        ledger = open_ledger(f"sqlite:///{tmp_path}/tocsin.db")
        modes = {file.name: oct(file.stat().st_mode & 0o777) for file in tmp_path.iterdir()}
        ledger.close()
    finally:
        os.umask(before)
    assert set(modes.values()) == {"0o600"}, modes


def test_a_new_file_has_large_pages_and_an_old_one_keeps_its_own(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/tocsin.db"
    fresh = open_ledger(url)
    assert page_size(fresh) == PAGE
    fresh.close()
    with sqlite.connect(tmp_path / "tocsin.db", isolation_level=None) as file:
        file.execute("pragma journal_mode = delete")
        file.execute("pragma page_size = 4096")
        file.execute("vacuum")
    old = open_ledger(url)
    assert page_size(old) == 4096
    old.close()


def page_size(ledger: SqlLedger) -> int:
    with ledger.read() as connection:
        return int(connection.execute(text("pragma page_size")).scalar_one())
