"""Who works on it, for how long that is believed, and what happens when nobody does any more."""

import pytest
from msgspec.structs import replace

from tests.cast import DAY, HOUR, MINUTE, MONDAY, contact, facts, period, small_rulebook, target
from tests.core.incident.play import Play, ladder, notify, signal
from tocsin.core.ids import HoursId
from tocsin.core.incident import commands as cmd
from tocsin.core.incident import events as ev
from tocsin.core.incident.due import due
from tocsin.core.signal import Signal

OFFICE = HoursId("office")


def opened(severity: str = "critical", **fields: object) -> Play:
    play = ladder(notify("person:ana", "20m"), notify("person:ben", "20m"), **fields)
    play.trigger(severity=severity)
    return play


def there(severity: str = "critical") -> Signal:
    """The source says that somebody has acknowledged it there."""
    return signal(action="acknowledge", severity=severity)


def test_whoever_acknowledges_owns_it_and_the_calls_stop() -> None:
    play = opened()
    play.acknowledge("ana")
    assert (play.state.status, play.state.owner) == ("acknowledged", "ana")
    play.wait("29m")
    assert play.calls() == [(0, "ana")]


def test_anybody_may_acknowledge() -> None:
    play = opened()
    play.acknowledge("omar")
    assert play.state.owner == "omar"


def test_a_second_acknowledgement_does_not_change_the_owner() -> None:
    play = opened()
    play.acknowledge("ana")
    play.acknowledge("ben")
    assert (play.state.owner, play.state.acknowledged_by) == ("ana", ("ana", "ben"))


def test_taking_over_changes_the_owner_and_begins_a_new_lease() -> None:
    play = opened()
    play.acknowledge("ana")
    play.wait("10m")
    play.put(cmd.TakeOver("ben"))
    assert play.state.owner == "ben"
    assert play.state.lease is not None
    assert play.state.lease.ends_at == MONDAY + 40 * MINUTE


def test_taking_over_is_an_acknowledgement() -> None:
    play = opened()
    play.put(cmd.TakeOver("ben"))
    assert (play.state.status, play.state.owner, play.state.calling) == ("acknowledged", "ben", False)


# ------------------------------------------------------------------------------------------- lease


@pytest.mark.parametrize(
    ("severity", "length"), [("critical", 30 * MINUTE), ("error", HOUR), ("warning", 4 * HOUR), ("info", DAY)]
)
def test_it_holds_as_long_as_the_priority_says(severity: str, length: int) -> None:
    play = opened(severity)
    play.acknowledge("ana")
    assert play.state.lease is not None
    assert play.state.lease.ends_at == MONDAY + length


def test_it_holds_as_long_as_the_policy_says() -> None:
    play = opened(acknowledged_for={"P1": period("2h")})
    play.acknowledge("ana")
    assert due(play.state) == MONDAY + 2 * HOUR


def test_days_of_a_lease_are_working_days_of_the_team() -> None:
    friday = MONDAY + 4 * DAY
    play = opened("info", acknowledged_for={"P5": period("1d")}, at=friday)
    play.world.rulebook.teams["infrastructure"] = play.world.rulebook.teams["service-desk"]
    play.acknowledge("ana")
    assert play.state.lease is not None
    assert play.state.lease.ends_at == friday + 3 * DAY


def test_a_time_of_arrival_moves_its_end() -> None:
    play = opened()
    play.acknowledge("ana", eta=MONDAY + HOUR)
    assert due(play.state) == MONDAY + HOUR


@pytest.mark.parametrize(("eta", "ends"), [(10 * HOUR, 2 * HOUR), (-HOUR, MINUTE)])
def test_a_time_of_arrival_is_at_most_four_leases_away_and_never_past(eta: int, ends: int) -> None:
    play = opened()
    play.acknowledge("ana", eta=MONDAY + eta)
    assert due(play.state) == MONDAY + ends


def test_four_leases_of_working_days_are_working_days() -> None:
    friday = MONDAY + 4 * DAY
    play = opened("info", at=friday)
    play.world.rulebook.teams["infrastructure"] = play.world.rulebook.teams["service-desk"]
    play.acknowledge("ana", eta=friday + 90 * DAY)
    assert play.state.lease is not None
    assert play.state.lease.ends_at == friday + 6 * DAY  # Thursday: Monday is the first


@pytest.mark.parametrize(("severity", "lane"), [("critical", "urgent_p1"), ("error", "urgent"), ("warning", "routine")])
def test_still_on_it_is_asked_routinely_from_p3_on_whatever_is_urgent(severity: str, lane: str) -> None:
    rules = replace(small_rulebook().priorities, urgent=("P1", "P2", "P3"))
    play = opened(severity, rules={"priorities": rules})
    play.acknowledge("ana")
    play.wait("4h")
    asked = next(one for one in play.messages if one.purpose == "still_on_it")
    assert asked.lane == lane


