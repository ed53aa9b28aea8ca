"""Thousands of runs for `tocsin simulate`: over several processes, with progress, as text, JSON, CSV and charts."""

import csv
import os
import signal
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from tocsin.cli.output import safe, say, say_json, table
from tocsin.cli.times import show_time
from tocsin.core.ids import SourceId
from tocsin.core.instant import MINUTE, SECOND, Duration, Instant, format_duration, format_instant
from tocsin.core.oncall.override import Facts
from tocsin.core.routing.criteria import compile_all
from tocsin.core.rulebook import Rulebook
from tocsin.core.signal import Signal
from tocsin.core.world import World
from tocsin.lab import population
from tocsin.lab.charts import page, svg
from tocsin.lab.figures import charts_of
from tocsin.lab.meant import Scene
from tocsin.lab.measure import Measured
from tocsin.lab.population import Habits, Study
from tocsin.lab.report import lasting
from tocsin.lab.summary import Percentiles, Summary, summarise

PIECE = 250
"""Runs that a process does at a time; what goes alike among them is played once."""

PAYS = 1_500
"""Runs from which on starting further processes is worth the second that it takes."""


class Job(Struct, frozen=True):
    """A study in a form that another process can be handed: without what is compiled."""

    rulebook: Rulebook
    facts: Facts
    at: Instant
    until: Instant
    signal: Signal
    source: SourceId
    runs: int
    seed: int
    habits: Habits = Habits()
    answers: str = ""
    at_once: bool = False
    names: dict[str, str] = {}
    zones: dict[str, str] = {}

    def study(self) -> Study:
        """With its conditions compiled."""
        world = World(self.rulebook, compile_all(self.rulebook.conditions), self.facts)
        scene = Scene(world, self.at, self.until, self.signal, self.source, self.names)
        return Study(scene, self.runs, self.seed, self.habits, self.answers, self.at_once, self.zones)


def measured(job: Job, processes: int) -> list[Measured]:
    """All runs in their order; `processes` 0 is as many as pay. The number changes nothing but the time it takes."""
    pieces = [range(first, min(first + PIECE, job.runs)) for first in range(0, job.runs, PIECE)]
    wanted = processes or (_cores() if job.runs >= PAYS else 1)
    if wanted == 1:
        study = job.study()
        return _gathered((list(population.run(study, piece)) for piece in pieces), job.runs)
    pool = ProcessPoolExecutor(min(wanted, len(pieces)), get_context("spawn"), _begin, (job,))
    try:
        return _gathered(pool.map(_piece, pieces), job.runs)
    finally:
        pool.shutdown(cancel_futures=True)


def _cores() -> int:
    """Those that this process may use, where the system says so."""
    allowed = getattr(os, "sched_getaffinity", None)
    return len(allowed(0)) if allowed is not None else os.cpu_count() or 1


_STUDIES: list[Study] = []
"""What this process works on, when it is one of several."""


