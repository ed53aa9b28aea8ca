"""How does the functional ladder walk: in what order, after which waits, past whom?"""

import pytest
from msgspec.structs import replace

from tests.cast import DAY, HOUR, LENA, MINUTE, MONDAY, facts, small_rulebook
from tests.core.incident.play import Play, away, hand_over, ladder, notify, reachable
from tocsin.core.ids import HoursId
from tocsin.core.incident import commands as cmd
from tocsin.core.incident import events as ev
from tocsin.core.incident.due import due
from tocsin.core.incident.telling import tell
from tocsin.core.phrase import Phrase
from tocsin.core.world import Surroundings

OFFICE = HoursId("office")
SATURDAY = MONDAY + 5 * DAY


def two_steps(**fields: object) -> Play:
    return ladder(notify("person:ana"), notify("person:ben", "10m"), **fields)


def test_the_first_step_is_entered_at_once() -> None:
    play = two_steps()
    play.trigger()
    assert play.calls() == [(0, "ana")]
    assert due(play.state) == MONDAY + 5 * MINUTE


def test_the_next_step_comes_when_the_wait_of_the_one_before_is_over() -> None:
    play = two_steps()
    play.trigger()
    play.wait("6m")
    assert play.calls() == [(0, "ana"), (5, "ben")]


def test_a_wait_counts_from_when_the_step_was_really_entered() -> None:
    play = ladder(notify("person:ana"), notify("person:ben", "10m"), notify("person:carla"))
    play.trigger()
    play.outage("1h")
    assert [entered.at - MONDAY for entered in play.facts(ev.StepEntered)] == [0, HOUR]
    play.wait("10m")
    assert play.calls()[-1] == (70, "carla")


def test_a_fact_says_when_it_was_planned() -> None:
    play = two_steps()
    play.trigger()
    (entered,) = [fact for fact in play.outage("1h") if isinstance(fact, ev.StepEntered)]
    assert (entered.at - MONDAY, (entered.due_at or 0) - MONDAY) == (HOUR, 5 * MINUTE)


def test_a_page_knows_when_it_was_meant_to_leave() -> None:
    play = two_steps()
    play.trigger()
    play.outage("1h")
    assert (play.sent_at[play.last("ben").id], play.last("ben").due_at) == (MONDAY + HOUR, MONDAY + 5 * MINUTE)


def test_an_acknowledgement_stops_it() -> None:
    play = two_steps()
    play.trigger()
    play.acknowledge("ana")
    play.wait("20m")
    assert play.calls() == [(0, "ana")]


def test_a_step_that_only_a_resolution_stops_comes_although_somebody_works_on_it() -> None:
    play = ladder(
        notify("person:ana"),
        notify("person:ben", "10m"),
        notify("person:eve", unless="resolved"),
        notify("person:gita"),
    )
    play.trigger()
    play.acknowledge("ana")
    play.wait("25m")
    assert play.calls() == [(0, "ana"), (15, "eve")]


def test_what_an_acknowledgement_stopped_is_not_done_when_it_ends() -> None:
    play = ladder(
        notify("person:ana"),
        notify("person:ben"),
        notify("requester", unless="resolved"),
        notify("person:eve", unless="resolved"),
        notify("person:finn", unless="resolved"),
    )
    play.trigger()
    play.wait("2m")
    play.acknowledge("ana")
    play.wait("20m")
    assert play.calls() == [(0, "ana"), (10, "eve"), (15, "finn")]
    play.put(cmd.Unacknowledge("ana"))
    play.wait("6m")
    assert play.calls(since="22m") == [(22, "ana"), (27, "ben")]


def test_repeat_walks_it_so_many_times_more() -> None:
    play = two_steps(repeat=1)
    play.trigger()
    play.wait("29m")
    assert play.calls() == [(0, "ana"), (5, "ben"), (15, "ana"), (20, "ben")]
    assert not play.state.functional.exhausted
    play.wait("2m")
    assert play.state.functional.exhausted


def test_a_step_whose_condition_does_not_hold_is_passed_over() -> None:
    play = ladder(notify("person:ana", when="signal.reported_by == 'person'"), notify("person:ben"))
    play.trigger()
    assert play.calls() == [(0, "ben")]
    (passed,) = play.facts(ev.StepPassed)
    assert (passed.position, passed.why.key) == (0, "step.unmatched")


def test_a_condition_that_cannot_be_judged_counts_as_true_and_is_a_finding() -> None:
    play = ladder(notify("person:ana", when="incident.alerts / incident.reopened > 1"))
    play.trigger()
    assert play.calls() == [(0, "ana")]
    assert [found.finding.key for found in play.facts(ev.Found)] == ["finding.condition"]


