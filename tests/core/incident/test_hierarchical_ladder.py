"""Who must know or decide, and when: steps by the clock, skipped and done later, re-spaced, re-judged."""

import pytest

from tests.cast import DAY, HOUR, MONDAY, target
from tests.core.incident.play import Play, ask, away, inform, ladder, notify, put_decision
from tocsin.core.ids import HoursId
from tocsin.core.incident import commands as cmd
from tocsin.core.incident import events as ev
from tocsin.core.instant import MINUTE
from tocsin.core.steps import HierarchicalStep

OFFICE = HoursId("office")


def climbing(*steps: HierarchicalStep, wait: str = "10h", **fields: object) -> Play:
    return ladder(notify("person:ana", wait), hierarchical=steps, **fields)


def test_a_step_comes_so_long_after_the_opening() -> None:
    play = climbing(inform("team.lead", "15m"), inform("role:head-of-it", "30m"))
    play.trigger()
    play.wait("31m")
    assert play.calls("inform") == [(15, "frank"), (30, "omar")]
    assert play.at(ev.RungFired) == [15, 30]


def test_a_step_planned_for_the_very_opening_needs_no_tick() -> None:
    play = climbing(inform("team.lead", "0m"))
    play.trigger()
    assert play.calls("inform") == [(0, "frank")]


def test_its_time_counts_in_its_own_hours() -> None:
    play = climbing(inform("team.lead", "2h", hours=OFFICE), wait="3d", at=MONDAY + 8 * HOUR)
    play.trigger()
    play.wait("1d")
    assert play.calls("inform") == [(16 * 60, "frank")]


def test_an_inform_is_routine_whatever_the_priority() -> None:
    play = climbing(inform("team.lead", "0m"))
    play.trigger()
    assert play.messages[-1].lane == "routine"


def test_acknowledged_and_not_resolved_goes_on_climbing() -> None:
    play = climbing(inform("team.lead", "15m"))
    play.trigger()
    play.acknowledge("ana")
    play.wait("16m")
    assert play.calls("inform") == [(15, "frank")]


def test_the_end_stops_it() -> None:
    play = climbing(inform("team.lead", "15m"))
    play.trigger()
    play.resolved()
    play.wait("16m")
    assert play.calls("inform") == []


def test_unless_is_judged_when_the_step_is_due() -> None:
    play = climbing(inform("team.lead", "15m", unless="acknowledged"))
    play.trigger()
    play.acknowledge("ana")
    play.wait("10m")
    play.put(cmd.Unacknowledge("ana"))
    play.wait("6m")
    assert play.calls("inform") == [(15, "frank")]


def test_a_skipped_step_is_not_done_and_fires_when_the_acknowledgement_ends() -> None:
    play = climbing(
        inform("team.lead", "15m", unless="acknowledged"), inform("role:head-of-it", "20m", unless="acknowledged")
    )
    play.trigger()
    play.acknowledge("ana")
    play.wait("25m")
    assert play.calls("inform") == []
    assert play.at(ev.RungSkipped) == [15, 20]
    play.put(cmd.Unacknowledge("ana"))
    assert play.calls("inform") == [(25, "frank"), (25, "omar")]


def test_a_skipped_step_that_reaches_nobody_gives_way_to_the_next() -> None:
    play = climbing(inform("requester", "5m", unless="acknowledged"), inform("role:head-of-it", "1h"))
    play.trigger()
    play.acknowledge("ana")
    play.wait("6m")
    play.put(cmd.Unacknowledge("ana"))
    assert play.calls("inform") == [(6, "omar")]


def test_skipped_steps_fire_in_the_order_of_their_times() -> None:
    play = climbing(
        inform("role:head-of-it", "20m", unless="acknowledged"), inform("team.lead", "15m", unless="acknowledged")
    )
    play.trigger()
    play.acknowledge("ana")
    play.wait("25m")
    play.put(cmd.Unacknowledge("ana"))
    assert play.calls("inform") == [(25, "frank"), (25, "omar")]


def test_a_skipped_step_that_the_one_before_has_brought_forward_fires_once() -> None:
    play = climbing(inform("requester", "5m", unless="acknowledged"), ask("person:omar", "6m", unless="acknowledged"))
    play.trigger()
    play.acknowledge("ana")
    play.wait("7m")
    play.put(cmd.Unacknowledge("ana"))
    assert [fired.index for fired in play.facts(ev.RungFired)] == [0, 1]
    assert play.calls("ask") == [(7, "omar")]


def test_of_steps_at_the_very_opening_one_that_reaches_nobody_brings_the_next_forward_once() -> None:
    play = climbing(inform("requester", "0m"), ask("person:omar", "0m"), inform("team.lead", "0m"))
    play.trigger()
    assert [fired.index for fired in play.facts(ev.RungFired)] == [0, 1, 2]
    play.put(cmd.Resolve("ana"))
    play.wait("1h")
    play.put(cmd.Reopen("ana"))
    assert [fired.index for fired in play.facts(ev.RungFired)] == [0, 1, 2, 0, 1, 2]


