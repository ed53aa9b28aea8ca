"""Signals upon an incident that exists: joined, repeated, stale, worse, resolving, firing again, flapping."""

import pytest

from tests.cast import DAY, HOUR, MINUTE, MONDAY
from tests.core.incident.play import SOURCE, Play, inform, ladder, notify, signal
from tocsin.core.incident import commands as cmd
from tocsin.core.incident import events as ev
from tocsin.core.incident.state import alert_id
from tocsin.core.routing.criteria import compile_condition


def opened(severity: str = "error", **fields: object) -> Play:
    play = ladder(notify("person:ana", "20m"), notify("person:ben", "20m"), **fields)
    play.trigger(severity=severity, at=MONDAY)
    return play


# ---------------------------------------------------------------------------------------- alerts


def test_a_further_alert_joins_and_pages_nobody_again() -> None:
    play = opened()
    play.trigger(alert="second")
    assert len(play.state.alerts) == 2
    assert play.calls() == [(0, "ana")]


def test_it_is_resolved_when_every_alert_is() -> None:
    play = opened()
    play.trigger(alert="second")
    play.resolved(alert="second")
    assert play.state.status == "open"
    play.resolved()
    assert play.state.status == "resolved"
    assert play.facts(ev.Resolved)[0].by == "source:scripts"


def test_an_alert_is_resolved_only_from_its_own_scope() -> None:
    play = opened()
    (fact,) = play.report(signal(action="resolve"), scope="another")
    assert isinstance(fact, ev.Ignored)
    assert fact.why.key == "signal.scope"
    assert play.state.status == "open"


def test_or_by_a_person_who_resolves_them_all() -> None:
    play = opened()
    play.trigger(alert="second")
    play.put(cmd.Resolve("ana", "fixed"))
    assert not play.state.firing
    assert play.facts(ev.Resolved)[0].why.values == {"by": "ana", "reason": "fixed"}


def test_the_text_of_a_resolve_does_not_take_the_place_of_what_was_reported() -> None:
    play = ladder(notify("person:ana"))
    play.report(signal(), signal(alert="second"), texts=("t1", "t2"))
    play.report(signal(action="resolve"), texts=("t3",))
    assert play.state.text == "t1"
    play.report(signal(alert="third"), texts=("t4",))
    assert play.state.text == "t4"


def test_a_resolve_of_an_alert_that_is_not_known_changes_nothing() -> None:
    assert opened().resolved(alert="other") == ()


def test_a_resolve_that_overtakes_its_trigger_holds() -> None:
    play = opened()
    play.resolved(alert="second", at=MONDAY + 2 * MINUTE)
    play.trigger(alert="second", at=MONDAY + MINUTE)
    assert play.facts(ev.Ignored)[-1].why.key == "signal.stale"
    assert [alert.firing for alert in play.state.alerts.values()] == [True, False]
    play.trigger(alert="third", at=MONDAY + MINUTE)
    play.resolved(alert="third", at=MONDAY + 2 * MINUTE)
    play.resolved(alert="third", at=MONDAY + 4 * MINUTE)
    play.trigger(alert="third", at=MONDAY + 3 * MINUTE)
    assert [alert.firing for alert in play.state.alerts.values()] == [True, False, False]
    assert play.state.status == "open"


def test_what_a_person_reopened_is_not_resolved_by_a_repeated_resolve() -> None:
    play = opened()
    play.resolved()
    play.put(cmd.Reopen("ana", "still down"))
    assert play.resolved() == ()
    play.resolved(at=MONDAY + MINUTE)
    play.report(signal(action="acknowledge"))
    assert play.state.status == "open"


def test_long_names_of_alerts_are_kept_as_fingerprints() -> None:
    name = "instance=db-1.acme.example;alertname=DiskFull"
    play = opened()
    play.trigger(alert=name)
    assert list(play.state.alerts) == ["", alert_id(name)]
    assert len(alert_id(name)) == 16
    assert alert_id("0123456789abcdef") == "0123456789abcdef"
    play.resolved(alert=name)
    assert [alert.firing for alert in play.state.alerts.values()] == [True, False]


# --------------------------------------------------------------------------------- stale and repeated