def test_a_wait_with_hours_counts_only_there() -> None:
    play = ladder(notify("person:ana", "2h", hours=OFFICE), notify("person:ben"), at=MONDAY + 8 * HOUR)
    play.trigger()
    assert play.calls() == [(0, "ana")]
    play.wait("1d")
    assert play.calls()[1] == (16 * 60, "ben")  # an hour on Monday, an hour on Tuesday


def test_a_list_of_targets_is_called_at_once_each_person_once() -> None:
    play = ladder(notify("person:ana, person:ben, team:service-desk", "5m"))
    play.trigger()
    assert play.calls() == [(0, "ana"), (0, "ben")]


# ------------------------------------------------------------------------------- nobody is there


def test_an_empty_target_means_the_next_step_now() -> None:
    away = facts(methods={"ana": {}, "ben": {"email": "declared"}})
    play = ladder(notify("requester"), notify("person:ana"), notify("person:ben"), people=away)
    play.trigger()
    assert play.calls() == [(0, "ben")]
    assert [passed.why.key for passed in play.facts(ev.StepPassed)] == ["step.empty", "step.unreachable"]


def test_a_lap_that_reaches_nobody_is_not_walked_again_at_the_same_moment() -> None:
    play = ladder(notify("requester"), notify("requester"), repeat=50)
    play.trigger()
    assert len(play.facts(ev.StepPassed)) == 2
    assert play.state.functional.exhausted


def test_a_ladder_without_steps_goes_to_the_rescue_at_once() -> None:
    play = ladder()
    play.trigger()
    assert play.state.functional.exhausted
    assert {person for _, person in play.calls()} == {"dana", "eve", "finn", "frank"}


def test_a_channel_is_called_like_a_person() -> None:
    play = ladder(notify("channel:ops, person:ana"))
    play.trigger()
    assert [(one.to, one.method) for one in play.messages] == [("channel:ops", "channel"), ("ana", "email")]


def test_the_first_holder_of_a_role_who_can_be_reached_is_called() -> None:
    play = ladder(notify("role:duty-manager"), people=facts(methods={"hugo": {"email": "verified"}}))
    play.trigger()
    assert play.calls() == [(0, "hugo")]


# --------------------------------------------------------------------------------- teams and hours


def test_a_closed_team_is_empty_for_a_p1() -> None:
    play = ladder(notify("team:service-desk"), notify("person:ben"), at=SATURDAY)
    play.trigger(severity="critical")
    assert play.calls() == [(0, "ben")]


def test_a_closed_team_makes_a_p4_wait_for_its_opening() -> None:
    play = ladder(notify("team:service-desk", "1h"), notify("person:ben"), at=SATURDAY)
    play.trigger(severity="warning")
    assert play.calls() == []
    assert play.state.functional.shut
    play.wait("2d")
    assert play.calls()[:2] == [(47 * 60, "ana"), (47 * 60 + 30, "ben")]  # Monday at eight


def test_a_step_with_hours_of_its_own_calls_a_closed_team() -> None:
    play = ladder(notify("team:service-desk", hours=HoursId("always")), at=SATURDAY)
    play.trigger()
    assert play.calls() == [(0, "ana")]


def test_a_p4_does_not_wait_where_the_step_names_somebody_else_too() -> None:
    play = ladder(notify("team:service-desk, person:eve"), at=SATURDAY)
    play.trigger(severity="warning")
    assert play.calls() == [(0, "eve")]


def test_a_raised_priority_does_not_wait_for_an_opening() -> None:
    play = ladder(notify("team:service-desk"), notify("person:ben"), at=SATURDAY)
    play.trigger(severity="warning")
    play.put(cmd.SetPriority("omar", "P1", "the shop is down"))
    assert play.calls() == [(0, "ben")]


def test_team_words_mean_the_owning_team_as_it_is_then() -> None:
    play = ladder(
        notify("team"), hand_over("team:payments"), notify("team.next"), notify("team.all"), notify("team.lead")
    )
    play.trigger()
    play.wait("21m")
    calls = [person for _, person in play.calls()]
    assert calls == ["dana", "gita", "ines", "gita", "ines", "hugo"]


def test_the_owner_is_the_current_responder_where_nobody_owns_it() -> None:
    play = ladder(notify("owner"))
    play.trigger()
    assert play.calls() == [(0, "dana")]


# ----------------------------------------------------------------------------------- whose turn it is


def test_a_team_in_turns_is_called_one_after_the_other_in_shares_of_the_wait() -> None:
    play = ladder(notify("team:service-desk", "10m"), notify("person:eve"))
    play.trigger()
    play.wait("11m")
    assert play.calls() == [(0, "ana"), (5, "ben"), (10, "eve")]


