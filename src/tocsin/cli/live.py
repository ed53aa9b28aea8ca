"""The live engine as a stage: its door, store, timers and dispatcher over memory, on a virtual clock."""

import asyncio
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Self
from uuid import uuid4

from msgspec.structs import replace
from sqlalchemy import select

from tocsin import app
from tocsin.channels.contract import Letter, Outcome
from tocsin.cli.stories import rules
from tocsin.config import Loaded
from tocsin.core.incident import commands as cmd
from tocsin.core.incident import events as ev
from tocsin.core.incident.state import Incident
from tocsin.core.instant import Instant
from tocsin.core.oncall.override import Absence, Override
from tocsin.core.world import World
from tocsin.engine.applying import apply
from tocsin.engine.clock import VirtualClock
from tocsin.engine.pasts import Pasts, changes
from tocsin.engine.submission import Submission
from tocsin.engine.working import decode_event, decode_message, decode_state
from tocsin.intake.contract import Arrival, Refusal
from tocsin.lab.story.past import Past
from tocsin.lab.story.stage import Delivered
from tocsin.lab.story.story import Story
from tocsin.settings import Settings
from tocsin.store import facts, people
from tocsin.store.contract import Ledger, Tx
from tocsin.store.queries.states import events_of, state_of
from tocsin.store.tables import outbox, streams


class Provider:
    """A channel that fails as the story says, and remembers what it took."""

    def __init__(self, story: Story, clock: VirtualClock) -> None:
        self._behaviour = story.behaviour
        self._clock = clock
        self.ledger: Ledger | None = None
        self.taken: list[Delivered] = []

    async def send(self, letter: Letter, address: str) -> Outcome:
        """What the story's troubles make of it; nothing is kept of notices that belong to no incident."""
        assert self.ledger is not None
        with self.ledger.read() as connection:
            body = connection.execute(select(outbox.c.body).where(outbox.c.id == letter.id)).scalar_one()
        message = decode_message(bytes(body))
        assert address == message.to
        fate = self._behaviour.fate(message, self._clock.now())
        if fate.outcome == "sent":
            if message.incident:
                self.taken.append(Delivered(message, self._clock.now()))
            return Outcome("sent")
        return Outcome("permanent" if fate.outcome == "permanent" else "passing", "as the story says")

    async def close(self) -> None:
        """Holds nothing."""


class Live:
    """A story in the live engine; to be used as a context."""

    def __init__(self, story: Story, database: str = "sqlite:///:memory:") -> None:
        self._clock = VirtualClock(story.start)
        methods = {method for ways in story.world.facts.methods.values() for method in ways}
        self._provider = Provider(story, self._clock)
        senders = dict.fromkeys(sorted(methods), self._provider)
        settings = Settings(database=database, secret=b"s" * 32)
        loaded = replace(rules(story.text), seeds=())
        self._parts = app.join(settings, self._clock, dict(senders), loaded)
        self._provider.ledger = self._parts.ledger
        self._parts.ledger.transact(lambda tx: _move_in(tx, story))
        self._parts.site.worlds.refresh()
        self._stepper = self._parts.stepper(self._clock)
        self._runner = asyncio.Runner()
        self._runner.get_loop().set_default_executor(
            ThreadPoolExecutor(1)
        )  # sends that go side by side keep their order
        self._running = self._stepper.running()

    def __enter__(self) -> Self:
        self._running.__enter__()
        return self

    def __exit__(self, *raised: object) -> None:
        self._running.__exit__(None, None, None)
        self._runner.close()
        self._parts.ledger.close()

    def deliver(self, source: str, body: bytes) -> None:
        known = self._parts.site.worlds.world().rulebook.sources[source]
        arrival = Arrival(source, body, "application/json")
        read = self._parts.site.receiver.read(known, arrival, self._clock.now())
        assert not isinstance(read, Refusal), read
        self._runner.run(self._stepper.put(*read.submissions))

    def put(self, incident: int, command: cmd.Command) -> str:
        submission = Submission(str(uuid4()), command, self._id(incident))
        (answer,) = self._runner.run(self._stepper.put(submission))
        return answer.refused.code if answer.refused is not None else ""

    def change(self, fact: Absence | Override) -> None:
        self._parts.ledger.transact(lambda tx: facts.append(tx.connection, fact, self._clock.now(), "story"))
        self._parts.site.worlds.refresh()

    def apply(self, loaded: Loaded) -> None:
        """Put other rules in force."""
        apply(self._parts.ledger, replace(loaded, seeds=()), self._clock.now(), "story")
        self._parts.site.worlds.refresh()

    def run(self, until: Instant) -> None:
        self._runner.run(self._stepper.advance_to(until))

    def incidents(self) -> int:
        return len(self._ids())

    def state(self, incident: int) -> Incident:
        with self._parts.ledger.read() as connection:
            body = state_of(connection, self._id(incident))
        assert body is not None
        return decode_state(body)

    def events(self, incident: int) -> Sequence[ev.Event]:
        with self._parts.ledger.read() as connection:
            return [decode_event(one.body) for one in events_of(connection, self._id(incident))]

    def past(self, incident: int) -> tuple[str, list[Past]]:
        """Its id, and all its facts with who was behind each."""
        name = self._id(incident)
        with self._parts.ledger.read() as connection:
            return name, [Past(decode_event(one.body), one.actor) for one in events_of(connection, name)]

    def worlds(self, incident: int) -> tuple[World, list[tuple[Instant, World]]]:
        """What was known when it opened, and what that became up to its last fact."""
        _, past = self.past(incident)
        with self._parts.ledger.read() as connection:
            pasts = Pasts(self._parts.site.worlds, changes(connection))
        opening = next(one.event.at for one in past if isinstance(one.event, ev.Opened))
        return pasts(opening), pasts.between(opening, past[-1].event.at)

    def delivered(self) -> Sequence[Delivered]:
        return list(self._provider.taken)

    def _id(self, incident: int) -> str:
        return self._ids()[incident - 1]

    def _ids(self) -> list[str]:
        """By number: numbers rise, and may have gaps."""
        with self._parts.ledger.read() as connection:
            ids = list(connection.execute(select(streams.c.id).where(streams.c.kind == "incident")).scalars())
        return sorted(ids, key=lambda name: int(name.partition("-")[2]))


def _move_in(tx: Tx, story: Story) -> None:
    """Who can be reached how, and who is away. An address is the person's id."""
    roster, now = story.world.facts, story.start
    ways = [people.Contact(who, m, who, state) for who, own in roster.methods.items() for m, state in own.items()]
    people.seed(tx.connection, [people.PersonRow(who, who) for who in roster.methods], ways, now)
    entered: tuple[Absence | Override, ...] = (*roster.absences, *roster.overrides)
    for fact in entered:
        facts.append(tx.connection, fact, now, "story")
