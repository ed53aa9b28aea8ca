"""Undo: for half a minute one's own act can be taken back, and every timer runs as if it had never been."""

import pytest

from tests.cast import DANA, EVE, period
from tests.core.incident.play import Play, ask, hand_over, inform, ladder, notify, signal
from tocsin.core.catalogue.target import Target
from tocsin.core.incident import commands as cmd
from tocsin.core.incident import events as ev
from tocsin.core.incident.due import due, timers
from tocsin.core.incident.undoing import UNDO_WITHIN
from tocsin.core.instant import MINUTE, SECOND


def paged() -> Play:
    """Dana is being called, eve is next, frank hears of it after a quarter of an hour."""
    play = ladder(
        hand_over("team", "5m"),
        notify("person:eve", "10m"),
        hierarchical=(inform("person:frank", "15m", unless="acknowledged"), ask("person:carla", "2h")),
    )
    play.trigger()
    return play


def later(play: Play, seconds: int) -> Play:
    play.now += seconds * SECOND
    return play


def test_an_acknowledgement_taken_back_leaves_every_timer_at_its_first_instant() -> None:
    play = later(paged(), 20)
    before, running = play.state, set(timers(play.state))
    play.acknowledge("dana")
    later(play, 25).undo("dana")
    assert (play.state.status, play.state.owner, play.state.lease) == ("open", None, None)
    assert set(timers(play.state)) == running
    assert (play.state.functional, play.state.hierarchical) == (before.functional, before.hierarchical)
    play.wait("10m")
    assert play.calls() == [(0, "dana"), (5, "eve")]


def test_a_timer_that_ran_out_meanwhile_runs_out_at_once() -> None:
    play = paged()
    play.wait("4m50s")
    play.acknowledge("dana")
    later(play, 20).undo("dana")
    assert due(play.state) == play.start + 5 * MINUTE < play.now
    play.tick()
    assert play.calls()[-1] == (5, "eve")


def test_a_resolution_taken_back_is_live_again_with_all_that_it_had() -> None:
    play = paged()
    play.acknowledge("dana", eta=play.now + 40 * MINUTE)
    play.put(cmd.Pend("dana", "the vendor"))
    play.wait("3m")
    before, seq = play.state, play.state.seq
    play.put(cmd.Resolve("dana"))
    later(play, 10).undo("dana")
    kept = ("status", "owner", "lease", "pending", "alerts", "functional", "hierarchical", "requests", "rounds")
    assert {name: getattr(play.state, name) for name in kept} == {name: getattr(before, name) for name in kept}
    assert (play.state.resolved_at, play.state.close_at) == (None, None)
    assert play.state.moved == play.state.seq > seq


def test_whoever_heard_of_the_act_hears_that_it_was_taken_back_and_nobody_is_called_twice() -> None:
    play = paged()
    play.wait("6m")
    play.acknowledge("eve")
    assert play.calls("taken") == [(6, "dana")]
    later(play, 5).undo("eve")
    assert play.calls("undone") == [(6, "dana")]
    assert play.calls() == [(0, "dana"), (5, "eve")]


def test_a_call_that_the_act_had_called_back_comes_back_under_its_own_name() -> None:
    play = ladder(hand_over("team", "5m"), silent_providers=True)
    play.trigger()
    (call,) = play.messages
    play.acknowledge("dana")
    later(play, 5).undo("dana")
    assert [one.id for one in play.messages] == [call.id, call.id]
    play.receipt(play.messages[-1], "sent")
    assert play.state.carried == {DANA: ("email",)}


def test_handing_it_over_taken_back_calls_off_whom_it_called() -> None:
    play = paged()
    play.put(cmd.Reassign("carla", Target("person", "gita")))
    assert play.calls()[-1] == (0, "gita")
    before = play.state
    later(play, 15).undo("carla")
    assert play.state.functional.called == (DANA,)
    assert play.state.functional.due_at == play.start + 5 * MINUTE
    assert play.calls("undone") == [(0, "gita")]
    assert play.state.round == before.round, "the number of a round is never used twice"
    play.wait("10m")
    assert play.calls() == [(0, "dana"), (0, "gita"), (5, "eve")]


def test_handing_it_to_another_team_taken_back_stands_with_the_first() -> None:
    play = paged()
    play.put(cmd.Reassign("carla", Target("team", "payments")))
    assert play.state.team == "payments"
    play.undo("carla")
    assert (play.state.team, play.state.transfers) == ("infrastructure", ())
    assert play.facts(ev.Undone)[-1].left == "payments"


def test_an_offer_taken_back_is_none() -> None:
    play = paged()
    play.acknowledge("dana")
    play.put(cmd.Reassign("dana", Target("person", "eve")))
    play.undo("dana")
    assert (play.state.requests, play.state.owner) == ((), DANA)
    assert not [one for one in play.state.rounds if one.purpose == "offer"]
    play.wait("20m")
    assert play.calls("offer") == [(0, "eve")]


def test_a_step_of_management_that_was_skipped_for_it_comes_after_all() -> None:
    play = paged()
    play.wait("14m50s")
    play.acknowledge("eve")
    play.wait("20s")
    assert play.facts(ev.RungSkipped)
    play.undo("eve")
    play.tick()
    assert play.calls("inform") == [(15, "frank")]


