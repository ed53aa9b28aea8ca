"""The world of a decision is today's; who was on call at a past instant is answered by the rules and facts of then."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cast import ANA, BEN, DANA, MONDAY
from tocsin.core.ids import ScheduleId
from tocsin.core.instant import DAY, HOUR, Instant
from tocsin.core.oncall.override import Absence, Override
from tocsin.core.world import World
from tocsin.engine.clock import VirtualClock
from tocsin.engine.worlds import StoredWorlds
from tocsin.store import facts, rulebooks
from tocsin.store.ledger import SqlLedger, open_ledger

ACME = (Path(__file__).parents[2] / "examples" / "acme.yaml").read_text("utf-8")
OTHER = ACME.replace("[dana, eve, finn], turn: weekly", "[eve, finn, dana], turn: weekly")
PRIMARY = ScheduleId("infra-primary")


@pytest.fixture
def ledger(store_url: str) -> Iterator[SqlLedger]:
    """Two versions of the rules: the second, of Thursday, turns the rotation about."""
    made = open_ledger(store_url)
    for digest, text, at in (("one", ACME, MONDAY), ("two", OTHER, MONDAY + 3 * DAY)):
        made.transact(lambda tx, d=digest, t=text, at=at: rulebooks.apply(tx.connection, d, {"acme.yaml": t}, at))
    yield made
    made.close()


def enter(ledger: SqlLedger, fact: facts.Fact, at: Instant) -> None:
    ledger.transact(lambda tx: facts.append(tx.connection, fact, at, "carla"))


def people(world: World, at: Instant) -> tuple[str, ...]:
    return world.roster(PRIMARY, at).people


def test_the_past_is_answered_by_the_rules_that_were_in_force_then(ledger: SqlLedger) -> None:
    worlds = StoredWorlds(ledger, VirtualClock(MONDAY + 4 * DAY), frozenset({"email"}))
    assert people(worlds.world(), MONDAY + DAY) == ("eve",)
    for day, person in ((-1, ()), (1, ("dana",)), (3, ("eve",))):
        assert people(worlds.at(MONDAY + day * DAY), MONDAY + day * DAY) == person


def test_the_past_is_answered_by_what_had_been_entered_by_then(ledger: SqlLedger) -> None:
    swap = Override("o1", PRIMARY, MONDAY, MONDAY + 2 * DAY, ANA)
    enter(ledger, swap, MONDAY)
    enter(ledger, facts.Revoked("o1"), MONDAY + 6 * HOUR)
    enter(ledger, Absence("a1", DANA, MONDAY, MONDAY + 2 * DAY), MONDAY + 12 * HOUR)
    enter(ledger, Override("o2", PRIMARY, MONDAY, MONDAY + 2 * DAY, BEN), MONDAY + 18 * HOUR)
    worlds = StoredWorlds(ledger, VirtualClock(MONDAY + 4 * DAY), frozenset({"email"}))
    hours = ((5, ("ana",)), (7, ("dana",)), (13, ()), (19, ("ben",)))
    assert [people(worlds.at(MONDAY + n * HOUR), MONDAY + n * HOUR) for n, _ in hours] == [who for _, who in hours]


def test_before_the_first_rules_there_are_the_first(ledger: SqlLedger) -> None:
    worlds = StoredWorlds(ledger, VirtualClock(MONDAY + 4 * DAY), frozenset({"email"}))
    assert worlds.at(MONDAY - 300 * DAY).rulebook.schedules[PRIMARY].rotations[0].people[0] == "dana"
