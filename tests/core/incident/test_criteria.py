"""What the organisation's criteria do to an incident: they only raise, at the opening and whenever an input changes."""

from typing import Any

import pytest
from msgspec.structs import replace

from tests.cast import MINUTE, MONDAY, small_rulebook, target
from tests.core.incident.play import Play, ask, inform, ladder, notify, policy, signal, world
from tocsin.core.catalogue.priority import Priority
from tocsin.core.ids import PolicyId
from tocsin.core.incident import commands as cmd
from tocsin.core.incident import events as ev
from tocsin.core.routing.criteria import compile_condition
from tocsin.core.routing.criterion import Criterion, Raise
from tocsin.core.steps import Inform


def judged(*criteria: Criterion, **fields: Any) -> Play:
    """Ana, then Ben; a second policy `loud` calls Eve and informs Omar."""
    book = small_rulebook()
    loud = policy([notify("person:eve", "5m")], [inform("role:head-of-it", "10m")], digest="loud-1")
    plain = policy([notify("person:ana", "10m"), notify("person:ben", "10m")], [inform("team.lead", "1h")])
    policies = {**book.policies, "production": plain, "loud": replace(loud, id=PolicyId("loud"))}
    return Play(world(small_rulebook(criteria=criteria, policies=policies), **fields))


def when(condition: str, name: str = "rule", cool_down: int = 0, **then: Any) -> Criterion:
    return Criterion(name, condition, Raise(**then), cool_down)


TELL = Inform((target("role:executive"),))


def test_at_the_opening_every_match_applies_and_the_worst_priority_wins() -> None:
    play = judged(
        when("signal.title == 'Disk full'", "one", priority="P2", major=True),
        when("signal.severity == 'warning'", "two", priority="P1", confidential=True),
        when("signal.severity == 'critical'", "three", priority="P1"),
    )
    play.trigger(severity="warning")
    assert (play.state.priority, play.state.major, play.state.confidential) == ("P1", True, True)
    assert sorted(play.state.criteria) == ["one", "two"]


def test_they_never_lower() -> None:
    play = judged(when("true", priority="P5"))
    play.trigger(severity="critical")
    assert play.state.priority == "P1"


def test_the_first_policy_that_is_named_counts() -> None:
    play = judged(when("true", "one"), when("true", "two", policy="loud"), when("true", "three", policy="complaint"))
    play.trigger()
    assert (play.state.policy, play.state.digest) == ("loud", "loud-1")
    assert play.calls() == [(0, "eve")]


def test_they_see_the_whole_signal_at_the_opening_and_later() -> None:
    rule = when("signal.text.contains('fire')", major=True)
    play = judged(rule)
    play.trigger(text="fire!")
    assert play.state.major
    later = judged(rule)
    later.trigger()
    later.trigger(text="fire!", alert="second")
    assert later.state.major


def test_one_that_cannot_be_judged_does_not_apply_and_is_a_finding() -> None:
    play = judged(
        when("1 / incident.reopened > 0", major=True), when("1 / incident.reopened > 0", "other", priority="P1")
    )
    play.trigger(severity="warning")
    assert (play.state.priority, play.state.major) == ("P3", False)
    assert [fact.finding.values["criterion"] for fact in play.facts(ev.Found)] == ["rule", "other"]
    play.trigger(severity="warning", alert="second")
    assert len(play.facts(ev.Found)) == 2


def test_whenever_a_signal_changes_an_input_they_are_judged_again() -> None:
    play = judged(when("incident.alerts >= 2", priority="P1", major=True))
    play.trigger(severity="warning")
    assert (play.state.priority, play.state.major) == ("P3", False)
    play.trigger(severity="warning", alert="second")
    assert (play.state.priority, play.state.major) == ("P1", True)
    assert play.facts(ev.Flagged)[0].criteria == ("rule",)


def test_a_repeat_that_says_more_is_a_changed_input() -> None:
    play = judged(when("signal.wants_escalation", escalate=ask("role:duty-manager", "0m"), cool_down=10 * MINUTE))
    play.trigger()
    assert play.trigger(title="still the same") == ()
    play.trigger(wants_escalation=True)
    assert play.calls("ask") == [(0, "carla")]
    assert play.state.alerts.keys() == {""}
    assert play.trigger(wants_escalation=True) == ()
    play.wait("10m")
    play.trigger(wants_escalation=True, title="again")
    assert len(play.facts(ev.Asked)) == 2


def test_a_repeat_whose_text_says_more_is_one_too() -> None:
    play = judged(when("signal.text.contains('fire')", major=True))
    play.trigger(text="smoke")
    play.trigger(text="fire!")
    assert play.state.major


def test_every_signal_of_a_report_is_judged() -> None:
    rule = when("signal.labels.site == 'main'", major=True)
    play = judged(rule)
    play.report(signal(alert="a", labels={"site": "main"}), signal(alert="b", labels={"site": "other"}))
    assert play.state.major
    later = judged(rule)
    later.trigger()
    later.report(signal(alert="a", labels={"site": "main"}), signal(alert="b", labels={"site": "other"}))
    assert later.state.major


