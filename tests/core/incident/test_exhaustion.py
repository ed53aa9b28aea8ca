"""What comes after the last step: management, the team and its lead, the last resort, until a human acts."""

import pytest

from tests.cast import HOUR, MINUTE, MONDAY, facts, small_rulebook, target
from tests.core.incident.play import Play, away, every, hand_over, inform, ladder, notify, reachable
from tocsin.core.ids import HoursId
from tocsin.core.incident import commands as cmd
from tocsin.core.incident import events as ev
from tocsin.core.policy.policy import Exhausted


def exhausted(severity: str = "critical", **fields: object) -> Play:
    """One step of five minutes, nobody answers."""
    play = ladder(notify("person:ana"), **{"hierarchical": [inform("role:head-of-it", "10h")], **fields})  # type: ignore[arg-type]
    play.trigger(severity=severity)
    play.wait("5m")
    return play


def test_the_next_hierarchical_step_fires_now() -> None:
    play = exhausted()
    assert play.calls("inform") == [(5, "omar")]
    assert play.facts(ev.RungFired)[0].why.key == "rung.exhausted"


def test_then_the_owning_team_and_its_lead_then_the_last_resort_one_a_round() -> None:
    play = exhausted()
    play.wait("1h")
    people = [(20, "dana"), (20, "eve"), (20, "finn"), (20, "frank"), (35, "carla"), (50, "nadia"), (65, "carla")]
    assert play.calls() == [(0, "ana"), *people]


def test_without_a_hierarchical_step_left_the_team_is_called_at_once() -> None:
    play = exhausted(hierarchical=())
    assert play.calls()[1:] == [(5, "dana"), (5, "eve"), (5, "finn"), (5, "frank")]


def test_a_step_that_reaches_nobody_does_not_count() -> None:
    play = exhausted(hierarchical=[inform("requester", "9h"), inform("role:head-of-it", "10h")])
    assert play.calls("inform") == [(5, "omar")]


def test_a_fired_step_is_not_fired_again() -> None:
    play = exhausted(hierarchical=[inform("role:head-of-it", "1m")])
    assert play.at(ev.RungFired) == [1]
    assert (5, "dana") in play.calls()


def test_the_last_resort_is_called_by_every_method_at_once() -> None:
    play = exhausted(people=facts("verified", "email", "sms", "voice"))
    play.wait("31m")
    assert play.rings("carla") == [(35, "email"), (35, "sms"), (35, "voice")]
    assert {one.lane for one in play.messages if one.to == "carla"} == {"last_resort"}


@pytest.mark.parametrize(("severity", "minutes"), [("critical", 15), ("error", 30), ("warning", 120)])
def test_rounds_come_at_the_distance_of_the_priority(severity: str, minutes: int) -> None:
    play = exhausted(severity)
    play.wait("20h")
    first, second = play.facts(ev.Rescued)[:2]
    assert second.at - first.at == minutes * 60_000_000


