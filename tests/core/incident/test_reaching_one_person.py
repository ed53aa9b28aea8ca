"""How one person is called: their ladder of methods, what its failures lead to, and a second reason to call."""

import msgspec
import pytest

from tests.cast import CAST, HOUR, MONDAY, contact, facts, target
from tests.core.incident.play import Play, ladder, notify
from tocsin.core.incident import commands as cmd
from tocsin.core.incident import events as ev
from tocsin.core.oncall.override import MethodState

ALL = ("push", "email", "sms", "voice")


def calling(
    urgent: str = "push, email, sms after 1m, voice after 3m",
    methods: dict[str, MethodState] | None = None,
    severity: str = "critical",
    routine: str = "email",
    **fields: object,
) -> Play:
    """Ana is called, then Ben; each message waits for its receipt."""
    ways: dict[str, MethodState] = dict.fromkeys(ALL, "verified") if methods is None else methods
    people = facts(methods={**{one: {"email": "verified"} for one in CAST}, "ana": ways})
    people = msgspec.structs.replace(people, contact={"ana": contact(urgent, routine)})
    play = ladder(notify("person:ana", "10m"), notify("person:ben"), people=people, silent_providers=True, **fields)
    play.trigger(severity=severity)
    return play


def test_equal_delays_go_together_and_the_others_in_their_time() -> None:
    play = calling()
    play.wait("5m")
    assert play.rings("ana") == [(0, "push"), (0, "email"), (1, "sms"), (3, "voice")]


def test_what_is_not_urgent_goes_the_routine_way() -> None:
    play = calling(severity="warning")
    play.wait("5m")
    assert play.rings("ana") == [(0, "email")]


def test_a_person_without_a_ladder_of_their_own_has_that_of_the_rulebook() -> None:
    play = calling()
    play.wait("10m")
    assert play.rings("ben") == [(10, "email")]


def test_delays_count_from_the_beginning_of_this_round() -> None:
    play = calling("sms after 2m, voice after 3m")
    play.wait("5m")
    assert play.rings("ana") == [(2, "sms"), (3, "voice")]


def test_where_the_first_way_leads_nowhere_the_next_comes_now() -> None:
    play = calling("push, sms after 2m, voice after 3m", {"sms": "verified", "voice": "declared"})
    play.wait("5m")
    assert play.rings("ana") == [(0, "sms"), (3, "voice")]


def test_a_broken_way_is_not_taken() -> None:
    play = calling(methods={"push": "broken", "email": "verified"})
    play.wait("5m")
    assert play.rings("ana") == [(0, "email")]


def test_where_the_ladder_names_no_way_that_leads_there_every_other_is_taken_verified_first() -> None:
    play = calling("push", {"sms": "declared", "voice": "verified"})
    assert play.rings("ana") == [(0, "voice"), (0, "sms")]


def test_an_unverified_address_is_never_a_reason_not_to_call() -> None:
    assert calling("email", {"email": "declared"}).rings("ana") == [(0, "email")]


def test_a_method_rings_once_in_a_round() -> None:
    play = calling("voice, voice after 2m, email after 3m")
    play.wait("5m")
    assert play.rings("ana") == [(0, "voice"), (3, "email")]


# ---------------------------------------------------------------------------------------- failures


@pytest.mark.parametrize("outcome", ["passing", "permanent", "rung_out"])
def test_undelivered_or_rung_out_means_the_next_entry_now(outcome: cmd.Outcome) -> None:
    play = calling("voice, sms after 5m, email after 5m, push after 8m")
    play.receipt(play.last("ana", "voice"), outcome)
    assert play.rings("ana") == [(0, "voice"), (0, "sms"), (0, "email")]


def test_that_another_way_carried_it_does_not_hold_up_the_next() -> None:
    play = calling("push, voice, sms after 5m")
    play.receipt(play.last("ana", "push"), "sent")
    play.receipt(play.last("ana", "voice"), "rung_out")
    assert play.rings("ana") == [(0, "push"), (0, "voice"), (0, "sms")]


