"""A dispatcher that runs: it takes what a commit queues in that very commit, and what is called back stays here."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from sqlalchemy import text

from tests import cast
from tests.engine.virtual import ACME, Provider
from tocsin import app
from tocsin.channels.contract import Letter, Outcome
from tocsin.config import loads
from tocsin.core.incident import commands as cmd
from tocsin.core.signal import Signal
from tocsin.engine.clock import VirtualClock
from tocsin.engine.hands import SENDS_AT_ONCE
from tocsin.engine.submission import Aftermath, Submission
from tocsin.settings import Settings
from tocsin.store.contract import Ledger, Tx
from tocsin.store.errors import StoreBusy


class Slow(Provider):
    """Takes a letter only when it is told to go on."""

    def __init__(self, clock: VirtualClock) -> None:
        super().__init__("email", clock)
        self.go_on = asyncio.Event()
        self.go_on.set()

    async def send(self, letter: Letter, address: str) -> Outcome:
        await self.go_on.wait()
        return await super().send(letter, address)


class Running:
    """The engine on a database, its dispatcher running; commands are carried out in the caller's thread."""

    def __init__(self, parts: app.Parts, mail: Slow) -> None:
        self.parts, self.mail = parts, mail
        self.aftermath: list[Aftermath] = []
        parts.batch.committed = self.aftermath.append

    def put(self, *submissions: Submission) -> None:
        """One commit, and nothing is sent before the loop comes round."""
        self.parts.batch.carry_out(self.parts.site.worlds.world(), submissions, self.parts.site.clock.now())

    def rows(self, columns: str) -> list[tuple[Any, ...]]:
        """Of the outbox, by id."""
        with self.parts.ledger.read() as connection:
            return [tuple(row) for row in connection.execute(text(f"select {columns} from outbox order by id"))]

    async def until(self, holds: Callable[[], bool]) -> None:
        """Wait; the test's own timeout ends it."""
        while not holds():  # noqa: ASYNC110  what is waited for lies in the store
            await asyncio.sleep(0.005)


@asynccontextmanager
async def running(url: str) -> AsyncIterator[Running]:
    clock = VirtualClock(cast.MONDAY)
    mail = Slow(clock)
    parts = app.join(Settings(database=url, secret=b"s" * 32), clock, {"email": mail}, loads({"rules.yaml": ACME}))
    stop = asyncio.Event()
    parts.site.door.open()
    sending = asyncio.create_task(parts.dispatcher.run(stop))
    await asyncio.sleep(0)
    engine = Running(parts, mail)
    await engine.until(lambda: parts.dispatcher._open)
    try:
        yield engine
    finally:
        mail.go_on.set()
        stop.set()
        await sending
        await asyncio.to_thread(parts.site.door.close)
        parts.ledger.close()


def trigger(key: str) -> Submission:
    signal = Signal(key, "trigger", f"{key} is broken", severity="critical", labels={"service": "order-database"})
    return Submission(f"t:{key}", cmd.Report(cast.SourceId("scripts"), "scripts", (signal,)), key=("scripts", key))


def acknowledged(incident: str) -> Submission:
    return Submission(f"ack:{incident}", cmd.Acknowledge(cast.PersonId("eve")), incident)


async def test_what_a_commit_queues_is_taken_in_that_commit(sqlite_url: str) -> None:
    async with running(sqlite_url) as engine:
        engine.put(trigger("a"))
        assert engine.rows("state, tried, fence") == [("sending", 1, 1)]
        assert engine.aftermath[-1].lanes == frozenset()
        await engine.until(lambda: len(engine.mail.sent) == 1)
        await engine.until(lambda: engine.rows("state") == [("sent",)])
    assert [one.letter.incident for one in engine.mail.sent] == ["INC-1"]