def test_a_signal_that_does_not_say_its_kind_has_that_of_its_source() -> None:
    play = judged(when("signal.kind == 'complaint'", priority="P1"))
    sources = play.world.rulebook.sources
    sources["scripts"] = replace(sources["scripts"], kind="complaint")
    play.trigger(severity="warning")
    assert play.state.priority == "P1"


def test_a_resolve_judges_nothing() -> None:
    play = judged(when("incident.alerts >= 2", priority="P1"))
    play.report(signal(alert="a"), signal(alert="b"))
    assert play.state.priority == "P1"
    play.put(cmd.SetPriority("ana", "P3", "one till"))
    play.resolved(alert="b")
    assert play.state.priority == "P3"


@pytest.mark.parametrize(("rated", "stands"), [("P4", "P2"), ("P2", "P2"), ("P1", "P1")])
def test_how_a_report_is_rated_lowers_nothing_that_a_criterion_asks_for_and_a_person_may(
    rated: Priority, stands: Priority
) -> None:
    play = judged(when("signal.labels.site == 'ward'", priority="P2"), when("false", "other", priority="P1"))
    play.trigger(severity="warning", labels={"site": "ward"})
    play.put(cmd.SetPriority("ana", rated, "impact minor, urgency low", rated=True))
    assert play.state.priority == stands
    play.put(cmd.SetPriority("ana", "P5", "a drill"))
    assert play.state.priority == "P5"


def test_where_no_criterion_asks_for_a_priority_the_rating_stands() -> None:
    play = judged(when("true", major=True))
    play.trigger(severity="critical")
    play.put(cmd.SetPriority("ana", "P4", "impact minor, urgency low", rated=True))
    assert play.state.priority == "P4"


def test_repeats_may_raise_where_a_rule_counts_them() -> None:
    rule = when("reports('10m') >= 3", priority="P1")
    play = judged(rule)
    play.world.conditions.compiled[rule.when] = compile_condition(rule.when)
    for _ in range(3):
        play.trigger(severity="warning")
    assert play.state.priority == "P1"


def test_they_know_how_often_it_was_reopened_by_whomever_and_however_long_ago() -> None:
    play = judged(when("incident.reopened >= 2", priority="P1"))
    play.trigger(severity="error")
    play.resolved()
    play.wait("1h")
    play.put(cmd.Reopen("ana"))
    play.trigger(severity="error", alert="second")
    assert play.state.priority == "P2"
    play.put(cmd.Resolve("ana"))
    play.trigger(severity="error", alert="second")
    assert play.state.priority == "P1"


def test_a_change_of_policy_begins_both_ladders_anew_from_that_moment() -> None:
    play = judged(when("incident.alerts >= 2", policy="loud"))
    play.trigger()
    play.wait("3m")
    play.trigger(alert="second")
    assert play.state.policy == "loud"
    play.wait("11m")
    assert play.calls()[:2] == [(0, "ana"), (3, "eve")]
    assert play.calls("inform")[-1] == (8, "omar")  # exhausted, five minutes before its time
    assert play.state.ladder_start == MONDAY + 3 * MINUTE


def test_the_policy_it_already_has_changes_nothing() -> None:
    play = judged(when("incident.alerts >= 2", policy="production"))
    play.trigger()
    play.trigger(alert="second")
    assert play.facts(ev.Repoliced) == []


def test_a_change_of_policy_pages_nobody_while_somebody_works_on_it() -> None:
    play = judged(when("incident.alerts >= 2", policy="loud"))
    play.trigger()
    play.acknowledge("ana")
    play.trigger(alert="second")
    assert play.calls() == [(0, "ana")]
    play.put(cmd.Unacknowledge("ana"))
    assert play.calls() == [(0, "ana"), (0, "eve")]


def test_escalated_at_once_and_again_only_after_the_cool_down() -> None:
    play = judged(when("signal.severity == 'critical'", cool_down=10 * MINUTE, escalate=TELL))
    play.trigger()
    assert play.calls("inform") == [(0, "nadia")]
    play.wait("9m")
    play.trigger(alert="second")
    assert len(play.calls("inform")) == 1
    play.wait("1m")
    play.trigger(alert="third")
    assert play.calls("inform") == [(0, "nadia"), (10, "nadia")]


def test_without_a_cool_down_it_escalates_once() -> None:
    play = judged(when("true", escalate=TELL))
    play.trigger()
    play.wait("9m")
    play.trigger(alert="second")
    assert play.calls("inform") == [(0, "nadia")]


def test_an_escalation_may_ask() -> None:
    play = judged(when("incident.alerts >= 2", escalate=ask("role:duty-manager", "0m")))
    play.trigger()
    play.trigger(alert="second")
    assert play.calls("ask") == [(0, "carla")]


def test_it_ends_no_snooze_by_itself_but_a_raise_does() -> None:
    play = judged(when("signal.title == 'worse'", priority="P1"))
    play.trigger(severity="warning")
    play.put(cmd.Snooze("ana"))
    play.trigger(severity="error", title="worse")
    assert (play.state.priority, play.state.snoozed_until) == ("P1", None)


def test_steps_are_judged_by_what_is_known_then() -> None:
    play = ladder(notify("person:ana", "5m"), notify("person:ben", when="incident.alerts >= 2"), notify("person:eve"))
    play.trigger()
    play.trigger(alert="second")
    play.wait("6m")
    assert play.calls() == [(0, "ana"), (5, "ben")]
