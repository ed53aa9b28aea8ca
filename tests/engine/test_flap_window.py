"""The flap window ends at one instant, for the rule and for the store that finds the incident of a key."""

from collections.abc import Iterator

import pytest

from tests.cast import MONDAY
from tests.engine.crowd import signal, world
from tests.engine.running import rulebook
from tocsin.core.incident import commands as cmd
from tocsin.core.incident.ending import FLAP_WINDOW
from tocsin.core.instant import Instant
from tocsin.engine.batch import Batch
from tocsin.engine.submission import Answer, Submission
from tocsin.store.ledger import open_ledger

WORLD = world(rulebook())


@pytest.fixture
def batch(store_url: str) -> Iterator[Batch]:
    """Over a store in which INC-1 was opened and resolved on Monday morning."""
    ledger = open_ledger(store_url)
    made = Batch(ledger)
    made.carry_out(WORLD, [signal(1)], MONDAY)
    made.carry_out(WORLD, [Submission("resolve", cmd.Resolve("dana"), "INC-1")], MONDAY)  # type: ignore[arg-type]
    yield made
    ledger.close()


def again(batch: Batch, at: Instant) -> Answer:
    (answer,) = batch.carry_out(WORLD, [signal(1)], at)
    return answer


def test_a_trigger_at_the_last_instant_of_the_window_reopens(batch: Batch) -> None:
    found = again(batch, MONDAY + FLAP_WINDOW)
    assert (found.incident, found.outcome) == ("INC-1", "joined")


def test_a_trigger_one_microsecond_later_is_a_new_incident(batch: Batch) -> None:
    found = again(batch, MONDAY + FLAP_WINDOW + 1)
    assert (found.incident, found.outcome) == ("INC-2", "opened")
