"""What a link says that anybody could have pressed: it holds a critical incident for minutes, then that is asked."""

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.cast import HOUR, MINUTE, MONDAY
from tests.core.incident.play import Play, ladder, notify
from tocsin.core.catalogue.target import Target
from tocsin.core.incident import commands as cmd
from tocsin.core.incident import events as ev
from tocsin.core.incident.decide import decide
from tocsin.core.incident.due import due
from tocsin.core.incident.soft import counts_from
from tocsin.core.instant import SECOND, Instant

BEN = Target("person", "ben")


def opened(severity: str = "critical", **fields: Any) -> Play:
    play = ladder(notify("person:ana", "20m"), notify("person:ben", "20m"), notify("person:finn", "20m"), **fields)
    play.trigger(severity=severity)
    return play


def pressed(severity: str = "critical", **fields: Any) -> Play:
    play = opened(severity, **fields)
    play.acknowledge("ana", soft=True)
    return play


def ends_at(play: Play) -> Instant:
    assert play.state.lease is not None
    return play.state.lease.ends_at - MONDAY


def test_it_owns_and_stops_the_calls_like_any_but_for_five_minutes() -> None:
    play = pressed()
    assert (play.state.status, play.state.owner, ends_at(play)) == ("acknowledged", "ana", 5 * MINUTE)
    play.wait("4m")
    assert play.calls() == [(0, "ana")]


def test_then_its_owner_is_asked_loudly_and_unconfirmed_the_next_step_is_entered() -> None:
    play = pressed().wait("11m")
    assert play.calls("still_on_it") == [(5, "ana")]
    assert [one.lane for one in play.messages if one.purpose == "still_on_it"] == ["urgent_p1"]
    assert play.calls() == [(0, "ana"), (10, "ben")]
    assert [one.why.key for one in play.facts(ev.AcknowledgementEnded)] == ["ack.unconfirmed"]


@pytest.mark.parametrize("severity", ["error", "warning"])
def test_what_is_not_critical_is_acknowledged_by_a_link_as_by_anybody(severity: str) -> None:
    play = pressed(severity)
    assert play.state.lease is not None
    assert (play.state.lease.soft, ends_at(play) >= HOUR) == (False, True)


def test_a_major_incident_is_critical_whatever_its_priority() -> None:
    play = opened("error")
    play.state = replace(play.state, major=True)
    play.acknowledge("ana", soft=True)
    assert ends_at(play) == 5 * MINUTE


def test_signed_in_the_same_press_counts_at_once() -> None:
    play = pressed()
    play.acknowledge("ana")
    assert play.state.lease is not None
    assert (play.state.lease.soft, ends_at(play)) == (False, 30 * MINUTE)


@pytest.mark.parametrize(
    "command",
    [
        cmd.Note("ana", "t1"),
        cmd.SetPriority("ana", "P2", "it is not so bad"),
        cmd.Escalate("ana", "functional", "I need help", BEN),
        cmd.Reassign("ana", BEN),
        cmd.Snooze("ana", MONDAY + HOUR),
        cmd.Pend("ana", "vendor", MONDAY + HOUR),
        cmd.TakeOver("ana"),
    ],
)
def test_whatever_else_its_owner_does_confirms_it(command: cmd.Command) -> None:
    play = pressed()
    play.put(command)
    assert play.state.lease is not None
    assert not play.state.lease.soft
    assert ends_at(play) >= 30 * MINUTE


def test_what_somebody_else_does_confirms_nothing() -> None:
    play = pressed()
    play.put(cmd.Note("ben", "t1"))
    assert ends_at(play) == 5 * MINUTE


def test_a_second_press_confirms_once_it_can_be_no_machine_any_more() -> None:
    play = pressed()
    play.wait("59s")
    assert play.acknowledge("ana", soft=True) == ()
    play.wait("1s")
    play.acknowledge("ana", soft=True)
    assert ends_at(play) == 31 * MINUTE


def test_so_does_a_press_when_asked_but_not_in_the_minute_in_which_machines_read_the_question() -> None:
    play = pressed().wait("5m")
    assert counts_from(play.state) == MONDAY + 6 * MINUTE
    assert play.acknowledge("ana", soft=True) == ()
    play.wait("1m")
    play.acknowledge("ana", soft=True)
    assert ends_at(play) == 36 * MINUTE


