"""The outbox, on both engines: nothing is sent twice by two senders, nothing forgotten, nothing sent too late."""

from threading import Barrier, Thread
from typing import Any

import pytest

from tests.contracts.a_store import MINUTE, NOON, advance, message, number, opened, rows, run, write
from tocsin.store import outbox
from tocsin.store.contract import Claimed, OutboxState, Outcome, Queued, Slots, Withdrawal
from tocsin.store.errors import Refused
from tocsin.store.ledger import SqlLedger

EVERY: Slots = {0: 10, 1: 10, 2: 10, 3: 10}
PAGE = message("INC-1")


def claim(ledger: SqlLedger, now: int = NOON, holder: str = "w1", slots: Slots = EVERY) -> list[Claimed]:
    return ledger.transact(lambda tx: tx.claim(now, holder, slots, MINUTE))


def finish(ledger: SqlLedger, fence: int, state: OutboxState, next_at: int | None = None) -> set[str]:
    return run(ledger, outbox.finish, [Outcome(PAGE.id, fence, NOON + 5, state, "250 OK", "to mx1", next_at)])


def begin(ledger: SqlLedger, fence: int) -> bool:
    return run(ledger, outbox.begin, [(PAGE.id, fence)], NOON) == {PAGE.id}


def row(ledger: SqlLedger, id_: str = PAGE.id) -> Any:
    return rows(ledger, f"select * from outbox where id = '{id_}'")[0]


@pytest.fixture
def queued(ledger: SqlLedger) -> SqlLedger:
    write(ledger, opened("INC-1", outbox=(PAGE,)))
    return ledger


def test_a_message_is_claimed_attempted_and_sent_once(queued: SqlLedger) -> None:
    (claimed,) = claim(queued)
    assert claimed == Claimed(
        PAGE.id, 1, "INC-1", 1, 2, "ana", "email", "page", PAGE.body, 0, NOON, NOON, tried=0, unknown=False
    )
    assert claim(queued, holder="w2") == []
    assert begin(queued, 1)
    assert finish(queued, 1, "sent") == {PAGE.id}
    assert (row(queued).state, row(queued).next_at, row(queued).sent_at) == ("sent", None, NOON + 5)
    assert claim(queued, NOON + 60 * MINUTE) == []


def test_an_attempt_is_written_down_before_the_call_and_its_outcome_after(queued: SqlLedger) -> None:
    claim(queued)
    begin(queued, 1)
    assert [tuple(r) for r in rows(queued, "select n, started_at, outcome, ended_at from attempts")] == [
        (1, NOON, "unknown", None)
    ]
    finish(queued, 1, "sent")
    assert [tuple(r) for r in rows(queued, "select outcome, detail, ended_at from attempts")] == [
        ("250 OK", "to mx1", NOON + 5)
    ]


def test_a_passing_failure_is_retried_when_its_time_comes(queued: SqlLedger) -> None:
    claim(queued)
    begin(queued, 1)
    finish(queued, 1, "waiting", NOON + 2 * MINUTE)
    assert claim(queued, NOON + MINUTE) == []
    (again,) = claim(queued, NOON + 2 * MINUTE)
    assert (again.fence, again.tried, again.unknown) == (2, 1, False)


@pytest.mark.parametrize("begun", [False, True])
def test_what_a_dead_sender_held_is_taken_by_another_when_the_lease_ends(queued: SqlLedger, begun: bool) -> None:
    claim(queued)
    if begun:
        begin(queued, 1)
    (again,) = claim(queued, NOON + MINUTE, "w2")
    assert (again.fence, again.tried, again.unknown) == (2, int(begun), begun)
    assert not begin(queued, 1)
    assert finish(queued, 1, "sent") == set()
    assert begin(queued, 2)
    assert row(queued).state == "sending"


def test_a_lease_can_be_held_longer_but_only_by_its_holder(queued: SqlLedger) -> None:
    claim(queued)
    run(queued, outbox.renew, [(PAGE.id, 1)], NOON + 3 * MINUTE)
    assert claim(queued, NOON + 2 * MINUTE, "w2") == []
    (again,) = claim(queued, NOON + 3 * MINUTE, "w2")
    run(queued, outbox.renew, [(PAGE.id, 1)], NOON + 90 * MINUTE)
    assert row(queued).next_at == NOON + 4 * MINUTE
    assert again.fence == 2


