"""Giving it to somebody else: offered where somebody owns it, moved where nobody does."""

import pytest
from msgspec.structs import replace

from tests.cast import GITA, HOUR, LENA, MINUTE, MONDAY, small_rulebook, target
from tests.core.incident.play import Play, away, ladder, notify, reachable
from tocsin.core.ids import RequestId
from tocsin.core.incident import commands as cmd
from tocsin.core.incident import events as ev


def owned(severity: str = "critical", **fields: object) -> Play:
    """Dana owns it, for infrastructure."""
    play = ladder(notify("team", "20m"), notify("team.all", "20m"), **fields)
    play.trigger(severity=severity)
    play.acknowledge("dana", eta=MONDAY + 100 * MINUTE)
    return play


def offered(to: str = "team:payments", severity: str = "critical", **fields: object) -> Play:
    play = owned(severity, **fields)
    play.put(cmd.Reassign("dana", target(to), "theirs"))
    return play


def test_it_is_offered_and_the_giver_owns_it_until_it_is_accepted() -> None:
    play = offered()
    assert play.calls("offer") == [(0, "gita")]
    assert (play.state.owner, play.state.team) == ("dana", "infrastructure")


def test_who_accepts_owns_it_for_their_team_with_a_new_lease() -> None:
    play = offered()
    play.wait("3m")
    play.put(cmd.Accept("gita", play.request()))
    assert (play.state.owner, play.state.team, play.state.requests) == ("gita", "payments", ())
    assert play.state.lease is not None
    assert play.state.lease.since == MONDAY + 3 * MINUTE


@pytest.mark.parametrize("command", [cmd.Acknowledge("gita"), cmd.TakeOver("gita")])
def test_who_is_offered_it_and_says_i_work_on_it_has_accepted(command: cmd.Command) -> None:
    play = offered()
    play.put(command)
    assert (play.state.owner, play.state.team, play.state.requests) == ("gita", "payments", ())


@pytest.mark.parametrize(("severity", "minutes"), [("critical", 5), ("error", 15), ("warning", 60)])
def test_the_time_to_accept_is_that_of_the_priority(severity: str, minutes: int) -> None:
    play = offered(severity=severity)
    assert play.state.requests[0].deadline == MONDAY + minutes * MINUTE


def test_unanswered_it_goes_to_the_next_on_call_the_lead_and_back_with_the_lead_of_the_giver_asked() -> None:
    play = offered()
    play.wait("16m")
    assert play.calls("offer") == [(0, "gita"), (5, "ines"), (10, "hugo")]
    assert play.calls("ask") == [(15, "frank")]
    assert play.calls("page", since="15m") == [(15, "dana")]
    assert (play.state.owner, play.state.team) == ("dana", "infrastructure")


def test_declined_it_goes_to_the_next_at_once() -> None:
    play = offered()
    play.put(cmd.Decline("gita", play.request()))
    assert play.calls("offer") == [(0, "gita"), (0, "ines")]


def test_who_cannot_be_reached_is_passed_over_at_once() -> None:
    play = offered(people=reachable("dana", "hugo", "frank"))
    assert play.calls("offer") == [(0, "hugo")]


def test_whose_every_method_breaks_is_passed_over_at_once() -> None:
    play = owned()
    play.silent_providers = True
    play.put(cmd.Reassign("dana", target("team:payments")))
    play.receipt(play.last("gita"), "permanent")
    assert play.calls("offer") == [(0, "gita"), (0, "ines")]


def test_nobody_there_gives_it_back_at_once() -> None:
    play = offered(people=away("gita", "ines", "hugo"))
    assert play.calls("offer") == []
    assert play.calls("ask") == [(0, "frank")]
    assert [fact.why.key for fact in play.facts(ev.RequestEnded)] == ["offer.returned"]


def test_of_a_team_without_a_schedule_one_member_is_asked_and_then_its_lead() -> None:
    play = offered("team:complaints")
    play.wait("11m")
    assert play.calls("offer") == [(0, "kai"), (5, "tom"), (10, "sofia")]


def test_of_a_big_team_without_a_schedule_only_one_more_is_asked_before_its_lead() -> None:
    book = small_rulebook()
    team = book.teams["complaints"]
    teams = {**book.teams, "complaints": replace(team, members=(*team.members, LENA, GITA))}
    play = offered("team:complaints", rules={"teams": teams})
    play.wait("11m")
    assert play.calls("offer") == [(0, "kai"), (5, "tom"), (10, "sofia")]


def test_only_who_is_offered_it_can_accept() -> None:
    play = offered()
    assert play.refused(cmd.Accept("ana", play.request())) == "not_asked"
    assert play.refused(cmd.Accept("gita", RequestId("r9"))) == "unknown_request"
    assert play.refused(cmd.Decline("ana", play.request())) == "unknown_request"


