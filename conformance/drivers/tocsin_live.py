"""A driver of the conformance kit for the live engine: its door, store, timers and dispatcher, on a virtual clock.

Run it from a checkout: it reads a case from each line of its input, and answers with a line of JSON.
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.stories.live import Live
from tests.stories.stage import body_of
from tests.stories.story import Story
from tocsin.cli.conformance_drivers import SOURCE, behaviour_of, rules_of, world_of
from tocsin.core.instant import parse_instant
from tocsin.lab.kit.acts import absence, command, override
from tocsin.lab.kit.case import Case
from tocsin.lab.kit.lines import Line
from tocsin.lab.kit.transcript import arrivals, standing

TIMES = ("at", "from", "until", "eta")


def case_of(said: dict[str, Any]) -> Case:
    """A case as it is asked for, its instants as numbers."""
    known = {name: said[name] for name in ("level", "rulebook", "zone", "reach")}
    spans = {name: tuple(map(_timed, said[name])) for name in ("away", "covers", "fails", "happens")}
    start, until = parse_instant(said["start"]), parse_instant(said["until"])
    return Case(
        name=said["id"], says="", section="", start=start, until=until, expect=(), watch=frozenset(), **known, **spans
    )


def _timed(one: dict[str, Any]) -> dict[str, Any]:
    return {key: parse_instant(value) if key in TIMES else value for key, value in one.items()}


def play(case: Case) -> list[Line]:
    """Every line of the transcript."""
    rulebook, text = rules_of(case)
    story = Story("case", "case", world_of(case, rulebook), behaviour_of(case), case.start, (), text=text)
    with Live(story) as stage:
        refused = []
        for number, one in enumerate(case.happens):
            stage.run(one["at"])
            refused += _happen(stage, one, number)
        stage.run(case.until)
        return [*_told(stage), *refused]


def _happen(stage: Live, one: dict[str, Any], number: int) -> list[Line]:
    if "signal" in one:
        stage.deliver(one.get("source", SOURCE), body_of(one["signal"]))
    elif "away" in one:
        stage.change(absence(one["at"] + number, {**one, "person": one["away"]}))
    elif "covers" in one:
        stage.change(override(one["at"] + number, {**one, **one["covers"]}))
    elif stage.put(one["incident"], command(one, stage.state(one["incident"]))):
        return [Line(one["at"], one["incident"], "refused", one["who"])]
    return []


def _told(stage: Live) -> Iterator[Line]:
    numbers = {}
    for number in range(1, stage.incidents() + 1):
        numbers[stage.state(number).id] = number
        yield from standing(number, stage.events(number))
    yield from arrivals(
        {str(name): n for name, n in numbers.items()}, [(one.message, one.at) for one in stage.delivered()]
    )


def main() -> None:
    """Until the input ends."""
    for line in sys.stdin:
        said = msgspec.json.decode(line)
        lines = [str(one) for one in play(case_of(said))]
        sys.stdout.write(json.dumps({"id": said["id"], "lines": lines}) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