@pytest.mark.parametrize("state", ["failed", "dead"])
def test_what_has_ended_is_never_claimed_again(queued: SqlLedger, state: OutboxState) -> None:
    claim(queued)
    begin(queued, 1)
    finish(queued, 1, state)
    assert claim(queued, NOON + 900 * MINUTE) == []
    assert row(queued).state == state


def test_a_retry_needs_a_time_and_an_end_must_not_have_one(queued: SqlLedger) -> None:
    claim(queued)
    for state, next_at in (("waiting", None), ("sent", NOON)):
        with pytest.raises(ValueError, match="a retry has a time"):
            finish(queued, 1, state, next_at)  # type: ignore[arg-type]


def test_an_unfinished_row_without_a_time_is_refused_by_the_database(queued: SqlLedger) -> None:
    with pytest.raises(Refused):
        queued.transact(lambda tx: tx.connection.exec_driver_sql("update outbox set next_at = null"))


def test_lane_0_is_emptied_first_and_each_lane_keeps_to_its_slots(ledger: SqlLedger) -> None:
    lanes = [3, 2, 1, 0, 3, 3]
    pages = tuple(message("INC-1", n, lane=lane, due_at=NOON - n) for n, lane in enumerate(lanes))
    write(ledger, opened("INC-1", outbox=pages))
    taken = claim(ledger, slots={3: 2, 0: 5, 1: 0})
    assert [(c.lane, c.seq) for c in taken] == [(0, 3), (3, 5), (3, 4)]


def test_a_message_is_not_taken_before_its_time(ledger: SqlLedger) -> None:
    write(ledger, opened("INC-1", outbox=(message("INC-1", next_at=NOON + MINUTE),)))
    assert claim(ledger, NOON + MINUTE - 1) == []
    assert len(claim(ledger, NOON + MINUTE)) == 1


def test_the_same_message_told_twice_is_kept_once(queued: SqlLedger) -> None:
    advance(queued, "INC-1", outbox=(PAGE,))
    assert len(rows(queued, "select id from outbox")) == 1