@pytest.mark.parametrize("outcome", ["passing", "permanent", "rung_out"])
def test_the_same_outcome_told_twice_moves_it_on_once(outcome: cmd.Outcome) -> None:
    play = calling("voice, sms after 5m, email after 6m")
    play.receipt(play.last("ana", "voice"), outcome)
    play.receipt(play.last("ana", "voice"), outcome)
    assert play.rings("ana") == [(0, "voice"), (0, "sms")]


def test_a_delivery_stops_nothing() -> None:
    play = calling()
    play.deliver("sent")
    play.wait("11m")
    assert play.rings("ana")[2:] == [(1, "sms"), (3, "voice")]
    assert play.rings("ben") == [(10, "email")]


def test_everything_broken_means_unreachable_and_the_next_step_now() -> None:
    play = calling("email, sms after 1m", {"email": "verified", "sms": "verified"})
    play.receipt(play.last("ana", "email"), "permanent")
    play.receipt(play.last("ana", "sms"), "permanent")
    assert [fact.person for fact in play.facts(ev.Unreachable)] == ["ana"]
    assert play.rings("ben") == [(0, "email")]


def test_before_that_a_way_that_the_ladder_did_not_name_is_tried() -> None:
    play = calling("email", {"email": "verified", "sms": "declared"})
    play.receipt(play.last("ana", "email"), "permanent")
    assert play.rings("ana") == [(0, "email"), (0, "sms")]
    assert play.rings("ben") == []
    assert [one.number for one in play.state.rounds] == [2]


def test_a_passing_failure_of_every_way_keeps_the_wait_and_says_so() -> None:
    play = calling("email, sms after 1m", {"email": "verified", "sms": "verified"})
    play.receipt(play.last("ana", "email"), "passing")
    play.receipt(play.last("ana", "sms"), "passing")
    assert [fact.person for fact in play.facts(ev.Undelivered)] == ["ana"]
    assert play.rings("ben") == []
    play.wait("10m")
    assert play.rings("ben") == [(10, "email")]


def test_one_way_broken_and_one_failing_for_now_keeps_the_wait_too() -> None:
    play = calling("email, sms", {"email": "verified", "sms": "verified"})
    text = play.last("ana", "sms")
    play.receipt(play.last("ana", "email"), "permanent")
    play.receipt(text, "passing")
    assert play.facts(ev.Unreachable) == []
    assert len(play.facts(ev.Undelivered)) == 1


def test_what_recovers_in_the_end_is_delivered() -> None:
    play = calling("email", {"email": "verified"})
    play.receipt(play.last("ana"), "passing")
    play.receipt(play.last("ana"), "sent")
    assert play.state.carried == {"ana": ("email",)}
    assert play.state.rounds == ()


def test_what_recovers_only_to_break_makes_them_unreachable() -> None:
    play = calling("email", {"email": "verified"})
    play.receipt(play.last("ana"), "passing")
    play.receipt(play.last("ana"), "permanent")
    assert play.rings("ben") == [(0, "email")]


def test_mail_that_bounces_after_it_was_taken_makes_another_way_be_tried() -> None:
    play = calling("email", {"email": "verified", "sms": "declared"})
    play.receipt(play.last("ana"), "sent")
    play.receipt(play.last("ana"), "permanent")
    assert play.rings("ana") == [(0, "email"), (0, "sms")]


def test_mail_that_bounces_and_nothing_else_means_the_next_step_now() -> None:
    play = calling("email", {"email": "verified"})
    play.receipt(play.last("ana"), "sent")
    play.receipt(play.last("ana"), "permanent")
    assert play.rings("ben") == [(0, "email")]


def test_a_bounce_of_somebody_who_is_not_counted_on_any_more_changes_nothing() -> None:
    play = calling("email", {"email": "verified"})
    play.receipt(play.last("ana"), "sent")
    play.wait("11m")
    (fact,) = play.receipt(play.last("ana"), "permanent")
    assert isinstance(fact, ev.Delivery)


def test_a_passing_failure_that_is_told_after_the_delivery_changes_nothing() -> None:
    play = calling("email, sms after 5m")
    play.receipt(play.last("ana"), "sent")
    play.receipt(play.last("ana"), "passing")
    assert [ring.state for ring in play.state.rounds[0].rings] == ["sent", "waiting"]


