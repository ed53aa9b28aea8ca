"""When memory fails: each failure says whether anything was written, and what to do about it."""

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from threading import Event, Thread

import psycopg
import pytest
from sqlalchemy import Connection, text

from tests.contracts.a_cut_line import Cut, Line, line_to
from tests.contracts.a_store import NOON, advance, number, opened, rows, went_on, write
from tocsin.store.contract import Answer, Tx
from tocsin.store.dialect_sqlite import PAGE, Sqlite, refuse_old
from tocsin.store.errors import (
    AmbiguousCommit,
    StoreBroken,
    StoreBusy,
    StoreError,
    StoreFull,
    StoreInUse,
)
from tocsin.store.ledger import SqlLedger, open_ledger
from tocsin.store.url import parse

# ----------------------------------------------------------------------------------------- PostgreSQL


@pytest.fixture
def line(postgres_url: str) -> Iterator[Line]:
    with line_to(postgres_url) as line:
        yield line


@pytest.mark.parametrize(("cut", "written"), [("before", False), ("after", True)])
def test_a_line_cut_in_the_commit_is_ambiguous_and_settled_by_the_answers(line: Line, cut: Cut, written: bool) -> None:
    ledger = open_ledger(line.url)

    def body(tx: Tx) -> None:
        tx.write([opened("INC-1", value="in doubt")])
        tx.record_answers([Answer("batch-1", b"done", NOON)])

    line.cut = cut
    with pytest.raises(AmbiguousCommit):
        ledger.transact(body)
    line.cut = "no"
    found = ledger.transact(lambda tx: (tx.answers(["batch-1"]), tx.load(["INC-1"])))
    ledger.close()
    assert (bool(found[0]), bool(found[1])) == (written, written)
    assert all(stream.value is None for stream in found[1].values())


def kill_others(url: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity"
            " where application_name = 'tocsin' and pid <> pg_backend_pid()"
        )


def test_a_line_lost_before_the_commit_can_be_retried_and_the_pool_recovers(postgres_url: str) -> None:
    ledger = open_ledger(postgres_url)

    def body(tx: Tx) -> None:
        kill_others(postgres_url)
        tx.write([opened("INC-1")])

    with pytest.raises(StoreBusy):
        ledger.transact(body)
    write(ledger, opened("INC-1"))
    assert len(rows(ledger, "select * from streams")) == 1
    ledger.close()


def test_a_server_that_is_away_is_busy_not_broken(line: Line) -> None:
    ledger = open_ledger(line.url)
    line._over.set()
    with pytest.raises(StoreBusy):
        write(ledger, opened("INC-1"))
    ledger.close()


def test_whoever_waits_too_long_for_a_lock_is_told_to_retry(postgres_url: str) -> None:
    ledger = open_ledger(postgres_url)
    write(ledger, opened("INC-1"))
    with psycopg.connect(postgres_url) as other:
        other.execute("select * from streams for update")
        started = time.monotonic()
        with pytest.raises(StoreBusy):
            advance(ledger, "INC-1")
        assert time.monotonic() - started < 4
    ledger.close()


def test_what_another_worker_holds_is_passed_over_by_the_timers(postgres_url: str) -> None:
    first, second = open_ledger(postgres_url), open_ledger(postgres_url)
    write(first, *(opened(number(n), due_at=NOON) for n in range(4)))
    taken, done = Event(), Event()

    def hold(tx: Tx) -> list[str]:
        mine = [stream.id for stream in tx.due(NOON, 2)]
        taken.set()
        done.wait(10)
        return mine

    held: list[list[str]] = []
    thread = Thread(target=lambda: held.append(first.transact(hold)))
    thread.start()
    taken.wait(10)
    others = [stream.id for stream in second.transact(lambda tx: tx.due(NOON, 9))]
    done.set()
    thread.join()
    assert sorted(held[0] + others) == [number(n) for n in range(4)]
    assert (len(held[0]), len(others)) == (2, 2)
    first.close()
    second.close()


def test_a_worker_sees_what_another_wrote_although_it_remembers_the_stream(postgres_url: str) -> None:
    first, second = open_ledger(postgres_url), open_ledger(postgres_url)
    write(first, opened("INC-1", value="mine"))
    advance(second, "INC-1", value="theirs")
    stream = first.transact(lambda tx: tx.load(["INC-1"]))["INC-1"]
    assert (stream.seq, stream.state, stream.value) == (2, b'{"n":2}', None)
    advance(first, "INC-1")
    assert rows(second, "select seq from streams")[0].seq == 3
    first.close()
    second.close()


