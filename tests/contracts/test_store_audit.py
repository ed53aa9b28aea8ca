"""What the doctor sees: every way of tampering with memory, or of losing part of it, is found and named."""

import hmac
from collections.abc import Sequence
from typing import Any

import pytest
from msgspec.structs import replace
from sqlalchemy import Connection, text

from tests.contracts.a_store import MINUTE, NOON, advance, opened, rows, run, write
from tocsin.core.instant import Instant
from tocsin.store import roots
from tocsin.store.audit import Finding, Tallied, verify
from tocsin.store.contract import Recorded
from tocsin.store.ledger import SqlLedger
from tocsin.store.roots import LAG, Root


def fold(kind: str, stream: str, told: Sequence[tuple[str, bytes]]) -> bytes | None:
    return b'{"n":%d}' % len(told) if kind == "incident" else None


def sign(digest: bytes) -> bytes:
    return hmac.digest(b"key", digest, "sha256")


def signed(digest: bytes, signature: bytes) -> bool:
    return hmac.compare_digest(sign(digest), signature)


def append(connection: Connection, now: Instant) -> Root | None:
    root = roots.following(connection, now)
    if root is not None:
        root = replace(root, signature=sign(root.digest))
        roots.keep(connection, root)
    return root


def look(ledger: SqlLedger) -> list[Finding]:
    with ledger.read() as connection:
        return list(verify(connection, fold, signed))


def tamper(ledger: SqlLedger, statement: str) -> None:
    ledger.transact(lambda tx: tx.connection.execute(text(statement), {"junk": b"x"} if ":junk" in statement else {}))
    ledger.recent.forget("INC-1", "INC-2")


@pytest.fixture
def whole(ledger: SqlLedger) -> SqlLedger:
    write(ledger, opened("INC-1"), opened("INC-2"), opened("desk:dba", kind="desk", status="", state=b"anything"))
    advance(ledger, "INC-1")
    run(ledger, append, NOON + LAG + MINUTE)
    advance(ledger, "INC-1", events=(Recorded("went_on", NOON + 2 * MINUTE, b"{}"),))
    return ledger


def test_a_whole_store_has_no_findings_and_says_how_much_was_looked_at(whole: SqlLedger) -> None:
    seen = Tallied()
    with whole.read() as connection:
        assert list(verify(connection, fold, signed, seen)) == []
    assert seen == Tallied(streams=3, events=5, roots=1)


@pytest.mark.parametrize(
    ("statement", "code", "place"),
    [
        ("update events set body = :junk where stream = 'INC-1' and seq = 1", "chain-broken", "INC-1"),
        ("update events set at = at + 1 where stream = 'INC-1' and seq = 2", "chain-broken", "INC-1"),
        ("update events set actor = 'eve' where stream = 'INC-2'", "chain-broken", "INC-2"),
        ("update events set due_at = 0 where stream = 'INC-2'", "chain-broken", "INC-2"),
        ("delete from events where stream = 'INC-1' and seq = 2", "events-missing", "INC-1"),
        ("delete from events where stream = 'INC-1' and seq = 3", "head-differs", "INC-1"),
        ("delete from events where stream = 'INC-2'", "head-differs", "INC-2"),
        ("delete from streams where id = 'INC-2'", "no-stream", "INC-2"),
        ("update streams set state = :junk where id = 'INC-1'", "snapshot-differs", "INC-1"),
        ("update streams set seq = 9 where id = 'INC-2'", "head-differs", "INC-2"),
        ("delete from versions", "version-unknown", "INC-1"),
        ("update roots set signature = :junk", "root-unsigned", "root 1"),
        ("update roots set streams = 7, digest = :junk", "root-differs", "root 1"),
    ],
)
def test_every_change_behind_the_ledgers_back_is_found(whole: SqlLedger, statement: str, code: str, place: str) -> None:
    tamper(whole, statement)
    assert (code, place) in [(finding.code, finding.place) for finding in look(whole)]


def test_events_that_nobody_can_read_are_a_finding_and_end_only_their_own_streams_look(whole: SqlLedger) -> None:
    def unreadable(kind: str, stream: str, told: Sequence[tuple[str, bytes]]) -> bytes | None:
        if stream == "INC-1":
            raise TypeError("no such event")
        return fold(kind, stream, told)

    seen = Tallied()
    with whole.read() as connection:
        (finding,) = verify(connection, unreadable, signed, seen)
    assert (finding.code, finding.place, seen.streams) == ("events-unreadable", "INC-1", 3)
    assert "no such event" in finding.text


def test_a_table_that_is_gone_is_a_finding(whole: SqlLedger) -> None:
    tamper(whole, "drop table tally")
    (finding,) = look(whole)
    assert (finding.code, finding.place) == ("table-missing", "tally")


def test_a_whole_incident_that_was_taken_away_is_missed_by_the_root(whole: SqlLedger) -> None:
    tamper(whole, "delete from events where stream = 'INC-2'")
    tamper(whole, "delete from streams where id = 'INC-2'")
    (finding,) = look(whole)
    assert (finding.code, finding.place) == ("root-differs", "root 1")
    assert "3 streams when it was signed, 2 now" in finding.text


def test_roots_follow_one_another_and_cover_what_moved_in_between(whole: SqlLedger) -> None:
    assert run(whole, append, NOON + LAG + MINUTE + 1) is None
    advance(whole, "INC-2", events=(Recorded("went_on", NOON + 5 * MINUTE, b"{}"),))
    second = run(whole, append, NOON + LAG + 9 * MINUTE)
    first = roots.Root(*rows(whole, "select * from roots where n = 1")[0])
    assert second is not None
    assert (second.n, second.since, second.streams) == (2, first.until, 2)
    assert look(whole) == []


def test_what_happened_after_a_root_s_time_is_left_to_the_next_one(ledger: SqlLedger) -> None:
    write(ledger, opened("INC-1"))
    advance(ledger, "INC-1", events=(Recorded("went_on", NOON + MINUTE, b"{}"),))
    root: Any = run(ledger, append, NOON + LAG + MINUTE // 2)
    assert (root.streams, root.until) == (1, NOON + MINUTE // 2)
    assert run(ledger, append, NOON + LAG + 2 * MINUTE) is not None
    assert look(ledger) == []


def test_a_check_that_is_gone_from_the_database_is_missed(postgres_url: str) -> None:
    from tocsin.store.ledger import open_ledger

    ledger = open_ledger(postgres_url)
    tamper(ledger, "alter table streams drop constraint streams_never_silent")
    (finding,) = look(ledger)
    ledger.close()
    assert (finding.code, finding.place) == ("check-missing", "streams")
    assert "streams_never_silent" in finding.text


def test_tables_of_another_version_are_a_finding(whole: SqlLedger) -> None:
    tamper(whole, "update alembic_version set version_num = '0000'")
    assert look(whole)[0].code == "schema-version"