def test_nobody_is_given_less_than_two_minutes() -> None:
    play = ladder(notify("team:service-desk", "1m"), notify("person:eve", "10m"), repeat=0)
    play.trigger()
    assert play.state.functional.call_at == MONDAY + 2 * MINUTE


def test_shares_of_a_wait_count_in_the_hours_of_the_step() -> None:
    friday = MONDAY + 4 * DAY + 8 * HOUR
    play = ladder(notify("team:service-desk", "4h", hours=OFFICE), at=friday)
    play.trigger(severity="warning")
    play.wait("3d")
    assert play.calls()[:2] == [(0, "ana"), (64 * 60, "ben")]  # Monday at nine


def test_least_loaded_calls_first_who_has_least() -> None:
    play = ladder(notify("team:service-desk", "10m"), load={"ana": 3, "ben": 1})
    play.trigger()
    assert play.calls() == [(0, "ben")]
    chosen = Phrase("chosen.least_loaded", {"person": "ben", "load": "1", "loads": "1, 3"})
    assert tell(play.facts(ev.StepEntered)[0]).why == chosen


def test_what_was_chosen_and_why_is_in_the_fact() -> None:
    in_turns = ladder(notify("team:complaints", "10m"), turns={"complaints": "kai"})
    by_skill = ladder(notify("team:service-desk", "10m", skills=("windows",)), load={"ana": 1, "ben": 2})
    alone = ladder(notify("team:complaints", "10m"), people=away("kai"))
    told = []
    for play in (in_turns, by_skill, alone):
        play.trigger()
        told.append(play.facts(ev.StepEntered)[0].chosen)
    assert told == [Phrase("chosen.round_robin", {"person": "tom"}), Phrase("chosen.skilled", {"person": "ben"}), None]


def test_who_has_least_is_asked_anew_for_each_incident_of_one_instant() -> None:
    first = ladder(notify("team:service-desk", "10m"), load={"ana": 3, "ben": 1})
    first.trigger()
    second = Play(replace(first.world, surroundings=Surroundings(load={"ana": 3, "ben": 4})))
    second.trigger()
    assert (first.calls(), second.calls()) == ([(0, "ben")], [(0, "ana")])


def test_round_robin_begins_after_whoever_had_the_last_turn() -> None:
    play = ladder(notify("team:complaints", "10m"), turns={"complaints": "kai"})
    play.trigger()
    assert play.calls() == [(0, "tom")]


def test_round_robin_goes_on_from_whoever_had_the_last_turn_also_while_they_are_away() -> None:
    team = small_rulebook().teams["complaints"]
    teams = {**small_rulebook().teams, "complaints": replace(team, members=(*team.members, LENA))}
    play = ladder(
        notify("team:complaints", "10m"), turns={"complaints": "tom"}, rules={"teams": teams}, people=away("tom")
    )
    play.trigger()
    assert play.state.functional.called == ("lena",)
    assert play.state.functional.queue == ("kai",)


def test_round_robin_with_everybody_away_means_the_next_step_now() -> None:
    play = ladder(notify("team:complaints"), notify("person:eve"), people=away("kai", "tom"))
    play.trigger()
    assert play.calls() == [(0, "eve")]


@pytest.mark.parametrize(("wanted", "first"), [("windows", "ben"), ("linux", "ana"), ("cobol", "ana")])
def test_skilled_prefers_and_never_leaves_anybody_out(wanted: str, first: str) -> None:
    play = ladder(notify("team:service-desk", "10m"))
    team = play.world.rulebook.teams["service-desk"]
    play.world.rulebook.teams["service-desk"] = type(team)(team.id, team.members, team.lead, assign="skilled")
    play.trigger(labels={"os": wanted})
    play.wait("6m")
    assert play.calls()[0] == (0, first)
    assert {person for _, person in play.calls()} == {"ana", "ben"}


def test_the_skills_of_a_step_come_first() -> None:
    play = ladder(notify("team:service-desk", "10m", skills=("windows",)))
    play.trigger()
    assert play.state.functional.called == ("ben",)
    assert play.state.functional.queue == ("ana",)


def test_whoever_of_the_queue_has_left_meanwhile_is_passed_over() -> None:
    play = ladder(notify("team:service-desk", "10m"), notify("person:eve"))
    play.trigger()
    play.world = replace(play.world, facts=reachable("ana", "eve"))
    play.wait("6m")
    assert [unreachable.person for unreachable in play.facts(ev.Unreachable)] == ["ben"]
    assert play.state.functional.called == ("ana",)


# ------------------------------------------------------------------------------------------ several