def test_postgresql_commits_durably_or_is_not_used(postgres_url: str) -> None:
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute(f"alter database {connection.info.dbname} set synchronous_commit = off")
    ledger = open_ledger(postgres_url)
    durable = ledger.transact(lambda tx: tx.connection.execute(text("show synchronous_commit")).scalar())
    ledger.close()
    assert durable == "on"


# ----------------------------------------------------------------------------------------------- both


def test_a_commit_that_is_refused_leaves_nothing_and_the_way_free_for_the_next(store_url: str) -> None:
    ledger = open_ledger(store_url)
    if store_url.startswith("sqlite"):
        with ledger.dialect.writing() as connection:
            connection.connection.driver_connection.execute("pragma foreign_keys = on")  # type: ignore[union-attr]
    orphans = "create table orphans (stream text references streams (id) deferrable initially deferred)"
    ledger.transact(lambda tx: tx.connection.execute(text(orphans)))
    for n in range(2):
        with pytest.raises(StoreError):
            ledger.transact(lambda tx: tx.connection.execute(text("insert into orphans values ('nobody')")))
        write(ledger, opened(number(n)))
    assert rows(ledger, "select * from orphans") == []
    assert len(rows(ledger, "select * from streams")) == 2
    ledger.close()


# --------------------------------------------------------------------------------------------- SQLite


def pages(ledger: SqlLedger, limit: int) -> None:
    """So much the file may grow."""
    with ledger.dialect.writing() as connection:
        connection.connection.driver_connection.execute(f"pragma max_page_count = {limit}")  # type: ignore[union-attr]


def test_a_full_disk_writes_nothing_leaves_all_readable_and_goes_on_when_there_is_room(sqlite_url: str) -> None:
    ledger = open_ledger(sqlite_url)
    write(ledger, opened("INC-1"))
    pages(ledger, 1)
    with pytest.raises(StoreFull):
        write(ledger, *(opened(number(n), state=bytes(4000)) for n in range(2, 50)))
    assert [row.id for row in rows(ledger, "select id from streams")] == ["INC-1"]
    assert "no space left" in ledger.trouble()
    pages(ledger, 1_000_000)
    write(ledger, opened("INC-2"))
    assert ledger.trouble() == ""
    ledger.close()


def test_where_there_is_room_again_the_trouble_is_over_although_nobody_writes(sqlite_url: str) -> None:
    ledger = open_ledger(sqlite_url)
    pages(ledger, 1)
    with pytest.raises(StoreFull):
        write(ledger, *(opened(number(n), state=bytes(4000)) for n in range(50)))
    assert "no space left" in ledger.trouble()
    pages(ledger, 1_000_000)
    assert ledger.trouble() == ""
    ledger.close()


class NoRoomToCopy(Sqlite):
    """A file that cannot grow when the WAL is copied into it, until there is room."""

    room = False

    def committed(self, connection: Connection, changes: int) -> None:
        """As a checkpoint says it."""
        if not self.room:
            raise StoreFull("no space left for the database: database or disk is full")
        super().committed(connection, changes)


def test_a_disk_too_full_to_copy_the_wal_into_the_file_stays_full_until_there_is_room(sqlite_url: str) -> None:
    open_ledger(sqlite_url).close()
    dialect = NoRoomToCopy(parse(sqlite_url), write=True)
    ledger = SqlLedger(parse(sqlite_url), dialect, 0)
    write(ledger, opened("INC-1"))
    write(ledger, opened("INC-2"))
    assert "no space left" in ledger.trouble()
    assert "no space left" in ledger.trouble()
    dialect.room = True
    assert ledger.trouble() == ""
    assert len(rows(ledger, "select * from streams")) == 2
    ledger.close()


def test_a_damaged_file_stops_all_writing(sqlite_url: str) -> None:
    ledger = open_ledger(sqlite_url)
    write(ledger, opened("INC-1"))
    root = rows(ledger, "select rootpage from sqlite_master where name = 'streams'")[0].rootpage
    ledger.close()
    with Path(sqlite_url.removeprefix("sqlite:///")).open("r+b") as file:
        file.seek((root - 1) * PAGE)
        file.write(b"\xa5" * PAGE)
    again = open_ledger(sqlite_url)
    with pytest.raises(StoreBroken, match="restore the last verified backup"):
        write(again, opened("INC-2"))
    with pytest.raises(StoreBroken):
        again.transact(lambda tx: None)
    assert "restore the last verified backup" in again.trouble()
    again.close()


