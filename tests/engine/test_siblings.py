"""More alerts than one incident keeps, on real stores: one transaction, one page, nothing lost, nothing silent."""

from collections.abc import Iterator, Sequence

import pytest
from sqlalchemy import text

from tests.cast import MONDAY
from tests.engine.crowd import world
from tests.engine.running import rulebook
from tocsin.core.ids import SourceId
from tocsin.core.incident import commands as cmd
from tocsin.core.incident.ending import FLAP_WINDOW
from tocsin.core.incident.siblings import JUDGED_AGAIN
from tocsin.core.incident.state import ALERT_LIMIT, Incident
from tocsin.core.instant import MINUTE, SECOND, Instant
from tocsin.core.signal import Action, Signal
from tocsin.engine.batch import Batch
from tocsin.engine.submission import Answer, Submission
from tocsin.engine.working import decode_event, decode_state
from tocsin.store.ledger import open_ledger
from tocsin.store.queries.states import events_of, state_of

WORLD = world(rulebook("5m", "5m", "1h"))
KEY = ("scripts", "storm")


class Store:
    """A batch over a store, and a look at what is in it."""

    def __init__(self, batch: Batch) -> None:
        self.batch = batch
        self.now = MONDAY

    def report(self, alerts: Sequence[int], action: Action = "trigger") -> Answer:
        """Signals of one key about these alerts, now."""
        labels = {"service": "order-database"}
        signals = tuple(
            Signal("storm", action, f"{n} is down", severity="critical", labels=labels, alert=f"a{n}") for n in alerts
        )
        return self.put(cmd.Report(SourceId("scripts"), "scripts", signals), key=KEY)

    def put(self, command: cmd.Command, incident: str = "", key: tuple[str, str] | None = None) -> Answer:
        (answer,) = self.batch.carry_out(WORLD, [Submission("x", command, incident, key)], self.now)
        return answer

    def tick(self, passed: Instant) -> None:
        """So much later, everything that is due is served."""
        self.now += passed
        while self.batch.tick(WORLD, self.now):
            pass

    def state(self, incident: str) -> Incident:
        with self.batch.ledger.read() as connection:
            body = state_of(connection, incident)
        assert body is not None, f"there is no {incident}"
        return decode_state(body)

    def facts(self, incident: str) -> list[str]:
        with self.batch.ledger.read() as connection:
            return [str(decode_event(one.body).__struct_config__.tag) for one in events_of(connection, incident)]

    def ask(self, sql: str) -> list[tuple[object, ...]]:
        with self.batch.ledger.read() as connection:
            return [tuple(row) for row in connection.execute(text(sql))]

    def paged(self) -> list[tuple[object, ...]]:
        """(incident, person) of every page that waits or has left."""
        return self.ask(
            "select distinct incident, person from outbox where purpose = 'page' and state <> 'withdrawn' order by 1, 2"
        )


@pytest.fixture
def store(store_url: str) -> Iterator[Store]:
    ledger = open_ledger(store_url)
    yield Store(Batch(ledger))
    ledger.close()


@pytest.fixture
def storm(store: Store) -> Store:
    """1,200 alerts of one key in one report."""
    assert store.report(range(1200)).incident == "INC-1"
    return store


def test_the_alerts_that_find_no_room_are_kept_by_a_sibling_that_pages_nobody(storm: Store) -> None:
    first, second = storm.state("INC-1"), storm.state("INC-2")
    assert (len(first.alerts), len(second.alerts)) == (ALERT_LIMIT, 200)
    assert (first.siblings, second.sibling_of) == (("INC-2",), "INC-1")
    assert storm.paged() == [("INC-1", "dana")]
    assert storm.facts("INC-2") == ["opened", "held_beside"]
    assert "overflowed" in storm.facts("INC-1")
    assert storm.ask("select stream from live") == [("INC-1",)]
    storm.tick(20 * MINUTE)
    assert {incident for incident, _ in storm.paged()} == {"INC-1"}
    storm.tick(JUDGED_AGAIN)
    storm.tick(JUDGED_AGAIN)
    assert storm.facts("INC-2").count("held_beside") == 3
    assert {incident for incident, _ in storm.paged()} == {"INC-1"}


