"""What happens next is what then happens: the preview is held against the time that really comes."""

from itertools import islice

from tests.cast import DANA, EVE, FRANK, HOUR, MINUTE, MONDAY
from tests.core.incident.play import Play, world
from tocsin.core.incident import commands as cmd
from tocsin.core.incident.due import due
from tocsin.core.incident.preview import foresee, preview
from tocsin.core.incident.state import Incident


def test_the_next_step_names_whom_it_will_page_and_when() -> None:
    play = Play(world())
    play.trigger()
    coming = preview(play.state, play.world)
    assert coming is not None
    assert (coming.at, coming.what.key, coming.who) == (MONDAY + 5 * MINUTE, "next.step", (EVE,))
    assert coming.what.values == {"people": "eve", "step": "2", "lap": "1"}


def test_what_was_foreseen_is_what_happens() -> None:
    play = Play(world(), silent_providers=True)
    play.trigger()
    for coming in list(islice(foresee(play.state, play.world), 12)):
        assert due(play.state) == coming.at
        play.now = coming.at
        assert play.tick() == coming.facts


def test_a_management_step_that_the_acknowledgement_stops_is_no_news() -> None:
    play = Play(world())
    play.trigger()
    play.put(cmd.Acknowledge("dana"))
    coming = preview(play.state, play.world)
    assert coming is not None
    assert (coming.at, coming.what.key, coming.who) == (MONDAY + 30 * MINUTE, "next.still_on_it", (DANA,))


def test_looking_ahead_changes_nothing() -> None:
    play = Play(world())
    play.trigger()
    before = play.state
    assert len(list(islice(foresee(play.state, play.world), 20))) == 20
    assert play.state is before


def test_what_is_overdue_happens_now() -> None:
    play = Play(world())
    play.trigger()
    coming = preview(play.state, play.world, MONDAY + HOUR)
    assert coming is not None
    assert coming.at == MONDAY + HOUR


def test_nothing_follows_the_end() -> None:
    play = Play(world())
    play.trigger()
    play.put(cmd.Resolve("dana"))
    assert [one.what.key for one in foresee(play.state, play.world)] == ["next.closed"]
    play.put(cmd.Close("dana"))
    assert preview(play.state, play.world) is None
    assert preview(Incident(play.state.id), play.world) is None


def test_management_steps_say_whom_they_inform() -> None:
    play = Play(world())
    play.trigger()
    at_15 = next(one for one in foresee(play.state, play.world) if FRANK in one.who)
    assert (at_15.at, at_15.what.key) == (MONDAY + 15 * MINUTE, "next.step")
    assert "frank" not in at_15.what.values["people"]


def test_a_question_that_goes_unanswered_is_seen_to_climb() -> None:
    play = Play(world())
    play.trigger()
    climbs = [one for one in islice(foresee(play.state, play.world), 12) if one.what.key == "next.climb"]
    assert [one.who for one in climbs[:2]] == [("carla",), ("nadia",)]
