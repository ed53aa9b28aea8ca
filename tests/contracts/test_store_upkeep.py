"""What keeps memory in shape: counts that stay cheap, forgetting in small steps, and room kept in reserve."""

import os
import shutil
from pathlib import Path

import pytest

from tests.contracts.a_store import MINUTE, NOON, advance, message, number, opened, rows, run, write
from tocsin.core.instant import DAY, HOUR
from tocsin.store import ballast, outbox
from tocsin.store.contract import Answer, Held, Outcome
from tocsin.store.errors import StoreFull
from tocsin.store.ledger import SqlLedger, open_ledger
from tocsin.store.queries.counts import counts
from tocsin.store.retention import AT_ONCE, tidy


def test_counts_tell_what_waits_and_how_late_the_oldest_is(ledger: SqlLedger) -> None:
    write(ledger, *(opened(number(n), due_at=NOON + n * MINUTE, rank=n % 3) for n in range(5)))
    advance(ledger, "INC-0", due_at=None, status="closed")
    lanes = (message("INC-9", 1, lane=0), message("INC-9", 2, lane=3, due_at=NOON + HOUR), message("INC-9", 3, lane=3))
    write(ledger, opened("INC-9", outbox=lanes, due_at=NOON + DAY))
    ledger.transact(lambda tx: tx.claim(NOON, "w", {0: 1}, MINUTE))
    run(ledger, outbox.begin, [(lanes[0].id, 1)], NOON)
    run(ledger, outbox.finish, [Outcome(lanes[0].id, 1, NOON, "sent", "ok")])
    with ledger.read() as connection:
        found = counts(connection, NOON + 3 * MINUTE)
    assert (found.overdue, found.overdue_by) == (3, 2 * MINUTE)
    assert (found.unsent, found.unsent_by) == (1, 3 * MINUTE)
    assert (found.waiting, found.quarantined) == ({3: 2}, 0)


def test_much_that_may_be_forgotten_goes_in_small_steps(ledger: SqlLedger) -> None:
    many = [Answer(f"key:{n}", b"{}", NOON) for n in range(AT_ONCE + 10)]
    markers = [Answer("batch:1", b"", NOON + 7 * DAY), Answer("batch;", b"", NOON + 7 * DAY)]
    ledger.transact(lambda tx: tx.record_answers([*many, *markers]))
    gone = [run(ledger, tidy, NOON + 7 * DAY + HOUR + 1) for _ in range(3)]
    assert gone == [AT_ONCE + 1, 10, 0]
    assert set(ledger.transact(lambda tx: tx.answers(["batch;", "batch:1", "key:1"]))) == {"batch;"}


def test_a_key_is_forgotten_ninety_days_after_its_flap_window(ledger: SqlLedger) -> None:
    write(ledger, opened("INC-1", live=(Held("am", "ended", until=NOON), Held("am", "live"))))
    assert run(ledger, tidy, NOON + 90 * DAY) == 0
    assert run(ledger, tidy, NOON + 90 * DAY + 1) == 1
    assert ledger.transact(lambda tx: tx.find_live([("am", "live")], NOON + 99 * DAY)) == {("am", "live"): "INC-1"}


def fill(disk: Path, left: int) -> Path:
    """Take all room but this."""
    free = shutil.disk_usage(disk).free
    file = disk / "other"
    with file.open("ab") as other:
        os.posix_fallocate(other.fileno(), file.stat().st_size, free - left)
    return file


def test_ballast_takes_a_small_part_of_the_disk_until_it_is_thrown_out(small_disk: Path) -> None:
    database = small_disk / "tocsin.db"
    assert ballast.lay(database)
    assert ballast.lay(database)
    found = ballast.space(database)
    assert found.ballast == found.due == int(found.total * 0.02)
    assert found.free == found.total - shutil.disk_usage(small_disk).used
    assert found.share > 0.9
    assert ballast.release(database)
    assert not ballast.release(database)
    assert ballast.space(database).ballast == 0


def test_ballast_never_takes_the_last_room_and_is_laid_again_only_when_there_is_some(small_disk: Path) -> None:
    database, due = small_disk / "tocsin.db", ballast.space(small_disk / "tocsin.db").due
    other = fill(small_disk, left=3 * due)
    assert not ballast.lay(database)
    assert [file.name for file in small_disk.iterdir()] == ["other"]
    other.unlink()
    assert ballast.lay(database)
    fill(small_disk, left=due // 2)
    assert ballast.lay(database)  # what lies there stays
    assert ballast.make_way(database)
    assert not ballast.lay(database)
    assert ballast.make_way(database)  # still: nobody has made room


def test_a_checkpoint_that_finds_no_room_takes_nothing_back_and_is_made_up_for(small_disk: Path) -> None:
    url, filled = f"sqlite:///{small_disk / 'tocsin.db'}", []
    ledger = open_ledger(url)
    ledger.filled = lambda: filled.append(True)
    write(ledger, *(opened(number(n), state=bytes(3000)) for n in range(1500)))  # megabytes, in the WAL alone
    other = fill(small_disk, left=64 << 10)
    with pytest.raises(StoreFull):
        write(ledger, *(opened(number(n), state=bytes(3000)) for n in range(1500, 1600)))
    assert len(filled) == 1
    os.truncate(other, other.stat().st_size - (256 << 10))
    write(ledger, opened("INC-before"))  # there is room for it, and none for the checkpoint that is tried after it
    assert len(filled) == 2
    other.unlink()
    write(ledger, opened("INC-after"))
    ledger.close()
    assert [file.name for file in small_disk.glob("*-wal")] == []
    again = open_ledger(url)
    assert rows(again, "select count(*) from streams")[0][0] == 1502
    again.close()
