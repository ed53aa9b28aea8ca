"""Small values that rules speak of: steps yield moves, targets are written as they are read, priorities compare."""

import pytest
from msgspec.structs import replace

from tests.cast import period, small_rulebook, target
from tests.core.incident.play import ask, hand_over, inform, notify, put_decision
from tocsin.core.catalogue.priority import PriorityRules, at_least, worst
from tocsin.core.ids import CLOSED_WORDS, HoursId
from tocsin.core.steps.contract import Hold, Page, Question, Tell, Transfer

TEAM = (target("team"),)


def test_notify_pages_and_waits() -> None:
    step = notify("team", "5m", need=2, urgency="routine", skills=("linux",), hours=HoursId("office"))
    assert step.moves() == (Page(TEAM, 2, "routine", ("linux",)), Hold(period("5m"), HoursId("office")))


def test_hand_over_moves_pages_and_waits() -> None:
    assert hand_over("team", "5m").moves() == (Transfer(TEAM[0]), Page(TEAM), Hold(period("5m"), None))


def test_inform_tells_and_ask_asks() -> None:
    assert inform("team", "5m").moves() == (Tell(TEAM),)
    assert ask("team", "5m", within="1m").moves() == (Question(TEAM, period("1m")),)


def test_decide_asks_with_options_and_perhaps_a_default() -> None:
    (question,) = put_decision("team", "5m", default="no").moves()
    assert question == Question(TEAM, None, None, "Fall back?", ("yes", "no"), "no")


@pytest.mark.parametrize(
    "text", ["person:ana", "team:infrastructure", "manager:1", "channel:ops", "team.next", "owner"]
)
def test_a_target_is_written_as_it_is_read(text: str) -> None:
    assert str(target(text)) == text


def test_every_word_of_a_target_is_closed() -> None:
    assert {"team", "team.next", "team.all", "team.lead", "owner", "stakeholders", "requester"} <= CLOSED_WORDS


def test_p1_is_the_worst() -> None:
    assert at_least("P1", "P2")
    assert at_least("P2", "P2")
    assert not at_least("P3", "P2")
    assert worst("P3", "P1", "P5") == "P1"


def test_impact_and_urgency_make_a_priority() -> None:
    rules = PriorityRules(urgency=("high", "low"), matrix={"large": ("P1", "P3")})
    assert rules.of_impact("large", "low") == "P3"
    assert rules.of_impact("large", "odd") is None
    assert rules.of_impact("odd", "low") is None


def test_an_unknown_severity_is_worth_what_else_says() -> None:
    assert PriorityRules().of_severity("odd") == "P2"


def test_a_service_counts_only_with_its_team_and_policy() -> None:
    book = small_rulebook()
    assert book.service_of("checkout") is not None
    assert book.service_of("nowhere") is None
    assert replace(book, policies={}).service_of("checkout") is None
    assert replace(book, teams={}).service_of("checkout") is None