def test_a_signal_older_than_the_last_one_applied_is_recorded_and_not_applied() -> None:
    play = opened()
    (fact,) = play.resolved(at=MONDAY - 1)
    assert isinstance(fact, ev.Ignored)
    assert fact.why.key == "signal.stale"
    assert play.state.status == "open"


def test_a_resolve_that_was_overtaken_by_the_next_firing_is_stale() -> None:
    play = opened()
    play.trigger(severity="error", at=MONDAY + 20)
    play.resolved(at=MONDAY + 10)
    assert play.state.status == "open"


def test_staleness_counts_within_a_report_too() -> None:
    play = opened()
    play.report(signal(at=MONDAY + 20, severity="error"), signal(action="resolve", at=MONDAY + 10))
    assert play.state.status == "open"


def test_without_a_time_a_signal_is_applied() -> None:
    play = opened()
    play.resolved()
    assert play.state.status == "resolved"


def test_repeats_are_no_facts_until_ten_minutes_have_passed() -> None:
    play = opened()
    play.now += 9 * MINUTE
    assert play.trigger(severity="error", at=MONDAY) == ()
    play.now += 1 * MINUTE
    (fact,) = play.report(*(signal(severity="error", at=MONDAY) for _ in range(3)))
    assert isinstance(fact, ev.Repeated)
    assert fact.n == 3
    assert play.trigger(severity="error", at=MONDAY) == ()


def test_a_repeat_without_a_severity_changes_nothing() -> None:
    assert opened().trigger(severity="", at=MONDAY) == ()


def test_every_repeat_is_a_fact_where_a_rule_counts_them() -> None:
    play = ladder(notify("person:ana", "20m", when="reports('10m') > 0"))
    play.world.conditions.compiled["reports('10m') > 2"] = compile_condition("reports('10m') > 2")
    play.trigger()
    assert [type(fact) for fact in play.trigger()] == [ev.Repeated]


# ------------------------------------------------------------------------------------------- worse


def test_a_worse_severity_raises_the_priority() -> None:
    play = opened()
    play.trigger(severity="critical")
    assert play.state.priority == "P1"
    assert play.facts(ev.Prioritised)[0].why.values == {"severity": "critical"}


def test_a_worse_further_alert_raises_it_too() -> None:
    play = opened("warning")
    play.trigger(alert="second", severity="critical")
    assert play.state.priority == "P1"


def test_in_a_report_that_also_resolves_it_is_seen_all_the_same() -> None:
    play = opened("warning")
    play.put(cmd.Snooze("ana"))
    play.report(signal(alert="second", severity="critical"), signal(action="resolve"))
    assert play.state.priority == "P1"
    assert play.state.snoozed_until is None


def test_a_better_severity_lowers_nothing() -> None:
    play = opened("critical")
    play.trigger(severity="info")
    assert (play.state.priority, play.state.severity) == ("P1", "info")


def test_what_a_person_has_lowered_stays_so_while_nothing_gets_worse() -> None:
    play = opened("critical")
    play.put(cmd.SetPriority("ana", "P4", "one till"))
    play.trigger(alert="second", severity="critical")
    assert play.state.priority == "P4"


# ---------------------------------------------------------------------------------- firing again


def test_firing_again_within_ten_minutes_it_stands_as_it_stood() -> None:
    play = opened()
    play.acknowledge("ana")
    play.wait("10m")
    play.resolved()
    play.wait("5m")
    play.trigger(severity="error")
    assert (play.state.status, play.state.owner) == ("acknowledged", "ana")
    assert play.state.lease is not None
    assert play.state.lease.ends_at == MONDAY + 65 * MINUTE


def test_whoever_has_it_is_told_once_that_it_fires_again() -> None:
    play = opened()
    play.acknowledge("ben")
    play.resolved()
    play.trigger(severity="error")
    assert play.calls() == [(0, "ana"), (0, "ben")]
    assert play.messages[-1].text.key == "page.again"


def test_unowned_those_being_called_are_told_and_the_wait_goes_on_where_it_stood() -> None:
    play = opened()
    play.wait("15m")
    play.resolved()
    play.wait("8m")
    play.trigger(severity="error")
    assert play.calls() == [(0, "ana"), (23, "ana")]
    play.wait("6m")
    assert play.calls()[-1] == (28, "ben")


