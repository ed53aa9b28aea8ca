"""What cannot be decided, or not even be read, is put aside and pages somebody; all others are served as ever."""

from collections.abc import Iterator
from typing import Any

import pytest
from msgspec.structs import replace
from sqlalchemy import text

from tests.engine.crowd import signal, world
from tests.engine.running import rulebook
from tocsin.cli.folding import fold
from tocsin.core.ids import PolicyId, ServiceId, SourceId
from tocsin.core.incident import commands as cmd
from tocsin.core.instant import MINUTE, SECOND
from tocsin.core.signal import Signal
from tocsin.engine.batch import Batch
from tocsin.engine.clock import VirtualClock
from tocsin.engine.door import Door
from tocsin.engine.submission import Answer, Submission
from tocsin.lib.metrics import Metrics
from tocsin.store.audit import verify
from tocsin.store.ledger import SqlLedger, open_ledger

NOON = 1_790_000_000_000_000
SOUND = world(rulebook("1m", "2m", "1h"))
BOOK = SOUND.rulebook
CURSED = replace(BOOK.policies["production"], id=PolicyId("cursed"), functional=("no step",))
SERVICE = replace(BOOK.services["order-database"], id=ServiceId("cursed"), policy=CURSED.id)
WORLD = replace(
    SOUND,
    rulebook=replace(BOOK, services={**BOOK.services, "cursed": SERVICE}, policies={**BOOK.policies, "cursed": CURSED}),
)


class Place:
    """A store without memory of its own, so that what is damaged in it is read, and a door to it."""

    def __init__(self, ledger: SqlLedger) -> None:
        self.ledger, self.batch, self.clock = ledger, Batch(ledger), VirtualClock(NOON)
        self._door = Door(self.batch, lambda: WORLD, self.clock, Metrics(process=False))

    def put(self, *submissions: Submission) -> list[Answer]:
        """Through the door, in the test's own thread."""
        return self._door.carry_out(submissions)

    def tick(self, after: int) -> list[Answer]:
        """What is due then."""
        self.clock.advance_to(NOON + after)
        return self.batch.tick(WORLD, self.clock.now())

    def ask(self, sql: str) -> list[Any]:
        """The first column."""
        with self.ledger.read() as connection:
            return list(connection.execute(text(sql)).scalars())

    def damage(self, sql: str) -> None:
        """Behind everybody's back."""
        self.ledger.transact(lambda tx: tx.connection.execute(text(sql)))
        self.ledger.recent.forget(*self.ask("select id from streams"))

    def types(self, incident: str) -> list[str]:
        """What happened to it."""
        return self.ask(f"select type from events where stream = '{incident}' order by seq")


@pytest.fixture
def place(store_url: str) -> Iterator[Place]:
    ledger = open_ledger(store_url, remembered=0)
    yield Place(ledger)
    ledger.close()


def cursed(n: int) -> Submission:
    """A signal that no rule can decide: the policy of its service has a step of a type that nobody knows."""
    one = Signal(key=f"c{n}", action="trigger", title="cursed", severity="critical", labels={"service": "cursed"})
    return Submission(f"cursed:{n}", cmd.Report(SourceId("scripts"), "scripts", (one,)), key=("scripts", f"c{n}"))


def test_a_command_whose_deciding_raises_is_kept_and_pages_and_the_others_go_on(place: Place) -> None:
    before, bad, after = place.put(signal(1), cursed(1), signal(2))
    assert (before.outcome, bad.outcome, after.outcome) == ("opened", "failed", "opened")
    assert place.ask("select id from quarantine") == ["cursed:1"]
    assert place.types(bad.incident)[:1] == ["opened"]
    assert "paged" in place.types(bad.incident)
    assert place.ask(f"select count(*) from outbox where incident = '{bad.incident}' and purpose = 'page'") == [1]


def test_the_same_key_finds_its_way_once_the_rules_are_sound(place: Place) -> None:
    (bad,) = place.put(cursed(1))
    again = replace(cursed(1), id="again")
    (good,) = place.batch.carry_out(SOUND, [again], place.clock.now())
    assert good.outcome == "opened"
    assert good.incident != bad.incident


def test_a_snapshot_that_is_damaged_is_made_again_from_its_events(place: Place) -> None:
    place.put(signal(1), signal(2))
    place.damage("update streams set state = 'nothing' where id = 'INC-1'")
    assert len(place.tick(MINUTE + SECOND)) == 2
    assert place.types("INC-1").count("step_entered") == 2
    with place.ledger.read() as connection:
        assert list(verify(connection, fold)) == []


def test_an_incident_nobody_can_read_pages_and_is_looked_at_again_later_and_the_others_are_served(place: Place) -> None:
    place.put(*(signal(n) for n in range(1, 6)))
    place.damage("update streams set state = 'nothing' where id = 'INC-3'")
    place.damage("update events set body = 'nothing' where stream = 'INC-3'")
    answers = place.tick(MINUTE + SECOND)
    assert sorted(answer.outcome for answer in answers) == ["done"] * 4 + ["failed"]
    (raw,) = [answer.incident for answer in answers if answer.outcome == "failed"]
    assert place.ask(f"select count(*) from outbox where incident = '{raw}' and purpose = 'page'") == [1]
    for n in (1, 2, 4, 5):
        assert place.types(f"INC-{n}").count("step_entered") == 2
    assert place.ask("select due_at from streams where id = 'INC-3'") == [NOON + 2 * MINUTE + SECOND]
    assert place.tick(MINUTE + 2 * SECOND) == []


def test_what_is_listed_as_due_and_is_not_is_asked_once_and_not_for_ever(place: Place) -> None:
    place.put(signal(1))
    place.damage(f"update streams set due_at = {NOON + SECOND}")
    assert len(place.tick(2 * SECOND)) == 1
    assert place.ask("select due_at from streams") == [NOON + MINUTE]
    assert place.tick(3 * SECOND) == []
    assert place.types("INC-1").count("step_entered") == 1


def test_it_stays_one_raw_incident_however_often_it_fails(place: Place) -> None:
    place.put(signal(1))
    place.damage("update streams set state = 'nothing'")
    place.damage("update events set body = 'nothing'")
    answers = [answer for n in range(1, 6) for answer in place.tick(n * 2 * MINUTE)]
    failed = {answer.incident for answer in answers if answer.outcome == "failed"}
    assert len(failed) == 1
    assert place.types(failed.pop()).count("opened") == 1


def test_a_command_for_an_unreadable_incident_is_put_aside_alone(place: Place) -> None:
    place.put(signal(1), signal(2))
    place.damage("update streams set state = 'nothing' where id = 'INC-1'")
    place.damage("update events set body = 'nothing' where stream = 'INC-1'")
    acks = [Submission(f"ack:{n}", cmd.Acknowledge("dana"), f"INC-{n}") for n in (1, 2)]  # type: ignore[arg-type]
    bad, good = place.put(*acks)
    assert (bad.outcome, good.outcome) == ("failed", "done")
    assert "acknowledged" in place.types("INC-2")
    assert place.ask("select id from quarantine") == ["ack:1"]
