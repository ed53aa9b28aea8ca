"""Overlays with an end: what a snooze and a wait stop, how long they may last, and what ends them."""

import pytest

from tests.cast import DAY, HOUR, MINUTE, MONDAY, target
from tests.core.incident.play import Play, inform, ladder, notify
from tocsin.core.incident import commands as cmd
from tocsin.core.incident import events as ev
from tocsin.core.instant import Instant

OVERLAYS = [lambda until: cmd.Snooze("ana", until), lambda until: cmd.Pend("ana", "vendor", until)]


def opened(severity: str = "critical", **fields: object) -> Play:
    play = ladder(notify("person:ana"), notify("person:ben"), **fields)
    play.trigger(severity=severity)
    return play


def end_of(play: Play) -> Instant | None:
    return play.state.pending.review_at if play.state.pending else play.state.snoozed_until


@pytest.mark.parametrize("overlay", OVERLAYS)
@pytest.mark.parametrize(("severity", "length"), [("critical", 30 * MINUTE), ("error", 4 * HOUR), ("warning", DAY)])
def test_each_has_an_end_by_priority(overlay, severity: str, length: int) -> None:  # type: ignore[no-untyped-def]
    play = opened(severity)
    play.put(overlay(None))
    assert end_of(play) == MONDAY + length


@pytest.mark.parametrize("overlay", OVERLAYS)
@pytest.mark.parametrize(("severity", "longest"), [("critical", DAY), ("error", 7 * DAY)])
def test_each_lasts_a_day_or_a_week_at_most(overlay, severity: str, longest: int) -> None:  # type: ignore[no-untyped-def]
    play = opened(severity)
    assert play.refused(overlay(MONDAY + longest + 1)) == "invalid"
    assert play.refused(overlay(MONDAY)) == "invalid"
    play.put(overlay(MONDAY + longest))
    assert end_of(play) == MONDAY + longest


def test_one_working_day_is_a_week_at_most_however_long_the_holidays_are() -> None:
    play = opened("warning")
    book = play.world.rulebook
    office = book.hours["office"]
    days = frozenset(f"2026-01-{day:02}" for day in range(1, 32))
    book.hours["office"] = type(office)(office.id, office.timezone, office.week, office.day, days)
    book.teams["infrastructure"] = book.teams["service-desk"]
    play.put(cmd.Snooze("ana"))
    assert end_of(play) == MONDAY + 7 * DAY


# ----------------------------------------------------------------------------------------- snooze


def test_a_snooze_stops_functional_steps_and_running_calls() -> None:
    play = opened()
    play.silent_providers = True
    play.put(cmd.Snooze("ana", MONDAY + HOUR))
    assert play.state.rounds == ()
    assert play.withdrawn[-1].purposes == ("page",)
    play.wait("59m")
    assert play.calls() == [(0, "ana")]


def test_at_its_end_the_current_step_is_entered_afresh() -> None:
    play = opened()
    play.put(cmd.Snooze("ana", MONDAY + HOUR))
    play.wait("66m")
    assert play.calls() == [(0, "ana"), (60, "ana"), (65, "ben")]


def test_it_stops_no_hierarchical_step() -> None:
    play = opened(hierarchical=[inform("team.lead", "15m")])
    play.put(cmd.Snooze("ana", MONDAY + HOUR))
    play.wait("16m")
    assert play.calls("inform") == [(15, "frank")]


def test_a_raised_priority_ends_it() -> None:
    play = opened("warning")
    play.put(cmd.Snooze("ana"))
    play.put(cmd.SetPriority("omar", "P1", "worse"))
    assert play.state.snoozed_until is None
    assert play.calls() == [(0, "ana"), (0, "ana")]


def test_a_lowered_priority_does_not() -> None:
    play = opened()
    play.put(cmd.Snooze("ana"))
    play.put(cmd.SetPriority("omar", "P3", "better"))
    assert play.state.snoozed_until is not None


def test_a_new_kind_of_alert_ends_it() -> None:
    play = opened()
    play.put(cmd.Snooze("ana"))
    play.trigger(alert="second")
    assert play.state.snoozed_until is None
    assert play.calls()[-1] == (0, "ana")


def test_another_report_of_the_same_alert_does_not() -> None:
    play = opened()
    play.put(cmd.Snooze("ana"))
    play.trigger(severity="error")
    assert play.state.snoozed_until is not None


def test_a_reopening_ends_it() -> None:
    play = opened()
    play.put(cmd.Snooze("ana", MONDAY + HOUR))
    play.resolved()
    play.trigger()
    assert play.state.snoozed_until is None


def test_a_lease_that_lapses_during_it_waits_for_its_end() -> None:
    play = opened()
    play.acknowledge("ana")
    play.put(cmd.Snooze("ana", MONDAY + HOUR))
    play.wait("59m")
    assert (play.state.status, play.calls()) == ("open", [(0, "ana")])
    play.wait("2m")
    assert play.calls() == [(0, "ana"), (60, "ana")]


def test_snoozed_and_acknowledged_at_the_source_it_rests_until_both_are_over() -> None:
    play = opened()
    play.acknowledge("source:scripts")
    play.put(cmd.Snooze("ana", MONDAY + 20 * MINUTE))
    play.wait("25m")
    assert play.calls() == [(0, "ana")]
    play.wait("6m")
    assert play.calls() == [(0, "ana"), (30, "ana")]


def test_an_escalation_by_hand_ends_it_and_enters_the_next_step_alone() -> None:
    play = opened()
    play.put(cmd.Snooze("ana"))
    play.put(cmd.Escalate("ana", "functional", "why"))
    assert play.state.snoozed_until is None
    assert play.calls() == [(0, "ana"), (0, "ben")]


# ---------------------------------------------------------------------------------------- pending


def test_pending_stops_no_step() -> None:
    play = opened()
    play.put(cmd.Pend("ana", "vendor"))
    play.wait("6m")
    assert play.calls() == [(0, "ana"), (5, "ben")]


def test_at_its_end_the_owner_looks_at_it_again() -> None:
    play = opened()
    play.acknowledge("ana", eta=MONDAY + HOUR)
    play.put(cmd.Pend("ana", "vendor", MONDAY + 20 * MINUTE))
    assert play.state.pending is not None
    assert play.state.pending.reason == "vendor"
    play.wait("21m")
    assert play.state.pending is None
    assert play.calls("inform") == [(20, "ana")]


def test_pending_ends_with_the_incident() -> None:
    play = opened()
    play.put(cmd.Pend("ana", "vendor"))
    play.resolved()
    assert play.state.pending is None


# ---------------------------------------------------------------------------------- only while live


@pytest.mark.parametrize(
    "command",
    [
        cmd.Snooze("ana"),
        cmd.Pend("ana", "vendor"),
        cmd.SetPriority("ana", "P1", "why"),
        cmd.Escalate("ana", "functional", "why"),
        cmd.Reassign("ana", target("team")),
        cmd.Unacknowledge("ana"),
        cmd.Resolve("ana"),
    ],
)
def test_what_has_ended_is_not_changed(command: cmd.Command) -> None:
    play = opened()
    play.resolved()
    assert play.refused(command) == "ended"


def test_a_note_is_kept_at_any_time() -> None:
    play = opened()
    play.resolved()
    (noted,) = play.put(cmd.Note("ana", "t7"))
    assert isinstance(noted, ev.Noted)
    assert noted.text == "t7"
