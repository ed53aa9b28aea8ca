"""Who plays the cases of the conformance kit in this process: our simulator, or the whole live engine."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any, Protocol

from tocsin.cli.output import MistakeError
from tocsin.cli.stories import reads, rules
from tocsin.config.emit import block
from tocsin.core.incident.commands import Command
from tocsin.core.instant import format_instant
from tocsin.core.oncall.override import Facts
from tocsin.core.routing.criteria import compile_all
from tocsin.core.rulebook import Rulebook
from tocsin.core.world import World
from tocsin.lab.behaviour import Behaviour
from tocsin.lab.kit.acts import absence, command, override, trouble
from tocsin.lab.kit.case import Case
from tocsin.lab.kit.lines import Line
from tocsin.lab.kit.transcript import arrivals, standing
from tocsin.lab.story.stage import Simulated, Stage, body_of
from tocsin.lab.story.story import Story, StoryError

SOURCE = "probe"
"""The source in every rulebook of the kit from which signals come: it posts what the intake `generic` reads."""


class CannotError(Exception):
    """The system does not have what the case needs; that is no failure, and is counted."""


class SilentError(Exception):
    """The system gave no answer to a case; that case has failed, and the others are played all the same."""


class Driver(Protocol):
    """Plays a case on a clock of its own, and tells what came of it."""

    def play(self, case: Case) -> Sequence[Line]:
        """Every line of the transcript up to the case's end. CannotError or SilentError where there is none."""


def rules_of(case: Case) -> tuple[Rulebook, str]:
    """The rulebook of a case, read by the language's own reader, and its text."""
    text = block(case.rulebook)
    loaded = rules(text)
    if loaded.rulebook is None:
        first = loaded.errors[0]
        raise MistakeError(f"{case.name}: its rulebook: {first.code}: {first.text}", first.hint)
    return loaded.rulebook, text


def world_of(case: Case, rulebook: Rulebook) -> World:
    """The world in which a case begins."""
    ways: dict[str, Any] = {person: {"email": "declared"} for person in rulebook.people} | case.reach
    away = tuple(absence(n, one) for n, one in enumerate(case.away))
    covers = tuple(override(n, one) for n, one in enumerate(case.covers))
    return World(
        rulebook,
        compile_all(rulebook.conditions),
        Facts(1, overrides=covers, absences=away, methods=ways),
    )  # fmt: skip


def behaviour_of(case: Case) -> Behaviour:
    """Which providers fail in a case, and when."""
    return Behaviour(tuple(trouble(one) for one in case.fails))


class OnStage:
    """tocsin itself in this process: each case on a stage of its own, the simulator or the live engine."""

    def __init__(self, stage: Callable[[Story], AbstractContextManager[Stage]]) -> None:
        self._stage = stage

    def play(self, case: Case) -> Sequence[Line]:
        """Every line up to the end."""
        rulebook, text = rules_of(case)
        story = Story(case.name, case.says, world_of(case, rulebook), behaviour_of(case), case.start, (), text=text)
        try:
            with self._stage(story) as stage:
                refused = [line for number, one in enumerate(case.happens) for line in _happen(stage, one, number)]
                stage.run(case.until)
                return [*_told(stage), *refused]
        except StoryError as problem:
            raise MistakeError(f"{case.name}: {problem}", "the kit's README says how a case is written") from None


def simulator() -> Driver:
    """Our own rules, and nothing else."""
    return OnStage(lambda story: nullcontext(Simulated(story, reads)))


def live_engine() -> Driver:
    """Our own door, store, timers and dispatcher, over memory and on a clock that is moved by hand."""
    from tocsin.cli.live import Live

    return OnStage(Live)


def _happen(stage: Stage, one: dict[str, Any], number: int) -> list[Line]:
    """Do it, in its time; a line where it was refused."""
    at = one["at"]
    stage.run(at)
    if "signal" in one:
        stage.deliver(one.get("source", SOURCE), body_of(one["signal"]))
    elif "away" in one:
        stage.change(absence(at + number, {**one, "person": one["away"]}))
    elif "covers" in one:
        stage.change(override(at + number, {**one, **one["covers"]}))
    elif one["incident"] > stage.incidents():
        raise StoryError(f"there is no incident {one['incident']} yet at {format_instant(at)}")
    elif stage.put(one["incident"], _command(stage, one)):
        return [Line(at, one["incident"], "refused", one["who"])]
    return []


def _command(stage: Stage, one: dict[str, Any]) -> Command:
    """What is put; whoever acts on what they have `seen` at an earlier instant knows no fact after it."""
    number = one["incident"]
    known = sum(event.at <= one["seen"] for event in stage.events(number)) if "seen" in one else None
    return command(one, stage.state(number), known)


def _told(stage: Stage) -> Iterator[Line]:
    numbers: dict[str, int] = {stage.state(number).id: number for number in range(1, stage.incidents() + 1)}
    for number in numbers.values():
        yield from standing(number, stage.events(number))
    yield from arrivals(numbers, [(one.message, one.at) for one in stage.delivered()])
