"""The law of expectations: openings that are said to go alike do, to the microsecond; what is surely so comes true."""

from random import Random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.laws.rulebooks import PEOPLE, PRIMARY, PROVED, SECONDARY, TEAMS, worlds
from tocsin.core.catalogue.target import Target
from tocsin.core.ids import ServiceId
from tocsin.core.incident.state import Incident
from tocsin.core.incident.turn import Turn
from tocsin.core.incident.whom import resolve
from tocsin.core.instant import HOUR, MINUTE, Instant, Period, Span
from tocsin.core.routing.expectation import Expectation, Sample
from tocsin.core.world import World
from tocsin.lab.verifier.case import Case
from tocsin.lab.verifier.expecting import arrived, played, proved, question
from tocsin.lab.verifier.regimes import Regimes

PLAYS, REGIMES, SPANS = 120, 4, 3

few = settings(max_examples=25, derandomize=True) if settings().max_examples <= 100 else settings()
"""The same ones in every run; `make prove` draws others, and more."""

reached = st.one_of(
    st.sampled_from(PEOPLE).map(lambda one: Target("person", one)),
    st.sampled_from((PRIMARY, SECONDARY)).map(lambda one: Target("schedule", one)),
    st.sampled_from(TEAMS).map(lambda one: Target("team", one)),
    st.sampled_from((Target("role", "duty-manager"), Target("channel", "ops"))),
)
withins = st.sampled_from((0, MINUTE, 10 * MINUTE, 2 * HOUR, 30 * HOUR)).map(lambda time: Period(time=time))


@st.composite
def expectations(draw: Any) -> Expectation:
    """Of the service `db`, at any instant."""
    sample = Sample(ServiceId("db"), draw(st.sampled_from(("critical", "warning", "info"))))
    return Expectation(sample, None, draw(st.booleans()), None, draw(reached), draw(withins))


@few
@given(worlds(), expectations(), st.randoms(use_true_random=False))
def test_what_holds_at_one_opening_holds_at_all_that_go_alike(drawn, one, chance) -> None:
    world, start = drawn
    begin = start + chance.randrange(PROVED)
    regimes = list(Regimes(world, begin, question(one, "reaches"), PLAYS).over((Span(begin, start + PROVED),)))
    assert [begin, *(each.end for each in regimes[:-1])] == [each.start for each in regimes]
    for each in chance.sample(regimes, min(len(regimes), REGIMES)):
        for at in _openings(each, chance):
            assert _comes_true(world, one, at) == each.holds, (one, at - each.start, each)


@few
@given(worlds(), expectations(), st.randoms(use_true_random=False))
def test_what_the_proof_is_sure_of_comes_true(drawn, one, chance) -> None:
    world, start = drawn
    spans = proved(Case(world.rulebook, world.conditions, start, world.facts, horizon=PROVED), one)
    for each in chance.sample(spans, min(len(spans), SPANS)):
        for at in _openings(each, chance):
            assert _comes_true(world, one, at), (one, at - each.start, each)


def _openings(span: Any, chance: Random) -> set[Instant]:
    """Both ends to the microsecond, and somewhere between."""
    return {span.start, span.end - 1, chance.randrange(span.start, span.end)}


def _comes_true(world: World, one: Expectation, at: Instant) -> bool:
    assert one.reaches is not None
    for tried in filter(arrived, played(world, one, at).tried):
        turn = Turn(Incident(id=tried.message.incident), world, tried.at)
        if tried.message.to in resolve(turn, one.reaches, True).people:
            return True
    return False