def test_a_fired_step_never_fires_again_in_that_round() -> None:
    play = climbing(inform("team.lead", "5m", unless="acknowledged"))
    play.trigger()
    play.wait("6m")
    play.acknowledge("ana")
    play.put(cmd.Unacknowledge("ana"))
    play.wait("3h")
    assert play.at(ev.RungFired) == [5]


def test_a_condition_that_does_not_hold_passes_it_over() -> None:
    play = climbing(inform("team.lead", "5m", when="at_least(P1)"), inform("role:head-of-it", "1h"))
    play.trigger(severity="error")
    play.wait("30m")
    assert play.calls("inform") == []
    assert play.state.hierarchical[0].state == "unmatched"


def test_a_step_that_reaches_nobody_means_the_next_one_now() -> None:
    play = climbing(inform("requester", "5m"), inform("role:head-of-it", "1h"))
    play.trigger()
    play.wait("2h")
    assert play.calls("inform") == [(5, "omar")]


def test_the_next_one_now_passes_over_what_an_acknowledgement_stops_and_leaves_it_for_its_time() -> None:
    play = climbing(
        inform("requester", "5m"), inform("team.lead", "1h", unless="acknowledged"), inform("role:head-of-it", "2h")
    )
    play.trigger()
    play.acknowledge("ana")
    play.wait("6m")
    assert play.calls("inform") == [(5, "omar")]
    play.put(cmd.Unacknowledge("ana"))
    play.wait("1h")
    assert play.calls("inform") == [(5, "omar"), (60, "frank")]


def test_a_channel_can_be_informed() -> None:
    play = climbing(inform("channel:ops, team.lead", "5m"))
    play.trigger()
    play.wait("5m")
    (informed,) = play.facts(ev.Informed)
    assert (informed.people, informed.channels) == (("frank",), ("channel:ops",))


def test_who_is_away_is_not_informed() -> None:
    play = climbing(inform("team.lead, role:head-of-it", "5m"), people=away("frank"))
    play.trigger()
    play.wait("5m")
    assert play.calls("inform") == [(5, "omar")]


# ------------------------------------------------------------------------------------- after an outage


def overdue(*after: str) -> Play:
    targets = ("team.lead", "role:head-of-it", "role:executive")
    play = climbing(*(inform(who, when) for who, when in zip(targets, after, strict=True)), wait="20h")
    play.trigger()
    play.outage("5h")
    play.wait("1h")
    return play


def test_overdue_steps_come_at_a_distance_of_five_minutes() -> None:
    play = overdue("10m", "1h", "2h")
    assert play.at(ev.RungFired) == [300, 305, 310]
    assert [replanned.why.key for replanned in play.facts(ev.Replanned)] == ["rung.respaced"]


def test_their_own_distance_where_that_is_less() -> None:
    assert overdue("10m", "12m", "13m").at(ev.RungFired) == [300, 302, 303]


def test_a_step_that_is_not_overdue_keeps_its_time() -> None:
    assert overdue("10m", "1h", "5h30m").at(ev.RungFired) == [300, 305, 330]


def test_functional_steps_never_come_in_a_bunch_after_an_outage() -> None:
    play = ladder(notify("person:ana"), notify("person:ben"), notify("person:eve"))
    play.trigger()
    play.outage("5h")
    play.wait("6m")
    assert play.calls() == [(0, "ana"), (300, "ben"), (305, "eve")]


# ------------------------------------------------------------------------------------ raised priority


def test_a_raised_priority_begins_from_that_moment_what_was_passed_over() -> None:
    play = climbing(inform("team.lead", "15m", when="at_least(P2)"))
    play.trigger(severity="warning")
    play.wait("20m")
    play.put(cmd.SetPriority("omar", "P1", "more shops"))
    play.wait("30m")
    assert play.calls("inform") == [(35, "frank")]
    assert [replanned.why.key for replanned in play.facts(ev.Replanned)] == ["rung.raised"]


def test_a_raised_priority_begins_from_that_moment_what_it_makes_eligible_and_keeps_the_order() -> None:
    steps = ("team.lead", "15m"), ("role:duty-manager", "30m"), ("role:head-of-it", "1h")
    play = climbing(*(inform(who, after, when="at_least(P2)") for who, after in steps))
    play.trigger(severity="warning")
    play.wait("50m")
    play.put(cmd.SetPriority("omar", "P1", "more shops"))
    play.wait("2h")
    assert play.calls("inform") == [(65, "frank"), (80, "carla"), (110, "omar")]


