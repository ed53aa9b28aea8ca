"""The picture of both ladders says what was, what is and what is planned."""

from itertools import islice

from tests.cast import CARLA, DANA, EVE, FRANK, MINUTE, MONDAY
from tests.core.incident.play import Play, world
from tocsin.core.incident import commands as cmd
from tocsin.core.incident.ladders import Ladders, draw
from tocsin.core.incident.preview import foresee


def picture(play: Play) -> Ladders:
    return draw(play.state, play.world, play.events, islice(foresee(play.state, play.world), 12))


def opened() -> Play:
    play = Play(world())
    play.trigger()
    return play


def test_at_the_beginning_the_first_step_is_on_and_the_rest_is_planned() -> None:
    ladders = picture(opened())
    assert [(one.state, one.who) for one in ladders.functional[:2]] == [("current", (DANA,)), ("coming", (EVE,))]
    assert [one.at for one in ladders.functional] == [MONDAY + n * MINUTE for n in (0, 5, 15)]
    assert [one.at for one in ladders.hierarchical[:2]] == [MONDAY + n * MINUTE for n in (15, 30)]
    assert [one.who for one in ladders.hierarchical[:2]] == [(FRANK,), (CARLA,)]
    assert (ladders.lap, ladders.laps, ladders.exhausted) == (1, 3, False)


def test_later_the_cursor_has_moved_and_management_was_informed() -> None:
    play = opened()
    play.wait("16m")
    ladders = picture(play)
    assert [one.state for one in ladders.functional] == ["done", "done", "current"]
    assert (ladders.hierarchical[0].state, ladders.hierarchical[0].who) == ("done", (FRANK,))
    assert ladders.functional[1].at == MONDAY + 5 * MINUTE


def test_an_acknowledgement_lets_the_functional_ladder_rest_and_the_hierarchical_go_on() -> None:
    play = opened()
    play.put(cmd.Acknowledge("dana"))
    ladders = picture(play)
    assert {one.state for one in ladders.functional} == {"resting"}
    assert ladders.hierarchical[2].state == "coming"


def test_the_second_lap_is_drawn_as_such() -> None:
    play = opened()
    play.wait("26m")
    ladders = picture(play)
    assert (ladders.lap, ladders.functional[0].state, ladders.functional[0].at) == (2, "current", MONDAY + 25 * MINUTE)


def test_an_exhausted_ladder_says_so() -> None:
    play = opened()
    play.wait("3h")
    ladders = picture(play)
    assert ladders.exhausted
    assert ladders.rescue > 0
    assert {one.state for one in ladders.functional} == {"done"}


def test_a_management_step_that_exhaustion_brings_forward_is_shown_at_that_time() -> None:
    third = picture(opened()).hierarchical[2]
    assert (third.state, third.at) == ("coming", MONDAY + 75 * MINUTE)


def test_a_step_beyond_what_was_looked_at_still_names_its_people() -> None:
    play = opened()
    ladders = draw(play.state, play.world, play.events, ())
    assert [one.who for one in ladders.hierarchical] == [("frank",), ("carla",), ("omar",), ("omar",)]
    assert ladders.functional[2].who == ("dana", "eve", "finn")
