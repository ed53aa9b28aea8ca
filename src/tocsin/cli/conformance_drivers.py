"""Who plays the cases of the conformance kit: our simulator in this process, or any system behind JSON lines."""

import json
import shlex
import subprocess
from collections import Counter
from collections.abc import Sequence
from itertools import groupby
from typing import Any, Protocol, Self

import msgspec

from tocsin.cli.output import MistakeError
from tocsin.config import loads
from tocsin.config.emit import block
from tocsin.core.ids import SourceId
from tocsin.core.incident import events as ev
from tocsin.core.instant import Instant, parse_instant
from tocsin.core.oncall.override import Facts
from tocsin.core.routing.criteria import compile_all
from tocsin.core.rulebook import Rulebook
from tocsin.core.world import World
from tocsin.intake.contract import Arrival, Refusal
from tocsin.intake.registry import intakes, receive
from tocsin.lab.behaviour import Behaviour
from tocsin.lab.kit.acts import absence, command, override, trouble
from tocsin.lab.kit.case import Case, request
from tocsin.lab.kit.lines import Line, read_lines
from tocsin.lab.kit.transcript import arrivals, standing
from tocsin.lab.simulator import Simulation

SOURCE = "probe"
"""The source in every rulebook of the kit from which signals come: it posts what the intake `generic` reads."""


class CannotError(Exception):
    """The system does not have what the case needs; that is no failure, and is counted."""


class Driver(Protocol):
    """Plays a case on a clock of its own, and tells what came of it."""

    def play(self, case: Case) -> Sequence[Line]:
        """Every line of the transcript up to the case's end. CannotError where the system cannot play it."""


def rules_of(case: Case) -> tuple[Rulebook, str]:
    """The rulebook of a case, read by the language's own reader, and its text."""
    text = block(case.rulebook)
    loaded = loads({f"{case.name}.yaml": text})
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


class Simulator:
    """Our own, in this process."""

    def play(self, case: Case) -> Sequence[Line]:
        """Every line up to the end."""
        rulebook, _ = rules_of(case)
        simulation = Simulation(world_of(case, rulebook), behaviour_of(case), case.start)
        refused: Counter[Line] = Counter()
        for at, together in groupby(case.happens, key=lambda one: one["at"]):
            simulation.run(at)
            for number, one in enumerate(together):
                refused.update(_happen(simulation, one, at, number))
                simulation.run(at)
        simulation.run(case.until)
        return [*_told(simulation), *refused.elements()]


def _happen(simulation: Simulation, one: dict[str, Any], at: Instant, number: int) -> list[Line]:
    """Do it; a line where it was refused."""
    if "signal" in one:
        source = SourceId(one.get("source", SOURCE))
        simulation.report(source, read_signal(simulation.world.rulebook, source, one["signal"]))
    elif "away" in one:
        simulation.change(absence(at + number, {**one, "person": one["away"]}))
    elif "covers" in one:
        simulation.change(override(at + number, {**one, **one["covers"]}))
    else:
        name = f"INC-{one['incident']}"
        refused = simulation.put(name, command(one, simulation.incidents[name]))
        return [Line(at, one["incident"], "refused", one["who"])] if refused is not None else []
    return []


def read_signal(rulebook: Rulebook, source: SourceId, said: dict[str, Any]) -> Any:
    """What a source posts, as the intake of that source reads it."""
    body = msgspec.json.encode(said)
    reading = receive(intakes()[rulebook.sources[source].intake], Arrival(source, body, "application/json"))
    if isinstance(reading, Refusal):
        raise MistakeError(f"{said} is no signal", "the kit's README says how a signal is written")
    return reading


def _told(simulation: Simulation) -> list[Line]:
    events: dict[str, list[ev.Event]] = {name: [] for name in simulation.incidents}
    for one in simulation.told:
        if one.stream in events:
            events[one.stream].append(one.event)  # type: ignore[arg-type]
    numbers = {name: number for number, name in enumerate(events, 1)}
    sent = [(one.message, one.at) for one in simulation.tried if one.outcome == "sent"]
    stands = [line for name, own in events.items() for line in standing(numbers[name], own)]
    return [*stands, *arrivals(numbers, sent)]


class External:
    """A program that reads a case from a line of its standard input and answers on a line of its output."""

    def __init__(self, line: str) -> None:
        self._words = shlex.split(line)

    def __enter__(self) -> Self:
        try:
            self._process = subprocess.Popen(
                self._words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8"
            )
        except OSError as problem:
            raise MistakeError(f"the driver cannot be started: {problem}", "give a program and its arguments") from None
        return self

    def __exit__(self, *raised: object) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.stdout.close()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def play(self, case: Case) -> Sequence[Line]:
        """What the driver answers."""
        answer = self._asked(json.dumps(request(case), ensure_ascii=False))
        try:
            said = msgspec.json.decode(answer, type=_Answer)
            if said.cannot:
                raise CannotError(said.cannot)
            return read_lines(said.lines, parse_instant)
        except (msgspec.DecodeError, ValueError) as problem:
            raise MistakeError(f"the driver's answer to {case.name} cannot be read: {problem}", answer[:200]) from None

    def _asked(self, line: str) -> str:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        try:
            self._process.stdin.write(line + "\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            raise MistakeError("the driver has ended", "it has to answer every line until its input ends") from None
        answer = self._process.stdout.readline()
        if not answer:
            raise MistakeError("the driver has ended", "it has to answer every line until its input ends")
        return answer


class _Answer(msgspec.Struct):
    """`lines` as cases write them, with instants like 2026-01-05T10:00:00Z; or why the case `cannot` be played."""

    id: str = ""
    lines: list[str] = []
    cannot: str = ""