def test_a_file_that_another_process_writes_to_is_refused_with_its_number(sqlite_url: str) -> None:
    script = (
        "import sys; from tocsin.store.ledger import open_ledger; l = open_ledger(sys.argv[1]);"
        " print('open', flush=True); sys.stdin.read()"
    )
    command = [sys.executable, "-c", script, sqlite_url]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "open\n"
        with pytest.raises(StoreInUse, match=str(other.pid)):
            open_ledger(sqlite_url)
        looking = open_ledger(sqlite_url, write=False)
        assert rows(looking, "select * from streams") == []
        with pytest.raises(StoreError, match="for reading"):
            write(looking, opened("INC-1"))
        looking.close()
        other.communicate("")
    open_ledger(sqlite_url).close()


def test_the_lock_of_a_process_that_was_killed_is_free(sqlite_url: str) -> None:
    script = "import sys, os; from tocsin.store.ledger import open_ledger; open_ledger(sys.argv[1]); os._exit(9)"
    assert subprocess.run([sys.executable, "-c", script, sqlite_url], check=False).returncode == 9
    open_ledger(sqlite_url).close()


def test_sqlite_is_as_durable_as_it_says(sqlite_url: str) -> None:
    ledger = open_ledger(sqlite_url)
    with ledger.dialect.writing() as connection:
        raw = connection.connection.driver_connection
        kept = {
            name: raw.execute(f"pragma {name}").fetchone()[0] for name in ("journal_mode", "synchronous", "mmap_size")
        }  # type: ignore[union-attr]
    with ledger.read() as connection:
        looks = (
            connection.exec_driver_sql("pragma query_only").scalar(),
            connection.exec_driver_sql("pragma wal_autocheckpoint").scalar(),
        )
    ledger.close()
    assert kept == {"journal_mode": "wal", "synchronous": 2, "mmap_size": 0}
    assert looks == (1, 0)


def test_the_wal_is_checkpointed_while_writing_and_gone_after_closing(sqlite_url: str) -> None:
    ledger = open_ledger(sqlite_url)
    file = Path(sqlite_url.removeprefix("sqlite:///"))
    for base in range(0, 9000, 1000):
        write(ledger, *(opened(number(n)) for n in range(base, base + 1000)))
    assert file.stat().st_size > 2_000_000
    ledger.close()
    assert not file.with_name(file.name + "-wal").exists()


@pytest.mark.parametrize("version", [(3, 40, 1), (3, 51, 2)])
def test_a_sqlite_that_can_corrupt_a_database_is_refused_with_a_way_out(version: tuple[int, ...]) -> None:
    with pytest.raises(StoreError, match=r"3\.51\.3 or later comes with"):
        refuse_old(version)
    refuse_old((3, 51, 3))


def test_memory_is_a_store_like_any_other() -> None:
    ledger = open_ledger("sqlite:///:memory:")
    write(ledger, opened("INC-1"))
    assert [row.id for row in rows(ledger, "select id from streams")] == ["INC-1"]
    with pytest.raises(ZeroDivisionError):
        ledger.transact(lambda tx: tx.write([went_on(tx.load(["INC-1"])["INC-1"])]) or 1 / 0)  # type: ignore[func-returns-value]
    assert rows(ledger, "select seq from streams")[0].seq == 1
    ledger.close()


# ------------------------------------------------------------------------------------------- addresses


@pytest.mark.parametrize(
    "url", ["", "nonsense", "mysql://x/y", "sqlite://tocsin.db", "sqlite:///a.db?mode=ro", "postgresql://localhost:1/x"]
)
def test_an_address_that_leads_nowhere_says_what_to_write(url: str) -> None:
    with pytest.raises(StoreError, match=r"write sqlite:///|cannot open"):
        open_ledger(url)


def test_a_file_that_is_not_there_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="there is no database at"):
        open_ledger(f"sqlite:///{tmp_path / 'none.db'}", write=False)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="away"):
        open_ledger(f"sqlite:///{tmp_path / 'away' / 'x.db'}")


def test_no_password_is_shown(postgres_url: str) -> None:
    ledger: SqlLedger = open_ledger(postgres_url.replace("postgres:@", "postgres:geheim@"))
    ledger.close()
    assert "geheim" not in ledger.url