def test_a_step_that_came_meanwhile_has_come() -> None:
    play = ladder(hand_over("team", "5m"), notify("person:eve", "10m", unless="resolved"), notify("person:ines"))
    play.trigger()
    play.wait("4m50s")
    play.acknowledge("dana")
    play.wait("20s")
    assert play.calls() == [(0, "dana"), (5, "eve")]
    play.undo("dana")
    play.wait("12m")
    assert play.calls() == [(0, "dana"), (5, "eve"), (15, "ines")]


def test_what_its_source_reported_meanwhile_was_reported() -> None:
    play = paged()
    play.acknowledge("dana")
    later(play, 5).trigger(alert="b")
    play.undo("dana")
    assert set(play.state.alerts) == {"", "b"}
    play.put(cmd.Resolve("dana"))
    later(play, 5).report(signal(alert="c"))
    assert play.state.status == "open"
    reopened = play.state.reopened
    play.undo("dana")
    assert (play.state.status, play.state.reopened) == ("open", reopened - 1)
    assert play.state.alerts["c"].firing
    play.wait("10m")
    assert EVE in [who for _, who in play.calls()]


def test_a_way_that_failed_meanwhile_leads_on() -> None:
    play = ladder(hand_over("team", "5m"), notify("person:eve", "10m"), silent_providers=True)
    play.trigger()
    play.acknowledge("dana")
    play.receipt(play.messages[0], "permanent")
    later(play, 5).undo("dana")
    assert play.state.functional.called == (EVE,), "nothing leads to dana, so that the next one is called"


@pytest.mark.parametrize("kind", [cmd.Snooze("dana"), cmd.Pend("dana", "the vendor")])
def test_a_rest_taken_back_is_none(kind: cmd.Command) -> None:
    play = paged()
    running = set(timers(play.state))
    play.put(kind)
    later(play, 10).undo("dana")
    assert set(timers(play.state)) == running


def undo(play: Play, by: str, act: int | None = None) -> cmd.Undo:
    return cmd.Undo(by, act, past=play.past)


def test_it_is_refused_once_half_a_minute_has_passed() -> None:
    play = paged()
    play.acknowledge("dana")
    play.now += UNDO_WITHIN
    assert len(play.undo("dana")) == 1
    play.acknowledge("dana")
    play.now += UNDO_WITHIN + 1
    assert play.refused(undo(play, "dana")) == "too_late"


def test_nobody_takes_back_what_another_did() -> None:
    play = paged()
    play.acknowledge("dana")
    assert play.refused(undo(play, "eve")) == "nothing_to_undo"
    assert play.refused(undo(play, "eve", play.state.seq)) == "not_yours"


def test_what_its_source_did_is_not_taken_back() -> None:
    play = paged()
    play.resolved()
    assert play.refused(undo(play, "scripts", play.state.seq)) == "nothing_to_undo"


def test_what_somebody_did_meanwhile_is_not_overturned() -> None:
    play = paged()
    play.acknowledge("dana")
    play.put(cmd.Note("eve", "t1"))
    act = play.state.seq
    play.put(cmd.TakeOver("eve"))
    assert play.refused(undo(play, "dana")) == "overtaken"
    play.undo("eve")
    assert (play.state.owner, act < play.state.seq) == (DANA, True)
    assert play.refused(undo(play, "dana")) == "overtaken", "eve's undo is hers"


def test_what_was_taken_back_cannot_be_taken_back_again() -> None:
    play = paged()
    play.acknowledge("dana")
    play.undo("dana")
    assert play.refused(undo(play, "dana")) == "undone"


def test_a_resolution_is_not_taken_back_once_its_source_has_said_so_too() -> None:
    play = paged()
    play.put(cmd.Resolve("dana"))
    play.resolved()
    assert play.refused(undo(play, "dana")) == "overtaken"


@pytest.mark.parametrize("command", [cmd.Note("dana", "t1"), cmd.Escalate("dana", "functional", "why")])
def test_what_has_reached_people_by_its_nature_cannot_be_taken_back(command: cmd.Command) -> None:
    play = paged()
    play.put(command)
    assert play.refused(undo(play, "dana", play.state.seq)) == "nothing_to_undo"


def test_an_undo_weighs_nothing_until_it_is_used() -> None:
    play = paged()
    play.acknowledge("dana")
    acknowledged = play.events[-1]
    assert isinstance(acknowledged, ev.Acknowledged)
    assert acknowledged.__struct_fields__ == ("by", "lease", "settled", "next_at", "at", "due_at")
    assert not [name for name in play.state.__struct_fields__ if "undo" in name]
    (undone,) = play.undo("dana")
    assert isinstance(undone, ev.Undone)
    assert period("30s").elapsed == UNDO_WITHIN


def test_what_ended_and_fires_again_meanwhile_goes_on_firing() -> None:
    play = paged()
    play.acknowledge("dana")
    later(play, 5).resolved()
    later(play, 5).trigger()
    assert play.state.status == "acknowledged"
    play.undo("dana")
    assert (play.state.status, play.state.owner, play.state.firing) == ("open", None, True)
    play.wait("10m")
    assert EVE in [who for _, who in play.calls()]


def test_one_alert_that_ends_meanwhile_ends_nothing_while_another_fires() -> None:
    play = paged()
    play.put(cmd.Resolve("dana"))
    later(play, 5).trigger(alert="b")
    later(play, 5).resolved(alert="b")
    assert play.state.status == "resolved"
    play.undo("dana")
    assert (play.state.status, play.state.alerts[""].firing, play.state.alerts["b"].firing) == ("open", True, False)
    play.wait("10m")
    assert EVE in [who for _, who in play.calls()]