def test_a_p5_is_called_about_once_a_working_day() -> None:
    play = exhausted("info")
    play.world.rulebook.teams["infrastructure"] = play.world.rulebook.teams["service-desk"]
    play.wait("9d")
    days = [(fact.at - MONDAY) // (24 * HOUR) for fact in play.facts(ev.Rescued)]
    assert days[:6] == [0, 1, 2, 3, 4, 7]


def test_a_raised_priority_does_not_wait_for_the_round_of_the_old_one() -> None:
    play = exhausted("info", hierarchical=())
    play.wait("1h")
    play.put(cmd.SetPriority("omar", "P1", "the shops are down"))
    assert play.calls(since="65m") == [(65, "carla")]
    play.wait("16m")
    assert play.calls(since="66m") == [(80, "nadia")]


def test_a_policy_may_say_how_often_and_in_which_hours() -> None:
    play = exhausted(exhausted=Exhausted(every("4h").every, HoursId("office")), at=MONDAY + 8 * HOUR)
    assert play.state.functional.due_at == MONDAY + 26 * HOUR + 5 * MINUTE


def test_rounds_never_come_without_a_pause() -> None:
    play = exhausted(exhausted=every("0m"))
    play.wait("3m")
    assert play.at(ev.Rescued) == [5, 6, 7, 8]


def test_a_human_ends_it() -> None:
    play = exhausted()
    play.wait("31m")
    play.acknowledge("carla")
    before = len(play.calls())
    play.wait("29m")
    assert len(play.calls()) == before


def test_it_goes_on_for_ever_where_nobody_does() -> None:
    play = exhausted()
    play.wait("3d")
    assert play.facts(ev.Rescued)[-1].at >= play.now - HOUR // 4


def test_who_of_the_last_resort_cannot_be_reached_is_passed_over() -> None:
    play = exhausted(people=reachable("ana", "nadia"), hierarchical=())
    assert play.calls() == [(0, "ana"), (5, "nadia")]


def test_the_last_resort_is_called_although_they_are_away_when_nobody_else_is_left() -> None:
    play = exhausted(people=away("dana", "eve", "finn", "frank", "carla", "nadia"), hierarchical=())
    assert play.calls() == [(0, "ana"), (5, "carla")]


def test_who_is_away_is_passed_over_where_another_is_there() -> None:
    play = exhausted(people=away("dana", "eve", "finn", "frank", "carla"), hierarchical=())
    assert play.calls() == [(0, "ana"), (5, "nadia")]


def test_nobody_can_be_reached_at_all_is_a_finding_and_it_is_tried_again() -> None:
    play = exhausted(people=reachable("ana"), hierarchical=())
    assert [fact.finding.key for fact in play.facts(ev.Found)] == ["finding.nobody_reachable"]
    play.world = exhausted(hierarchical=()).world
    play.wait("16m")
    assert play.calls()[1:] == [(20, "carla")]


def test_whose_every_method_breaks_has_the_next_called_at_once_but_only_once_round() -> None:
    play = exhausted(hierarchical=(), silent_providers=True)
    for _ in range(12):
        play.deliver("permanent")
    people = [person for _, person in play.calls(since="5m")]
    assert people == ["dana", "eve", "finn", "frank", "carla", "nadia", "carla"]
    play.wait("16m")
    assert play.calls()[-1] == (20, "nadia")


def test_who_of_the_last_resort_declines_has_the_next_called_at_once() -> None:
    play = exhausted(hierarchical=())
    play.wait("16m")
    play.put(cmd.Decline("carla"))
    assert play.calls()[-2:] == [(20, "carla"), (21, "nadia")]


def test_one_of_two_that_a_step_needs_ends_the_rounds() -> None:
    play = ladder(notify("person:ana, person:ben", need=2))
    play.trigger()
    play.acknowledge("ana", eta=MONDAY + HOUR)
    play.wait("40m")
    assert play.state.functional.rescue == 1
    assert play.state.status == "acknowledged"


def test_the_team_is_the_one_that_owns_it_then() -> None:
    play = ladder(hand_over("team:payments"))
    play.trigger()
    play.wait("5m")
    assert play.calls()[1:] == [(5, "gita"), (5, "ines"), (5, "hugo")]


def test_a_service_whose_team_is_gone_ends_at_the_last_resort() -> None:
    play = ladder(notify("team", "5m"))
    play.trigger()
    del play.world.rulebook.teams["infrastructure"]
    play.wait("6m")
    assert play.calls()[-1] == (5, "carla")


def test_a_team_or_a_role_may_be_the_last_resort() -> None:
    people = (target("role:executive"), target("team:complaints"))
    play = exhausted(hierarchical=(), rules={"last_resort": people})
    play.wait("1h")
    assert [person for minute, person in play.calls() if minute > 5] == ["nadia", "kai", "tom", "nadia"]


def test_a_channel_may_be_the_last_resort() -> None:
    book = small_rulebook()
    play = exhausted(hierarchical=(), rules={"last_resort": (target("channel:noc"), *book.last_resort)})
    play.wait("31m")
    assert play.calls()[-2:] == [(20, "channel:noc"), (35, "carla")]
