"""One transaction, on both engines: what is committed is all there, what is not has left nothing behind."""

import hashlib
from threading import Barrier, Thread

import pytest

from tests.contracts.a_store import MINUTE, NOON, VERSIONS, advance, message, number, opened, rows, went_on, write
from tocsin.store.contract import (
    Answer,
    Claim,
    Held,
    Listed,
    Posted,
    Quarantined,
    Recorded,
    Stream,
    Tally,
    Text,
    Tx,
    Withdrawal,
)
from tocsin.store.errors import Conflict, Refused
from tocsin.store.ledger import SqlLedger, open_ledger


def load(ledger: SqlLedger, *ids: str) -> dict[str, Stream]:
    return ledger.transact(lambda tx: tx.load(ids))


# ------------------------------------------------------------------------------------------- streams


def test_what_was_written_is_loaded_again_also_by_a_ledger_that_remembers_nothing(
    ledger: SqlLedger, migrated_url: str
) -> None:
    write(ledger, opened("INC-1", value="decoded"))
    (known,) = load(ledger, "INC-1", "INC-9").values()
    ledger.close()
    again = open_ledger(migrated_url, remembered=0)
    (read,) = load(again, "INC-1").values()
    again.close()
    assert known == Stream("INC-1", "incident", 1, b'{"n":1}', known.hash, "open", NOON + 5 * MINUTE, 1, "decoded")
    assert (read.seq, read.state, read.hash, read.status, read.due_at) == (
        1,
        b'{"n":1}',
        known.hash,
        "open",
        known.due_at,
    )


def test_each_event_is_chained_to_the_one_before_over_all_its_stored_bytes(ledger: SqlLedger) -> None:
    write(ledger, opened("INC-1"))
    advance(ledger, "INC-1")
    first, second = rows(ledger, "select * from events order by seq")
    assert first.versions == second.versions
    column = f"INC-1\0002\0{NOON + 1}\0{NOON}\0went_on\0\0{second.versions}\0".encode()
    assert bytes(second.hash) == hashlib.sha256(bytes(first.hash) + column + b'{"type":"went_on"}').digest()
    assert load(ledger, "INC-1")["INC-1"].hash == bytes(second.hash)


def test_the_versions_of_a_batch_are_kept_once(ledger: SqlLedger) -> None:
    write(ledger, opened("INC-1"), opened("INC-2"))
    advance(ledger, "INC-1")
    (kept,) = rows(ledger, "select policy, roster, zones from versions")
    assert tuple(kept) == (VERSIONS.policy, VERSIONS.roster, VERSIONS.zones)


def test_a_decision_on_an_old_state_is_a_conflict_and_writes_nothing(ledger: SqlLedger) -> None:
    write(ledger, opened("INC-1"))
    old = load(ledger, "INC-1")["INC-1"]
    advance(ledger, "INC-1")

    def late(tx: Tx) -> None:
        tx.load(["INC-1"])
        tx.write([opened("INC-2"), went_on(old)])

    with pytest.raises(Conflict, match="INC-1"):
        ledger.transact(late)
    assert [tuple(row) for row in rows(ledger, "select id, seq from streams")] == [("INC-1", 2)]


def test_a_stream_that_is_there_already_cannot_be_made_again(ledger: SqlLedger) -> None:
    write(ledger, opened("INC-1"))
    with pytest.raises(Conflict):
        write(ledger, opened("INC-1"))


def test_one_stream_can_be_written_twice_in_one_transaction_but_not_in_one_batch(ledger: SqlLedger) -> None:
    def body(tx: Tx) -> None:
        tx.write([opened("INC-1")])
        tx.write([went_on(tx.load(["INC-1"])["INC-1"])])

    ledger.transact(body)
    assert load(ledger, "INC-1")["INC-1"].seq == 2
    with pytest.raises(Conflict):
        write(ledger, opened("INC-2"), opened("INC-2"))


def test_nothing_changes_without_an_event(ledger: SqlLedger) -> None:
    with pytest.raises(Refused, match="without an event"):
        write(ledger, opened("INC-1", events=()))