@pytest.mark.parametrize(("severity", "asked", "lapsed"), [("critical", 30, 35), ("error", 60, 70)])
def test_at_its_end_the_owner_is_asked_and_unanswered_it_is_open_again(severity: str, asked: int, lapsed: int) -> None:
    play = opened(severity)
    play.acknowledge("ana")
    play.wait("65m")
    play.wait("6m")
    assert play.calls("still_on_it") == [(asked, "ana")]
    assert play.at(ev.AcknowledgementEnded) == [lapsed]
    assert (play.state.status, play.state.owner) == ("open", None)


def test_the_current_step_is_entered_afresh() -> None:
    play = opened()
    play.wait("21m")
    play.acknowledge("ben")
    play.wait("1h")
    assert play.calls()[:3] == [(0, "ana"), (20, "ben"), (56, "ben")]
    assert [entered.cursor.position for entered in play.facts(ev.StepEntered)][:3] == [0, 1, 1]


def test_still_on_it_renews_the_lease() -> None:
    play = opened()
    play.acknowledge("ana")
    play.wait("31m")
    play.acknowledge("ana")
    assert play.state.lease is not None
    assert (play.state.lease.ends_at, play.state.lease.asked_until) == (MONDAY + 61 * MINUTE, None)
    play.wait("10m")
    assert play.state.owner == "ana"


def test_still_on_it_stops_the_calls_that_ask() -> None:
    play = opened()
    play.silent_providers = True
    play.acknowledge("ana")
    play.wait("31m")
    play.acknowledge("ana")
    assert play.state.rounds == ()
    assert play.withdrawn[-1].purposes == ("still_on_it",)


def test_an_owner_who_is_asked_and_cannot_gives_it_up_at_once() -> None:
    play = opened()
    play.acknowledge("ana")
    play.wait("31m")
    play.put(cmd.Decline("ana"))
    assert play.state.status == "open"
    assert play.calls() == [(0, "ana"), (31, "ana")]


def test_a_second_acknowledgement_does_not_answer_for_the_owner() -> None:
    play = opened()
    play.silent_providers = True
    play.acknowledge("ana")
    play.wait("31m")
    play.acknowledge("ben")
    assert [(one.person, one.purpose) for one in play.state.rounds] == [("ana", "still_on_it")]
    play.wait("5m")
    assert play.state.owner is None


# ------------------------------------------------------------------------------------- giving it up


def test_giving_it_up_enters_the_current_step_afresh() -> None:
    play = opened()
    play.acknowledge("ana")
    play.wait("10m")
    play.put(cmd.Unacknowledge("ana", "lunch"))
    assert play.calls() == [(0, "ana"), (10, "ana")]
    assert play.state.functional.due_at == MONDAY + 30 * MINUTE


def test_nothing_can_be_given_up_that_nobody_has() -> None:
    assert opened().refused(cmd.Unacknowledge("ana")) == "not_acknowledged"


def test_after_an_exhausted_ladder_its_last_step_is_entered_afresh() -> None:
    play = opened()
    play.wait("41m")
    assert play.state.functional.exhausted
    play.acknowledge("ana")
    play.put(cmd.Unacknowledge("ana"))
    assert not play.state.functional.exhausted
    assert play.calls()[-1] == (41, "ben")


# ---------------------------------------------------------------------------------------- declining


def test_who_is_called_and_cannot_has_the_next_called_at_once() -> None:
    play = opened()
    play.put(cmd.Decline("ana"))
    assert play.calls() == [(0, "ana"), (0, "ben")]


def test_in_a_queue_the_next_is_called_at_once_though_others_are_still_being_called() -> None:
    play = ladder(notify("team:service-desk, person:eve", "10m"))
    play.trigger()
    play.put(cmd.Decline("eve"))
    assert play.calls() == [(0, "ana"), (0, "eve"), (0, "ben")]


def test_as_long_as_others_are_called_at_once_nothing_more_happens() -> None:
    play = ladder(notify("person:ana, person:ben"), notify("person:eve"))
    play.trigger()
    play.put(cmd.Decline("ana"))
    assert play.calls() == [(0, "ana"), (0, "ben")]


def test_who_was_called_earlier_is_left_in_peace() -> None:
    play = ladder(notify("person:ana"), notify("person:ben"), silent_providers=True)
    play.trigger()
    play.wait("6m")
    play.put(cmd.Decline("ana"))
    assert [one.person for one in play.state.rounds] == ["ben"]
    assert play.withdrawn[-1].person == "ana"


def test_who_is_not_called_cannot_decline() -> None:
    assert opened().refused(cmd.Decline("eve")) == "not_asked"