def test_two_senders_share_the_work_and_nothing_is_claimed_twice(ledger: SqlLedger) -> None:
    write(ledger, *(opened(number(n), outbox=(message(number(n)),)) for n in range(200)))
    start, taken = Barrier(2), []

    def sender(name: str) -> None:
        start.wait()
        while batch := claim(ledger, NOON, name, {2: 7}):
            taken.extend(c.id for c in batch)

    threads = [Thread(target=sender, args=(name,)) for name in ("w1", "w2")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(taken) == len(set(taken)) == 200


# ------------------------------------------------------------------------------------------- withdrawal


def withdraw(ledger: SqlLedger, **which: Any) -> None:
    advance(ledger, "INC-1", withdrawals=(Withdrawal("INC-1", **which),))


def revive(ledger: SqlLedger, *messages: Queued) -> None:
    advance(ledger, "INC-1", revived=messages)


def test_what_was_withdrawn_and_is_wanted_after_all_is_claimed_once(queued: SqlLedger) -> None:
    withdraw(queued)
    revive(queued, PAGE)
    assert (row(queued).state, row(queued).withdrawn_at, row(queued).next_at) == ("waiting", None, NOON)
    (claimed,) = claim(queued)
    assert claimed.id == PAGE.id
    assert claim(queued) == []


def test_what_has_left_or_waits_anyway_is_not_sent_again_for_being_wanted(queued: SqlLedger) -> None:
    revive(queued, PAGE)
    assert [one.id for one in claim(queued)] == [PAGE.id]
    begin(queued, 1)
    withdraw(queued)
    finish(queued, 1, "sent")
    revive(queued, PAGE)
    assert row(queued).state == "sent"
    assert claim(queued, NOON + 60 * MINUTE) == []


def test_what_fails_while_it_is_called_back_and_wanted_again_is_tried_again(queued: SqlLedger) -> None:
    claim(queued)
    begin(queued, 1)
    withdraw(queued)
    revive(queued, PAGE)
    finish(queued, 1, "waiting", NOON + MINUTE)
    assert [one.id for one in claim(queued, NOON + MINUTE)] == [PAGE.id]


def test_what_was_called_back_before_it_was_ever_written_is_written_when_it_is_wanted(queued: SqlLedger) -> None:
    revive(queued, message("INC-1", 2))
    assert {one.id for one in claim(queued)} == {PAGE.id, message("INC-1", 2).id}


def test_what_is_withdrawn_is_never_claimed(queued: SqlLedger) -> None:
    withdraw(queued)
    assert claim(queued, NOON + 60 * MINUTE) == []
    assert (row(queued).state, row(queued).withdrawn_at) == ("withdrawn", NOON + 1)


def test_no_handoff_starts_after_the_withdrawal_even_when_it_was_claimed_before(queued: SqlLedger) -> None:
    claim(queued)
    withdraw(queued)
    assert not begin(queued, 1)
    assert rows(queued, "select * from attempts") == []
    assert row(queued).state == "withdrawn"


def test_an_attempt_that_had_begun_runs_to_its_end_but_is_not_retried(queued: SqlLedger) -> None:
    claim(queued)
    begin(queued, 1)
    withdraw(queued)
    assert finish(queued, 1, "waiting", NOON + MINUTE) == {PAGE.id}
    assert (row(queued).state, row(queued).next_at) == ("withdrawn", None)


def test_an_attempt_that_got_through_although_withdrawn_counts_as_sent(queued: SqlLedger) -> None:
    claim(queued)
    begin(queued, 1)
    withdraw(queued)
    finish(queued, 1, "sent")
    assert row(queued).state == "sent"


def test_what_died_in_flight_and_was_withdrawn_meanwhile_is_laid_to_rest(queued: SqlLedger) -> None:
    claim(queued)
    begin(queued, 1)
    withdraw(queued)
    assert claim(queued, NOON + 5 * MINUTE, "w2") == []
    assert (row(queued).state, row(queued).next_at) == ("withdrawn", None)


@pytest.mark.parametrize(
    ("which", "left"),
    [
        ({}, []),
        ({"rounds": 1}, ["c"]),
        ({"to": "ben"}, ["a", "c"]),
        ({"method": "sms"}, ["a", "b"]),
        ({"purposes": ("inform",)}, ["a", "c"]),
        ({"keep": ("b",)}, ["b"]),
        ({"rounds": 1, "to": "ana"}, ["b", "c"]),
    ],
)
def test_a_withdrawal_takes_what_it_names_and_no_more(ledger: SqlLedger, which: Any, left: list[str]) -> None:
    def page(id_: str, to: str, method: str, purpose: str, round_: int) -> Queued:
        return message("INC-1", id=id_, to=to, method=method, purpose=purpose, round=round_)

    mine = (page("a", "ana", "email", "page", 1), page("b", "ben", "email", "inform", 1))
    mine += (page("c", "ana", "sms", "page", 2),)
    write(ledger, opened("INC-1", outbox=mine), opened("INC-2", outbox=(message("INC-2"),)))
    withdraw(ledger, **which)
    waiting = {r.id for r in rows(ledger, "select id from outbox where state = 'waiting'")}
    assert waiting == {*left, message("INC-2").id}


def test_a_claim_that_races_a_withdrawal_never_leads_to_a_call_after_it(ledger: SqlLedger) -> None:
    names = [number(n) for n in range(60)]
    write(ledger, *(opened(name, outbox=(message(name),)) for name in names))
    called: list[str] = []

    def sender() -> None:
        for _ in range(40):
            held = [(c.id, c.fence) for c in claim(ledger, slots={2: 3})]
            called.extend(run(ledger, outbox.begin, held, NOON))

    def acknowledger() -> None:
        for name in reversed(names):
            advance(ledger, name, withdrawals=(Withdrawal(name),))

    threads = [Thread(target=sender), Thread(target=acknowledger)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    states = {r.id: r.state for r in rows(ledger, "select id, state from outbox")}
    assert {id_ for id_, state in states.items() if state == "sending"} == set(called)
    assert set(states.values()) <= {"sending", "withdrawn"}
