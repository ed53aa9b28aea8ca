"""The law of proofs: what is proved of all openings at once is what the real rules do at each, to the microsecond."""

import sys
from itertools import compress
from random import Random

import pytest
from hypothesis import given, seed, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.laws.rulebooks import PROVED, worlds
from tocsin.core.catalogue.people import ContactLadder, Entry
from tocsin.core.catalogue.priority import PRIORITIES, Priority
from tocsin.core.catalogue.target import Target
from tocsin.core.ids import ServiceId
from tocsin.core.instant import DAY, HOUR, Instant, Period
from tocsin.core.signal import Kind
from tocsin.core.steps import FunctionalStep, Notify
from tocsin.core.world import World
from tocsin.lab.verifier.apart import Apart
from tocsin.lab.verifier.confirming import agrees, playable, reported
from tocsin.lab.verifier.exploring import Explored, Explorer
from tocsin.lab.verifier.front import Front
from tocsin.lab.verifier.hopeless import Hopeless
from tocsin.lab.verifier.losing import Losses
from tocsin.lab.verifier.opening import openings
from tocsin.lab.verifier.played import play, supposing
from tocsin.lab.verifier.reach import KINDS, RUNGS, Rung, Stretch
from tocsin.lab.verifier.repeating import sweep
from tocsin.lab.verifier.standing import Setting, Standing
from tocsin.lab.verifier.supposing import Supposed, Undecided
from tocsin.lab.verifier.timeline import Ground
from tocsin.lab.verifier.walk import Asked, walked

WAYS = 2
"""Ways of one rulebook that are played; the others differ in what is supposed of signals."""

STRETCHES = 2
LOOK = 2 * DAY
"""How far an opening is played that nobody is proved to hear of."""

PIECES = 8
"""Of 2,000 rulebooks, so that as many cores as there are share them."""

LONG = 15 * DAY
"""So much is walked day by day, and told again from what went before."""

