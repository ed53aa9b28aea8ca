"""Letters of a lot: out of one look at the store, and what is wrong with one of them costs no other."""

from collections.abc import AsyncIterator

import pytest
from msgspec.structs import replace
from sqlalchemy import text

from tests import cast
from tests.engine.virtual import Virtual, virtual
from tocsin.channels.contract import Letter, Outcome
from tocsin.core.outgoing import Message
from tocsin.engine.letters import Built
from tocsin.engine.working import decode_message
from tocsin.store import people

LABELS = {"service": "order-database"}


@pytest.fixture
async def engine() -> AsyncIterator[Virtual]:
    async with virtual() as running:
        for key in ("a", "b", "c"):
            await running.signal(key, labels=LABELS)
        yield running


def messages(engine: Virtual) -> list[Message]:
    """The first page of each incident, as it lies in the outbox."""
    with engine.parts.ledger.read() as connection:
        rows = connection.execute(text("select body from outbox where purpose = 'page' order by id")).all()
    return [decode_message(bytes(row.body)) for row in rows]


def written(engine: Virtual, *lot: Message) -> list[Built]:
    """What becomes of each, in order."""
    letters = engine.parts.dispatcher._letters.all(lot)
    return [letters[message.id] for message in lot]


def letter(built: Built) -> Letter:
    assert not isinstance(built, Outcome), built
    return built[0]


def change(engine: Virtual, statement: str) -> None:
    engine.parts.ledger.transact(lambda tx: tx.connection.execute(text(statement)))


async def test_each_letter_of_a_lot_is_the_one_it_would_be_alone(engine: Virtual) -> None:
    lot = messages(engine)
    together = written(engine, *lot)
    assert [letter(built).title for built in together] == ["a is broken", "b is broken", "c is broken"]
    assert {built[1] for built in together if not isinstance(built, Outcome)} == {"dana@acme.example"}
    assert together == [written(engine, message)[0] for message in lot]
    assert all("Eve Martin" in letter(built).next for built in together)


async def test_one_bad_letter_in_a_lot_does_not_stop_the_others(engine: Virtual) -> None:
    lot = messages(engine)
    change(engine, "update streams set state = 'nothing' where id = 'INC-2'")
    nowhere = replace(lot[2], to="nobody", id="m-nowhere")
    unspeakable = replace(lot[0], text=replace(lot[0].text, values={"people": 7}), id="m-unspeakable")
    good, unreadable, lost, unsaid = written(engine, lot[0], lot[1], nowhere, unspeakable)
    assert letter(good).title == "a is broken"
    assert isinstance(unreadable, Outcome)
    assert (unreadable.status, "no letter" in unreadable.detail) == ("passing", True)
    assert lost == Outcome("permanent", "no email address")
    assert isinstance(unsaid, Outcome)
    assert unsaid.status == "passing"


async def test_a_store_that_cannot_be_asked_fails_the_whole_lot_for_now(engine: Virtual) -> None:
    lot = messages(engine)
    change(engine, "alter table contacts rename to elsewhere")
    outcomes = written(engine, *lot)
    assert all(isinstance(one, Outcome) and one.status == "passing" for one in outcomes)
    change(engine, "alter table elsewhere rename to contacts")
    assert letter(written(engine, lot[0])[0]).to_name


async def test_a_new_name_and_a_new_address_are_in_the_next_letter(engine: Virtual) -> None:
    (first, *_) = messages(engine)
    assert letter(written(engine, first)[0]).to_name == "Dana Levi"
    change(engine, f"update people set name = 'Dana Cohen', changed_at = {cast.MONDAY + 1} where id = 'dana'")
    way = people.Contact("dana", "email", "dana@home.example", "verified")
    engine.parts.ledger.transact(lambda tx: people.put(tx.connection, way, cast.MONDAY))
    engine.parts.site.worlds.refresh()
    built = written(engine, first)[0]
    assert letter(built).to_name == "Dana Cohen"
    assert not isinstance(built, Outcome)
    assert built[1] == "dana@home.example"