def test_after_a_whole_lease_too_a_machine_does_not_say_that_somebody_is_still_on_it() -> None:
    play = opened()
    play.acknowledge("ana")
    play.wait("30m")
    assert play.acknowledge("ana", soft=True) == ()
    play.wait("5m")
    assert play.state.status == "open"


def test_a_machine_that_says_it_cannot_either_does_not_hold_the_ladder_at_its_step() -> None:
    play = pressed().wait("5m")
    play.put(cmd.Decline("ana"))
    assert play.calls() == [(0, "ana"), (5, "ben")]


def test_an_offer_taken_by_a_link_is_to_be_confirmed_too() -> None:
    play = opened()
    play.acknowledge("ana")
    play.put(cmd.Reassign("ana", BEN))
    play.put(cmd.Accept("ben", play.request("offer"), soft=True))
    assert (play.state.owner, ends_at(play)) == ("ben", 5 * MINUTE)


def test_it_goes_on_after_the_step_at_which_it_was_taken_though_others_came_meanwhile() -> None:
    steps = (notify("person:ana", "2m"), notify("person:ben", "2m", unless="resolved"), notify("person:finn", "2m"))
    play = ladder(*steps)
    play.trigger()
    play.acknowledge("ana", soft=True)
    play.wait("13m")
    assert play.calls() == [(0, "ana"), (2, "ben"), (10, "ben"), (12, "finn")]


def test_in_the_rounds_after_the_ladder_it_is_the_next_round_that_comes() -> None:
    play = ladder(notify("person:ana", "1m"))
    play.trigger()
    play.wait("2m")
    before = play.state.functional.rescue
    play.acknowledge("carla", soft=True)
    play.wait("10m")
    assert play.state.functional.rescue == before + 1


PRESSES = st.lists(
    st.tuples(st.integers(0, 59), st.sampled_from(("acknowledge", "acknowledge", "decline"))), max_size=4
)


@given(st.lists(PRESSES, min_size=1, max_size=8), st.sampled_from((1, 5, 20)))
def test_law_whatever_machines_press_in_the_minute_after_each_message_everybody_is_called(
    habits: list[list[tuple[int, str]]], wait: int
) -> None:
    """Each step's person within eleven minutes of the one before, or the step's own wait; and never silence after."""
    play = ladder(*(notify(f"person:{one}", f"{wait}m") for one in ("ana", "ben", "finn")))
    play.trigger()
    called = _with_machines(play, habits, until=MONDAY + 2 * HOUR)
    first = {person: min(at for at, who in called if who == person) for person in ("ana", "ben", "finn")}
    longest = max(wait, 11) * MINUTE
    assert first["ben"] - first["ana"] <= longest
    assert first["finn"] - first["ben"] <= longest
    gaps = [after - before for (before, _), (after, _) in pairwise(called)]
    assert max(gaps) <= (max(wait, 11) + 15) * MINUTE


def _with_machines(play: Play, habits: list[list[tuple[int, str]]], until: Instant) -> list[tuple[Instant, str]]:
    """Run with something that reads every mail; when whom was called."""
    presses: list[tuple[Instant, str, str]] = []
    seen = 0
    while True:
        for message in play.messages[seen:]:
            habit = habits[len(presses) % len(habits)]
            if message.purpose in ("page", "still_on_it"):
                presses += [(play.sent_at[message.id] + s * SECOND, message.to, what) for s, what in habit]
        seen = len(play.messages)
        presses.sort()
        timer = due(play.state)
        assert timer is not None
        if presses and presses[0][0] <= timer:
            at, person, what = presses.pop(0)
            play.now = max(play.now, at)
            command = cmd.Acknowledge(person, soft=True) if what == "acknowledge" else cmd.Decline(person)
            _put(play, command)
        else:
            play.now = max(play.now, timer)
            play.tick()
        if play.now > until:
            return [(play.sent_at[one.id], one.to) for one in play.messages if one.purpose == "page"]


def _put(play: Play, command: cmd.Command) -> None:
    if isinstance(decide(play.state, command, play.world, play.now), tuple):
        play.put(command)
