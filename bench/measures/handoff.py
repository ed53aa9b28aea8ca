"""From POST to hand-off: an alert is posted at a steady rate, a webhook receives the page. Alertmanager takes turns."""

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path

import uvloop
from msgspec import Struct

from bench.figures import Measured, Row, Target, percentile, ratio, series
from bench.load import Flood
from bench.measures.ingest import OURS, THEIRS
from bench.paced import Paced
from bench.postgres import store
from bench.progress import say
from bench.rules import rulebook
from bench.scale import Scale
from bench.servers import Server, alertmanager, tocsin
from bench.sink import Seen, sink

TITLE = "POST to hand-off over a webhook"
P50 = Target(5, " ms", most=True)
P99 = {50: Target(15, " ms", most=True), 500: Target(25, " ms", most=True), 1000: Target(50, " ms", most=True)}
PATIENCE = 5.0
"""Seconds after the last POST that a page is waited for."""


class Delays(Struct, frozen=True):
    """One run: milliseconds, processor microseconds of the server for each alert, and what never came."""

    p50: float
    p99: float
    cpu: float
    missing: int


def measure(scale: Scale, folder: Path) -> Measured:
    """All rates, all systems, in turns."""
    found = uvloop.run(_all(scale, folder))
    runs = f"{scale.runs} runs of {scale.seconds} s each; webhook sink and generator in one process"
    return Measured(TITLE, tuple(_rows(scale, found)), ("generator: bench.paced, an open loop",), runs)


Found = dict[tuple[str, int], list[Delays]]


def _rows(scale: Scale, found: Found) -> Iterator[Row]:
    for rate in scale.rates:
        theirs = found.get(("Alertmanager", rate), [])
        for system in ("Alertmanager", "tocsin"):
            runs = found.get((system, rate), [])
            if not runs:
                continue
            cpu = series(" us", (run.cpu for run in runs))
            missing = sum(run.missing for run in runs)
            note = f"{missing} pages did not come within {PATIENCE:.0f} s" if missing else ""
            for name in ("p50", "p99"):
                delay = series(" ms", (getattr(run, name) for run in runs))
                ours = system == "tocsin"
                anchor = series(" ms", (getattr(run, name) for run in theirs)) if ours and theirs else None
                target = (P50 if name == "p50" else P99.get(rate)) if ours else None
                work = f"{rate:,}/s, {name}"
                # the target is for the delay itself; the ratio is told beside it
                beside = ratio(delay, anchor)
                told = f"{beside} of Alertmanager's" if beside else ""
                yield Row(work, system, delay, cpu, None, target, "; ".join(filter(None, (told, note))))


async def _all(scale: Scale, folder: Path) -> Found:
    found: Found = {}
    async with sink() as (seen, port):
        for n in range(scale.runs):
            for rate in scale.rates:
                say(f"hand-off: round {n + 1} of {scale.runs}, {rate} a second")
                await _round(scale, folder, rate, (seen, port), found)
    return found


async def _round(scale: Scale, folder: Path, rate: int, to: tuple[Seen, int], found: Found) -> None:
    seen, port = to
    with alertmanager(folder, port) as anchor:
        if anchor is not None:
            found.setdefault(("Alertmanager", rate), []).append(await _run(anchor, THEIRS, scale, rate, seen))
    with store("sqlite", folder, "handoff") as url, tocsin(folder, url, rulebook(folder, port), name="handoff") as ours:
        found.setdefault(("tocsin", rate), []).append(await _run(ours, OURS, scale, rate, seen))


async def _run(server: Server, what: Flood, scale: Scale, rate: int, seen: Seen) -> Delays:
    """One rate for some seconds, after a short one that warms up."""
    await Paced(server.port, what).run(min(rate, 50), 1, first=90_000_000)
    await asyncio.sleep(0.5)
    seen.at.clear()
    paced = Paced(server.port, what)
    before = server.process.cpu()
    await paced.run(rate, scale.seconds, first=1)
    end = time.monotonic() + PATIENCE
    while not paced.due.keys() <= seen.at.keys() and time.monotonic() < end:  # noqa: ASYNC110  the sink only remembers
        await asyncio.sleep(0.05)
    delays = [(seen.at[n] - due) * 1000 for n, due in paced.due.items() if n in seen.at]
    spent = (server.process.cpu() - before) / len(paced.due) * 1e6
    return Delays(percentile(delays, 50), percentile(delays, 99), spent, len(paced.due) - len(delays))
