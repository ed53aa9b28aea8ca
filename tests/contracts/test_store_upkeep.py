"""What keeps memory in shape: counts that stay cheap, forgetting in small steps, and room kept in reserve."""

from pathlib import Path

from tests.contracts.a_store import MINUTE, NOON, advance, message, number, opened, run, write
from tocsin.core.instant import DAY, HOUR
from tocsin.store import ballast, outbox
from tocsin.store.contract import Answer, Held, Outcome
from tocsin.store.ledger import SqlLedger
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


def test_a_key_is_forgotten_a_day_after_its_flap_window(ledger: SqlLedger) -> None:
    write(ledger, opened("INC-1", live=(Held("am", "ended", until=NOON), Held("am", "live"))))
    assert run(ledger, tidy, NOON + DAY) == 0
    assert run(ledger, tidy, NOON + DAY + 1) == 1
    assert ledger.transact(lambda tx: tx.find_live([("am", "live")], NOON + 9 * DAY)) == {("am", "live"): "INC-1"}


def test_ballast_takes_room_until_it_is_thrown_out(tmp_path: Path) -> None:
    database = tmp_path / "tocsin.db"
    assert ballast.lay(database, size=1 << 20)
    assert ballast.lay(database, size=1 << 20)
    assert ballast.space(database).ballast == 1 << 20
    assert 0 < ballast.space(database).share < 1
    assert ballast.release(database)
    assert not ballast.release(database)
    assert ballast.space(database).ballast == 0


def test_ballast_never_fills_the_disk_itself(tmp_path: Path) -> None:
    assert not ballast.lay(tmp_path / "tocsin.db", size=1 << 60)
    assert list(tmp_path.iterdir()) == []
