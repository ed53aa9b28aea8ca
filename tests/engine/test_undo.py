"""Undo on real stores: what an act had called back is sent after all, and once; an older store's acts can be undone."""

from collections.abc import Iterator

import msgspec
import pytest

from tests.engine.test_siblings import WORLD, Store
from tocsin.core.incident import commands as cmd
from tocsin.core.incident.due import due
from tocsin.core.incident.evolve import evolve, initial
from tocsin.core.instant import MINUTE, SECOND
from tocsin.engine.batch import Batch
from tocsin.engine.submission import Submission
from tocsin.engine.working import decode_event
from tocsin.store.ledger import open_ledger
from tocsin.store.queries.states import events_of


@pytest.fixture
def store(store_url: str) -> Iterator[Store]:
    ledger = open_ledger(store_url)
    store = Store(Batch(ledger))
    assert store.report(range(1)).incident == "INC-1"
    yield store
    ledger.close()


def messages(store: Store) -> list[tuple[object, ...]]:
    return store.ask("select person, purpose, state from outbox order by created_at, id")


def folded(store: Store) -> bool:
    """Whether the snapshot is what the events make."""
    state = initial("INC-1")
    with store.batch.ledger.read() as connection:
        for one in events_of(connection, "INC-1"):
            state = evolve(state, decode_event(one.body))
    return state == store.state("INC-1")


def test_a_call_that_was_called_back_waits_again(store: Store) -> None:
    before = store.state("INC-1")
    store.now += 10 * SECOND
    store.put(cmd.Acknowledge("dana"), "INC-1")
    assert messages(store) == [("dana", "page", "withdrawn")]
    store.now += 20 * SECOND
    assert store.put(cmd.Undo("dana"), "INC-1").refused is None
    assert messages(store) == [("dana", "page", "waiting")]
    after = store.state("INC-1")
    assert (after.functional, after.rounds, due(after)) == (before.functional, before.rounds, due(before))
    assert folded(store)


def test_the_steps_go_on_at_their_first_instants(store: Store) -> None:
    store.now += 4 * MINUTE + 50 * SECOND
    store.put(cmd.Resolve("dana"), "INC-1")
    store.now += 25 * SECOND
    store.put(cmd.Undo("dana"), "INC-1")
    store.tick(0)
    assert ("eve", "page", "waiting") in messages(store)
    assert store.ask("select stream, until from live") == [("INC-1", None)]
    assert folded(store)


def test_an_act_and_its_undo_in_one_transaction_leave_nothing_out(store: Store) -> None:
    """As many acts come at once: the page itself was queued in a transaction that called it back."""
    put = [cmd.Acknowledge("dana"), cmd.Undo("dana"), cmd.Resolve("eve"), cmd.Undo("eve")]
    given = [Submission(f"s{n}", one, "INC-1") for n, one in enumerate(put)]
    answers = store.batch.carry_out(WORLD, given, store.now)
    assert [one.refused for one in answers] == [None] * 4
    assert messages(store) == [("dana", "page", "waiting")]
    assert store.state("INC-1").status == "open"
    assert folded(store)


def test_snapshots_and_events_of_before_read_as_they_are(store: Store) -> None:
    """Neither has got a field more: an act that an older version has stored can be taken back."""
    store.put(cmd.Acknowledge("dana"), "INC-1")
    with store.batch.ledger.read() as connection:
        *_, act = events_of(connection, "INC-1")
    known = {"type", "at", "by", "lease", "settled", "next_at", "due_at"}
    assert set(msgspec.json.decode(act.body)) <= known
    assert store.put(cmd.Undo("dana", act.seq), "INC-1").refused is None
