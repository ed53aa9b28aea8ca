"""A story performed on a stage, and two performances compared."""

import re
from collections.abc import Iterable, Sequence
from difflib import unified_diff
from itertools import zip_longest
from typing import Any

import msgspec

from tocsin.core.incident import events as ev
from tocsin.lab.story import deeds
from tocsin.lab.story.expectations import Scene, judge, tag
from tocsin.lab.story.stage import Stage, body_of
from tocsin.lab.story.story import Line, Story

_NUMBER = re.compile(r"INC-\d+")
_ORDER = re.compile(r"^INC\.\d+")
"""The number in a message's id counts facts: receipts of one instant may come in any order."""


def perform(story: Story, stage: Stage) -> list[str]:
    """Play every line; what did not hold, in words."""
    broken: list[str] = []
    sent, known = 0, 0
    for line in story.script:
        if line.later and not line.expect:
            continue
        stage.run(line.at)
        refused = _happen(story, line, stage)
        stage.run(line.at)
        delivered = stage.delivered()
        facts = _all_facts(stage)
        scene = Scene(story, line, stage, delivered[sent:], facts[known:], refused)
        broken += judge(scene)
        sent, known = len(delivered), len(facts)
    return broken


def _happen(story: Story, line: Line, stage: Stage) -> str:
    if line.body is not None:
        stage.deliver(line.source, body_of(line.body))
    elif line.who or line.receipt:
        return deeds.put(story, line, stage)
    return ""


def _all_facts(stage: Stage) -> list[str]:
    """Of all incidents, in the order in which they happened."""
    every = [(event.at, n, k, tag(event)) for n in _each(stage) for k, event in enumerate(stage.events(n))]
    return [name for _, _, _, name in sorted(every, key=lambda one: one[:3])]


def _each(stage: Stage) -> range:
    return range(1, stage.incidents() + 1)


def difference(stage: Stage, twin: Stage) -> str:
    """Where two performances tell different facts, as a diff; '' when they tell the same."""
    pairs = zip_longest(comparable(stage), comparable(twin), fillvalue=())
    lines = (unified_diff(_lines(one), _lines(other), "live", "simulated", lineterm="", n=1) for one, other in pairs)
    return "\n".join(line for part in lines for line in part)


def _lines(facts: Iterable[dict[str, Any]]) -> list[str]:
    return [f"{fact['type']} {msgspec.json.encode(fact, order='deterministic').decode()}" for fact in facts]


def comparable(stage: Stage) -> list[list[dict[str, Any]]]:
    """The facts of each incident but for what may differ: ids, and how late a message left."""
    return [_comparable(stage.events(n)) for n in _each(stage)]


def _comparable(events: Sequence[ev.Event]) -> list[dict[str, Any]]:
    """Receipts that follow each other directly, with what each led to, may come in any order: sends go side by side."""
    plain: list[dict[str, Any]] = []
    run: list[list[dict[str, Any]]] = []
    for event in events:
        value = _plain(event)
        if value.get("message", "").endswith(".broken"):
            continue  # whether another way had carried before depends on which of two receipts came first
        if isinstance(event, ev.Delivery):
            run.append([value])
        elif run and isinstance(event, ev.Undelivered | ev.Unreachable | ev.Rang) and event.due_at is None:
            run[-1].append(value)
        else:
            plain += [*_in_order(run), value]
            run = []
    return plain + _in_order(run)


def _in_order(run: list[list[dict[str, Any]]]) -> list[dict[str, Any]]:
    return [value for block in sorted(run, key=repr) for value in block]


def _plain(event: ev.Event) -> dict[str, Any]:
    value: dict[str, Any] = msgspec.json.decode(
        _NUMBER.sub("INC", msgspec.json.encode(event, order="deterministic").decode())
    )
    if isinstance(event, ev.Opened | ev.Signalled):
        value["text"] = bool(value.get("text"))
    if isinstance(event, ev.Delivery):
        value["at"] = value["detail"] = None
        value["message"] = _ORDER.sub("INC", value["message"])
    return value
