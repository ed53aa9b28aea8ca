"""Who is asked, how long, and who after them: asks and decisions climb until somebody answers."""

import pytest

from tests.cast import HOUR, MINUTE, MONDAY, small_rulebook, target
from tests.core.incident.play import Play, ask, away, ladder, notify, put_decision, reachable
from tocsin.core.ids import HoursId, RequestId
from tocsin.core.incident import commands as cmd
from tocsin.core.incident import events as ev
from tocsin.core.steps import HierarchicalStep

OFFICE = HoursId("office")


def asking(*steps: HierarchicalStep, severity: str = "critical", **fields: object) -> Play:
    play = ladder(notify("person:ana, person:carla, person:omar", "10h"), hierarchical=steps, **fields)
    play.trigger(severity=severity)
    return play


def answer(play: Play, by: str, option: str = "", request: str | None = None) -> tuple[ev.Event, ...]:
    return play.put(cmd.Answer(by, RequestId(request or play.request()), option))


@pytest.mark.parametrize(("severity", "minutes"), [("critical", 10), ("error", 30), ("warning", 240)])
def test_the_time_to_answer_is_that_of_the_priority(severity: str, minutes: int) -> None:
    play = asking(ask("role:duty-manager", "0m"), severity=severity)
    assert play.state.requests[0].deadline == MONDAY + minutes * MINUTE


def test_four_hours_count_in_the_hours_of_the_step() -> None:
    play = asking(ask("role:duty-manager", "0m", hours=OFFICE), severity="warning", at=MONDAY + 8 * HOUR)
    assert play.state.requests[0].deadline == MONDAY + 26 * HOUR  # Tuesday at eleven


def test_a_step_may_say_how_long() -> None:
    play = asking(ask("role:duty-manager", "0m", within="2m"))
    assert play.state.requests[0].deadline == MONDAY + 2 * MINUTE


def test_an_answer_ends_it_and_changes_neither_owner_nor_status() -> None:
    play = asking(ask("role:duty-manager", "0m"))
    answer(play, "carla")
    assert (play.state.requests, play.state.owner, play.state.status) == ((), None, "open")
    play.wait("1h")
    assert play.calls("ask") == [(0, "carla")]


def test_an_acknowledgement_does_not_answer_it() -> None:
    play = asking(ask("role:duty-manager", "0m"))
    play.acknowledge("carla")
    play.wait("11m")
    assert play.calls("ask") == [(0, "carla"), (10, "omar")]


def test_unanswered_it_climbs_manager_by_manager_and_then_to_the_last_resort() -> None:
    play = asking(ask("role:duty-manager", "0m"))
    play.wait("50m")
    assert play.calls("ask") == [(0, "carla"), (10, "omar"), (20, "nadia"), (30, "carla"), (45, "nadia")]
    assert {one.lane for one in play.messages if one.purpose == "ask"} == {"urgent_p1", "last_resort"}


@pytest.mark.parametrize("targets", ["team:infrastructure", "schedule:infra-primary", "team"])
def test_above_a_team_or_schedule_is_its_lead_and_then_the_manager_of_the_lead(targets: str) -> None:
    play = asking(ask(targets, "0m"))
    play.wait("21m")
    assert play.calls("ask") == [(0, "dana"), (10, "frank"), (20, "omar")]


def test_who_is_away_has_a_deputy_at_once() -> None:
    play = asking(ask("role:duty-manager", "0m"), people=away("carla"))
    assert play.calls("ask") == [(0, "hugo")]


def test_who_cannot_be_reached_has_a_deputy_at_once() -> None:
    play = asking(ask("role:duty-manager", "0m"), people=reachable("ana", "hugo"))
    assert play.calls("ask") == [(0, "hugo")]


def test_whose_every_method_breaks_has_a_deputy_at_once() -> None:
    play = asking(ask("role:duty-manager", "5m"))
    play.silent_providers = True
    play.wait("5m")
    play.receipt(play.last("carla"), "permanent")
    assert play.calls("ask") == [(5, "carla"), (5, "hugo")]
    assert play.facts(ev.Climbed)[0].why.key == "climb.unreachable"


def test_unanswered_it_goes_up_and_not_to_the_deputy() -> None:
    play = asking(ask("role:service-manager", "0m"))
    play.wait("11m")
    assert play.calls("ask") == [(0, "sofia"), (10, "omar")]


def test_the_manager_of_somebody_who_is_away_is_asked_in_their_place() -> None:
    play = asking(ask("person:dana", "0m"), people=away("dana"))
    assert play.calls("ask") == [(0, "frank")]


def test_above_a_manager_who_is_away_is_the_next_manager() -> None:
    play = asking(ask("manager:1", "0m"), people=away("omar"))
    assert play.calls("ask") == [(0, "nadia")]


def test_nobody_above_means_the_last_resort() -> None:
    play = asking(ask("person:nadia", "0m"))
    play.wait("11m")
    assert play.calls("ask") == [(0, "nadia"), (10, "carla")]


