"""What a signal and a step cost the processor with few live incidents in the store, and with very many."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

from bench.figures import Measured, Row, Series, Target, ratio, series
from bench.live import LiveStore
from bench.progress import say
from bench.scale import Scale
from bench.seeding import engine, forget, report, settle
from tocsin import app
from tocsin.core.instant import HOUR, MINUTE, Instant
from tocsin.engine.clock import SystemClock

TITLE = "Growth: cost with few and with many live incidents"
FEW = 1_000
WORK = 2_048
TOGETHER = 64
LIMIT = Target(1.2, " x", most=True)
WORKS = ("new incidents", "repeats", "steps")


def measure(scale: Scale, folder: Path) -> Measured:
    """The same work on both stores, in turns; microseconds of this process, which does nothing else."""
    few, many = (LiveStore.of(folder, size) for size in (min(FEW, scale.live // 2), scale.live))
    found: dict[tuple[int, str], list[float]] = {}
    with engine(few.url, None) as small, engine(many.url, None) as large:
        start = SystemClock().now()
        for n in range(-1, scale.runs):
            say(f"growth: round {n + 1} of {scale.runs}" if n >= 0 else "growth: warming up")
            for size, parts in ((few.size, small), (many.size, large)):
                for work, cost in _costs(parts, n, start + (n + 1) * 2 * HOUR):
                    found.setdefault((size, work), []).extend([cost] if n >= 0 else [])
    events = f"{many.size:,} live incidents, {many.events:,} stored events, {many.megabytes:,.0f} MB"
    runs = f"{scale.runs} runs of {WORK:,} each, {TOGETHER} to a commit, steps 200 to a commit; {events}"
    return Measured(TITLE, tuple(_rows(found, few.size, many.size)), ("in this process, without HTTP",), runs)


def _rows(found: dict[tuple[int, str], list[float]], few: int, many: int) -> Iterator[Row]:
    for work in WORKS:
        base: Series | None = None
        for size in (few, many):
            cost = series(" us", found[size, work])
            beside, target = (ratio(cost, base), LIMIT) if base else (None, None)
            yield Row(f"{work}, CPU each", f"tocsin, {size:,} live", cost, None, beside, target)
            base = cost


def _costs(parts: app.Parts, n: int, at: Instant) -> Iterator[tuple[str, float]]:
    """Processor microseconds of one signal of either kind, and of one step."""
    world, first = parts.site.worlds.world(), (n + 2) * 10_000_000

    def put(instant: Instant, again: int) -> None:
        for begin in range(first, first + WORK, TOGETHER):
            some = [report("hourly", number, again) for number in range(begin, begin + TOGETHER)]
            parts.batch.carry_out(world, some, instant)

    def steps() -> None:
        while parts.batch.tick(world, at + HOUR):
            pass

    yield "new incidents", _microseconds(lambda: put(at, 0))
    settle(parts)
    yield "repeats", _microseconds(lambda: put(at + MINUTE, 1))
    yield "steps", _microseconds(steps)
    forget(parts, at)


def _microseconds(work: Callable[[], None]) -> float:
    before = time.process_time()
    work()
    return (time.process_time() - before) / WORK * 1e6