DRAWN = settings.get_current_profile_name() == "prove"
few = settings() if DRAWN else settings(max_examples=40, derandomize=True)
fewest = settings(max_examples=settings().max_examples // 4) if DRAWN else settings(max_examples=6, derandomize=True)
"""The same ones in every run; `make prove` draws 2,000 others, EXAMPLES=200 and a seed so many."""


drawn_ones = given(worlds(), st.sampled_from(PRIORITIES), st.sampled_from(KINDS), st.randoms(use_true_random=False))


@few
@drawn_ones
def test_every_stretch_of_a_proof_is_what_the_rules_do_at_its_openings(drawn, priority, kind, chance) -> None:
    _hold(drawn, priority, kind, chance)


@pytest.mark.prove
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("piece", range(PIECES))
def test_they_are_so_of_two_thousand_rulebooks(piece: int) -> None:
    played = 0

    @seed(piece)
    @settings(max_examples=2000 // PIECES, database=None)
    @drawn_ones
    def law(drawn, priority, kind, chance) -> None:
        nonlocal played
        played += _hold(drawn, priority, kind, chance)

    law()
    sys.stdout.write(f"piece {piece}: {2000 // PIECES} rulebooks, {played} openings played, 0 differences\n")
    assert played > 2000 // PIECES


def _hold(drawn: tuple[World, Instant], priority: Priority, kind: Kind, chance: Random) -> int:
    """How many openings were played, each of which went as it is proved to."""
    world, start = drawn
    ground = Ground(world, start)
    explorer = Explorer(ground, start + PROVED)
    found = openings(ground, world.rulebook.services["db"], priority, kind)
    ways = [one for one in explorer.ways(chance.choice(found.all)) if playable(ground, one)]
    played = 0
    for one in chance.sample(ways, min(len(ways), WAYS)):
        for rung in RUNGS:
            line = one.way.line(rung)
            assert [line[0].start, *(each.end for each in line)] == [*(each.start for each in line), start + PROVED]
            for stretch in chance.sample(line, min(len(line), STRETCHES)):
                for opening in _openings(stretch, chance):
                    _agree(world, one, rung, stretch, opening, priority, kind)
                    played += 1
    return played


@fewest
@drawn_ones
def test_they_are_so_where_hardly_anybody_can_be_reached(drawn, priority, kind, chance) -> None:
    _hold((_forsaken(drawn[0], chance), drawn[1]), priority, kind, chance)


@few
@drawn_ones
def test_what_is_known_without_a_walk_is_what_would_have_been_walked(drawn, priority, kind, chance) -> None:
    world, start = _forsaken(drawn[0], chance), drawn[1]
    known, each_walked = (Explorer(Ground(world, start), start + DAY) for _ in range(2))
    each_walked.hopeless = _Unknown(each_walked.ground)
    opening = chance.choice(openings(known.ground, world.rulebook.services["db"], priority, kind).all)
    ways, walked_ones = known.ways(opening), each_walked.ways(opening)
    assert [(one.supposed, one.way) for one in ways] == [(one.supposed, one.way) for one in walked_ones]


class _Unknown(Hopeless):
    """Nothing is known without a walk."""

    def line(self, *_: object) -> None:
        return None


@fewest
@given(worlds(), st.sampled_from(PRIORITIES), st.sampled_from(KINDS), st.randoms(use_true_random=False))
def test_what_is_told_again_is_what_would_have_been_walked(drawn, priority, kind, chance) -> None:
    world, start = drawn
    ground = Ground(world, start)
    found = openings(ground, world.rulebook.services["db"], priority, kind)
    for one in chance.sample(ways := list(Explorer(ground, start + DAY).ways(found.all[0])), min(len(ways), WAYS)):
        for asked in ("responder", "management", "last", "handed"):
            setting = one.opening.setting
            try:
                told = sweep(ground, setting, one.supposed, asked, start + LONG).line
            except Undecided:  # what matters only later is supposed later
                continue
            assert told == _each_walked(ground, setting, one.supposed, asked, start + LONG)


@few
@given(worlds(), st.sampled_from(PRIORITIES), st.randoms(use_true_random=False))
def test_whom_nobody_would_miss_is_not_missed_when_it_is_walked_without_them(drawn, priority, chance) -> None:
    world, start = _simple(drawn[0]), drawn[1]
    ground, end = Ground(world, start), start + PROVED
    losses, apart = Losses(ground, end), Apart(ground, end)
    service, kind = world.rulebook.services["db"], chance.choice(KINDS)
    (opening,) = openings(ground, service, priority, kind).all
    for person in (None, *world.rulebook.people):
        if apart.rings(opening.setting, person):
            without = ground if person is None else losses.without("person", person)
            for one in Explorer(without, end).ways(opening, promised=False):
                assert all(each.at is not None and each.by[0] == "policies" for each in one.way.responder), person


@fewest
@given(worlds(), st.sampled_from(PRIORITIES[:3]), st.randoms(use_true_random=False))
def test_whom_nobody_would_miss_at_an_opening_is_not_missed_when_it_is_walked_without_them(
    drawn, priority, chance
) -> None:
    world, start = _manned(_simple(drawn[0])), drawn[1]
    ground, end = Ground(world, start), start + PROVED
    losses, apart = Losses(ground, end), Apart(ground, end)
    service, kind = world.rulebook.services["db"], chance.choice(KINDS)
    (opening,) = openings(ground, service, priority, kind).all
    for way in Explorer(ground, end).ways(opening, promised=False)[:1]:
        for person in world.rulebook.people:
            sure = apart.rings_then(opening.setting, list(way.way.responder), person)
            if any(sure):
                for other in Explorer(losses.without("person", person), end).ways(opening, promised=False):
                    for one in compress(way.way.responder, sure):
                        assert _rung_at_once(other.way.responder, one), (person, one)


def _forsaken(world: World, chance: Random) -> World:
    """The same in which something leads to one person at most."""
    kept = chance.sample(list(world.rulebook.people), chance.choice((0, 0, 1)))
    methods = {person: ways if person in kept else {} for person, ways in world.facts.methods.items()}
    return replace(world, facts=replace(world.facts, methods=methods))


def _rung_at_once(line: tuple[Stretch, ...], one: Stretch) -> bool:
    met = [each for each in line if each.start < one.end and one.start < each.end]
    return all(each.at == each.start and each.by[:1] == ("policies",) for each in met)


def _simple(world: World) -> World:
    """The same without what keeps anything from being sure: criteria, hours of steps, and ways that come late."""
    book = world.rulebook
    contact = ContactLadder((Entry("email"),), (Entry("email"),))
    steps = {
        name: replace(one, functional=tuple(replace(step, hours=None) for step in one.functional))
        for name, one in book.policies.items()
    }
    facts = replace(world.facts, methods={one: {"email": "verified"} for one in book.people})
    return replace(world, rulebook=replace(book, criteria=(), contact=contact, policies=steps), facts=facts)


def _manned(world: World) -> World:
    """The same with a last step at which everybody of the owning team is called, and no channels on the way to it."""
    book = world.rulebook
    teams = {name: replace(one, members=tuple(book.people)) for name, one in book.teams.items()}
    roles = {name: replace(one, holders=one.holders[:1]) for name, one in book.roles.items()}
    last = Notify((Target("word", "team.all"),), Period(time=HOUR))
    policies = {
        name: replace(one, functional=(*filter(_names_people, one.functional), last))
        for name, one in book.policies.items()
    }
    return replace(world, rulebook=replace(book, teams=teams, roles=roles, policies=policies))


def _names_people(step: FunctionalStep) -> bool:
    return all(target.kind != "channel" for target in step.targets) and isinstance(step, Notify)


def _each_walked(
    ground: Ground, setting: Setting, supposed: Supposed, asked: Asked, end: Instant
) -> tuple[Stretch, ...]:
    found: list[Stretch] = []
    at = ground.start
    while at < end:
        one = walked(Standing(ground, setting, supposed, Front(at, end)), asked)
        before = found[-1] if found else None
        if before is not None and _goes_on(before, one):
            found[-1] = replace(before, end=one.end)
        else:
            found.append(one)
        at = one.end
    return tuple(found)


def _goes_on(before: Stretch, one: Stretch) -> bool:
    moved = replace(before, start=one.start, end=one.end, at=before.reached_at(one.start))
    return moved == one


def _openings(stretch: Stretch, chance: Random) -> set[Instant]:
    """Both ends to the microsecond, and somewhere between."""
    return {stretch.start, stretch.end - 1, chance.randrange(stretch.start, stretch.end)}


def _agree(world: World, one: Explored, rung: Rung, stretch: Stretch, opening: Instant, priority, kind) -> None:
    at = stretch.reached_at(opening)
    until = opening + LOOK if at is None else at
    witness = reported(one, ServiceId("db"), kind) if opening == stretch.start else None
    for report in (None,) if witness is None else (None, witness):
        supposed = supposing(world, one.supposed, content=report is None)
        played = play(supposed, "db", priority, kind, opening, until, (rung,), report)
        heard = played.heard.get(rung)
        assert agrees(stretch, opening, heard, played), (rung, opening - stretch.start, stretch, heard, one.supposed)