def test_a_list_is_asked_at_once_and_one_answer_is_enough() -> None:
    play = asking(ask("role:duty-manager, role:service-manager", "0m"))
    assert play.calls("ask") == [(0, "carla"), (0, "sofia")]
    answer(play, "sofia")
    assert play.state.requests == ()
    assert play.state.rounds == ()


def test_of_a_list_one_who_cannot_be_reached_leaves_the_others_called() -> None:
    play = asking(ask("role:duty-manager, role:service-manager", "5m"))
    play.silent_providers = True
    play.wait("5m")
    play.receipt(play.last("carla"), "permanent")
    assert play.state.requests[0].current == ("sofia",)
    assert [one.person for one in play.state.rounds if one.purpose == "ask"] == ["sofia"]
    play.receipt(play.last("sofia"), "permanent")
    assert play.calls("ask")[2:] == [(5, "hugo")]


def test_unanswered_by_a_list_it_goes_to_whoever_is_above_them() -> None:
    play = asking(ask("person:dana, person:gita", "0m"))
    play.wait("21m")
    assert play.calls("ask") == [(0, "dana"), (0, "gita"), (10, "frank"), (20, "omar")]


def test_a_closed_team_is_not_asked_and_its_lead_is() -> None:
    play = asking(ask("team:service-desk", "0m"), at=MONDAY + 12 * HOUR)
    assert play.calls("ask") == [(0, "carla")]


def test_below_p2_a_question_for_a_closed_team_waits_for_its_opening() -> None:
    play = asking(ask("team:service-desk", "1h"), severity="warning", at=MONDAY + 14 * HOUR)
    play.wait("16h")
    assert play.calls("ask") == [(9 * 60, "ana"), (9 * 60, "ben"), (13 * 60, "carla")]  # eight and noon on Tuesday


def test_a_raised_priority_does_not_wait_for_the_opening() -> None:
    play = asking(ask("team:service-desk", "1h"), severity="warning", at=MONDAY + 12 * HOUR)
    play.wait("2h")
    play.put(cmd.SetPriority("omar", "P1", "more shops"))
    play.wait("1m")
    assert play.calls("ask") == [(120, "carla")]


def test_a_question_for_a_closed_team_and_somebody_else_does_not_wait() -> None:
    play = asking(ask("team:service-desk, person:omar", "0m"), severity="warning", at=MONDAY + 12 * HOUR)
    assert (0, "omar") in play.calls("ask")


def test_a_closed_team_is_asked_where_the_step_has_hours_of_its_own() -> None:
    play = asking(ask("team:service-desk", "0m", hours=HoursId("always")), at=MONDAY + 12 * HOUR)
    assert play.calls("ask") == [(0, "ana"), (0, "ben")]


def test_a_channel_cannot_answer() -> None:
    play = asking(ask("channel:ops", "0m"))
    assert play.calls("ask") == [(0, "carla")]


def test_the_last_resort_is_asked_although_they_are_away_when_nobody_else_is_left() -> None:
    play = asking(ask("requester", "0m"), people=away("carla", "nadia"))
    assert play.calls("ask") == [(0, "carla")]


def test_nobody_can_be_reached_and_it_is_tried_again() -> None:
    play = asking(ask("role:duty-manager", "0m"), people=reachable("ana"))
    assert play.state.requests[0].current == ()
    play.world = asking(people=reachable("ana", "nadia")).world
    play.wait("1h")
    assert play.calls("ask")[0] == (15, "nadia")


# ---------------------------------------------------------------------------------------- declining


def test_who_cannot_declines_and_the_next_is_asked_at_once() -> None:
    play = asking(ask("role:duty-manager", "0m"))
    play.put(cmd.Decline("carla", play.request()))
    assert play.calls("ask") == [(0, "carla"), (0, "hugo")]


def test_who_declines_by_a_program_is_not_asked_for_ever_at_one_instant() -> None:
    play = asking(ask("role:duty-manager", "0m"))

    def decline_whoever_is_asked() -> None:
        while current := play.state.requests[0].current:
            play.put(cmd.Decline(current[0], RequestId(play.request())))

    decline_whoever_is_asked()
    everybody = [(0, one) for one in ("carla", "hugo", "omar", "nadia", "carla")]
    assert play.calls("ask") == everybody, "the last resort once more, although they are asked a second time"
    play.wait("14m59s")
    assert play.calls("ask") == everybody
    play.wait("1s")
    decline_whoever_is_asked()
    play.wait("15m")
    assert play.calls("ask")[5:] == [(15, "nadia"), (30, "carla")], "then at the distance of rescue rounds, in turn"


def test_of_several_who_are_asked_one_may_decline() -> None:
    play = asking(ask("role:duty-manager, role:service-manager", "0m"))
    play.put(cmd.Decline("carla", play.request()))
    assert play.state.requests[0].current == ("sofia",)
    assert play.calls("ask") == [(0, "carla"), (0, "sofia")]