def test_hierarchical_steps_count_from_the_opening_still() -> None:
    play = opened(hierarchical=[inform("team.lead", "15m")])
    play.wait("8m")
    play.resolved()
    play.wait("9m")
    play.trigger(severity="error")
    play.wait("1m")
    assert play.calls("inform") == [(17, "frank")]
    assert play.facts(ev.RungFired)[0].due_at == MONDAY + 15 * MINUTE


def test_after_the_window_it_is_a_new_incident() -> None:
    play = opened()
    play.resolved()
    play.now += 10 * MINUTE + 1
    assert play.refused(cmd.Report(SOURCE, "scripts", (signal(),))) == "ended"


def test_a_late_resolve_after_the_end_is_for_the_record() -> None:
    play = opened()
    play.resolved()
    (fact,) = play.resolved()
    assert isinstance(fact, ev.Ignored)
    assert fact.why.key == "signal.ended"


def test_a_stale_trigger_after_the_end_is_for_the_record() -> None:
    play = opened()
    play.resolved(at=MONDAY + 10)
    (fact,) = play.trigger(at=MONDAY + 5)
    assert isinstance(fact, ev.Ignored)
    assert play.state.status == "resolved"


def test_firing_again_and_over_in_one_report_it_stays_resolved() -> None:
    play = opened()
    play.resolved()
    play.report(signal(severity="error"), signal(action="resolve"))
    assert play.state.status == "resolved"
    assert play.calls() == [(0, "ana")]
    play = opened()
    play.resolved()
    play.report(signal(severity="error", at=MONDAY + 1), signal(action="resolve", at=MONDAY + 2))
    assert play.state.status == "resolved"


# ----------------------------------------------------------------------------------------- flapping


def cycles(play: Play, n: int, severity: str = "error") -> Play:
    """The source resolves and fires again n times, a minute apart."""
    for _ in range(n):
        play.wait("1m")
        play.resolved()
        play.wait("1m")
        play.trigger(severity=severity)
    return play


def test_from_the_third_cycle_in_an_hour_it_is_flapping() -> None:
    assert cycles(opened(), 1).facts(ev.FlappingBegan) == []
    assert cycles(opened(), 2).state.flap.quiet_at == MONDAY + 14 * MINUTE


def test_cycles_of_more_than_an_hour_ago_do_not_count() -> None:
    play = cycles(opened(), 1)
    play.wait("61m")
    assert cycles(play, 1).facts(ev.FlappingBegan) == []


def test_while_it_flaps_resolves_are_noted_and_it_stays_live() -> None:
    play = cycles(opened(), 2)
    play.resolved()
    assert play.state.status == "open"
    assert not play.state.firing


def test_nobody_is_paged_again() -> None:
    play = cycles(opened(), 2)
    before = play.calls()
    assert before == [(0, "ana"), (2, "ana")]
    cycles(play, 3)
    assert play.calls() == before


def test_unless_the_severity_rises() -> None:
    play = cycles(opened(), 2)
    play.resolved()
    play.trigger(severity="critical")
    assert play.calls()[2:] == [(4, "ana")]
    play.trigger(severity="critical", alert="second")
    assert len(play.calls()) == 3


def test_a_rise_at_the_third_cycle_pages_once() -> None:
    play = cycles(opened(), 1)
    play.resolved()
    play.trigger(severity="critical")
    assert play.calls()[2:] == [(2, "ana")]


def test_who_has_not_been_called_yet_still_is() -> None:
    play = cycles(opened(), 2)
    for _ in range(9):
        cycles(play, 1)
    assert [person for _, person in play.calls()][2:] == ["ben"]


def test_it_is_resolved_once_the_source_was_quiet_for_the_window() -> None:
    play = cycles(opened(), 2)
    play.wait("9m")
    play.resolved()
    play.wait("9m")
    assert play.state.status == "open"
    play.wait("1m")
    assert play.state.status == "resolved"
    assert play.facts(ev.Resolved)[-1].why.key == "resolve.quiet"


def test_a_change_begins_the_quiet_anew() -> None:
    play = cycles(opened(), 2)
    play.wait("9m")
    play.trigger(severity="error", alert="second")
    play.wait("9m")
    assert play.facts(ev.FlappingEnded) == []


def test_quiet_and_firing_it_is_an_ordinary_incident_again() -> None:
    play = cycles(opened(), 2)
    play.wait("11m")
    assert (play.state.status, play.state.flap.quiet_at) == ("open", None)


