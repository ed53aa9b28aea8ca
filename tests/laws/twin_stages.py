"""One course on two stages: the simulator and the live engine play it, and what they tell is laid side by side."""

from collections.abc import Sequence
from typing import Any

import msgspec

from tests.laws.twins import Course, Happens, Organisation
from tests.stories.performance import difference
from tests.stories.stage import Simulated, Stage, body_of
from tests.stories.story import Line, Story
from tocsin.cli.live import Live
from tocsin.core.ids import PersonId
from tocsin.core.incident.state import Incident
from tocsin.core.outgoing import Message
from tocsin.core.routing.criteria import compile_all
from tocsin.core.world import World
from tocsin.lab.story import deeds


def told_apart(course: Course, database: str = "sqlite:///:memory:") -> str:
    """Where the two tell different facts or send different messages; '' where they are alike."""
    story = Story(
        "drawn", "drawn", course.world, course.behaviour, course.begins, (), text=course.organisation.text
    )  # fmt: skip
    twin = Simulated(story)
    done = play(course, story, twin)
    with Live(story, database) as stage:
        put = play(course, story, stage)
        return difference(stage, twin) or _apart("refusals", put, done) or _apart("messages", _sent(stage), _sent(twin))


def _apart(what: str, live: Sequence[Any], simulated: Sequence[Any]) -> str:
    if live == simulated:
        return ""
    only = [one for one in live if one not in simulated], [one for one in simulated if one not in live]
    return f"{what} differ: live alone {only[0]}, simulated alone {only[1]}"


def play(course: Course, story: Story, stage: Stage) -> list[str]:
    """Play it all; how each of its deeds was taken: '' or the code of the refusal."""
    now, taken, lasts = course.begins, [], ["", "", ""]
    for one in course.happens:
        now += one.wait
        stage.run(now)
        if one.fact is not None:
            stage.change(one.fact)
        elif one.rules is not None:
            _adopt(one.rules, stage)
        elif one.body is not None:
            stage.deliver(one.source, body_of(one.body))
        elif one.does is not None and stage.incidents():
            taken.append(_do(one, Line(now), story, stage, lasts))
        stage.run(now)
    stage.run(now + course.beyond)
    return taken


def _adopt(rules: Organisation, stage: Stage) -> None:
    """Other rules are put in force; what is live keeps the policies that it opened under."""
    assert rules.loaded.rulebook is not None
    if isinstance(stage, Live):
        stage.apply(rules.loaded)
        return
    assert isinstance(stage, Simulated)
    before = stage.simulation.world
    pinned = before.pinned | {one.digest: one for one in before.rulebook.policies.values()}
    book = rules.loaded.rulebook
    stage.simulation._surround(World(book, compile_all(book.conditions), before.facts, pinned=pinned))


def _do(one: Happens, line: Line, story: Story, stage: Stage, lasts: list[str]) -> str:
    incident = min(one.incident, stage.incidents())
    state = stage.state(incident)
    who = _whoever(one.who, state, lasts[one.incident - 1])
    does = dict(one.does or {})
    if does["verb"] in ("answer", "accept", "decline"):
        mine = [request.id for request in state.requests if who in request.asked]
        does["request"] = mine[-1] if mine else "r0"
    if "INC-" in does.get("to", ""):
        number = min(int(does["to"].removeprefix("INC-")), stage.incidents())
        does["to"] = stage.past(number)[0] if isinstance(stage, Live) else f"INC-{number}"
    line = msgspec.structs.replace(line, who=who, does=does, incident=incident)
    if does["verb"] == "receipt":
        line = msgspec.structs.replace(
            line, receipt={who: _way(who, does["method"], story), "outcome": does["outcome"]}
        )
    refused = deeds.put(story, line, stage)
    if not refused and does["verb"] != "undo":
        lasts[one.incident - 1] = who
    return refused


def _way(who: str, method: str, story: Story) -> str:
    """One of theirs, for a provider only tells of what it was given."""
    ways = sorted(story.world.facts.methods.get(PersonId(who), {}))
    return ways[len(method) % len(ways)] if ways else method


def _whoever(who: str, state: Incident, last: str) -> str:
    """Whom `who` means when it happens; carla where that is nobody."""
    asked = [person for request in state.requests for person in request.current]
    roles = {
        "called": state.functional.called[:1], "asked": asked[-1:], "owner": (state.owner or "",), "last": (last,),
    }  # fmt: skip
    found = roles.get(who, (who,))
    return str(found[0]) if found and found[0] else "carla"


def _sent(stage: Stage) -> list[tuple[Any, ...]]:
    """All messages that were handed over: when, to whom, how, why, and with what words."""
    return sorted((one.at, *_plain(one.message)) for one in stage.delivered())


def _plain(message: Message) -> tuple[Any, ...]:
    words = sorted((name, value) for name, value in message.text.values.items() if not value.startswith("INC-"))
    options = (message.request, message.options, message.lane, message.due_at)
    return message.to, message.method, message.purpose, message.text.key, words, *options
