"""Very many live incidents, of which a thousand a second are due: how late the steps are, and how large the process."""

import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from msgspec import Struct

from bench.clock import ahead_of
from bench.figures import Measured, Row, Target, percentile, series
from bench.live import LiveStore
from bench.progress import say
from bench.scale import Scale
from bench.seeding import engine, seed
from bench.servers import tocsin
from bench.steps import looking
from tocsin.core.instant import HOUR, SECOND, Duration, Instant
from tocsin.engine.clock import SystemClock

TITLE = "A thousand due a second among many live incidents"
RATE = 1_000
LOT: Duration = SECOND // 50
EACH = RATE // 50
"""Incidents become due in lots of twenty, fifty a second."""

LEAD: Duration = 4 * SECOND
"""The server is given this long to start before the first is due."""

PATIENCE = 30.0
LATE = Target(100, " ms", most=True)
MEMORY = Target(256, " MB", most=True)
KINDS = {"timers alone": "engine", "all parts, pages leaving": "web,engine,dispatch"}


class Run(Struct, frozen=True):
    """Milliseconds late, microseconds of processor for each step, megabytes at the most, steps that never came."""

    p50: float
    p99: float
    cpu: float
    memory: float
    missing: int


def measure(scale: Scale, folder: Path) -> Measured:
    """Both kinds of server over the same store, in turns."""
    many = LiveStore.of(folder, scale.live)
    seconds = max(scale.seconds, 3)
    found: dict[str, list[Run]] = {kind: [] for kind in KINDS}
    for n in range(scale.runs):
        for kind, parts in KINDS.items():
            say(f"memory: round {n + 1} of {scale.runs}, {kind}")
            found[kind].append(_run(many, parts, seconds, folder))
    runs = f"{scale.runs} runs of {seconds} s; {many.size:,} live incidents, {many.megabytes:,.0f} MB of SQLite"
    return Measured(TITLE, tuple(row for kind, some in found.items() for row in _rows(kind, some)), (), runs)


def _rows(kind: str, runs: Sequence[Run]) -> Iterator[Row]:
    cpu = series(" us", (run.cpu for run in runs))
    missing = sum(run.missing for run in runs)
    note = f"{missing} steps did not come within {PATIENCE:.0f} s" if missing else ""
    yield Row("lateness p50", f"tocsin, {kind}", series(" ms", (run.p50 for run in runs)), cpu, note=note)
    yield Row("lateness p99", f"tocsin, {kind}", series(" ms", (run.p99 for run in runs)), target=LATE)
    yield Row("process memory", f"tocsin, {kind}", series(" MB", (run.memory for run in runs)), target=MEMORY)


def _run(many: LiveStore, parts: str, seconds: int, folder: Path) -> Run:
    """Open them an hour before they are due, and let a server whose clock is an hour ahead begin shortly before."""
    opened = SystemClock().now()
    size = RATE * seconds
    first = opened // SECOND * 100_000
    with engine(many.url, None) as here:
        seed(here, "hourly", [opened + n // EACH * LOT for n in range(size)], first)
    due = opened + HOUR
    with tocsin(folder, many.url, None, parts, "memory", ahead_of(due - LEAD)) as server:
        time.sleep(LEAD / SECOND - 0.5)
        before = server.process.cpu()
        _wait(many.url, opened, due + seconds * SECOND, seconds)
        spent, memory = server.process.cpu() - before, server.process.peak_megabytes()
        server.process.must_run()
    with looking(many.url) as look:
        late = [step.late for step in look.steps_due(due, due + seconds * SECOND)]
    return Run(percentile(late, 50), percentile(late, 99), spent / size * 1e6, memory, size - len(late))


def _wait(url: str, opened: Instant, until: Instant, seconds: int) -> None:
    """Until nothing is due any more that was opened for this run."""
    time.sleep(seconds + 0.5)
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        with looking(url) as look:
            if look.due_between(opened, until) == 0:
                return
        time.sleep(0.5)
