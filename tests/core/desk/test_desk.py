"""A team's desk: turns, work in hand, transfers, and what other decisions may know of them."""

from tests.cast import ANA, BEN, DANA, KAI, MONDAY, TOM, facts, small_rulebook
from tocsin.core.desk.decide import DESK, decide, surroundings
from tocsin.core.desk.state import (
    HELD_LIMIT,
    Borrowed,
    Command,
    Desk,
    Engage,
    Engaged,
    Leave,
    PassOn,
    Receive,
    SentToAndFro,
    TakeTurn,
)
from tocsin.core.ids import IncidentId, TeamId
from tocsin.core.routing.criteria import Conditions
from tocsin.core.world import World

WORLD = World(small_rulebook(), Conditions({}), facts())
ONE, TWO = IncidentId("INC-1"), IncidentId("INC-2")
COMPLAINTS, INFRASTRUCTURE = TeamId("complaints"), TeamId("infrastructure")


def after(desk: str, *commands: Command) -> Desk:
    state = DESK.initial(f"desk:{desk}")
    for command in commands:
        for event in decide(state, command, WORLD, MONDAY):
            state = DESK.evolve(state, event)
    return state


def test_whoever_was_called_last_has_had_the_last_turn() -> None:
    desk = after("complaints", Engage(ONE, 2, (KAI,), (KAI,)), Engage(TWO, 2, (TOM,), (TOM,)))
    assert desk.last == TOM
    assert surroundings([desk]).turns == {COMPLAINTS: TOM}


def test_calling_everybody_at_once_is_nobodys_turn() -> None:
    desk = after("complaints", Engage(ONE, 2, (KAI,), (KAI,)), Engage(ONE, 9, (KAI, TOM), (KAI, TOM)))
    assert desk.last == KAI


def test_a_team_that_takes_no_turns_has_no_last_one() -> None:
    assert after("service-desk", Engage(ONE, 2, (ANA,), (ANA,))).last is None


def test_load_counts_the_open_incidents_in_each_hand_over_all_desks() -> None:
    own = after("service-desk", Engage(ONE, 2, (ANA,)), Engage(TWO, 2, (BEN,)))
    other = after("infrastructure", Engage(IncidentId("INC-3"), 2, (ANA, DANA)))
    assert surroundings([own, other]).load == {ANA: 2, BEN: 1}  # nobody chooses by dana's load


def test_an_owner_takes_the_incident_out_of_the_other_hands() -> None:
    desk = after("service-desk", Engage(ONE, 2, (ANA, BEN)), Engage(ONE, 5, (BEN,)))
    assert surroundings([desk]).load == {BEN: 1}


def test_an_incident_that_is_over_is_nobodys_work() -> None:
    desk = after("service-desk", Engage(ONE, 2, (ANA,)), Leave(ONE, 7))
    assert surroundings([desk]).load == {}


def test_a_fact_heard_again_after_the_end_does_not_bring_the_incident_back() -> None:
    desk = after("service-desk", Engage(ONE, 2, (ANA,)), Leave(ONE, 7))
    assert decide(desk, Engage(ONE, 2, (ANA,)), WORLD, MONDAY) == ()


def test_nothing_is_written_where_neither_hands_nor_turns_change() -> None:
    desk = after("service-desk", Engage(ONE, 2, (ANA,)))
    assert decide(desk, Engage(ONE, 4, (ANA,)), WORLD, MONDAY) == ()
    assert decide(DESK.initial("desk:infrastructure"), Engage(ONE, 4, (DANA,), (DANA,)), WORLD, MONDAY) == ()


def test_somebody_of_another_team_who_is_called_has_had_their_turn_there() -> None:
    events = decide(DESK.initial("desk:infrastructure"), Engage(ONE, 2, (KAI,), (KAI,)), WORLD, MONDAY)
    assert events[-1] == Borrowed(at=MONDAY, incident=ONE, person=KAI, team=COMPLAINTS)
    assert after("complaints", TakeTurn(KAI)).last == KAI


def test_the_third_transfer_of_one_incident_between_two_teams_is_to_and_fro() -> None:
    desk = after("complaints", Receive(ONE, 3, INFRASTRUCTURE), PassOn(ONE, 6, INFRASTRUCTURE))
    assert desk.passed(ONE, INFRASTRUCTURE) == 2
    events = decide(desk, Receive(ONE, 9, INFRASTRUCTURE), WORLD, MONDAY)
    assert events[1] == SentToAndFro(at=MONDAY, incident=ONE, team=INFRASTRUCTURE, n=3)


def test_transfers_of_different_incidents_are_not_to_and_fro() -> None:
    desk = after("complaints", *(Receive(IncidentId(f"INC-{n}"), 3, INFRASTRUCTURE) for n in range(5)))
    assert [desk.passed(IncidentId(f"INC-{n}"), INFRASTRUCTURE) for n in range(5)] == [1] * 5


def test_a_desk_that_overflows_keeps_the_latest_and_stays_small() -> None:
    desk = after("service-desk", *(Engage(IncidentId(f"INC-{n}"), 2, (ANA,)) for n in range(HELD_LIMIT + 5)))
    assert len(desk.held) == HELD_LIMIT
    assert IncidentId("INC-0") not in desk.held


def test_a_desk_waits_for_nothing() -> None:
    assert DESK.due(after("service-desk", Engage(ONE, 2, (ANA,)))) is None


def test_the_clock_of_a_desk_never_goes_back() -> None:
    desk = after("service-desk", Engage(ONE, 2, (ANA,)))
    (event,) = decide(desk, Engage(TWO, 2, (ANA,)), WORLD, MONDAY - 1)
    assert isinstance(event, Engaged)
    assert event.at == MONDAY