def test_a_person_ends_it_even_while_it_flaps() -> None:
    play = cycles(opened(), 2)
    play.put(cmd.Resolve("ana"))
    assert play.state.status == "resolved"


# ------------------------------------------------------------------------------ reopened and closed


def test_reopened_by_a_person_both_ladders_begin_afresh() -> None:
    play = opened(hierarchical=[inform("team.lead", "15m"), inform("role:head-of-it", "0m")])
    play.wait("21m")
    play.acknowledge("ben")
    play.resolved()
    play.wait("1h")
    play.put(cmd.Reopen("ana", "still down"))
    assert (play.state.owner, play.state.ladder_start) == (None, MONDAY + 81 * MINUTE)
    play.wait("16m")
    assert play.calls(since="81m") == [(81, "ana")]
    assert play.calls("inform", since="81m") == [(81, "omar"), (96, "frank")]


def test_reopened_by_a_person_within_the_flap_window_it_stands_as_it_stood() -> None:
    play = opened(hierarchical=[inform("team.lead", "0m"), inform("role:head-of-it", "15m")])
    play.wait("5m")
    play.acknowledge("ana")
    play.put(cmd.Resolve("ben", "thought so"))
    play.wait("5m")
    play.put(cmd.Reopen("ben", "wrong incident"))
    assert (play.state.status, play.state.owner, play.state.ladder_start) == ("acknowledged", "ana", MONDAY)
    assert play.state.lease is not None
    assert play.state.lease.ends_at == MONDAY + 70 * MINUTE
    assert play.calls() == [(0, "ana"), (10, "ana")]
    assert play.messages[-1].text.values == {"reason": "wrong incident"}
    play.wait("20m")
    assert play.calls("inform") == [(0, "frank"), (15, "omar")]


def test_who_reopens_their_own_is_not_paged_and_a_person_s_slip_is_no_cycle() -> None:
    play = opened()
    play.acknowledge("ana")
    for _ in range(3):
        play.put(cmd.Resolve("ana"))
        play.wait("1m")
        play.put(cmd.Reopen("ana"))
    assert (play.calls(), play.state.flap.reopened) == ([(0, "ana")], ())


@pytest.mark.parametrize("rest", [cmd.Snooze("ana", MONDAY + 60 * MINUTE), cmd.Acknowledge("source:scripts")])
def test_what_rested_when_it_ended_is_entered_afresh_when_it_fires_again(rest: cmd.Command) -> None:
    play = opened()
    play.put(rest)
    play.wait("25m")
    play.resolved()
    play.wait("2m")
    play.trigger(severity="error")
    play.wait("21m")
    assert play.calls() == [(0, "ana"), (27, "ana"), (47, "ben")]


def test_what_is_live_cannot_be_reopened() -> None:
    assert opened().refused(cmd.Reopen("ana")) == "live"


def test_resolved_becomes_closed_after_three_days() -> None:
    play = opened()
    play.resolved()
    play.wait("3d")
    assert play.state.status == "closed"
    assert play.facts(ev.Closed)[0].at == MONDAY + 3 * DAY


def test_a_complaint_after_five_working_days() -> None:
    play = ladder(notify("person:kai", "2d"))
    play.world.rulebook.teams["infrastructure"] = play.world.rulebook.teams["complaints"]
    play.trigger(kind="complaint", severity="warning")
    play.wait("1h")
    play.resolved(kind="complaint")
    assert play.state.close_at == MONDAY + 7 * DAY + HOUR


def test_by_hand_only_what_is_resolved_is_closed() -> None:
    play = opened()
    assert play.refused(cmd.Close("kai")) == "live"
    play.resolved()
    play.put(cmd.Close("kai"))
    assert (play.state.status, play.facts(ev.Closed)[0].by) == ("closed", "kai")


@pytest.mark.parametrize(
    "command", [cmd.Report(SOURCE, "scripts", (signal(),)), cmd.Reopen("ana"), cmd.Resolve("ana"), cmd.Snooze("ana")]
)
def test_closed_never_reopens(command: cmd.Command) -> None:
    play = opened()
    play.resolved()
    play.put(cmd.Close("kai"))
    play.now += MINUTE
    assert play.refused(command) in ("ended", "live")
