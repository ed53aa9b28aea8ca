"""A person's judgement: the priority either way, and a ladder moved by hand."""

from tests.cast import HOUR, MINUTE, MONDAY, target
from tests.core.incident.play import Play, ladder, notify, reachable
from tocsin.core.incident import commands as cmd
from tocsin.core.incident import events as ev


def opened(severity: str = "critical", **fields: object) -> Play:
    play = ladder(notify("person:ana"), notify("person:ben"), **fields)
    play.trigger(severity=severity)
    return play


def judge(play: Play, priority: str) -> tuple[ev.Event, ...]:
    return play.put(cmd.SetPriority("omar", priority, "seen it"))  # type: ignore[arg-type]


def test_it_is_set_with_a_reason() -> None:
    play = opened("error")
    (fact,) = judge(play, "P4")
    assert isinstance(fact, ev.Prioritised)
    assert (play.state.priority, fact.by, fact.why.values["reason"]) == ("P4", "omar", "seen it")


def test_the_same_priority_is_no_fact() -> None:
    assert judge(opened("error"), "P2") == ()


def test_a_raise_enters_the_step_that_was_passed_over() -> None:
    play = ladder(notify("person:eve", when="at_least(P2)"), notify("person:ana"), notify("person:ben"))
    play.trigger(severity="warning")
    judge(play, "P1")
    assert play.calls() == [(0, "ana"), (0, "eve")]
    play.wait("11m")
    assert play.calls()[2:] == [(5, "ana"), (10, "ben")]


def test_a_raise_goes_on_where_the_step_that_was_passed_over_reaches_nobody() -> None:
    steps = (notify("person:eve", when="at_least(P2)"), notify("person:ana"), notify("person:ben"))
    play = ladder(*steps, people=reachable("ana", "ben"))
    play.trigger(severity="warning")
    judge(play, "P1")
    assert play.state.functional.due_at == MONDAY + 5 * MINUTE
    assert play.state.functional.position == 1


def test_an_acknowledgement_at_a_lower_priority_is_asked_to_confirm() -> None:
    play = opened("warning")
    play.acknowledge("ana")
    judge(play, "P1")
    assert play.calls("still_on_it") == [(0, "ana")]
    play.wait("6m")
    assert play.state.status == "open"


def test_once_confirmed_the_lease_is_that_of_the_new_priority() -> None:
    play = opened("warning")
    play.acknowledge("ana")
    judge(play, "P1")
    play.acknowledge("ana")
    assert play.state.lease is not None
    assert (play.state.lease.ends_at, play.state.lease.priority) == (MONDAY + 30 * MINUTE, "P1")


def test_an_acknowledgement_at_that_priority_is_not_asked() -> None:
    play = opened("critical")
    judge(play, "P3")
    play.acknowledge("ana")
    judge(play, "P2")
    judge(play, "P1")
    assert len(play.facts(ev.LeaseAsked)) == 2
    judge(play, "P3")
    judge(play, "P1")
    assert len(play.facts(ev.LeaseAsked)) == 2


def test_what_was_routine_becomes_loud_at_once() -> None:
    play = opened("warning")
    play.silent_providers = True
    judge(play, "P1")
    play.wait("6m")
    assert [(one.to, one.lane) for one in play.messages] == [("ana", "routine"), ("ben", "urgent_p1")]


# --------------------------------------------------------------------------------------- by hand


def test_a_functional_escalation_enters_the_next_step_now() -> None:
    play = opened()
    play.wait("1m")
    play.put(cmd.Escalate("ana", "functional", "too much for me"))
    assert play.calls() == [(0, "ana"), (1, "ben")]
    assert play.facts(ev.StepEntered)[-1].why.values["reason"] == "too much for me"


def test_a_target_is_called_in_place_of_the_next_step() -> None:
    play = opened()
    play.put(cmd.Escalate("ana", "functional", "why", target("team:payments")))
    assert play.calls() == [(0, "ana"), (0, "gita")]
    assert play.state.functional.position == 0


def test_a_target_that_leads_to_nobody_is_refused() -> None:
    play = opened(people=reachable("ana"))
    assert play.refused(cmd.Escalate("ana", "functional", "why", target("team:payments"))) == "nobody"


def test_owned_a_team_is_offered_it() -> None:
    play = opened()
    play.acknowledge("ana")
    play.put(cmd.Escalate("ana", "functional", "why", target("team:payments")))
    assert play.calls("offer") == [(0, "gita")]
    assert play.state.owner == "ana"


def test_owned_a_person_is_called_to_help() -> None:
    play = opened()
    play.acknowledge("ana")
    play.put(cmd.Escalate("ana", "functional", "why", target("person:eve")))
    assert play.calls() == [(0, "ana"), (0, "eve")]
    assert play.state.owner == "ana"


def test_owned_the_next_step_is_called_and_then_it_rests_again() -> None:
    play = opened()
    play.acknowledge("ana", eta=MONDAY + HOUR)
    play.put(cmd.Escalate("ana", "functional", "why"))
    play.wait("50m")
    assert play.calls() == [(0, "ana"), (0, "ben")]


def test_owned_and_at_the_end_of_the_ladder_it_is_refused() -> None:
    play = opened()
    play.wait("6m")
    play.acknowledge("ben")
    assert play.refused(cmd.Escalate("ben", "functional", "why")) == "nothing_left"


def test_exhausted_the_next_round_comes_now() -> None:
    play = opened()
    play.wait("11m")
    assert play.state.functional.rescue == 1
    play.put(cmd.Escalate("ana", "functional", "why"))
    assert play.state.functional.rescue == 2