def test_each_signal_finds_whoever_keeps_its_alert(storm: Store) -> None:
    assert storm.report([1100], "resolve").incident == "INC-2"
    assert storm.report([5], "resolve").incident == "INC-1"
    storm.report([7, 1101, 5000], "resolve")
    storm.report([6000])
    first, second = storm.state("INC-1").alerts, storm.state("INC-2").alerts
    assert [first[name].firing for name in ("a5", "a7", "a8")] == [False, False, True]
    assert [second[name].firing for name in ("a1100", "a1101", "a1102", "a6000")] == [False, False, True, True]
    assert storm.ask("select count(*) from streams where kind = 'incident'") == [(2,)]


def test_repeats_are_counted_where_the_alert_is(storm: Store) -> None:
    storm.now += SECOND
    assert storm.report([3, 1150]).outcome == "joined"
    storm.now += SECOND
    storm.report([3, 1150])
    counted = storm.ask("select incident, alert, sum(n) from tally group by incident, alert order by 1")
    assert {(incident, alert) for incident, alert, _ in counted} == {("INC-1", "a3"), ("INC-2", "a1150")}


def test_when_the_first_is_over_and_the_sibling_still_fires_it_goes_on_in_its_place(storm: Store) -> None:
    storm.now += MINUTE
    assert storm.report(range(1000), "resolve").outcome == "resolved"
    assert storm.state("INC-1").status == "resolved"
    assert storm.facts("INC-1")[-1] == "succeeded"
    assert ("INC-2", "dana") in storm.paged()
    assert storm.ask("select stream, until from live") == [("INC-2", None)]
    storm.now += FLAP_WINDOW + MINUTE
    assert storm.report([5]).incident == "INC-2"
    assert storm.report(range(1000, 1200), "resolve").outcome == "joined"
    assert storm.report([5], "resolve").outcome == "resolved"
    assert storm.state("INC-2").status == "resolved"


def test_when_everything_is_over_at_once_nobody_is_paged_for_the_sibling(storm: Store) -> None:
    storm.now += MINUTE
    assert storm.report(range(1200), "resolve").outcome == "resolved"
    assert [storm.state(one).status for one in ("INC-1", "INC-2")] == ["resolved", "resolved"]
    assert "stood" not in storm.facts("INC-2")
    assert {incident for incident, _ in storm.paged()} <= {"INC-1"}


def test_when_a_person_ends_the_first_the_sibling_pages_for_what_still_fires(storm: Store) -> None:
    storm.put(cmd.Resolve("dana", "looks fine"), "INC-1")
    assert ("INC-2", "dana") in storm.paged()
    storm.put(cmd.Acknowledge("dana"), "INC-2")
    assert storm.state("INC-2").owner == "dana"


def test_a_sibling_that_fires_again_when_all_was_over_takes_the_key(storm: Store) -> None:
    storm.report(range(1200), "resolve")
    storm.now += MINUTE
    assert storm.report([1111]).incident == "INC-2"
    assert ("INC-2", "dana") in storm.paged()
    assert storm.ask("select stream from live") == [("INC-2",)]
    storm.now += FLAP_WINDOW
    assert storm.report([1111], "resolve").incident == "INC-2"
    assert storm.state("INC-2").status == "resolved"


def test_with_three_of_them_one_goes_on_and_the_other_is_held_beside_that(store: Store) -> None:
    store.report(range(2 * ALERT_LIMIT + 100))
    assert store.state("INC-1").siblings == ("INC-2", "INC-3")
    store.put(cmd.Resolve("dana"), "INC-1")
    assert [store.state(one).held_until is None for one in ("INC-2", "INC-3")] == [True, False]
    assert (store.state("INC-2").siblings, store.state("INC-3").sibling_of) == (("INC-3",), "INC-2")
    assert {incident for incident, _ in store.paged()} == {"INC-2"}  # what INC-1 was about to send has gone with it
    assert store.report([2050], "resolve").incident == "INC-3"


def test_it_comes_to_the_limit_one_by_one_all_the_same(store: Store) -> None:
    store.report(range(999))
    assert store.report([999]).incident == "INC-1"
    assert store.report([1000]).incident == "INC-2"
    assert store.report([1001]).incident == "INC-2"
    assert store.state("INC-1").siblings == ("INC-2",)
