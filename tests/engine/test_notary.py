"""Signed roots: one every five minutes, told outside, caught up after an outage, and nothing taken back unseen."""

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from tests.cast import MONDAY
from tests.cli.terminal import tocsin
from tests.contracts.a_store import advance, opened, write
from tests.engine.running import command, place, until
from tocsin.core.instant import MINUTE, SECOND, Instant
from tocsin.engine.clock import VirtualClock
from tocsin.engine.notary import EVERY, Notary
from tocsin.lib.secrets import stamp
from tocsin.store import roots, sink
from tocsin.store.contract import Recorded
from tocsin.store.ledger import SqlLedger, open_ledger
from tocsin.store.roots import LAG

SECRET = b"the secret of these tests"


@pytest.fixture
def ledger(store_url: str) -> Iterator[SqlLedger]:
    made = open_ledger(store_url)
    yield made
    made.close()


def sign(digest: bytes) -> bytes:
    return stamp("root", digest, SECRET)


def happened(at: Instant) -> tuple[Recorded, ...]:
    return (Recorded("went_on", at, b"{}"),)


def outside(path: Path) -> list[int]:
    return [msgspec.json.decode(line)["root"] for line in path.read_bytes().splitlines()]


def findings(path: Path, ledger: SqlLedger) -> list[tuple[str, str]]:
    with ledger.read() as connection:
        return [(one.code, one.place.rpartition("/")[2]) for one in sink.compare(path, roots.after(connection))]


def test_a_root_comes_every_five_minutes_where_something_moved(ledger: SqlLedger, tmp_path: Path) -> None:
    clock, file = VirtualClock(MONDAY), tmp_path / "roots.jsonl"
    notary = Notary(ledger, clock, sign, file)
    write(ledger, opened("INC-1", events=happened(MONDAY)), opened("INC-2", events=happened(MONDAY)))
    assert notary.step() is None  # too fresh: something may still be committed behind it
    clock.advance_to(MONDAY + LAG)
    first = notary.step()
    assert first is not None
    assert (first.n, first.streams, first.signature) == (1, 2, sign(first.digest))
    advance(ledger, "INC-1", events=happened(MONDAY + SECOND))
    clock.advance_to(MONDAY + LAG + EVERY - 1)
    assert notary.step() is None  # not yet time
    clock.advance_to(MONDAY + LAG + EVERY)
    second = notary.step()
    assert second is not None
    assert (second.n, second.streams, second.since) == (2, 1, first.until)
    clock.advance_to(MONDAY + LAG + 9 * EVERY)
    assert notary.step() is None  # nothing moved
    assert outside(file) == [1, 2]
    assert findings(file, ledger) == []


def test_two_processes_make_each_root_once_and_tell_it_once(postgres_url: str, tmp_path: Path) -> None:
    first, second = open_ledger(postgres_url), open_ledger(postgres_url)
    clock, file = VirtualClock(MONDAY + LAG), tmp_path / "roots.jsonl"
    write(first, opened("INC-1", events=happened(MONDAY)))
    here, there = Notary(first, clock, sign, file), Notary(second, clock, sign, file)
    seen = there._following()
    assert here.step() is not None
    assert seen is not None
    assert there._kept(seen) is None  # it was too late by a moment
    assert there.step() is None
    assert outside(file) == [1]
    first.close()
    second.close()


def test_an_outside_that_was_away_hears_of_every_root_when_it_is_back(ledger: SqlLedger, tmp_path: Path) -> None:
    away = tmp_path / "away"
    clock, file = VirtualClock(MONDAY), away / "roots.jsonl"
    notary = Notary(ledger, clock, sign, file)
    write(ledger, opened("INC-1", events=happened(MONDAY)))
    for n in range(1, 5):
        advance(ledger, "INC-1", events=happened(MONDAY + n * EVERY))
        clock.advance_to(MONDAY + n * EVERY + LAG)
        assert notary.step() is not None
        if n == 3:
            away.mkdir()
    assert outside(file) == [1, 2, 3, 4]
    whole = file.read_bytes()
    file.write_bytes(whole[:-30])  # the power failed in the middle of the last line
    assert notary.step() is None
    assert file.read_bytes().count(b"\n") == 5
    assert findings(file, ledger) == [("sink-unreadable", "roots.jsonl line 4")]


def test_what_was_taken_back_is_seen_outside(ledger: SqlLedger, tmp_path: Path) -> None:
    clock, file = VirtualClock(MONDAY + LAG), tmp_path / "roots.jsonl"
    notary = Notary(ledger, clock, sign, file)
    write(ledger, opened("INC-1", events=happened(MONDAY)))
    assert notary.step() is not None
    clock.advance_to(MONDAY + EVERY + LAG)
    advance(ledger, "INC-1", events=happened(MONDAY + MINUTE))
    assert notary.step() is not None
    ledger.transact(lambda tx: tx.connection.exec_driver_sql("delete from roots where n = 2"))
    assert findings(file, ledger) == [("root-gone", "root 2")]
    clock.advance_to(MONDAY + EVERY + LAG + SECOND)
    assert notary.step() is not None  # it is made again: with another time, and so another digest
    assert findings(file, ledger) == [("root-rewritten", "root 2")]
    assert outside(file) == [1, 2, 2]  # told all the same: nothing is kept back from the outside
    file.write_bytes(b"")
    assert findings(file, ledger) == [("root-untold", "roots.jsonl")]


@pytest.mark.timeout(120)
def test_a_server_tells_its_roots_and_the_doctor_compares_them(sqlite_url: str, tmp_path: Path) -> None:
    file = tmp_path / "roots.jsonl"
    at = place(tmp_path, sqlite_url, smtp=9)
    made = open_ledger(sqlite_url)  # something that happened long ago, of a kind that nobody acts on
    write(made, opened("kept:1", kind="kept", status="", due_at=None, events=happened(MONDAY)))
    made.close()
    with command(at, TOCSIN_ROOTS=str(file)) as process:
        until(lambda: file.exists() and file.read_bytes().endswith(b"\n"))
        process.terminate()
        assert process.wait(30) == 0
    assert "root" in (tmp_path / "log.txt").read_text()

    def doctor(**environment: str) -> dict[str, str]:
        known = {"TOCSIN_SECRET": at.environment["TOCSIN_SECRET"], "TOCSIN_ROOTS": str(file)} | environment
        found = tocsin("doctor", "--database", sqlite_url, "--format", "json", **known).data["findings"]
        return {one["check"]: one["state"] for one in found if "root" in one["check"]}

    assert doctor() == {"roots": "ok"}
    assert doctor(TOCSIN_ROOTS="") == {"roots": "warning"}
    assert doctor(TOCSIN_SECRET="") == {"roots": "ok"}  # the last word; before it a warning that nobody can tell
    assert doctor(TOCSIN_SECRET="somebody else's secret") == {"root-unsigned": "error", "roots": "ok"}
    assert doctor(TOCSIN_ROOTS=str(tmp_path / "none")) == {"roots": "error"}
    file.write_text(file.read_text().replace('"streams":1', '"streams":2'))
    assert doctor() == {"root-rewritten": "error", "root-untold": "warning"}
