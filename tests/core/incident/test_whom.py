"""Targets resolved to people, at the moment of paging: who is there, who stands for them, who is left in the end."""

import pytest
from msgspec.structs import replace

from tests.cast import DANA, DAY, HOUR, MINUTE, MONDAY, facts, small_rulebook, target
from tests.core.incident.play import Play, ask, away, hand_over, inform, ladder, notify, reachable
from tocsin.core.catalogue.people import Role
from tocsin.core.ids import RoleId, ScheduleId
from tocsin.core.incident import commands as cmd
from tocsin.core.incident.turn import Turn
from tocsin.core.incident.whom import last_resort, nominal, resolve
from tocsin.core.oncall.override import Absence, Override
from tocsin.core.steps import Notify


def people(text: str, play: Play | None = None) -> tuple[str, ...]:
    """Whom a target names on Monday morning, for an incident of infrastructure."""
    if play is None:
        play = ladder(notify("person:ana"))
        play.trigger(service="checkout")
        play.put(cmd.Reassign("omar", target("team:infrastructure")))
    return resolve(Turn(play.state, play.world, play.now), target(text)).people


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("person:ana", ("ana",)),
        ("person:nobody", ()),
        ("schedule:payments-primary", ("gita",)),
        ("schedule:nobody", ()),
        ("team:security", ("lena",)),
        ("team:nobody", ()),
        ("role:duty-manager", ("carla",)),
        ("role:nobody", ()),
        ("channel:ops", ("channel:ops",)),
        ("manager:1", ("omar",)),
        ("manager:2", ("nadia",)),
        ("manager:3", ()),
        ("team", ("dana",)),
        ("team.next", ("eve",)),
        ("team.all", ("dana", "eve", "finn")),
        ("team.lead", ("frank",)),
        ("owner", ("dana",)),
        ("stakeholders", ("nadia",)),
        ("requester", ()),
    ],
)
def test_every_kind_of_target_names_somebody(text: str, named: tuple[str, ...]) -> None:
    assert people(text) == named


def test_the_owner_who_is_away_is_stood_in_for_by_the_team() -> None:
    play = ladder(notify("person:ana"), people=away("gita"))
    play.trigger()
    play.acknowledge("gita")
    assert people("owner", play) == ("dana",)


def test_above_an_owner_who_is_no_person_stands_who_is_above_the_lead() -> None:
    play = ladder(notify("person:ana"))
    play.trigger()
    play.acknowledge("token:ci")
    assert people("manager:1", play) == ("omar",)


def test_a_team_without_a_lead_has_none() -> None:
    book = small_rulebook()
    teams = {**book.teams, "infrastructure": replace(book.teams["infrastructure"], lead=None)}
    play = ladder(notify("person:ana"), rules={"teams": teams})
    play.trigger()
    assert (people("team.lead", play), people("manager:1", play)) == ((), ())


def test_the_next_of_a_team_without_a_schedule_is_who_is_not_being_called() -> None:
    play = ladder(hand_over("team:complaints", "10m"), notify("team.next"))
    play.trigger()
    assert people("team.next", play) == ("tom",)


BETWEEN = ((), (notify("person:hugo", when="at_least(P1)"),), (notify("person:hugo", "1m"),))


@pytest.mark.parametrize("between", BETWEEN)
def test_the_next_is_who_has_not_been_tried_in_this_lap(between: tuple[Notify, ...]) -> None:
    play = ladder(notify("person:ana"), *between, notify("team.next"), notify("team.next"))
    play.trigger(severity="error", service="unknown")  # stands with the service desk: ana and ben, no schedule
    play.put(cmd.Decline("ana"))
    play.wait("20m")
    assert [person for _, person in play.calls() if person != "hugo"][:3] == ["ana", "ben", "ana"]


def test_they_resolve_at_the_moment_of_paging() -> None:
    friday = MONDAY + 6 * DAY + 23 * HOUR + 50 * MINUTE
    play = ladder(notify("team", "20m"), notify("team", "20m"), at=friday)
    play.trigger()
    play.wait("21m")
    assert play.calls() == [(0, "dana"), (20, "eve")]


