"""A storm of incidents with two steps each: as it comes in over HTTP, and with everything due in one instant."""

import asyncio
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from msgspec import Struct

from bench import alerts
from bench.clock import AheadClock, ahead_of
from bench.figures import Measured, Row, Target, percentile, series
from bench.load import Flood, flood
from bench.postgres import store
from bench.processes import free_port, python, running
from bench.progress import say
from bench.rules import rulebook
from bench.scale import Scale
from bench.seeding import engine, seed
from bench.servers import tocsin
from bench.steps import Step, looking
from tocsin import app
from tocsin.core.instant import HOUR, SECOND, Instant
from tocsin.engine.clock import SystemClock

TITLE = "Storm: incidents with two steps each"
WAIT = 6
"""Seconds between the two steps."""

PATIENCE = 60.0
AFTERWARDS = 10.0
"""Seconds that sending may go on when all steps are done; what then still waits is told."""

LATE = Target(1000, " ms", most=True)
ICINGA = (
    "Icinga 2 is not run here; the storm that was measured elsewhere on two cores took 1,050 to 1,230 steps a second, "
    "its second step was late by 8 s at the median and 12 s at the 99th percentile, at 1.5 to 1.8 ms CPU a step"
)
TEN_TIMES = Target(11_000, "/s")
"""Ten times what Icinga did elsewhere, for want of one beside us."""


class Storm(Struct, frozen=True):
    """One run: steps and hand-offs a second while there was something to do, lateness in ms, microseconds a step."""

    steps: float
    step_p50: float
    step_p99: float
    cpu: float
    handoffs: float = 0
    handoff_p99: float = 0
    waiting: int = 0


def measure(scale: Scale, folder: Path) -> Measured:
    """Both kinds of storm, in turns."""
    came, due = [], []
    for n in range(scale.runs):
        say(f"storm: round {n + 1} of {scale.runs}, {scale.storm:,} incidents come in")
        came.append(_comes(scale.storm, folder))
        say(f"storm: round {n + 1} of {scale.runs}, {scale.storm:,} are due at once")
        due.append(_all_due(scale.storm, folder))
    runs = f"{scale.runs} runs of {scale.storm:,} incidents; SQLite"
    generator = "generator: python -m bench.flood, 64 connections; a webhook sink in a process of its own"
    commands = (generator, f"{ICINGA}.")
    return Measured(TITLE, (*_rows_of_coming(came), *_rows_of_due(due)), commands, runs)


def _rows_of_coming(runs: Sequence[Storm]) -> Iterator[Row]:
    cpu = series(" us", (run.cpu for run in runs))
    work = f"comes in by POST, second step after {WAIT} s"
    yield Row(f"{work}: steps", "tocsin serve", series("/s", (run.steps for run in runs)), cpu)
    yield Row(f"{work}: lateness p50", "tocsin serve", series(" ms", (run.step_p50 for run in runs)))
    yield Row(f"{work}: lateness p99", "tocsin serve", series(" ms", (run.step_p99 for run in runs)), target=LATE)
    left = sum(run.waiting for run in runs)
    note = f"{left} messages were still waiting {AFTERWARDS:.0f} s after the last step" if left else ""
    yield Row(f"{work}: hand-offs", "tocsin serve", series("/s", (run.handoffs for run in runs)), note=note)
    yield Row(f"{work}: hand-off late p99", "tocsin serve", series(" ms", (run.handoff_p99 for run in runs)))


def _rows_of_due(runs: Sequence[Storm]) -> Iterator[Row]:
    cpu = series(" us", (run.cpu for run in runs))
    work = "all due in one instant"
    yield Row(f"{work}: steps", "tocsin, timers alone", series("/s", (run.steps for run in runs)), cpu, None, TEN_TIMES)
    late = series(" ms", (run.step_p99 for run in runs))
    yield Row(f"{work}: lateness p99", "tocsin, timers alone", late, target=LATE)


def _comes(size: int, folder: Path) -> Storm:
    port = free_port()
    book = rulebook(folder, port, f"{WAIT}s")
    what = Flood("/in/scripts", alerts.BEARER, alerts.generic("storm"), total=size)
    with (
        store("sqlite", folder, "storm") as url,
        running(python("bench.sink", str(port)), folder, "sink"),
        tocsin(folder, url, book, name="storm") as server,
    ):
        before, began = server.process.cpu(), SystemClock().now()
        flood(server, what, PATIENCE, folder)
        _wait(url, size)
        spent = server.process.cpu() - before
        with looking(url) as look:
            steps, sent, waiting = look.steps(), look.sent(), look.waiting()
    return _told(steps, sent, waiting, began, spent)


def _wait(url: str, size: int) -> None:
    """Until every incident has had both steps, and nothing waits to be sent or enough time was given to it."""
    end = time.monotonic() + PATIENCE
    done = False
    while time.monotonic() < end:
        time.sleep(0.5)
        with looking(url) as look:
            if not done and sum(step.n == 1 for step in look.steps()) >= size:
                done, end = True, time.monotonic() + AFTERWARDS
            if done and look.waiting() == 0:
                return


def _told(steps: list[Step], sent: list[tuple[int, float]], waiting: int, began: int, spent: float) -> Storm:
    first, second = ([step for step in steps if step.n == n] for n in (0, 1))
    busy = max(step.at for step in first) - began
    if second:
        busy += max(step.at for step in second) - max(min(step.due_at or step.at for step in second), began + busy)
    late = [step.late for step in second]
    sending = max((at for at, _ in sent), default=began) - began
    return Storm(
        steps=len(steps) / max(busy / SECOND, 0.001),
        step_p50=percentile(late, 50),
        step_p99=percentile(late, 99),
        cpu=spent / len(steps) * 1e6,
        handoffs=len(sent) / max(sending / SECOND, 0.001),
        handoff_p99=percentile([delay for _, delay in sent], 99),
        waiting=waiting,
    )


def _all_due(size: int, folder: Path) -> Storm:
    """The live loop of timers over incidents that were opened in one instant, an hour before it begins."""
    opened = SystemClock().now()
    with store("sqlite", folder, "due") as url:
        with engine(url, rulebook(folder)) as parts:
            seed(parts, "hourly", [opened] * size)
        clock = AheadClock(0)
        with engine(url, None, clock) as parts:
            clock.ahead = ahead_of(opened + HOUR - SECOND // 2)
            spent = asyncio.run(_tick(parts, opened + HOUR))
        with looking(url) as look:
            second = [step for step in look.steps() if step.n == 1]
    last = max(step.at for step in second)
    late = [step.late for step in second]
    before_last = sum(step.at < last for step in second)  # the last lot ended some time after it began
    rate = before_last / max((last - opened - HOUR) / SECOND, 0.001)
    return Storm(rate, percentile(late, 50), percentile(late, 99), spent / len(second) * 1e6)


async def _tick(parts: app.Parts, due: Instant) -> float:
    """Run the timers until nothing of the storm is due; the processor seconds that it took."""
    stop, before = asyncio.Event(), time.process_time()
    running_ = asyncio.create_task(parts.timers.run(stop))
    while (at := parts.batch.next_due()) is not None and at <= due:  # noqa: ASYNC110  as somebody else looks at the store
        await asyncio.sleep(0.05)
    stop.set()
    await running_
    return time.process_time() - before
