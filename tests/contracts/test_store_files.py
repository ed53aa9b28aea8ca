"""The files of a SQLite store belong to their owner alone: they hold names and addresses."""

import os
from pathlib import Path

from tocsin.store.ledger import open_ledger


def test_a_new_database_and_its_log_can_be_read_by_their_owner_alone(tmp_path: Path) -> None:
    before = os.umask(0o022)
    try:
        ledger = open_ledger(f"sqlite:///{tmp_path}/tocsin.db")
        modes = {file.name: oct(file.stat().st_mode & 0o777) for file in tmp_path.iterdir()}
        ledger.close()
    finally:
        os.umask(before)
    assert set(modes.values()) == {"0o600"}, modes