def test_an_override_counts() -> None:
    swap = Override("1", ScheduleId("infra-primary"), MONDAY, MONDAY + DAY, DANA, "remove")
    play = ladder(notify("team"), notify("person:ben"), people=facts(overrides=(swap,)))
    play.trigger()
    assert play.calls() == [(0, "ben")]


def test_who_comes_back_is_called_again() -> None:
    leave = Absence("1", DANA, MONDAY - DAY, MONDAY + 3 * MINUTE)
    play = ladder(notify("person:dana"), notify("person:dana"), people=facts(absences=(leave,)))
    play.trigger()
    assert play.state.functional.exhausted
    play = ladder(notify("person:ana"), notify("person:dana"), people=facts(absences=(leave,)))
    play.trigger()
    play.wait("6m")
    assert play.calls() == [(0, "ana"), (5, "dana")]


def test_whom_nothing_leads_to_is_not_informed() -> None:
    play = ladder(
        notify("person:ana"), hierarchical=[inform("team.lead, person:ben", "1m")], people=reachable("ana", "ben")
    )
    play.trigger()
    play.wait("2m")
    assert play.calls("inform") == [(1, "ben")]


def test_when_the_last_of_a_queue_has_left_too_the_next_step_comes() -> None:
    play = ladder(notify("team:service-desk", "10m"), notify("person:eve"), silent_providers=True)
    play.trigger()
    play.world = replace(play.world, facts=reachable("eve"))
    play.receipt(play.last("ana"), "permanent")
    assert [person for _, person in play.calls()] == ["ana", "eve"]


# --------------------------------------------------------------------------------- in their place


def meant(text: str, **fields: object) -> list[str]:
    play = ladder(notify("person:ana"), people=away("carla", "hugo", "frank", "gita", "ines"), **fields)
    play.trigger()
    play.acknowledge("gita")
    return list(nominal(Turn(play.state, play.world, play.now), target(text)))


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("person:carla", ["carla"]),
        ("role:duty-manager", ["carla", "hugo"]),
        ("role:nobody", []),
        ("team:payments", ["gita", "ines"]),
        ("team:nobody", []),
        ("manager:1", ["hugo"]),
        ("owner", ["gita"]),
        ("team.lead", ["frank"]),
        ("requester", []),
    ],
)
def test_a_target_means_somebody_even_when_they_are_away(text: str, named: list[str]) -> None:
    assert meant(text) == named


def test_a_role_without_holders_there_climbs_from_the_last_of_them() -> None:
    play = ladder(notify("person:ana"), hierarchical=[ask("role:duty-manager", "0m")], people=away("carla", "hugo"))
    play.trigger()
    assert play.calls("ask") == [(0, "omar")]


def test_the_last_resort_turns_from_round_to_round() -> None:
    play = ladder(notify("person:ana"))
    play.trigger()
    turn = Turn(play.state, play.world, play.now)
    assert [last_resort(turn, start) for start in (0, 1, 2)] == [
        ("carla", "nadia"),
        ("nadia", "carla"),
        ("carla", "nadia"),
    ]


def test_a_last_resort_of_a_role_whose_holders_are_all_away_is_called_all_the_same() -> None:
    roles = {"night": Role(RoleId("night"), (target("team:complaints"), target("person:hugo")))}
    everybody = away("kai", "tom", "hugo", "dana", "eve", "finn", "frank")
    play = ladder(notify("requester"), people=everybody, rules={"roles": roles, "last_resort": (target("role:night"),)})
    play.trigger()
    assert play.calls() == [(0, "kai")]


def test_with_nobody_at_all_there_is_none() -> None:
    play = ladder(notify("person:ana"), people=reachable("ana"))
    play.trigger()
    assert last_resort(Turn(play.state, play.world, play.now), 0) == ()


def test_a_closed_team_of_the_last_resort_is_called() -> None:
    resort = {"last_resort": (target("team:service-desk"),)}
    play = ladder(notify("requester"), rules=resort, people=away("dana", "eve", "finn", "frank"), at=MONDAY + 12 * HOUR)
    play.trigger()
    assert play.calls() == [(0, "ana")]