# ------------------------------------------------------------------------- acknowledged at the source


def test_a_source_suspends_functional_steps_for_one_lease_and_owns_nothing() -> None:
    play = opened()
    play.report(there())
    assert (play.state.status, play.state.owner) == ("open", None)
    assert play.state.suspended_until == MONDAY + 30 * MINUTE
    play.wait("29m")
    assert play.calls() == [(0, "ana")]


def test_what_has_not_rung_yet_rests_with_them() -> None:
    ways = facts(methods={"ana": {"email": "verified", "voice": "verified"}, "ben": {"email": "verified"}})
    play = opened(people=ways, rules={"contact": contact("email, voice after 3m")})
    play.wait("1m")
    play.report(there())
    play.wait("5m")
    assert play.rings("ana") == [(0, "email")]
    play.wait("30m")
    assert play.rings("ana")[1:] == [(31, "email"), (34, "voice")]


def test_an_acknowledgement_from_before_it_fired_again_suspends_nothing() -> None:
    play = opened()
    play.resolved(at=MONDAY + 2 * MINUTE)
    play.trigger(at=MONDAY + 3 * MINUTE)
    play.report(signal(action="acknowledge", at=MONDAY + MINUTE))
    assert play.state.suspended_until is None
    assert play.facts(ev.Ignored)[-1].why.key == "signal.stale"


def test_after_that_lease_the_current_step_is_entered_afresh() -> None:
    play = opened()
    play.report(there())
    play.wait("51m")
    assert play.calls() == [(0, "ana"), (30, "ana"), (50, "ben")]


def test_a_person_who_acknowledges_ends_that() -> None:
    play = opened()
    play.report(there())
    play.acknowledge("ana")
    assert play.state.suspended_until is None


def test_a_source_that_says_it_twice_suspends_once() -> None:
    play = opened()
    play.report(there())
    play.wait("10m")
    assert play.report(there()) == ()


def test_a_command_in_the_name_of_a_source_suspends_too() -> None:
    play = opened()
    play.acknowledge("source:scripts")
    assert (play.state.owner, play.state.suspended_until) == (None, MONDAY + 30 * MINUTE)


def test_it_means_nothing_where_somebody_owns_it() -> None:
    play = opened()
    play.acknowledge("ana")
    assert play.report(there()) == ()


def test_a_raised_priority_ends_it() -> None:
    play = opened("warning")
    play.report(there("warning"))
    play.put(cmd.SetPriority("omar", "P1", "worse"))
    assert play.state.suspended_until is None
    assert play.calls() == [(0, "ana"), (0, "ana")]


def test_nobody_reachable_during_it_changes_nothing() -> None:
    play = opened()
    play.silent_providers = True
    play.report(there())
    play.receipt(play.last("ana"), "permanent")
    assert play.calls() == [(0, "ana")]


# --------------------------------------------------------------------------------- late and stale


@pytest.mark.parametrize("command", [cmd.Acknowledge("ana"), cmd.TakeOver("ana")])
def test_a_late_acknowledgement_of_an_ended_incident_is_recorded_and_reopens_nothing(command: cmd.Command) -> None:
    play = opened()
    play.resolved()
    (late,) = play.put(command)
    assert isinstance(late, ev.Late)
    assert play.state.status == "resolved"


def test_a_stale_acknowledgement_is_recorded_as_late() -> None:
    play = opened()
    seen = play.state.seq
    play.acknowledge("ana")
    (late,) = play.acknowledge("ben", seen=seen)
    assert isinstance(late, ev.Late)
    assert play.state.acknowledged_by == ("ana",)


def test_a_stale_acknowledgement_of_what_nobody_owns_is_welcome() -> None:
    play = opened()
    seen = play.state.seq
    play.acknowledge("ana")
    play.put(cmd.Unacknowledge("ana"))
    play.acknowledge("ben", seen=seen)
    assert play.state.owner == "ben"


@pytest.mark.parametrize(
    "command",
    [
        cmd.Resolve("ben", seen=1),
        cmd.Escalate("ben", "functional", "why", seen=1),
        cmd.SetPriority("ben", "P3", "why", seen=1),
        cmd.Reassign("ben", target("team:payments"), seen=1),
        cmd.Snooze("ben", seen=1),
        cmd.Pend("ben", "vendor", seen=1),
    ],
)
def test_what_acts_upon_a_changed_incident_is_refused_and_told_what_changed(command: cmd.Command) -> None:
    play = opened()
    play.acknowledge("ana")
    assert play.refused(command) == "stale"


def test_it_is_not_stale_where_nothing_that_counts_has_changed() -> None:
    play = opened()
    seen = play.state.seq
    play.put(cmd.Note("ben", "t1"))
    play.put(cmd.Resolve("ben", seen=seen))
    assert play.state.status == "resolved"