@pytest.mark.parametrize("answer", [cmd.Accept("gita", RequestId("r1")), cmd.Decline("gita", RequestId("r1"))])
def test_an_answer_to_an_offer_after_the_end_is_recorded_and_reopens_nothing(answer: cmd.Command) -> None:
    play = offered()
    play.put(cmd.Resolve("dana"))
    assert isinstance(play.put(answer)[0], ev.Late)
    assert play.state.status == "resolved"


def test_who_was_passed_over_may_still_accept() -> None:
    play = offered()
    play.wait("6m")
    play.put(cmd.Accept("gita", play.request()))
    assert play.state.owner == "gita"


def test_the_other_calls_stop_when_it_is_accepted() -> None:
    play = offered()
    play.put(cmd.Accept("gita", play.request()))
    assert any(one.purposes == ("ask", "decide", "offer") for one in play.withdrawn)
    assert play.state.rounds == ()


def test_a_person_is_offered_it_for_their_team() -> None:
    play = offered("person:ines")
    assert play.calls("offer") == [(0, "ines")]
    play.put(cmd.Accept("ines", play.request()))
    assert (play.state.owner, play.state.team) == ("ines", "payments")


def test_within_a_team_nothing_is_handed_over() -> None:
    play = offered("person:eve")
    play.put(cmd.Accept("eve", play.request()))
    assert (play.state.owner, play.facts(ev.HandedOver)) == ("eve", [])


def test_it_is_never_offered_to_who_gives_it() -> None:
    play = offered("person:eve")
    play.wait("11m")
    assert play.calls("offer") == [(0, "eve"), (5, "frank")]
    play = offered("team:infrastructure")
    assert play.calls("offer") == [(0, "eve")]
    assert play.refused(cmd.Reassign("carla", target("person:dana"))) == "invalid"


def test_a_working_hour_to_accept_is_one_of_the_receiving_team() -> None:
    play = ladder(notify("team", "20m"), at=MONDAY + 8 * HOUR + 50 * MINUTE)  # ten minutes before the desks close
    play.trigger(severity="warning")
    play.acknowledge("dana")
    play.put(cmd.Reassign("dana", target("team:complaints")))
    assert play.state.requests[0].deadline == MONDAY + 23 * HOUR + 50 * MINUTE


def test_a_lead_who_gives_it_in_vain_has_their_own_manager_asked() -> None:
    play = owned()
    play.put(cmd.TakeOver("frank"))
    play.put(cmd.Reassign("frank", target("team:payments")))
    play.wait("16m")
    assert play.calls("ask") == [(15, "omar")]
    assert play.calls("page", since="15m") == [(15, "frank")]


@pytest.mark.parametrize("command", [cmd.TakeOver("eve"), cmd.Accept("lena", RequestId("r2"))])
def test_a_new_owner_ends_what_the_one_before_has_offered(command: cmd.Command) -> None:
    play = offered()
    play.put(cmd.Reassign("dana", target("team:security"), "or theirs"))
    play.put(command)
    assert (play.state.requests, play.state.rounds) == ((), ())
    assert "offer.moot" in [ended.why.key for ended in play.facts(ev.RequestEnded)]
    play.wait("20m")
    assert play.calls("offer") == [(0, "gita"), (0, "lena")]


def test_an_offer_outlives_the_lease_of_its_giver_who_is_not_called_when_it_returns() -> None:
    play = offered(severity="warning")
    play.put(cmd.Unacknowledge("dana"))
    play.wait("4h")
    assert play.calls("offer") == [(0, "gita"), (60, "ines"), (120, "hugo")]
    assert [who for _, who in play.calls("page", since="3h") if who == "dana"] == []
    assert play.calls("ask") == [(180, "frank")]


# ----------------------------------------------------------------------------------- nobody owns it


def unowned(**fields: object) -> Play:
    play = ladder(notify("team", "20m"), notify("team.all", "20m"), **fields)
    play.trigger()
    play.wait("1m")
    return play


def test_where_nobody_owns_it_a_team_has_it_at_once_and_its_responder_is_called() -> None:
    play = unowned()
    play.put(cmd.Reassign("ana", target("team:payments"), "theirs"))
    assert (play.state.team, play.facts(ev.Asked)) == ("payments", [])
    assert play.calls() == [(0, "dana"), (1, "gita")]


@pytest.mark.parametrize("to", ["team:payments", "schedule:payments-primary"])
def test_its_responder_is_called_whomever_the_steps_name(to: str) -> None:
    play = ladder(notify("person:dana", "20m"), notify("person:finn", "20m"))
    play.trigger()
    play.wait("1m")
    play.put(cmd.Reassign("ana", target(to), "theirs"))
    play.wait("21m")
    assert play.calls() == [(0, "dana"), (1, "gita"), (21, "finn")]