def test_a_receipt_for_what_has_not_rung_changes_nothing() -> None:
    play = calling("email, sms after 5m")
    play.put(cmd.Receipt("x", 1, "ana", "sms", "permanent"))
    assert [ring.state for ring in play.state.rounds[0].rings] == ["ringing", "waiting"]


def test_a_receipt_for_an_incident_that_is_not_there_is_refused() -> None:
    assert ladder().refused(cmd.Receipt("x", 1, "ana", "email", "sent")) == "unknown"


def test_nobody_left_of_an_earlier_step_does_not_end_the_wait_for_an_opening() -> None:
    night = MONDAY + 12 * HOUR
    play = ladder(
        notify("person:ana"), notify("team:service-desk"), notify("person:eve"), at=night, silent_providers=True
    )
    play.trigger(severity="warning")
    play.wait("6m")
    play.receipt(play.last("ana"), "permanent")
    assert play.state.functional.shut
    assert play.calls() == [(0, "ana")]


def test_others_who_are_still_called_keep_the_step() -> None:
    play = ladder(notify("person:ana, person:eve", "10m"), notify("person:ben"), silent_providers=True)
    play.trigger()
    play.receipt(play.last("ana"), "permanent")
    assert play.rings("ben") == []
    assert play.state.functional.called == ("eve",)


# ------------------------------------------------------------------------------------ second reason


def test_a_second_reason_during_a_round_adds_its_text_and_restarts_nothing() -> None:
    play = calling()
    play.wait("2m")
    play.put(cmd.Escalate("ben", "functional", "why", target("person:ana")))
    play.wait("2m")
    assert play.rings("ana") == [(0, "push"), (0, "email"), (1, "sms"), (3, "voice")]
    assert [cause.key for cause in play.state.rounds[0].causes] == ["page.step", "escalate.by"]
    assert play.last("ana", "voice").text.key == "escalate.by"


def test_after_a_round_a_new_reason_begins_a_new_one() -> None:
    play = calling("email")
    play.deliver("sent")
    play.wait("2m")
    play.put(cmd.Escalate("ben", "functional", "why", target("person:ana")))
    assert play.rings("ana") == [(0, "email"), (2, "email")]
    assert [one.round for one in play.messages] == [1, 2]


def test_a_louder_reason_takes_the_place_of_a_routine_round() -> None:
    play = calling("voice", severity="warning", routine="email, sms after 30m")
    play.put(cmd.SetPriority("ben", "P1", "why"))
    play.put(cmd.Escalate("ben", "functional", "why", target("person:ana")))
    assert play.rings("ana") == [(0, "email"), (0, "voice")]
    assert [one.number for one in play.state.rounds] == [2]


def test_the_last_resort_rings_every_way_that_has_not_rung() -> None:
    play = calling("email, sms after 2h", rules={"last_resort": (target("person:ana"),)})
    del play.world.rulebook.teams["infrastructure"]
    play.wait("16m")
    assert play.state.functional.exhausted
    assert play.rings("ana") == [(0, "email"), (15, "push"), (15, "sms"), (15, "voice")]


def test_the_last_resort_for_whom_everything_rings_already_has_one_more_reason() -> None:
    play = calling("email", {"email": "verified"}, rules={"last_resort": (target("person:ana"),)})
    del play.world.rulebook.teams["infrastructure"]
    play.wait("16m")
    assert play.rings("ana") == [(0, "email")]
    assert [cause.key for cause in play.state.rounds[0].causes] == ["page.step", "rescue.last_resort"]


def test_different_purposes_are_different_rounds() -> None:
    play = calling("email")
    play.put(cmd.Escalate("ben", "hierarchical", "why", target("person:ana")))
    assert sorted(one.purpose for one in play.state.rounds) == ["ask", "page"]


def test_ways_that_the_ladder_does_not_name_ring_by_name_however_they_were_entered() -> None:
    for methods in (("sms", "email", "matrix"), ("matrix", "sms", "email")):
        play = calling(urgent="push", methods=dict.fromkeys(methods, "declared"))
        assert play.rings("ana") == [(0, "email"), (0, "matrix"), (0, "sms")]
