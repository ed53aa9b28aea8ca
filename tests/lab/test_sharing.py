"""What goes alike is played once, and no longer than it does: absences, opening hours and conditions part it."""

import pytest
from msgspec.structs import replace

from tests.cast import GITA, MINUTE, MONDAY
from tests.lab.acme import ACME
from tocsin.core.instant import DAY, HOUR
from tocsin.core.oncall.override import Absence
from tocsin.core.routing.criteria import compile_all
from tocsin.core.signal import Signal
from tocsin.core.world import World
from tocsin.lab.behaviour import Behaviour
from tocsin.lab.meant import Scene
from tocsin.lab.population import YEAR, Habits, Study, played, run
from tocsin.lab.sharing import Sharing, alike
from tocsin.lab.simulator import play

SIGNAL = Signal("k", "trigger", "it is down", severity="error", service="checkout")
SCENE = Scene(ACME, MONDAY, MONDAY + 8 * HOUR, SIGNAL)
SAID = "everybody acknowledges after 7m and resolves after 1h"
STUDY = Study(SCENE, YEAR // (20 * MINUTE), 7, Habits(down={}), SAID)  # openings are twenty minutes apart


def conditioned(when: str) -> World:
    """Acme with that condition at every step but the first."""
    book = ACME.rulebook
    policies = {
        name: replace(one, functional=(one.functional[0], *(replace(step, when=when) for step in one.functional[1:])))
        for name, one in book.policies.items()
    }
    book = replace(book, policies=policies)
    return World(book, compile_all(book.conditions), ACME.facts)


def test_after_the_second_time_what_goes_alike_is_told_and_not_played() -> None:
    first, second, third, fourth = (one.transcript for one in played(replace(STUDY, at_once=True), range(4)))
    assert first == second == third
    assert first is not second
    assert second is third is fourth


@pytest.mark.parametrize("severity", ["critical", "error", "warning", "info"])
@pytest.mark.parametrize("answers", ["", SAID, "nobody acknowledges; sms down for 20m"])
def test_figures_of_a_week_are_those_of_runs_played_one_by_one(severity: str, answers: str) -> None:
    away = Absence("away", GITA, MONDAY + 40 * MINUTE, MONDAY + 3 * HOUR)
    world = replace(ACME, facts=replace(ACME.facts, version=2, absences=(away,)))
    scene = replace(SCENE, world=world, signal=replace(SIGNAL, severity=severity))
    for apart in (20 * MINUTE, 5 * HOUR):
        study = replace(STUDY, scene=scene, answers=answers, runs=YEAR // apart)
        by_itself = [next(run(study, [number])) for number in range(30)]  # one alone has nothing to share
        assert list(run(study, range(30))) == by_itself


def test_who_is_away_parts_what_went_alike_before() -> None:
    away = Absence("away", GITA, MONDAY + 200 * MINUTE, MONDAY + 2 * DAY)
    world = replace(ACME, facts=replace(ACME.facts, version=2, absences=(away,)))
    measured = list(run(replace(STUDY, scene=replace(SCENE, world=world), answers="nobody acknowledges"), range(16)))
    called = [GITA in one.pages for one in measured]
    assert called[:2] == [True, True]
    assert called[-1] is False


@pytest.mark.parametrize(
    ("when", "more", "shared"),
    [
        ("at_least(P2)", False, True),
        ("incident.age_minutes > 4", True, True),
        ("in_hours('office')", True, True),
        ("calendar.hour < 12", False, False),
        ("calendar.weekday == 'sun'", False, False),
        ("reports('10m') > 2", False, False),
    ],
)
def test_conditions_that_read_the_calendar_or_count_by_the_minute_are_judged_each_by_itself(
    when: str, more: bool, shared: bool
) -> None:
    world = conditioned(when)
    bare = replace(world, rulebook=replace(world.rulebook, criteria=()))
    assert alike(bare, more) is shared


def test_conditions_of_management_and_of_policies_that_are_pinned_count_as_well() -> None:
    bare = replace(ACME, rulebook=replace(ACME.rulebook, criteria=()))
    policy = ACME.rulebook.policies["production"]
    told = replace(policy, hierarchical=(replace(policy.hierarchical[0], when="calendar.hour < 12"),))
    managed = replace(bare, rulebook=replace(bare.rulebook, policies={"production": told}))
    assert alike(bare, False)
    assert not alike(managed, False)
    assert not alike(replace(bare, pinned={"before": told}), False)


@pytest.mark.parametrize("most", [0, 1, 2, 5, 11])
def test_what_is_cut_short_ends_at_the_same_thing_though_it_is_shared(most: int) -> None:
    sharing = Sharing(ACME, SCENE.until, most)
    alone = play(ACME, SCENE.opening(), SCENE.until, most=most)
    assert not alone.whole
    assert [sharing.play(ACME, SCENE.opening(), Behaviour()) for _ in range(4)] == [alone] * 4


def test_a_criterion_that_counts_reports_is_judged_once_unless_more_of_them_come() -> None:
    assert alike(ACME, False)
    assert not alike(ACME, True)
