"""A kind of alert that comes again."""

from tests.cast import DAY, MONDAY, facts, small_rulebook
from tocsin.core.ids import IncidentId
from tocsin.core.instant import Instant
from tocsin.core.routing.criteria import Conditions
from tocsin.core.signature.decide import SIGNATURE, decide
from tocsin.core.signature.state import Event, Faded, Recurred, See, Signature, Tick
from tocsin.core.world import World

WORLD = World(small_rulebook(), Conditions({}), facts())


def seen_on(*days: int) -> tuple[Signature, list[Event]]:
    """The signature and its facts after an incident on each of those days."""
    state, told = SIGNATURE.initial("signature:disk-full"), []
    for number, day in enumerate(days):
        for event in decide(state, See(IncidentId(f"INC-{number}")), WORLD, MONDAY + day * DAY):
            state = SIGNATURE.evolve(state, event)
            told.append(event)
    return state, told


def test_three_incidents_within_a_week_are_a_recurrence() -> None:
    state, told = seen_on(0, 2, 3)
    assert told[-1] == Recurred(at=MONDAY + 3 * DAY, incidents=("INC-0", "INC-1", "INC-2"), within=7 * DAY)
    assert state.recurring


def test_three_incidents_over_more_than_a_week_are_none() -> None:
    assert not seen_on(0, 4, 7)[0].recurring


def test_five_incidents_within_a_month_are_a_recurrence() -> None:
    state, told = seen_on(0, 7, 14, 21, 28)
    assert state.recurring
    assert isinstance(told[-1], Recurred)
    assert told[-1].within == 30 * DAY


def test_a_recurrence_is_said_once() -> None:
    assert sum(isinstance(event, Recurred) for event in seen_on(0, 1, 2, 3, 4)[1]) == 1


def test_the_same_incident_counts_once() -> None:
    state, _ = seen_on(0)
    assert decide(state, See(IncidentId("INC-0")), WORLD, MONDAY) == ()


def test_a_recurrence_fades_when_the_last_threshold_is_met_no_more() -> None:
    state, _ = seen_on(0, 2, 3)
    due: Instant | None = SIGNATURE.due(state)
    assert due == MONDAY + 7 * DAY
    assert decide(state, Tick(), WORLD, due - 1) == ()
    assert decide(state, Tick(), WORLD, due) == (Faded(at=due),)
