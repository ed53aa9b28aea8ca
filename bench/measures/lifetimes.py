"""How many lives of an incident one core plays in a second: by deciding alone, and as `tocsin simulate --runs` does."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

from msgspec import Struct

from bench.figures import Measured, Row, Target, series
from bench.progress import say
from bench.rules import rulebook
from bench.scale import Scale
from tocsin.cli.rules import rules_of_file
from tocsin.core.decider import Refused
from tocsin.core.ids import PersonId, SourceId
from tocsin.core.incident import commands as cmd
from tocsin.core.incident.decide import decided
from tocsin.core.incident.evolve import initial
from tocsin.core.instant import HOUR, MINUTE, Instant, parse_instant
from tocsin.core.routing.criteria import compile_all
from tocsin.core.signal import Signal
from tocsin.core.world import World
from tocsin.lab import population
from tocsin.lab.meant import Scene
from tocsin.lab.population import Study

TITLE = "Lifetimes of incidents played, a second and core"
TARGET = Target(20_000, "/s")
SLICES, EACH = 8, 250
TRIES = 24
"""Each slice is tried several times: on a busy machine few are left alone from beginning to end."""

START = parse_instant("2026-01-05T09:00:00Z")
SOURCE = SourceId("scripts")
ANSWERS = "dana ignores; eve acknowledges after 2m; eve resolves after 30m"
EXAMPLE = Path(__file__).parents[2] / "examples/acme.yaml"


class Work(Struct, frozen=True):
    """One kind of life; `play` plays those of so many numbers. Only the one that the issue names has a target."""

    name: str
    system: str
    play: Callable[[range], object]
    target: Target | None = None
    note: str = ""


def measure(scale: Scale, folder: Path) -> Measured:
    """All kinds in turns; a round's figure is its quickest slice, for what else the machine does only ever slows."""
    works = tuple(_works(folder))
    found: dict[str, list[float]] = {work.name: [] for work in works}
    for n in range(-1, scale.runs):
        say(f"lifetimes: round {n + 1} of {scale.runs}" if n >= 0 else "lifetimes: warming up")
        for work in works:
            cost = min(_seconds(work, _slice(one)) for one in range(TRIES if n >= 0 else 1))
            found[work.name] += [cost / EACH] if n >= 0 else []
    runs = f"{scale.runs} rounds, each the quickest of {TRIES} slices of {EACH} lives; processor time"
    return Measured(TITLE, tuple(_row(work, found[work.name]) for work in works), (f"answers: {ANSWERS}",), runs)


def _row(work: Work, costs: list[float]) -> Row:
    rate, cpu = series("/s", (1 / cost for cost in costs)), series(" us", (1e6 * cost for cost in costs))
    return Row(work.name, work.system, rate, cpu, None, work.target, work.note)


def _slice(number: int) -> range:
    first = number % SLICES * EACH
    return range(first, first + EACH)


def _seconds(work: Work, numbers: range) -> float:
    before = time.process_time()
    work.play(numbers)
    return time.process_time() - before


def _works(folder: Path) -> Iterator[Work]:
    world, signal = _world(rulebook(folder)), _signal("storm")
    scene = Scene(world, START, START + 8 * HOUR, signal, SOURCE)
    life = "open, two steps, acknowledge, resolve"
    bare = "four decisions and the facts and states after them, nothing sent"
    yield Work(life, "decide alone", lambda numbers: [_decide(world, signal, n) for n in numbers], TARGET, bare)
    played = "two pages, their receipts and news too, measured; what goes alike is played once"
    yield Work(f"{life}, as told", "simulate --runs", _study(scene, ANSWERS), TARGET, played)
    yield Work(f"{life}, by chance", "simulate --runs", _study(scene), None, "everybody as is assumed")
    acme = Scene(_world(EXAMPLE), START, START + 8 * HOUR, _signal("checkout"), SOURCE)
    note = "criteria, hours, rosters, desks, both ladders; promises of the SLA are not watched by it yet"
    yield Work("the example organisation, by chance", "simulate --runs", _study(acme), None, note)


def _world(file: Path) -> World:
    rules = rules_of_file(file)
    return World(rules.rulebook, compile_all(rules.rulebook.conditions), rules.facts)


def _signal(service: str) -> Signal:
    labels = {"service": service, "site": "london", "host": "db-1"}
    return Signal("k", "trigger", f"{service} is down", severity="error", labels=labels)


def _study(scene: Scene, answers: str = "") -> Callable[[range], object]:
    study = Study(scene, SLICES * EACH, 1, answers=answers)
    return lambda numbers: list(population.run(study, numbers))


def _decide(world: World, signal: Signal, number: int) -> None:
    """A life of its own, at an hour of its own, as in a study."""
    at, state = START + number * HOUR, initial(f"INC-{number}")
    eve = PersonId("eve")
    life: tuple[tuple[Instant, cmd.Command], ...] = (
        (at, cmd.Report(SOURCE, SOURCE, (signal,))),
        (at + HOUR, cmd.Tick()),
        (at + HOUR + 2 * MINUTE, cmd.Acknowledge(eve)),
        (at + HOUR + 30 * MINUTE, cmd.Resolve(eve)),
    )
    for now, command in life:
        facts = decided(state, command, world, now)
        if isinstance(facts, Refused):
            raise TypeError(f"refused: {facts.text}")
        state = facts[-1][1]
    if state.status != "resolved" or state.functional.position != 1:
        raise ValueError(f"it has not had its life: {state}")