def test_a_body_that_raises_leaves_nothing_and_its_error_comes_through(ledger: SqlLedger) -> None:
    def crash(tx: Tx) -> None:
        tx.claim_live([("am", "k")], NOON, number)
        tx.write([opened("INC-1", outbox=(message("INC-1"),), texts=(Text("t", "x"),))])
        tx.record_answers([Answer("c", b"{}", NOON)])
        tx.tally([Tally("INC-1", "a", NOON, 1, NOON)])
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        ledger.transact(crash)
    for table in ("streams", "events", "live", "outbox", "texts", "commands", "tally", "versions"):
        assert rows(ledger, f"select * from {table}") == []
    assert load(ledger, "INC-1") == {}


def test_two_who_change_one_stream_take_turns(ledger: SqlLedger) -> None:
    write(ledger, opened("INC-1"))
    threads = [Thread(target=lambda: [advance(ledger, "INC-1") for _ in range(20)]) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert load(ledger, "INC-1")["INC-1"].seq == 41
    assert [row.seq for row in rows(ledger, "select seq from events order by seq")] == list(range(1, 42))


def test_ten_thousand_streams_go_in_at_once_and_come_out_whole(ledger: SqlLedger) -> None:
    write(ledger, *(opened(number(n), outbox=(message(number(n)),)) for n in range(10_000)))
    ids = [number(n) for n in range(10_000)]
    assert set(load(ledger, *ids)) == set(ids)
    assert rows(ledger, "select count(*) from events")[0][0] == 10_000
    assert rows(ledger, "select count(*) from outbox where next_at is not null")[0][0] == 10_000


# ----------------------------------------------------------------------------------------- what is due


def test_what_is_due_comes_worst_first_then_oldest_and_no_more_than_asked_for(ledger: SqlLedger) -> None:
    plan = {"INC-1": (4, 1), "INC-2": (0, 3), "INC-3": (0, 2), "INC-4": (2, 1), "INC-5": (0, 99)}
    write(ledger, *(opened(id_, rank=rank, due_at=NOON + minute * MINUTE) for id_, (rank, minute) in plan.items()))

    def due(limit: int) -> list[str]:
        return ledger.transact(lambda tx: [stream.id for stream in tx.due(NOON + 10 * MINUTE, limit)])

    assert due(9) == ["INC-3", "INC-2", "INC-4", "INC-1"]
    assert due(2) == ["INC-3", "INC-2"]


def test_only_the_kind_that_was_asked_for_is_due(ledger: SqlLedger) -> None:
    write(ledger, opened("INC-1", due_at=NOON), opened("desk:dba", kind="desk", status="", due_at=NOON))
    assert [s.id for s in ledger.transact(lambda tx: tx.due(NOON, 9, "desk"))] == ["desk:dba"]
    assert [s.id for s in ledger.transact(lambda tx: tx.due(NOON, 9))] == ["INC-1"]


def test_what_is_due_is_known_by_its_latest_state(ledger: SqlLedger) -> None:
    write(ledger, opened("INC-1", due_at=NOON))
    advance(ledger, "INC-1", due_at=NOON, value="second")
    (stream,) = ledger.transact(lambda tx: tx.due(NOON, 9))
    assert (stream.seq, stream.state, stream.value) == (2, b'{"n":2}', "second")


# ------------------------------------------------------------------------------------------ never silent


@pytest.mark.parametrize("status", ["open", "acknowledged"])
def test_a_live_incident_without_a_next_action_is_refused_by_the_database(ledger: SqlLedger, status: str) -> None:
    with pytest.raises(Refused):
        write(ledger, opened("INC-1", status=status, due_at=None))
    assert rows(ledger, "select * from streams") == []


def test_a_live_incident_cannot_be_silenced_later_either(ledger: SqlLedger) -> None:
    write(ledger, opened("INC-1"))
    with pytest.raises(Refused):
        advance(ledger, "INC-1", due_at=None)
    advance(ledger, "INC-1", due_at=None, status="resolved")
    assert load(ledger, "INC-1")["INC-1"].due_at is None


def test_an_unknown_status_is_refused_and_other_kinds_need_none(ledger: SqlLedger) -> None:
    with pytest.raises(Refused):
        write(ledger, opened("INC-1", status="forgotten"))
    write(ledger, opened("desk:dba", kind="desk", status="", due_at=None))


# -------------------------------------------------------------------------------------------- identities


def test_a_key_makes_one_incident_and_is_joined_until_it_is_let_go(ledger: SqlLedger) -> None:
    def claim(now: int) -> Claim:
        return ledger.transact(lambda tx: tx.claim_live([("am", "k")], now, number)["am", "k"])

    write(ledger, *(opened(claim(NOON).stream) for _ in range(1)))
    assert claim(NOON) == Claim("INC-1", is_new=False)
    advance(ledger, "INC-1", live=(Held("am", "k", until=NOON + 10 * MINUTE),))
    assert claim(NOON + 10 * MINUTE) == Claim("INC-1", is_new=False)
    assert claim(NOON + 10 * MINUTE + 1) == Claim("INC-2", is_new=True, earlier="INC-1")
    advance(ledger, "INC-1", live=(Held("am", "k", release=True),))
    assert claim(NOON + 11 * MINUTE) == Claim("INC-2", is_new=False)


def test_a_key_that_is_released_is_free(ledger: SqlLedger) -> None:
    keys = [("am", "a"), ("am", "b")]
    ledger.transact(lambda tx: tx.claim_live(keys, NOON, number))
    write(ledger, opened("INC-1", live=(Held("am", "a", release=True),)))
    assert ledger.transact(lambda tx: tx.find_live(keys, NOON)) == {("am", "b"): "INC-2"}


def test_a_key_is_handed_from_one_incident_to_another_in_one_batch(ledger: SqlLedger) -> None:
    write(ledger, opened("INC-1", live=(Held("am", "k"),)))

    def body(tx: Tx) -> None:
        old = went_on(tx.load(["INC-1"])["INC-1"], live=(Held("am", "k", release=True),))
        tx.write([opened("INC-2", live=(Held("am", "k"),)), old])

    ledger.transact(body)
    assert ledger.transact(lambda tx: tx.find_live([("am", "k")], NOON)) == {("am", "k"): "INC-2"}


def test_a_key_that_another_incident_holds_is_left_alone(ledger: SqlLedger) -> None:
    write(ledger, opened("INC-1", live=(Held("am", "k"),)))
    write(ledger, opened("INC-2", live=(Held("am", "k", release=True),)))
    write(ledger, opened("INC-3", live=(Held("am", "k", until=NOON),)))
    assert ledger.transact(lambda tx: tx.find_live([("am", "k")], NOON)) == {("am", "k"): "INC-1"}


def test_several_keys_may_lead_to_one_incident(ledger: SqlLedger) -> None:
    write(ledger, opened("INC-1", live=(Held("am", "b"), Held("am", "a"))))
    found = ledger.transact(lambda tx: tx.find_live([("am", "a"), ("am", "b"), ("am", "c")], NOON))
    assert found == {("am", "a"): "INC-1", ("am", "b"): "INC-1"}


def test_two_that_race_for_one_new_key_end_in_one_incident(ledger: SqlLedger) -> None:
    start, claims = Barrier(2), []

    def body(tx: Tx) -> Claim:
        claim = tx.claim_live([("am", "k1"), ("am", "k2")], NOON, number)["am", "k1"]
        if claim.is_new:
            tx.write([opened(claim.stream)])
        return claim

    def race() -> None:
        start.wait()
        claims.append(ledger.transact(body))

    threads = [Thread(target=race) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(claim.is_new for claim in claims) == [False, True]
    assert len({claim.stream for claim in claims}) == 1
    assert len(rows(ledger, "select * from streams")) == 1


def test_numbers_rise_and_are_never_given_twice(ledger: SqlLedger, migrated_url: str) -> None:
    first = ledger.transact(lambda tx: tx.next_numbers(3))
    ledger.close()
    again = open_ledger(migrated_url)
    second = again.transact(lambda tx: tx.next_numbers(2))
    again.close()
    assert (first, second) == ([1, 2, 3], [4, 5])


# --------------------------------------------------------------------------------------- commands, inbox


def test_an_answer_is_given_once_and_found_again(ledger: SqlLedger) -> None:
    ledger.transact(lambda tx: tx.record_answers([Answer("a", b"first", NOON)]))
    with pytest.raises(Conflict):
        ledger.transact(lambda tx: tx.record_answers([Answer("b", b"x", NOON), Answer("a", b"second", NOON)]))
    assert ledger.transact(lambda tx: tx.answers(["a", "b", "c"])) == {"a": b"first"}


def test_repeats_add_up_by_the_minute(ledger: SqlLedger) -> None:
    ledger.transact(
        lambda tx: tx.tally([Tally("INC-1", "a", NOON, 2, NOON + 2), Tally("INC-1", "a", NOON, 1, NOON + 5)])
    )
    ledger.transact(lambda tx: tx.tally([Tally("INC-1", "a", NOON, 4, NOON + 3), Tally("INC-1", "b", NOON, 1, NOON)]))
    kept = [tuple(row) for row in rows(ledger, "select alert, n, last_seen from tally order by alert")]
    assert kept == [("a", 7, NOON + 5), ("b", 1, NOON)]


def test_what_was_posted_is_due_once_and_gone_when_done(ledger: SqlLedger) -> None:
    early, late = Posted("e1", "desk:dba", NOON, b"x", 1, "INC-1:1"), Posted("e2", "desk:dba", NOON + MINUTE, b"y")
    write(ledger, opened("INC-1", inbox=(late, early)))
    write(ledger, opened("INC-2", inbox=(early,)))
    assert ledger.transact(lambda tx: tx.inbox_due(NOON, 9)) == [early]
    ledger.transact(lambda tx: tx.inbox_done(["e1"]))
    assert ledger.transact(lambda tx: tx.inbox_due(NOON + MINUTE, 9)) == [late]


def test_a_command_that_could_not_be_decided_is_kept_whole(ledger: SqlLedger) -> None:
    ledger.transact(lambda tx: tx.quarantine([Quarantined("c1", b"\x00\xff", "KeyError: 'x'\0", NOON)]))
    (kept,) = rows(ledger, "select * from quarantine")
    assert (kept.id, bytes(kept.command), kept.error) == ("c1", b"\x00\xff", "KeyError: 'x'␀")


# -------------------------------------------------------------------------------------------------- text


@pytest.mark.parametrize("text", ["a\0b", "Störung 🔔 \u202e", "\ud83d", "x" * 200_000, "'; drop table events; --"])
def test_whatever_text_a_signal_brings_is_kept(ledger: SqlLedger, text: str) -> None:
    def body(tx: Tx) -> None:
        claim = tx.claim_live([(text, text)], NOON, number)[text, text]
        written = opened(claim.stream, listed=Listed(text, service=text, next_who=text), texts=(Text("t1", text),))
        tx.write([written])
        tx.record_answers([Answer(text, b"yes", NOON)])

    ledger.transact(body)
    kept = rows(ledger, "select title from streams")[0].title
    assert kept == text.replace("\0", "␀").replace("\ud83d", "\ufffd")
    assert ledger.transact(lambda tx: tx.find_live([(text, text)], NOON)) == {(text, text): "INC-1"}
    assert ledger.transact(lambda tx: tx.answers([text])) == {text: b"yes"}


def test_bytes_are_kept_as_they_are(ledger: SqlLedger) -> None:
    body = bytes(range(256)) * 256
    write(ledger, opened("INC-1", state=body, events=(Recorded("opened", NOON, body),)))
    assert bytes(rows(ledger, "select body from events")[0].body) == body
    assert bytes(rows(ledger, "select state from streams")[0].state) == body


# ----------------------------------------------------------------------------------------------- readers


def test_a_reader_cannot_write(ledger: SqlLedger) -> None:
    write(ledger, opened("INC-1"))
    with pytest.raises(Exception, match=r"readonly|read-only"):
        rows(ledger, "delete from streams")
    assert len(rows(ledger, "select * from streams")) == 1


def test_an_acknowledgement_withdraws_and_adds_in_its_own_transaction(ledger: SqlLedger) -> None:
    write(ledger, opened("INC-1", outbox=(message("INC-1", 1, round=1), message("INC-1", 2, round=2))))
    told = message("INC-1", 3, purpose="taken", round=1)
    advance(ledger, "INC-1", withdrawals=(Withdrawal("INC-1", rounds=1),), outbox=(told,))
    states = {row.id: row.state for row in rows(ledger, "select id, state from outbox")}
    assert states == {message("INC-1", 1).id: "withdrawn", message("INC-1", 2).id: "waiting", told.id: "waiting"}


def test_two_streams_loaded_in_any_order_never_wait_for_each_other(ledger: SqlLedger) -> None:
    write(ledger, opened("INC-1"), opened("INC-2"))

    def both(*ids: str) -> None:
        def body(tx: Tx) -> None:
            tx.write([went_on(stream) for stream in tx.load(ids).values()])

        for _ in range(25):
            ledger.transact(body)

    threads = [Thread(target=both, args=ids) for ids in (("INC-1", "INC-2"), ("INC-2", "INC-1"))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {id_: stream.seq for id_, stream in load(ledger, "INC-1", "INC-2").items()} == {"INC-1": 51, "INC-2": 51}
