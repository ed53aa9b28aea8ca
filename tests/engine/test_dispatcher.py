"""Sending: what a channel, a letter or the store does wrong is passing, is written down, and blocks nobody else."""

from collections.abc import AsyncIterator

import pytest
from sqlalchemy import text

from tests.engine.virtual import Provider, Virtual, virtual
from tocsin.channels.contract import Letter, Outcome
from tocsin.channels.outbox.send import Outbox
from tocsin.core.instant import MINUTE
from tocsin.engine.hands import RESERVED, SENDS_AT_ONCE, Hands
from tocsin.store.contract import Queued
from tocsin.store.queries.sent import of_incident

LABELS = {"service": "order-database"}


@pytest.fixture
async def engine() -> AsyncIterator[Virtual]:
    async with virtual() as running:
        yield running


class Defective(Provider):
    """Raises as often as it is told, then works."""

    def __init__(self, inner: Provider, times: int) -> None:
        super().__init__(inner.method, inner.clock)
        self.times = times

    async def send(self, letter: Letter, address: str) -> Outcome:
        if self.times:
            self.times -= 1
            raise KeyError("a defect of the channel")
        return await super().send(letter, address)


async def test_a_channel_that_raises_has_failed_for_now_and_is_tried_again(engine: Virtual) -> None:
    defective = Defective(engine.mail, 2)
    engine.parts.channels["email"] = defective
    await engine.signal(labels=LABELS)
    await engine.run(MINUTE)
    assert [one.who for one in defective.sent] == ["dana"]


async def test_a_call_is_not_given_up_however_long_its_provider_is_down(engine: Virtual) -> None:
    engine.mail.down = True
    await engine.signal(labels=LABELS)
    await engine.run(MINUTE)
    engine.parts.ledger.transact(lambda tx: tx.connection.execute(text("update outbox set tried = 9999")))
    await engine.run(2 * MINUTE)
    engine.mail.down = False
    await engine.run(MINUTE)
    assert [one.who for one in engine.mail.sent] == ["dana"]


async def test_a_letter_that_cannot_be_written_leaves_the_probe_to_another(engine: Virtual) -> None:
    engine.mail.down = True
    for n in range(6):
        await engine.signal(f"k{n}", labels=LABELS)
    engine.parts.ledger.transact(
        lambda tx: tx.connection.execute(text("update streams set state = 'nothing' where id = 'INC-1'"))
    )
    engine.mail.down = False
    await engine.run(MINUTE)
    assert len({one.letter.incident for one in engine.mail.sent}) >= 5


async def test_a_method_without_a_channel_is_said_at_once_and_the_ladder_goes_on(engine: Virtual) -> None:
    del engine.parts.channels["email"]
    await engine.signal(labels=LABELS)
    assert "09:00:00 exhausted" in engine.events()


def test_the_worst_lanes_always_have_slots(engine: Virtual) -> None:
    hands: Hands = engine.parts.dispatcher._hands
    slots = hands.slots()
    assert slots[0] == SENDS_AT_ONCE
    assert slots[3] == SENDS_AT_ONCE - sum(RESERVED.values())
    hands._busy[3] = slots[3]
    assert hands.slots()[3] == 0
    assert hands.slots()[0] == sum(RESERVED.values())


async def test_a_hundred_routine_messages_do_not_hold_up_the_last_resort(engine: Virtual) -> None:
    def row(n: int, lane: int) -> Queued:
        now = engine.clock.now()
        return Queued(f"m{n}", "", 0, lane, "dana", "email", "finding", b"{}", now)

    engine.parts.ledger.transact(lambda tx: tx.queue([row(n, 3) for n in range(100)], engine.clock.now()))
    first = engine.parts.dispatcher._claim()
    assert len(first) == SENDS_AT_ONCE - sum(RESERVED.values())
    engine.parts.ledger.transact(lambda tx: tx.queue([row(200, 0)], engine.clock.now()))
    (second,) = engine.parts.dispatcher._claim()
    assert second.id == "m200"


async def test_what_the_outbox_keeps_stays_with_the_message_and_never_becomes_a_fact(engine: Virtual) -> None:
    engine.parts.channels["email"] = Outbox()
    await engine.signal(labels=LABELS)
    await engine.run(MINUTE)
    with engine.parts.ledger.read() as connection:
        facts = b"".join(row.body for row in connection.execute(text("select body from events")))
        (kept,) = of_incident(connection, "INC-1", 9)
    assert "/l/tsl_" in kept.detail
    assert b"delivery" in facts
    assert b"tsl_" not in facts