async def test_where_a_commit_can_be_in_doubt_the_dispatcher_is_told_and_claims_itself(postgres_url: str) -> None:
    async with running(postgres_url) as engine:
        engine.put(trigger("a"))
        assert engine.aftermath[-1].lanes
        assert engine.rows("state") == [("waiting",)]
        engine.parts.dispatcher.wake()
        await engine.until(lambda: engine.rows("state") == [("sent",)])


class Refusing:
    """A ledger that does all that is asked, and then does not commit."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger

    def transact(self, body: Callable[[Tx], object]) -> object:
        def but_no(tx: Tx) -> None:
            body(tx)
            raise StoreBusy("not now")

        return self.ledger.transact(but_no)


async def test_what_was_claimed_in_a_commit_that_failed_is_let_go(sqlite_url: str) -> None:
    async with running(sqlite_url) as engine:
        free = engine.parts.dispatcher._hands.slots()
        engine.parts.batch.ledger = Refusing(engine.parts.ledger)  # type: ignore[assignment]
        with pytest.raises(StoreBusy):
            engine.put(trigger("a"))
        assert (engine.parts.dispatcher._hands.slots(), engine.rows("id")) == (free, [])
        engine.parts.batch.ledger = engine.parts.ledger
        engine.put(trigger("a"))
        await engine.until(lambda: engine.rows("state") == [("sent",)])


async def test_a_page_in_hand_is_not_handed_over_after_the_acknowledgement(sqlite_url: str) -> None:
    async with running(sqlite_url) as engine:
        engine.put(trigger("a"), trigger("b"))
        engine.put(acknowledged("INC-1"))
        await engine.until(lambda: {state for (state,) in engine.rows("state")} == {"sent", "withdrawn"})
        assert [(one.letter.incident, one.letter.purpose) for one in engine.mail.sent] == [("INC-2", "page")]
        told = [row for row in engine.rows("incident, state, outcome") if row[0] == "INC-1"]
        assert told == [("INC-1", "withdrawn", "passing")]


async def test_a_page_that_a_provider_is_taking_is_not_called_back(sqlite_url: str) -> None:
    async with running(sqlite_url) as engine:
        engine.mail.go_on.clear()
        engine.put(trigger("a"))
        await engine.until(lambda: bool(engine.parts.dispatcher._tasks))
        await asyncio.sleep(0)
        engine.put(acknowledged("INC-1"))
        engine.mail.go_on.set()
        await engine.until(lambda: engine.rows("state") == [("sent",)])


async def test_more_than_there_are_slots_for_waits_for_the_first_that_ends(sqlite_url: str) -> None:
    async with running(sqlite_url) as engine:
        engine.mail.go_on.clear()
        engine.put(*(trigger(f"k{n}") for n in range(SENDS_AT_ONCE + 10)))
        waiting = [state for (state,) in engine.rows("state") if state == "waiting"]
        assert waiting
        engine.mail.go_on.set()
        await engine.until(lambda: {state for (state,) in engine.rows("state")} == {"sent"})
        assert len(engine.mail.sent) == SENDS_AT_ONCE + 10


async def test_what_is_committed_after_the_end_waits_for_the_next_start(sqlite_url: str) -> None:
    async with running(sqlite_url) as engine:
        pass
    async with running(sqlite_url) as again:
        assert engine.mail.sent == []
        again.parts.dispatcher._open = False
        again.put(trigger("a"))
        assert again.rows("state") == [("waiting",)]


async def test_only_what_is_queued_or_due_soon_is_told(sqlite_url: str) -> None:
    async with running(sqlite_url) as engine:
        engine.put(trigger("a"))
        opened = engine.aftermath[-1]
        assert not engine.parts.timers.would_miss(opened.due_at)
        await engine.until(lambda: engine.rows("state") == [("sent",)])
        told = len(engine.aftermath)
        engine.put(Submission("n", cmd.Note(by=cast.PersonId("eve"), text="looking"), "INC-1"))
        assert [after.lanes for after in engine.aftermath[told:]] == [frozenset()]
        assert engine.parts.timers.would_miss(engine.parts.site.clock.now())
        assert not engine.parts.timers.would_miss(None)
