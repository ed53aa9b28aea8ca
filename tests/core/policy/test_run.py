"""The walk along the two ladders as plain arithmetic."""

import pytest

from tests.cast import HOUR, MINUTE, MONDAY, period, small_rulebook
from tests.core.incident.play import inform, notify, policy
from tocsin.core.ids import HoursId
from tocsin.core.instant import DAY
from tocsin.core.policy.run import counted, next_step, planned, respaced, spacing, steps_left

TWO = policy([notify("person:ana"), notify("person:ben")], repeat=1)


def test_it_walks_step_by_step_and_begins_again_so_many_times() -> None:
    walked, at = [], (-1, 0)
    while (following := next_step(TWO, *at)) is not None:
        at = following
        walked.append(at)
    assert walked == [(0, 0), (1, 0), (0, 1), (1, 1)]


def test_a_ladder_without_steps_has_none() -> None:
    assert next_step(policy([], repeat=5), -1, 0) is None


def test_the_rest_of_a_lap_has_positions() -> None:
    assert [position for position, _ in steps_left(TWO, -1)] == [0, 1]
    assert [position for position, _ in steps_left(TWO, 0)] == [1]
    assert steps_left(TWO, 7) == []


def test_a_hierarchical_step_is_planned_from_the_start_in_its_own_hours() -> None:
    asked = []

    def after(length: object, hours: object, start: object) -> int:
        asked.append((length, hours, start))
        return 42

    assert planned(inform("team.lead", "2h", hours=HoursId("office")), MONDAY, after) == 42
    assert asked == [(period("2h"), "office", MONDAY)]


@pytest.mark.parametrize(
    ("late", "distances"),
    [
        ([(1, 10), (2, 70)], {1: 5, 2: 10}),
        ([(1, 2), (2, 3)], {1: 2, 2: 3}),
        ([(1, 0), (2, 0)], {1: 0, 2: 0}),
        ([(3, 2), (5, 60), (4, 61)], {3: 2, 5: 7, 4: 8}),
    ],
)
def test_overdue_steps_come_five_minutes_apart_or_at_their_own_distance(
    late: list[tuple[int, int]], distances: dict[int, int]
) -> None:
    plan = respaced([(index, minutes * MINUTE) for index, minutes in late], MONDAY, 0)
    assert {index: (at - MONDAY) // MINUTE for index, at in plan.items()} == distances


@pytest.mark.parametrize(("wait", "members", "share"), [(10, 2, 5), (10, 5, 2), (3, 3, 2), (0, 4, 2), (30, 0, 30)])
def test_a_member_has_a_share_of_the_wait_and_at_least_two_minutes(wait: int, members: int, share: int) -> None:
    assert spacing(wait * MINUTE, members) == share * MINUTE


def test_a_period_counts_in_working_days_where_there_are_hours() -> None:
    office = small_rulebook().hours["office"]
    assert counted(period("1d1h"), office) == 11 * HOUR
    assert counted(period("1d1h"), None) == DAY + HOUR
