"""The twin law: whatever comes, in whatever order, the live engine and the simulator tell the same facts."""

from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from tests.cast import CAST, MINUTE, MONDAY
from tests.stories.live import Live
from tests.stories.performance import difference, perform
from tests.stories.stage import Simulated
from tests.stories.story import EXAMPLES, Line, Story, conditions_of
from tocsin.config.load import loads
from tocsin.core.instant import HOUR
from tocsin.core.oncall.override import Facts
from tocsin.core.world import World
from tocsin.lab.behaviour import Behaviour, Trouble

TEXT = (EXAMPLES / "acme.yaml").read_text("utf-8")
RULEBOOK = loads({"acme.yaml": TEXT}).rulebook
assert RULEBOOK is not None
CONDITIONS = conditions_of(RULEBOOK)
SERVICES = ["order-database", "checkout", "core-network", "identity", "customer-care", "nowhere"]
METHODS = ("email", "sms")
REQUESTS = ["r1", "r2", "r3", "r4"]


def signal(key: str, action: str, service: str, severity: str, users: int) -> dict[str, Any]:
    body = {"key": key, "action": action, "title": key, "severity": severity, "labels": {"service": service}}
    return {"source": "scripts", "body": body | {"affected_users": users}}


SIGNALS = st.builds(
    signal,
    st.sampled_from(["a", "b"]),
    st.sampled_from(["trigger", "trigger", "trigger", "acknowledge", "resolve"]),
    st.sampled_from(SERVICES),
    st.sampled_from(["critical", "error", "warning"]),
    st.sampled_from([0, 0, 900]),
)
DEEDS = st.one_of(
    st.fixed_dictionaries({"verb": st.sampled_from(["acknowledge", "take over", "decline the page", "resolve"])}),
    st.fixed_dictionaries(
        {"verb": st.sampled_from(["unacknowledge", "snooze", "pend", "reopen", "close", "escalate"])}
    ),
    st.fixed_dictionaries({"verb": st.just("escalate"), "ladder": st.just("hierarchical")}),
    st.fixed_dictionaries(
        {"verb": st.sampled_from(["answer", "accept", "decline"]), "request": st.sampled_from(REQUESTS)}
    ),
    st.fixed_dictionaries({"verb": st.just("priority"), "priority": st.sampled_from(["P1", "P2", "P3", "P4"])}),
    st.fixed_dictionaries(
        {"verb": st.just("reassign"), "to": st.sampled_from(["team:payments", "team:infrastructure", "person:eve"])}
    ),
)
ACTS = st.builds(lambda who, does: {"who": who, "does": dict(does)}, st.sampled_from(CAST), DEEDS)
WAITS = st.sampled_from([0, 1, 4, 5, 10, 15, 30, 45, 90])
TROUBLES = st.lists(
    st.builds(Trouble, st.just("permanent"), st.just(0), person=st.sampled_from(CAST), method=st.sampled_from(METHODS)),
    max_size=3,
)


@st.composite
def stories(draw: st.DrawFn) -> Story:
    """An hour or two at Acme: the first thing that happens is a signal, the last is that time passes."""
    assert RULEBOOK is not None
    first = draw(SIGNALS.filter(lambda one: one["body"]["action"] == "trigger"))
    now, lines = MONDAY, [Line(MONDAY, **first)]
    for wait, part in draw(st.lists(st.tuples(WAITS, st.one_of(ACTS, ACTS, SIGNALS)), max_size=8)):
        now += wait * MINUTE
        lines.append(Line(now, **part))
    ways = {person: dict.fromkeys(METHODS, "declared") for person in CAST}
    world = World(RULEBOOK, CONDITIONS, Facts(1, methods=ways))  # type: ignore[arg-type]
    script = (*lines, Line(now + 2 * HOUR))
    return Story("drawn", "drawn", world, Behaviour(tuple(draw(TROUBLES))), MONDAY, script, text=TEXT)


def same(story: Story) -> None:
    twin = Simulated(story)
    perform(story, twin)
    with Live(story) as stage:
        perform(story, stage)
        assert difference(stage, twin) == ""


@settings(max_examples=10, phases=set(Phase) - {Phase.explain})
@given(stories())
def test_the_live_engine_and_the_simulator_tell_the_same_facts(story: Story) -> None:
    same(story)


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


@pytest.mark.prove
@pytest.mark.timeout(3600)
@settings(max_examples=200, phases=set(Phase) - {Phase.explain})
@given(stories())
def test_they_do_so_at_length(story: Story) -> None:
    same(story)