def test_only_who_is_asked_can_decline() -> None:
    play = asking(ask("role:duty-manager", "0m"))
    assert play.refused(cmd.Decline("ana", play.request())) == "unknown_request"
    assert play.refused(cmd.Decline("carla", RequestId("r9"))) == "unknown_request"


# ---------------------------------------------------------------------------------------- decisions


def test_a_decision_is_one_of_its_options() -> None:
    play = asking(put_decision("role:duty-manager", "0m"))
    assert play.messages[-1].options == ("yes", "no")
    assert play.refused(cmd.Answer("carla", play.request(), "perhaps")) == "invalid"
    answer(play, "carla", "yes")
    assert [(fact.by, fact.option, fact.default) for fact in play.facts(ev.Answered)] == [("carla", "yes", False)]


def test_only_who_was_asked_may_decide() -> None:
    play = asking(put_decision("role:duty-manager", "0m"))
    assert play.refused(cmd.Answer("ana", play.request(), "yes")) == "not_asked"


def test_who_was_asked_first_may_still_decide_when_it_has_climbed() -> None:
    play = asking(put_decision("role:duty-manager", "0m"))
    play.wait("11m")
    answer(play, "carla", "no")
    assert play.state.requests == ()


def test_a_decision_is_never_made_by_time() -> None:
    play = asking(put_decision("role:duty-manager", "0m"))
    play.wait("20h")
    assert play.facts(ev.Answered) == []
    assert len(play.state.requests) == 1


def test_a_default_is_taken_in_time_where_the_step_names_one_and_says_so() -> None:
    play = asking(put_decision("role:duty-manager", "0m", default="no"))
    play.wait("11m")
    assert [(fact.by, fact.option, fact.default) for fact in play.facts(ev.Answered)] == [("", "no", True)]
    assert play.calls("decide") == [(0, "carla")]


# ------------------------------------------------------------------------------- late, wrong, unknown


def test_a_late_or_repeated_answer_is_recorded() -> None:
    play = asking(ask("role:duty-manager", "0m"))
    request = play.request()
    answer(play, "carla")
    (late,) = answer(play, "omar", request=request)
    assert isinstance(late, ev.Late)
    assert isinstance(answer(play, "carla", request="r99")[0], ev.Late)


def test_an_offer_is_not_answered() -> None:
    play = asking()
    play.acknowledge("ana")
    play.put(cmd.Reassign("ana", target("team:payments")))
    assert play.refused(cmd.Answer("gita", play.request("offer"))) == "invalid"


def test_what_has_been_answered_is_withdrawn() -> None:
    play = asking(ask("role:duty-manager", "0m"))
    request = play.request()
    answer(play, "carla")
    assert [(one.purposes, one.request) for one in play.withdrawn] == [(("ask", "decide", "offer"), request)]


def test_an_ask_that_is_open_at_the_end_is_asked_on_when_it_fires_again() -> None:
    play = asking(ask("role:duty-manager", "0m"))
    play.wait("4m")
    play.resolved()
    play.wait("5m")
    play.trigger()
    assert play.state.requests[0].deadline == MONDAY + 15 * MINUTE
    play.wait("7m")
    assert play.calls("ask") == [(0, "carla"), (15, "omar")]


def test_while_it_is_over_no_ask_waits_and_an_answer_is_late() -> None:
    play = asking(ask("role:duty-manager", "0m"))
    request = play.request()
    play.resolved()
    assert (play.state.asking, play.state.request_of(request)) == ((), None)
    assert [type(event) for event in play.put(cmd.Answer("carla", request))] == [ev.Late]
    play.wait("2m")
    play.trigger()
    assert [one.id for one in play.state.asking] == [request]


def test_an_ask_that_was_open_is_over_when_a_person_reopens_it_or_it_closes() -> None:
    play = asking(ask("role:duty-manager", "0m"))
    play.put(cmd.Resolve("carla"))
    play.wait("11m")
    play.put(cmd.Reopen("carla"))
    assert [one.id for one in play.state.requests] == ["r2"]
    play.put(cmd.Resolve("carla"))
    play.put(cmd.Close("carla"))
    assert play.state.requests == ()


def test_an_asked_word_climbs_from_the_person_behind_it() -> None:
    play = asking(ask("owner", "5m"))
    play.acknowledge("gita")
    play.wait("16m")
    assert play.calls("ask") == [(5, "gita"), (15, "hugo")]


def test_a_role_that_is_a_team_climbs_through_its_lead() -> None:
    book = small_rulebook()
    duty = book.roles["duty-manager"]
    roles = {**book.roles, "duty-manager": type(duty)(duty.id, (target("team:payments"),))}
    play = asking(ask("role:duty-manager", "0m"), rules={"roles": roles})
    play.wait("11m")
    assert play.calls("ask") == [(0, "gita"), (10, "hugo")]