def test_a_raised_priority_does_not_touch_what_applies_without_it() -> None:
    play = climbing(inform("team.lead", "15m"), inform("role:head-of-it", "20m", when="at_least(P3)"))
    play.trigger(severity="warning")
    play.wait("10m")
    play.put(cmd.SetPriority("omar", "P1", "more shops"))
    play.wait("30m")
    assert play.at(ev.RungFired) == [15, 20]


def test_a_lowered_priority_fires_and_cancels_nothing() -> None:
    play = climbing(inform("team.lead", "15m"), inform("role:head-of-it", "20m", when="at_least(P1)"))
    play.trigger()
    assert [type(fact) for fact in play.put(cmd.SetPriority("omar", "P4", "one till"))] == [ev.Prioritised]
    play.wait("30m")
    assert play.calls("inform") == [(15, "frank")]


# ------------------------------------------------------------------------------------------- by hand


def escalate(play: Play, **fields: object) -> None:
    play.put(cmd.Escalate("ana", "hierarchical", "customers call", **fields))  # type: ignore[arg-type]


def test_by_hand_the_next_step_fires_now_and_not_again_at_its_time() -> None:
    play = climbing(inform("team.lead", "15m"), inform("role:head-of-it", "30m"))
    play.trigger()
    escalate(play)
    play.wait("20m")
    assert play.at(ev.RungFired) == [0]
    assert play.facts(ev.RungFired)[0].why.values == {"by": "ana", "reason": "customers call"}


def test_by_hand_it_fires_although_somebody_has_acknowledged() -> None:
    play = climbing(inform("team.lead", "15m", unless="acknowledged"))
    play.trigger()
    play.acknowledge("ana")
    escalate(play)
    assert play.calls("inform") == [(0, "frank")]


def test_by_hand_a_condition_that_does_not_hold_yet_is_left_for_its_time() -> None:
    play = climbing(inform("team.lead", "15m", when="incident.age_minutes > 10"), inform("role:head-of-it", "30m"))
    play.trigger()
    escalate(play)
    play.wait("16m")
    assert play.calls("inform") == [(0, "omar"), (15, "frank")]


def test_by_hand_a_target_is_asked_in_place_of_the_next_step() -> None:
    play = climbing(inform("team.lead", "15m"))
    play.trigger()
    escalate(play, target=target("person:omar"))
    assert play.calls("ask") == [(0, "omar")]
    assert play.at(ev.RungFired) == []


def test_by_hand_it_is_refused_where_no_step_is_left() -> None:
    play = climbing(inform("team.lead", "0m"))
    play.trigger()
    assert play.refused(cmd.Escalate("ana", "hierarchical", "why")) == "nothing_left"


def test_a_snooze_does_not_stop_it() -> None:
    play = climbing(inform("team.lead", "15m"))
    play.trigger()
    play.put(cmd.Snooze("ana", MONDAY + HOUR))
    play.wait("16m")
    assert play.calls("inform") == [(15, "frank")]
    assert play.state.snoozed_until == MONDAY + HOUR


def test_a_pending_incident_goes_on_climbing() -> None:
    play = climbing(inform("team.lead", "15m"))
    play.trigger()
    play.put(cmd.Pend("ana", "waiting-for-vendor"))
    play.wait("16m")
    assert play.calls("inform") == [(15, "frank")]


@pytest.mark.parametrize("step", [ask("role:duty-manager", "5m"), put_decision("role:duty-manager", "5m")])
def test_asks_and_decisions_are_steps_like_any_other(step: HierarchicalStep) -> None:
    play = climbing(step)
    play.trigger()
    play.wait("5m")
    assert play.at(ev.Asked) == [5]
    assert play.state.requests[0].current == ("carla",)


def test_manager_counts_above_the_owner_else_above_the_lead_of_the_team() -> None:
    play = climbing(inform("manager:1", "5m"), inform("manager:2", "6m"), inform("manager:1", "10m"))
    play.trigger()
    play.wait("7m")
    play.acknowledge("gita")
    play.wait("5m")
    assert play.calls("inform") == [(5, "omar"), (6, "nadia"), (10, "hugo")]


def test_a_ladder_of_days_counts_days() -> None:
    play = climbing(inform("team.lead", "2d"), wait="5d")
    play.trigger()
    play.wait("3d")
    assert play.facts(ev.RungFired)[0].at == MONDAY + 2 * DAY


def test_a_policy_that_is_known_no_more_passes_its_steps_over() -> None:
    play = climbing(inform("team.lead", "5m"), inform("role:head-of-it", "10m"))
    play.trigger()
    play.world = ladder(notify("person:ana"), digest="other").world
    play.wait("11m")
    assert [rung.state for rung in play.state.hierarchical] == ["unmatched", "unmatched"]
    assert play.facts(ev.RungFired) == []
    assert play.now == MONDAY + 11 * MINUTE
