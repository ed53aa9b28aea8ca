"""The twin law: whatever comes, in whatever order, the live engine and the simulator tell the same facts."""

import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest
from hypothesis import Phase, given, seed, settings

from tests.cast import CAST, MINUTE, MONDAY
from tests.laws.twin_stages import told_apart
from tests.laws.twins import Course, courses
from tests.stories.performance import difference, perform
from tests.stories.stage import Simulated
from tests.stories.story import EXAMPLES, Line, Story
from tocsin.cli.live import Live
from tocsin.config.load import loads
from tocsin.core.incident.events import StepEntered
from tocsin.core.instant import HOUR
from tocsin.core.oncall.override import Facts
from tocsin.core.routing.criteria import compile_all
from tocsin.core.world import World
from tocsin.lab.behaviour import Behaviour

TEXT = (EXAMPLES / "acme.yaml").read_text("utf-8")
RULEBOOK = loads({"acme.yaml": TEXT}).rulebook
assert RULEBOOK is not None
CONDITIONS = compile_all(RULEBOOK.conditions)
METHODS = ("email", "sms")
NewDatabase = Callable[[], AbstractContextManager[str]]


def same(story: Story) -> None:
    twin = Simulated(story)
    perform(story, twin)
    with Live(story) as stage:
        perform(story, stage)
        assert difference(stage, twin) == ""


unexplained = settings(phases=set(Phase) - {Phase.explain})


@settings(unexplained, max_examples=20, derandomize=True)
@given(courses())
def test_the_live_engine_and_the_simulator_tell_the_same_of_whatever_happens(course: Course) -> None:
    assert told_apart(course) == ""


@settings(unexplained, max_examples=2, derandomize=True)
@given(courses())
def test_they_do_so_on_postgresql(new_postgres: NewDatabase, course: Course) -> None:
    with new_postgres() as url:
        assert told_apart(course, url) == ""


def notification(status: str, *fingerprints: range) -> dict[str, Any]:
    """One of Alertmanager's about the alerts of one group."""
    labels = {"alertname": "DiskFull", "service": "order-database", "severity": "critical"}
    alerts = [
        {"status": status, "labels": labels | {"n": str(n)}, "annotations": {}, "fingerprint": f"{n:016x}"}
        for numbers in fingerprints
        for n in numbers
    ]
    group = {"groupKey": '{}:{alertname="DiskFull"}', "groupLabels": {"alertname": "DiskFull"}}
    return {"version": "4", "status": status, "receiver": "tocsin", "alerts": alerts, "commonLabels": labels} | group


def of_many_alerts(*happens: tuple[int, dict[str, Any]]) -> Story:
    """(minute, what the line says)."""
    assert RULEBOOK is not None
    ways = {person: dict.fromkeys(METHODS, "declared") for person in CAST}
    world = World(RULEBOOK, CONDITIONS, Facts(1, methods=ways))  # type: ignore[arg-type]
    lines = [Line(MONDAY + minute * MINUTE, **line) for minute, line in happens]
    return Story("many", "many", world, Behaviour(()), MONDAY, (*lines, Line(lines[-1].at + 2 * HOUR)), text=TEXT)


def posts(*said: Any) -> dict[str, Any]:
    return {"source": "prometheus", "body": notification(*said)}


@pytest.mark.parametrize(
    "end",
    [
        posts("resolved", range(1000)),
        posts("resolved", range(2100)),
        {"who": "eve", "does": {"verb": "resolve"}},
        posts("resolved", range(1000, 2100)),
    ],
    ids=["the first", "all", "by a person", "the siblings"],
)
def test_they_do_so_of_more_alerts_than_one_incident_keeps(end: dict[str, Any]) -> None:
    fires, again = posts("firing", range(2100)), posts("firing", range(5), range(1500, 1505))
    same(of_many_alerts((0, fires), (1, posts("firing", range(2090, 2110))), (40, end), (45, again)))


def complaint(key: int) -> dict[str, Any]:
    """One of scripts, for the team that takes turns."""
    labels = {"service": "customer-care"}
    told = {"key": f"c{key}", "action": "trigger", "title": "late", "severity": "warning", "labels": labels}
    return told | {"kind": "complaint", "reporter": "tom"}


def test_they_do_so_of_two_that_are_due_in_the_same_microsecond_and_take_turns() -> None:
    """Whichever is served first has the turn; the one that was planned later opened first."""
    rests = {"who": "kai", "does": {"verb": "snooze", "until": "+245m"}, "incident": 1}
    comes = [{"source": "scripts", "body": complaint(key)} for key in range(3)]
    story = of_many_alerts((0, comes[0]), (5, comes[1]), (130, rests), (400, comes[2]))
    twin = Simulated(story)
    perform(story, twin)
    at_once = [fact for fact in twin.simulation.told if fact.event.at == MONDAY + 245 * MINUTE]
    turns = {fact.stream: fact.event.chosen for fact in at_once if isinstance(fact.event, StepEntered)}
    assert list(turns) == ["INC-1", "INC-2"]
    assert turns["INC-1"] != turns["INC-2"]
    with Live(story) as stage:
        perform(story, stage)
        assert difference(stage, twin) == ""


@pytest.mark.prove
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("piece", range(4))
def test_they_do_so_of_a_thousand_courses(piece: int) -> None:
    told = 0

    @seed(piece)
    @settings(unexplained, max_examples=250, database=None)
    @given(courses())
    def law(course: Course) -> None:
        nonlocal told
        assert told_apart(course) == ""
        told += 1

    law()
    sys.stdout.write(f"piece {piece}: {told} courses, 0 differences\n")
    assert told >= 250


@pytest.mark.prove
@pytest.mark.timeout(3600)
@settings(unexplained, max_examples=50)
@given(courses())
def test_they_do_so_of_fifty_on_postgresql(new_postgres: NewDatabase, course: Course) -> None:
    with new_postgres() as url:
        assert told_apart(course, url) == ""
