"""A backup is taken while the work goes on, comes back on either engine, and is refused when it is not whole."""

from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest

from tests.contracts.a_store import NOON, advance, message, number, opened, rows, write
from tests.contracts.test_store_audit import fold
from tocsin.store.audit import verify
from tocsin.store.backup import Restored, backup, copy_file, restore, restored
from tocsin.store.contract import Answer, Text
from tocsin.store.errors import StoreError
from tocsin.store.ledger import SqlLedger, open_ledger
from tocsin.store.portable import tables


@pytest.fixture
def full(ledger: SqlLedger) -> SqlLedger:
    ledger.transact(lambda tx: tx.claim_live([("am", f"k{n}") for n in range(5)], NOON, number))
    texts = (Text("t1", "Störung \0 🔔"),)
    write(ledger, *(opened(number(n), outbox=(message(number(n)),), texts=texts) for n in range(1, 6)))
    advance(ledger, "INC-1", state=bytes(range(256)))
    ledger.transact(lambda tx: tx.record_answers([Answer("c1", b"\xff", NOON)]))
    return ledger


def everything(ledger: SqlLedger) -> dict[str, list[Any]]:
    def plain(value: Any) -> Any:
        return bytes(value) if isinstance(value, memoryview) else value

    def of(table: str) -> list[Any]:
        return sorted([tuple(map(plain, row)) for row in rows(ledger, f"select * from {table}")], key=repr)

    return {table.name: of(table.name) for table in tables() if table.name != "meta"}


@pytest.mark.parametrize("to", ["sqlite", "postgres"])
def test_a_backup_comes_back_whole_on_either_engine(
    full: SqlLedger, tmp_path: Path, to: str, request: pytest.FixtureRequest
) -> None:
    backup(full, tmp_path / "b.tocsin", NOON)
    before = everything(full)
    full.close()
    target = f"sqlite:///{tmp_path / 'other.db'}" if to == "sqlite" else other_database(request)
    restore(tmp_path / "b.tocsin", target, NOON + 5)
    again = open_ledger(target)
    assert everything(again) == before
    with again.read() as connection:
        assert restored(connection) == Restored(NOON, NOON + 5)
        assert {finding.code for finding in verify(connection, fold)} == {"snapshot-differs"}
    assert again.transact(lambda tx: tx.next_numbers(1)) == [6]
    again.close()


def other_database(request: pytest.FixtureRequest) -> str:
    import psycopg

    server = request.getfixturevalue("postgres")
    with psycopg.connect(server.get_uri("postgres"), autocommit=True) as connection:
        connection.execute("drop database if exists other with (force)")
        connection.execute("create database other")
    url: str = server.get_uri("other")
    return url


def test_a_backup_taken_while_writing_goes_on_is_one_consistent_state(ledger: SqlLedger, tmp_path: Path) -> None:
    enough = Event()

    def work() -> None:
        n = 0
        while not enough.is_set():
            n += 10
            write(ledger, *(opened(number(n + i), outbox=(message(number(n + i)),)) for i in range(10)))

    write(ledger, opened("INC-1"))
    thread = Thread(target=work)
    thread.start()
    for n in range(3):
        backup(ledger, tmp_path / f"{n}.tocsin", NOON)
    enough.set()
    thread.join()
    manifest = restore(tmp_path / "2.tocsin", "sqlite:///" + str(tmp_path / "r.db"), NOON)
    assert manifest.tables["streams"].rows == manifest.tables["events"].rows
    again = open_ledger("sqlite:///" + str(tmp_path / "r.db"), write=False)
    with again.read() as connection:
        assert list(verify(connection, fold)) == []
    again.close()


def test_a_database_with_something_in_it_is_overwritten_only_by_force(full: SqlLedger, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'other.db'}"
    other = open_ledger(url)
    write(other, opened("INC-77"))
    other.close()
    backup(full, tmp_path / "b.tocsin", NOON)
    with pytest.raises(StoreError, match="is not empty"):
        restore(tmp_path / "b.tocsin", url, NOON)
    restore(tmp_path / "b.tocsin", url, NOON, force=True)
    again = open_ledger(url)
    assert [row.id for row in rows(again, "select id from streams order by id")] == [number(n) for n in range(1, 6)]
    again.close()


@pytest.mark.parametrize("at", [0.2, 0.5, 0.99])
def test_a_damaged_backup_is_refused_and_nothing_is_touched(full: SqlLedger, tmp_path: Path, at: float) -> None:
    file = tmp_path / "b.tocsin"
    backup(full, file, NOON)
    content = bytearray(file.read_bytes())
    place = int(len(content) * at)
    content[place : place + 20] = bytes(20)
    file.write_bytes(content)
    with pytest.raises(StoreError, match="backup"):
        restore(file, f"sqlite:///{tmp_path / 'other.db'}", NOON)
    assert not (tmp_path / "other.db").exists()


def test_a_backup_that_cannot_be_written_leaves_no_part_of_it(full: SqlLedger, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="cannot write"):
        backup(full, tmp_path / "away" / "b.tocsin", NOON)
    (tmp_path / "folder").mkdir()
    with pytest.raises(StoreError, match="cannot write"):
        backup(full, tmp_path / "folder", NOON)
    assert [path.name for path in tmp_path.glob("*unfinished*")] == []


def test_a_backup_is_for_its_owner_s_eyes(full: SqlLedger, tmp_path: Path) -> None:
    backup(full, tmp_path / "b.tocsin", NOON)
    assert (tmp_path / "b.tocsin").stat().st_mode & 0o777 == 0o600


def test_a_copy_of_the_file_is_a_backup_too(sqlite_url: str, tmp_path: Path) -> None:
    ledger = open_ledger(sqlite_url)
    write(ledger, *(opened(number(n)) for n in range(1, 4)))
    copy_file(ledger, tmp_path / "copy.db")
    write(ledger, opened("INC-9"))
    ledger.close()
    restore(tmp_path / "copy.db", f"sqlite:///{tmp_path / 'other.db'}", NOON)
    again = open_ledger(f"sqlite:///{tmp_path / 'other.db'}")
    assert [row.id for row in rows(again, "select id from streams order by id")] == [number(n) for n in range(1, 4)]
    again.close()


def test_postgresql_has_no_file_to_copy(postgres_url: str, tmp_path: Path) -> None:
    ledger = open_ledger(postgres_url)
    with pytest.raises(StoreError, match="portable"):
        copy_file(ledger, tmp_path / "copy.db")
    ledger.close()


@pytest.mark.parametrize("content", [b"", b"nonsense", b"PK\x03\x04"])
def test_what_is_no_backup_is_said_to_be_none(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x").write_bytes(content)
    with pytest.raises(StoreError, match="is not a backup of tocsin"):
        restore(tmp_path / "x", f"sqlite:///{tmp_path / 'other.db'}", NOON)
