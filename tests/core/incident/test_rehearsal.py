"""If it failed now: the rehearsal is what would then really happen, and raises what criteria would raise."""

import pytest

from tests.cast import DANA, EVE, LENA, MINUTE, MONDAY, small_rulebook
from tests.core.incident.play import Play, world
from tocsin.core.catalogue.priority import PRIORITIES, Priority
from tocsin.core.ids import ServiceId
from tocsin.core.incident.preview import preview
from tocsin.core.incident.rehearsal import rehearse
from tocsin.core.routing.criterion import Criterion, Raise

DATABASE = ServiceId("order-database")


@pytest.mark.parametrize("priority", PRIORITIES)
def test_a_service_is_rehearsed_with_every_priority_also_with_those_that_no_tool_claims(priority: Priority) -> None:
    made = rehearse(DATABASE, priority, world(), MONDAY)
    assert (made.state.priority, made.state.team, made.state.functional.called) == (priority, "infrastructure", (DANA,))


def test_what_is_rehearsed_is_what_then_happens() -> None:
    play, made = Play(world()), rehearse(DATABASE, "P1", world(), MONDAY)
    play.trigger()
    assert [type(one) for one in made.facts] == [type(one) for one in play.events[: len(made.facts)]]
    coming, really = preview(made.state, made.world), preview(play.state, play.world)
    assert coming is not None
    assert really is not None
    assert (coming.at, coming.what, coming.who) == (MONDAY + 5 * MINUTE, really.what, (EVE,))


def test_criteria_speak_as_they_would_of_a_real_report() -> None:
    hush = Criterion("hush", "signal.severity == 'warning'", Raise(priority="P1"))
    raised = rehearse(DATABASE, "P3", world(small_rulebook(criteria=(hush,))), MONDAY)
    assert raised.state.priority == "P1"


def test_a_service_that_does_not_exist_goes_where_its_signals_would_go() -> None:
    made = rehearse(ServiceId("nowhere"), "P1", world(), MONDAY)
    assert (made.state.service, made.state.team) == (None, "service-desk")
    assert LENA not in made.state.functional.called