def test_a_team_of_which_nobody_is_there_has_it_and_the_ladder_calls_whom_it_names() -> None:
    play = ladder(notify("person:dana", "20m"), people=away("gita"))
    play.trigger()
    play.put(cmd.Reassign("ana", target("team:payments"), "theirs"))
    assert (play.state.team, play.calls()) == ("payments", [(0, "dana"), (0, "dana")])


def test_a_person_is_called_for_the_wait_of_the_current_step_and_then_the_ladder_goes_on() -> None:
    play = unowned()
    play.put(cmd.Reassign("ana", target("person:omar"), "his"))
    play.wait("30m")
    assert play.calls()[:3] == [(0, "dana"), (1, "omar"), (21, "dana")]
    assert play.facts(ev.Assigned)[0].until == MONDAY + 21 * MINUTE
    assert play.state.functional.position == 1


def test_a_person_who_declines_gives_way_to_the_ladder_at_once() -> None:
    play = unowned()
    play.put(cmd.Reassign("ana", target("person:omar")))
    play.put(cmd.Decline("omar"))
    assert play.state.functional.position == 1


def test_without_a_step_left_a_person_has_a_quarter_of_an_hour() -> None:
    play = unowned()
    play.wait("41m")
    assert play.state.functional.exhausted
    play.put(cmd.Reassign("ana", target("person:omar")))
    assert play.state.functional.due_at == MONDAY + 57 * MINUTE
    play.wait("16m")
    assert play.state.functional.rescue == 2


def test_a_person_who_cannot_be_reached_gets_nothing_and_the_step_is_entered_afresh() -> None:
    play = unowned(people=away("omar"))
    play.put(cmd.Reassign("ana", target("person:omar")))
    assert play.calls() == [(0, "dana"), (1, "dana")]


def test_a_step_that_waits_for_an_opening_still_waits_when_the_person_has_not_answered() -> None:
    play = ladder(notify("team:service-desk", "20m"), notify("person:eve"), at=MONDAY + 12 * 60 * MINUTE)
    play.trigger(severity="warning")
    play.put(cmd.Reassign("ana", target("person:omar")))
    play.wait("21m")
    assert play.state.functional.shut
    assert play.calls() == [(0, "omar")]


def test_it_waits_on_also_when_the_person_cannot() -> None:
    play = ladder(notify("team:service-desk", "20m"), notify("person:eve"), at=MONDAY + 12 * HOUR)
    play.trigger(severity="warning")
    play.put(cmd.Reassign("ana", target("person:omar")))
    play.put(cmd.Decline("omar"))
    assert play.state.functional.shut
    assert play.calls() == [(0, "omar")]


def test_it_ends_a_snooze() -> None:
    play = unowned()
    play.put(cmd.Snooze("ana"))
    play.put(cmd.Reassign("ana", target("person:omar")))
    assert play.state.snoozed_until is None
    play.wait("21m")
    assert play.state.functional.position == 1


@pytest.mark.parametrize("to", ["team:nobody", "person:nobody", "schedule:nobody", "role:duty-manager", "manager:1"])
def test_only_a_known_team_schedule_or_person_can_take_it(to: str) -> None:
    assert unowned().refused(cmd.Reassign("ana", target(to))) == "invalid"


def test_a_person_of_no_team_can_take_it_and_the_team_stays() -> None:
    play = unowned()
    play.put(cmd.Reassign("ana", target("person:nadia")))
    assert (play.state.team, play.calls()[-1]) == ("infrastructure", (1, "nadia"))


# -------------------------------------------------------------------------------------- ping-pong


def to_and_fro(times: int, **fields: object) -> Play:
    play = unowned(**fields)
    for number in range(times):
        play.put(cmd.Reassign("ana", target(("team:payments", "team:infrastructure")[number % 2])))
    return play


def test_the_third_transfer_between_the_same_two_teams_asks_the_duty_role() -> None:
    assert to_and_fro(2).calls("ask") == []
    play = to_and_fro(3)
    assert play.calls("ask") == [(1, "carla")]
    assert play.state.team == "payments"


def test_without_a_duty_role_the_last_resort_is_asked() -> None:
    roles = dict(small_rulebook().roles)
    del roles["duty-manager"]
    assert {person for _, person in to_and_fro(3, rules={"roles": roles}).calls("ask")} == {"carla", "nadia"}


def test_a_third_team_is_no_ping_pong() -> None:
    play = unowned()
    for team in ("payments", "infrastructure", "security", "infrastructure"):
        play.put(cmd.Reassign("ana", target(f"team:{team}")))
    assert play.calls("ask") == []


def test_offers_count_too() -> None:
    play = to_and_fro(2)
    play.acknowledge("dana")
    play.put(cmd.Reassign("dana", target("team:payments")))
    assert play.calls("ask") == [(1, "carla")]