def test_it_goes_on_until_as_many_as_the_step_needs_have_acknowledged() -> None:
    play = ladder(notify("person:ana, person:ben", need=2), notify("person:eve"))
    play.trigger()
    play.acknowledge("ana")
    assert play.state.owner == "ana"
    play.wait("6m")
    assert play.calls()[-1] == (5, "eve")
    play.acknowledge("ben")
    assert (play.state.owner, play.state.calling) == ("ana", False)


def test_two_of_two_end_it() -> None:
    play = ladder(notify("person:ana, person:ben", need=2), notify("person:eve"))
    play.trigger()
    play.acknowledge("ana")
    play.acknowledge("ben")
    play.wait("20m")
    assert play.calls() == [(0, "ana"), (0, "ben")]


def test_who_has_acknowledged_is_not_called_any_more_while_others_are() -> None:
    play = ladder(notify("person:ana, person:ben", need=2), silent_providers=True)
    play.trigger()
    play.acknowledge("ana")
    assert [one.person for one in play.state.rounds] == ["ben"]
    assert [(one.purposes, one.person) for one in play.withdrawn][:1] == [(("page",), "ana")]


def test_who_has_acknowledged_is_not_called_by_the_steps_that_follow() -> None:
    play = ladder(notify("person:dana", need=2), notify("person:dana"), notify("team.all"))
    play.trigger()
    play.acknowledge("dana")
    play.wait("6m")
    assert play.calls() == [(0, "dana"), (5, "eve"), (5, "finn")]
    assert [passed.why.key for passed in play.facts(ev.StepPassed)] == ["step.acknowledged_by_all"]
    assert play.state.calling


def test_who_has_acknowledged_is_not_called_after_the_last_step_either() -> None:
    play = ladder(notify("person:dana", need=2))
    play.trigger()
    play.acknowledge("dana")
    play.wait("6m")
    assert play.calls() == [(0, "dana"), (5, "eve"), (5, "finn"), (5, "frank")]


def test_who_has_acknowledged_does_not_wait_for_their_turn() -> None:
    play = ladder(notify("team:service-desk", "10m", need=2))
    play.trigger()
    play.acknowledge("ben")
    play.wait("9m")
    assert play.calls() == [(0, "ana")]


def test_when_the_others_that_it_needs_cannot_the_next_step_comes_at_once() -> None:
    play = ladder(notify("person:ana, person:ben", need=2), notify("person:eve"))
    play.trigger()
    play.acknowledge("ana")
    play.put(cmd.Decline("ben"))
    assert play.calls() == [(0, "ana"), (0, "ben"), (0, "eve")]


def test_a_step_says_how_loudly_it_calls() -> None:
    play = ladder(notify("person:ana", urgency="routine"), notify("person:ben", urgency="urgent"))
    play.trigger()
    play.wait("6m")
    assert [one.lane for one in play.messages] == ["routine", "urgent_p1"]


# --------------------------------------------------------------------------------------- hand-overs


def test_notify_never_changes_the_owning_team() -> None:
    play = ladder(notify("team:payments"))
    play.trigger()
    assert play.state.team == "infrastructure"
    assert play.facts(ev.HandedOver) == []


def test_hand_over_moves_it_to_the_team_and_calls_its_responder() -> None:
    play = ladder(notify("person:ana"), hand_over("team:payments"))
    play.trigger()
    play.wait("6m")
    assert play.state.team == "payments"
    assert play.calls() == [(0, "ana"), (5, "gita")]


@pytest.mark.parametrize(
    ("to", "called"), [("person:gita", "gita"), ("schedule:payments-primary", "gita"), ("person:hugo", "hugo")]
)
def test_a_hand_over_to_a_person_or_schedule_moves_it_to_their_team(to: str, called: str) -> None:
    play = ladder(hand_over(to))
    play.trigger()
    assert (play.state.team, play.calls()) == ("payments", [(0, called)])


def test_a_hand_over_is_an_offer_where_a_person_owns_it_and_the_ladder_moves_on() -> None:
    play = ladder(notify("person:ana"), hand_over("team:payments", unless="resolved"))
    play.trigger()
    play.acknowledge("ana", eta=MONDAY + HOUR)
    play.wait("6m")
    assert (play.state.team, play.state.owner) == ("infrastructure", "ana")
    assert play.calls("offer") == [(5, "gita")]
    assert len([one for one in play.facts(ev.Asked) if one.request.purpose == "offer"]) == 1


def test_a_policy_that_is_known_no_more_does_not_end_the_ladder() -> None:
    play = ladder(notify("person:ana"), notify("person:ben"), notify("person:eve"))
    play.trigger()
    play.wait("11m")
    shorter = ladder(notify("person:gita"), digest="other")
    play.world = shorter.world
    play.wait("5m")
    assert play.state.functional.exhausted
    play.put(cmd.Acknowledge("eve"))
    play.put(cmd.Unacknowledge("eve"))
    assert play.state.status == "open"
