"""The law of sharing: runs of which what goes alike is played once are told as when each is played by itself."""

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from msgspec import to_builtins
from msgspec.structs import replace

from tests.laws.rulebooks import SEVERITIES, worlds
from tests.laws.twins import organisations
from tocsin.core.ids import HoursId
from tocsin.core.instant import HOUR, MINUTE, Duration, Instant, parse_instant
from tocsin.core.oncall.override import Facts
from tocsin.core.policy.policy import Policy
from tocsin.core.routing.criteria import compile_all
from tocsin.core.signal import Signal
from tocsin.core.world import World
from tocsin.lab.answers import read
from tocsin.lab.meant import Scene
from tocsin.lab.population import YEAR, Habits, Played, Study, played

SENTENCES = (
    "ana acknowledges after 2m", "ben acknowledges at +7m and resolves at +1h", "everybody acknowledges after 20m",
    "carla declines", "dana takes over after 5m", "everybody confirms after 2m", "management answers after 4m",
    "email fails", "sms down for 20m", "ana fails", "ben is away from +10m to +2h", "eve is away",
    "source resolves at +40m", "source fires at +45m", "everybody resolves after 3h",
)  # fmt: skip
LONG_AGO = 10**15
"""Instants of today are above that many microseconds, and no duration is."""


def moved(value: Any, by: Duration) -> Any:
    """Everything that much later; by which minutes reports were counted nothing hangs on here."""
    if isinstance(value, dict):
        return {name: moved(one, by) for name, one in value.items() if name != "reports"}
    if isinstance(value, (list, tuple)):
        return [moved(one, by) for one in value]
    return value + by if type(value) is int and value > LONG_AGO else value


def told(one: Played) -> Any:
    return one.opened + one.ahead, moved(to_builtins(one.transcript), one.ahead)


def alike(study: Study, numbers: Sequence[int]) -> None:
    apart = [told(one) for one in played(study, numbers, together=False)]
    assert [told(one) for one in played(study, numbers)] == apart


def simpler(draw: Any, world: World) -> World:
    """In most cases without conditions that read the calendar; in some without hours, by which few go alike."""
    closing = draw(st.booleans())

    def plain(step: Any) -> Any:
        when = None if any(word in (step.when or "") for word in ("calendar", "reports")) else step.when
        return replace(step, when=when, hours=step.hours if closing else None)

    def policy(one: Policy) -> Policy:
        ladders = tuple(map(plain, one.functional)), tuple(map(plain, one.hierarchical))
        return replace(one, functional=ladders[0], hierarchical=ladders[1])

    if draw(st.integers(0, 5)) == 0:
        return world
    book = world.rulebook
    kept = tuple(one for one in book.criteria if "calendar" not in one.when)
    policies = {name: policy(one) for name, one in book.policies.items()}
    teams = {name: one if closing else replace(one, hours=HoursId("always")) for name, one in book.teams.items()}
    return replace(world, rulebook=replace(book, criteria=kept, policies=policies, teams=teams))


def scenes(world: World, start: Instant, severity: str, service: str) -> Scene:
    signal = Signal("k", "trigger", "it is down", severity=severity, service=service, labels={"host": "db-1"})
    return Scene(world, start, start + 9 * HOUR, signal)


@st.composite
def habits(draw: Any) -> Habits:
    """Chance, with little of it or with much; where times do not differ more goes alike."""
    sure, spread = {"email": 1.0, "sms": 1.0, "voice": 1.0}, draw(st.sampled_from((0.0, 0.0, 0.8)))
    down = dict.fromkeys(("email", "sms"), draw(st.sampled_from((0.0, 0.0, 0.3))))
    chance = draw(st.sampled_from((0.0, 0.5, 0.8, 1.0)))
    return Habits(chance, sure, sure, 4 * MINUTE, spread, 45 * MINUTE, spread, down, 30 * MINUTE, spread)


@st.composite
def small(draw: Any) -> Study:
    """Any rulebook of five people; openings are some minutes or hours apart, about a change of the clock."""
    world, start = draw(worlds())
    world = simpler(draw, world)
    scene = scenes(world, start, draw(st.sampled_from(sorted(SEVERITIES))), draw(st.sampled_from(("db", ""))))
    said = draw(st.lists(st.sampled_from(SENTENCES), max_size=3, unique=True))
    usable = [one for one in said if read(one, scene).usable]  # not everybody is in every rulebook
    apart = draw(st.sampled_from((20 * MINUTE, 5 * HOUR)))
    return Study(scene, YEAR // apart, draw(st.integers(0, 9)), draw(habits()), "; ".join(usable), draw(st.booleans()))


@st.composite
def large(draw: Any) -> Study:
    """Acme with random ladders; openings are five hours apart."""
    rulebook = draw(organisations()).loaded.rulebook
    start = parse_instant(draw(st.sampled_from(("2026-03-27T16:00:00Z", "2026-10-23T16:00:00Z"))))
    ways: Any = {one: {"email": "declared", "sms": "declared"} for one in rulebook.people}
    world = World(rulebook, compile_all(rulebook.conditions), Facts(1, methods=ways))
    service = draw(st.sampled_from(("order-database", "checkout", "core-network", "customer-care")))
    world = simpler(draw, world)
    scene = scenes(world, start, draw(st.sampled_from(("critical", "error", "info"))), service)
    said = draw(st.sampled_from(("", "dana acknowledges after 4m", "sms fails; everybody acknowledges after 11m")))
    return Study(scene, YEAR // (5 * HOUR), draw(st.integers(0, 9)), draw(habits()), said)


@settings(max_examples=15, derandomize=True, phases=set(Phase) - {Phase.explain})
@given(st.one_of(small(), small(), large()))
def test_what_goes_alike_is_played_once_and_told_as_it_would_be_by_itself(study: Study) -> None:
    alike(study, range(24))


@pytest.mark.prove
@pytest.mark.timeout(3600)
@settings(max_examples=600, phases=set(Phase) - {Phase.explain})
@given(st.one_of(small(), large()))
def test_it_is_so_at_length(study: Study) -> None:
    alike(study, range(40))
