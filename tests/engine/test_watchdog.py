"""The auditor asks the store and believes no loop: what is long overdue pages, once, through the same door."""

from collections.abc import AsyncIterator

import pytest
from sqlalchemy import text

from tests.engine.virtual import Virtual, virtual
from tocsin.core.instant import HOUR, MINUTE, SECOND
from tocsin.engine.watchdog import GRACE, Finding
from tocsin.store.contract import Tx
from tocsin.store.errors import StoreFull

LABELS = {"service": "order-database"}


@pytest.fixture
async def engine() -> AsyncIterator[Virtual]:
    async with virtual() as running:
        yield running


async def test_while_the_timers_come_round_nothing_is_found(engine: Virtual) -> None:
    await engine.signal(labels=LABELS)
    await engine.run(HOUR)
    assert engine.parts.watchdog.look() == Finding((), ())


async def test_incidents_that_nobody_escalates_are_reported_as_one_that_pages(engine: Virtual) -> None:
    for key in ("a", "b"):
        await engine.signal(key, labels=LABELS)
    engine.clock.advance_to(engine.clock.now() + 5 * MINUTE + GRACE + SECOND)  # and no timer comes round
    await engine.parts.watchdog._round()
    await engine.parts.watchdog._round()
    assert engine.parts.watchdog.last.overdue == ("INC-1", "INC-2")
    assert engine.state("INC-3").title == "tocsin: 2 incidents are not being escalated"
    assert engine.events("INC-3").count("09:06:01 opened") == 1
    await engine.parts.dispatcher.step_in_order()
    assert "INC-3" in {one.letter.incident for one in engine.mail.sent}


async def test_a_loop_that_does_not_come_round_makes_the_process_unready(engine: Virtual) -> None:
    health = engine.parts.health
    health.watch("timers", lambda: engine.parts.timers.beat)
    assert health.faults() == []
    engine.clock.advance_to(engine.clock.now() + 21 * SECOND)
    assert health.faults() == ["the timers loop has not come round for 21 s"]


async def test_a_store_without_room_makes_the_process_unready_until_there_is_some(engine: Virtual) -> None:
    health, ledger = engine.parts.health, engine.parts.ledger

    def grown_to(pages: int) -> None:
        ledger.transact(lambda tx: tx.connection.execute(text(f"pragma max_page_count = {pages}")))

    def much(tx: Tx) -> None:
        tx.connection.execute(text("insert into meta values ('much', :much)"), {"much": "." * 100_000})

    grown_to(1)
    with pytest.raises(StoreFull):
        ledger.transact(much)
    health.look()
    assert ["nothing can be written: no space left" in fault for fault in health.faults()] == [True]
    grown_to(1_000_000)
    health.look()
    assert health.faults() == []
