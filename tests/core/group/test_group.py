"""A parent and its children."""

import pytest

from tests.cast import MINUTE, MONDAY, facts, small_rulebook
from tocsin.core.decider import Refused
from tocsin.core.group.decide import GROUP, decide, line
from tocsin.core.group.state import HOLD, Command, End, Ended, Event, Extend, Group, Join, Leave, Released, Tick
from tocsin.core.ids import IncidentId
from tocsin.core.instant import Instant
from tocsin.core.routing.criteria import Conditions
from tocsin.core.world import World

WORLD = World(small_rulebook(), Conditions({}), facts())
ROOT, A, B, C = (IncidentId(f"INC-{n}") for n in (1, 2, 3, 4))


def put(state: Group, command: Command, now: Instant = MONDAY) -> tuple[Group, tuple[Event, ...]]:
    events = decide(state, command, WORLD, now)
    assert not isinstance(events, Refused)
    for event in events:
        state = GROUP.evolve(state, event)
    return state, events


def after(*commands: Command) -> Group:
    state = GROUP.initial(f"group:{ROOT}")
    for command in commands:
        state, _ = put(state, command)
    return state


def test_children_may_have_children() -> None:
    assert line(after(Join(A, ROOT), Join(B, A), Join(C, B)), C) == (C, B, A, ROOT)


@pytest.mark.parametrize("circle", [Join(ROOT, C), Join(A, A), Join(A, C), Join(B, C)])
def test_nobody_comes_under_what_is_under_them(circle: Join) -> None:
    refused = decide(after(Join(A, ROOT), Join(B, A), Join(C, B)), circle, WORLD, MONDAY)
    assert isinstance(refused, Refused)
    assert refused.code == "circle"


def test_a_child_moves_with_all_that_is_under_it() -> None:
    assert line(after(Join(A, ROOT), Join(B, ROOT), Join(C, B), Join(B, A)), C) == (C, B, A, ROOT)


def test_joining_twice_changes_nothing() -> None:
    state = after(Join(A, ROOT, hold=True))
    assert put(state, Join(A, ROOT, hold=True))[1] == ()


def test_a_parent_from_elsewhere_is_unknown() -> None:
    refused = decide(after(), Join(A, B), WORLD, MONDAY)
    assert isinstance(refused, Refused)
    assert refused.code == "unknown"


def test_what_was_under_one_that_leaves_comes_under_its_parent() -> None:
    assert line(after(Join(A, ROOT), Join(B, A), Leave(A)), B) == (B, ROOT)


def test_a_child_is_held_for_half_an_hour_and_then_released() -> None:
    state = after(Join(A, ROOT, hold=True), Join(B, ROOT))
    assert GROUP.due(state) == MONDAY + HOLD
    assert put(state, Tick(), MONDAY + HOLD - 1)[1] == ()
    state, events = put(state, Tick(), MONDAY + HOLD)
    assert events == (Released(at=MONDAY + HOLD, children=(A,)),)
    assert GROUP.due(state) is None


def test_a_hold_lasts_longer_only_where_that_is_said() -> None:
    state, _ = put(after(Join(A, ROOT, hold=True)), Extend(A), MONDAY + 20 * MINUTE)
    assert GROUP.due(state) == MONDAY + 20 * MINUTE + HOLD
    assert isinstance(decide(after(Join(A, ROOT)), Extend(A), WORLD, MONDAY), Refused)


def test_the_end_of_the_root_releases_all_and_proposes_to_resolve_them() -> None:
    state, events = put(after(Join(A, ROOT, hold=True), Join(B, A)), End())
    assert [type(event) for event in events] == [Released, Ended]
    assert isinstance(events[-1], Ended)
    assert events[-1].proposed == (A, B)
    assert put(state, End())[1] == ()


def test_nothing_joins_a_group_that_is_over() -> None:
    refused = decide(after(End()), Join(A, ROOT), WORLD, MONDAY)
    assert isinstance(refused, Refused)
    assert refused.code == "ended"