def _begin(job: Job) -> None:
    """Whoever interrupts the command interrupts the process that waits for this one."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _STUDIES[:] = [job.study()]


def _piece(numbers: range) -> list[Measured]:
    return list(population.run(_STUDIES[0], numbers))


def _gathered(pieces: Iterable[list[Measured]], runs: int) -> list[Measured]:
    """All pieces; on a terminal with a line that says how far it is."""
    found: list[Measured] = []
    shown = sys.stderr.isatty()
    for piece in pieces:
        found += piece
        if shown:
            print(f"\r{len(found):,} of {runs:,} runs", end="", file=sys.stderr, flush=True)
    if shown:
        print("\r\x1b[K", end="", file=sys.stderr, flush=True)
    return found


# ---------------------------------------------------------------------------------------------------- telling


def as_text(job: Job, found: Summary, heading: str) -> None:
    """Percentiles, shares and people as tables."""
    over = "opening" if job.at_once else "opening over the year from"
    say(f"{found.runs:,} runs: {safe(heading)}, {over} {show_time(job.at, job.rulebook.timezone)}, seed {job.seed}\n")
    durations = {"time to a human": found.reached, "time to acknowledgement": found.acknowledged}
    counts = {
        "calls to one person": found.pages,
        "calls an incident": found.pages_a_run,
        "night calls to one person": found.night,
        "night calls an incident": found.night_a_run,
    }
    rows = [(name, *map(_lasting, values(one))) for name, one in durations.items()]
    rows += [(name, *map(_counted, values(one))) for name, one in counts.items()]
    table(("", "p50", "p90", "p95", "p99", "max"), rows)
    say()
    for name, share in _shares(job, found):
        say(f"{100 * share:6.2f} %  {name}")
    say()
    people = [(_name(job, one.person), one.pages, one.night, one.runs) for one in found.people]
    table(("person", "calls", "at night", "in runs"), people)


def values(one: Percentiles) -> tuple[int | None, ...]:
    """In the order of the columns."""
    return one.p50, one.p90, one.p95, one.p99, one.max


def _shares(job: Job, found: Summary) -> Iterator[tuple[str, float]]:
    watched = format_duration(job.until - job.at)
    yield f"reached nobody within {watched}", found.never_reached
    yield f"were acknowledged by nobody within {watched}", found.never_acknowledged
    yield "woke somebody (22:00 to 06:00)", found.woke_somebody
    yield "reached management", found.management
    yield "ran out of steps", found.exhausted


def _lasting(value: int | None) -> str:
    """To the second within ten minutes, then to the minute."""
    if value is None:
        return "never"
    return format_duration(value if value < 10 * MINUTE else value - value % MINUTE)


def _counted(value: int | None) -> str:
    return "-" if value is None else str(value)


def _name(job: Job, person: str) -> str:
    named = job.names.get(person, "")
    return f"{named} ({person})" if named else person


def as_json(job: Job, found: Summary) -> None:
    """The same as one document; durations in seconds, null for never."""
    say_json(
        {
            "runs": found.runs,
            "seed": job.seed,
            "from": format_instant(job.at),
            "watched": lasting(job.until - job.at),
            "timezone": job.rulebook.timezone,
            "time_to_a_human": _seconds(found.reached),
            "time_to_acknowledgement": _seconds(found.acknowledged),
            "calls_to_one_person": msgspec.to_builtins(found.pages),
            "calls_an_incident": msgspec.to_builtins(found.pages_a_run),
            "night_calls_to_one_person": msgspec.to_builtins(found.night),
            "night_calls_an_incident": msgspec.to_builtins(found.night_a_run),
            "shares": {
                "reached_nobody": found.never_reached,
                "acknowledged_by_nobody": found.never_acknowledged,
                "woke_somebody": found.woke_somebody,
                "reached_management": found.management,
                "exhausted": found.exhausted,
            },
            "people": [msgspec.to_builtins(one) for one in found.people],
            "hours": [_hour(msgspec.to_builtins(one)) for one in found.hours],
        }
    )


def _seconds(one: Percentiles) -> dict[str, float | None]:
    return {name: seconds(value) for name, value in msgspec.to_builtins(one).items()}


def _hour(one: dict[str, Any]) -> dict[str, Any]:
    durations = ("reached_p50", "acknowledged_p50", "acknowledged_p95")
    return {name: seconds(value) if name in durations else value for name, value in one.items()}


def seconds(duration: Duration | None) -> float | None:
    """To the thousandth."""
    return None if duration is None else round(duration / SECOND, 3)


COLUMNS = (
    "run",
    "at",
    "reached",
    "acknowledged",
    "resolved",
    "calls",
    "night_calls",
    "people",
    "exhausted",
    "management",
    "calls_by_person",
    "night_calls_by_person",
)


def prepare(file: Path | None, folder: Path | None) -> None:
    """Have a place for what is to be written, before anything is worked out in vain."""
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
    if file is not None:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()


def write_csv(file: Path, found: Sequence[Measured]) -> None:
    """A row for each run; durations in seconds, empty for never."""
    with file.open("w", encoding="utf-8", newline="") as out:
        rows = csv.writer(out, lineterminator="\n")
        rows.writerow(COLUMNS)
        for number, one in enumerate(found, start=1):
            times = (seconds(one.reached), seconds(one.acknowledged), seconds(one.resolved))
            calls = (sum(one.pages.values()), sum(one.night.values()), len(one.pages))
            flags = (int(one.exhausted), int(one.management))
            people = (_each(one.pages), _each(one.night))
            rows.writerow((number, format_instant(one.at), *times, *calls, *flags, *people))


def _each(calls: Mapping[str, int]) -> str:
    """`gita=3 ines=1`, from which the figures of one person can be worked out again."""
    return " ".join(f"{person}={calls[person]}" for person in sorted(calls))


def write_svg(folder: Path, job: Job, found: Sequence[Measured], summary: Summary, heading: str) -> None:
    """A file for each chart, and a page with all of them beside their tables."""
    charts = charts_of(summary, found, job.names)
    for one in charts:
        (folder / f"{one.name}.svg").write_text(svg(one), "utf-8")
    about = (f"{heading}; {summary.runs:,} runs, seed {job.seed}.",)
    (folder / "index.html").write_text(page(charts, heading, about), "utf-8")


def summary_of(job: Job, found: Sequence[Measured]) -> Summary:
    """In the organisation's own hours."""
    return summarise(found, job.rulebook.timezone)


def habits_of(given: Mapping[str, Any], down: Mapping[str, float]) -> Habits:
    """The habits with what was given in place of what is assumed."""
    habits = Habits(**{name: value for name, value in given.items() if value is not None})
    return msgspec.structs.replace(habits, down={**habits.down, **down})
