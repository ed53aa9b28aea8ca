"""The law of sharing: runs of which what goes alike is played once are told as when each is played by itself."""

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from msgspec import to_builtins
from msgspec.structs import replace

from tests.cast import BEN, MONDAY
from tests.laws.rulebooks import SEVERITIES, worlds
from tests.laws.twins import organisations
from tocsin.config.load import loads
from tocsin.core.ids import HoursId
from tocsin.core.instant import DAY, HOUR, MINUTE, Duration, Instant, parse_instant
from tocsin.core.oncall.override import Absence, Facts
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


SMALL = """\
tocsin: 1
organisation: Acme Retail
timezone: Europe/London
last_resort: [person:dana]
unrouted: {{team: desk, policy: call, priority: P2}}
priorities: {{severity: {{else: P3}}}}
people:
  ana: {{name: Ana of Acme, email: ana@acme.example}}
  ben: {{name: Ben of Acme, email: ben@acme.example}}
  carla: {{name: Carla of Acme, email: carla@acme.example}}
  dana: {{name: Dana of Acme, email: dana@acme.example}}
hours:
  office: {{timezone: Europe/London, week: {{mon-fri: ["08:00-18:00"]}}}}
teams:
  desk: {{tier: 1, lead: carla, members: [ana, ben], hours: {hours}}}
schedules:
  same: {{rotations: [{{people: [ana], turn: weekly, handoff: mon 09:00, starts: 2026-01-05}}]}}
  daily: {{rotations: [{{people: [ana, ben, carla], turn: daily, handoff: "09:00", starts: 2026-01-05}}]}}
services:
  db: {{team: desk, policy: call}}
policies:
  call: {{functional: [{ladder}]}}
"""


MAIL: Any = {"email": "declared"}
EVENING = MONDAY + 7 * HOUR
"""Two hours before the office is closed."""

AWAY = Absence("away", BEN, EVENING + 3 * HOUR, EVENING + DAY)


def called(
    ladder: str, start: Instant, apart: Duration, answers: str = "", hours: str = "always", away: Sequence[Absence] = ()
) -> Study:
    """Somebody is called by that ladder; what anybody does is told by `answers` alone."""
    book = loads({"small.yaml": SMALL.format(ladder=ladder, hours=hours)}).rulebook
    assert book is not None
    ways = dict.fromkeys(book.people, MAIL)
    world = World(book, compile_all(book.conditions), Facts(1, absences=tuple(away), methods=ways))
    scene = Scene(
        world, start, start + 20 * HOUR, Signal("k", "trigger", "it is down", severity="warning", service="db")
    )
    return Study(scene, YEAR // apart, 1, Habits(0.0, down={}), answers)


@pytest.mark.parametrize(
    "study",
    [
        called("{notify: schedule:daily, wait: 30d}", MONDAY, 5 * HOUR),
        called("{notify: person:ana, wait: 5m}, {notify: person:ben, wait: 30d}", EVENING, 20 * MINUTE, away=[AWAY]),
        called("{notify: person:ana, wait: 30m, hours: office}, {notify: person:ben, wait: 30d}", EVENING, 20 * MINUTE),
        called("{notify: person:ana, wait: 30d, when: \"in_hours('office')\"}", EVENING, 20 * MINUTE),
        called("{notify: team, wait: 30d}", EVENING, 20 * MINUTE, hours="office"),
    ],
    ids=["who is on call", "who is away", "when a wait is over", "whether hours are open", "when a team opens"],
)
def test_each_of_the_questions_that_a_world_is_asked_parts_runs_by_itself(study: Study) -> None:
    alike(study, range(24))
    ways = {id(one.transcript): one for one in list(played(study, range(24)))}
    assert 1 < len(ways) < 24  # of some it is known that they go alike, and not all do


@pytest.mark.parametrize(("answers", "down"), [("", 0.5), ("email fails; ana acknowledges after 2m", 0.0)])
def test_what_becomes_of_a_message_parts_runs_and_whom_it_does_not_reach_does_nothing(
    answers: str, down: float
) -> None:
    study = called("{notify: person:ana, wait: 5m}, {notify: person:ben, wait: 30d}", MONDAY, HOUR, answers)
    alike(replace(study, habits=Habits(0.0, down={"email": down})), range(12))


def test_what_comes_at_one_instant_comes_in_the_order_in_which_it_is_told() -> None:
    said = "source resolves at +45m; source fires at +45m"
    alike(called("{notify: person:ana, wait: 30d}", MONDAY, HOUR, said), range(4))


def test_who_comes_to_a_place_is_asked_the_same_as_whoever_came_there_before() -> None:
    """Ana declines at once, so that at one instant it is asked twice who is on call in a schedule, and then in another:
    were the first answer remembered, those who come after would take it for the second.
    """
    ladder = "{notify: schedule:same, wait: 5m}, {notify: [schedule:same, schedule:daily], wait: 30d}"
    alike(called(ladder, MONDAY, 10 * HOUR, "ana declines"), range(12))


@settings(max_examples=15, derandomize=True, phases=set(Phase) - {Phase.explain})
@given(st.one_of(small(), small(), large()))
def test_what_goes_alike_is_played_once_and_told_as_it_would_be_by_itself(study: Study) -> None:
    alike(study, range(24))


@pytest.mark.prove
@pytest.mark.timeout(3600)
@settings(max_examples=600, phases=set(Phase) - {Phase.explain})
@given(st.one_of(small(), large()))
def test_it_is_so_at_length(study: Study) -> None:
    alike(study, range(24))
