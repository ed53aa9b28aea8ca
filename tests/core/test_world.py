"""What one decision may consult: the policy it opened under, who is away, who is on call."""

from msgspec.structs import replace

from tests.cast import DANA, DAY, EVE, MONDAY, facts, small_rulebook
from tests.core.incident.play import policy, world
from tocsin.core.ids import PersonId, ScheduleId
from tocsin.core.oncall.override import Absence, Override
from tocsin.core.routing.criteria import compile_all
from tocsin.core.world import Surroundings

PRIMARY = ScheduleId("infra-primary")


def test_an_incident_keeps_the_policy_that_it_opened_under() -> None:
    old = policy([], digest="old")
    consulted = replace(world(), pinned={"old": old})
    assert consulted.policy("production", "old") is old
    assert consulted.policy("production", "production-1") is consulted.rulebook.policies["production"]


def test_without_that_it_has_the_one_of_that_name_today_else_that_of_unrouted() -> None:
    today = world().rulebook.policies
    assert world().policy("network", "gone").id == today["network"].id
    assert world().policy("gone", "gone").id == small_rulebook().unrouted.policy


def test_who_has_leave_or_is_not_in_the_rulebook_is_away_and_a_channel_never_is() -> None:
    consulted = world(people=facts(absences=(Absence("1", DANA, MONDAY, MONDAY + DAY),)))
    assert consulted.absent(DANA, MONDAY)
    assert not consulted.absent(DANA, MONDAY + DAY)
    assert consulted.absent(PersonId("nobody"), MONDAY)
    assert not consulted.absent(PersonId("channel:ops"), MONDAY)


def test_a_roster_is_kept_as_long_as_it_holds() -> None:
    consulted = world()
    first = consulted.roster(PRIMARY, MONDAY)
    assert first.people == (DANA,)
    assert consulted.roster(PRIMARY, MONDAY + DAY) is first
    assert consulted.roster(PRIMARY, MONDAY + 7 * DAY).people == (EVE,)
    assert consulted.roster(PRIMARY, MONDAY, 1).people == (EVE,)


def test_other_facts_give_another_roster() -> None:
    consulted = world()
    assert consulted.roster(PRIMARY, MONDAY).people == (DANA,)
    swap = Override("1", PRIMARY, MONDAY, MONDAY + DAY, EVE)
    changed = replace(consulted, facts=facts(overrides=(swap,), version=2))
    assert changed.roster(PRIMARY, MONDAY).people == (EVE,)


def test_answers_are_kept_for_one_instant_of_one_roster() -> None:
    consulted = world()
    consulted.asked_at(MONDAY)["a question"] = "its answer"
    assert replace(consulted, surroundings=Surroundings(load={DANA: 1})).asked_at(MONDAY) == {
        "a question": "its answer"
    }
    assert replace(consulted, facts=facts(version=2)).asked_at(MONDAY) == {}
    assert consulted.asked_at(MONDAY + 1) == {}


def test_whether_reports_are_counted_is_known_from_the_conditions() -> None:
    assert not world().counts_reports
    assert replace(world(), conditions=compile_all(["reports('10m') > 2"])).counts_reports
