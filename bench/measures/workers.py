"""Workers on one PostgreSQL: the same incidents, all due, are stepped by one worker, by two, by four."""

import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import psycopg
from msgspec import Struct

from bench.figures import Measured, Row, Series, Target, ratio, series
from bench.postgres import ADMIN, database, server
from bench.processes import FailedError, Process, python, running
from bench.progress import say
from bench.rules import rulebook
from bench.scale import Scale
from bench.seeding import engine, seed
from bench.servers import environment
from bench.steps import looking
from tocsin.core.instant import HOUR
from tocsin.engine.clock import SystemClock

TITLE = "Workers on one PostgreSQL"
TEMPLATE = "bench_due"
TARGETS = {2: Target(1.6, " x")}
PATIENCE = 120.0
AT_WORK = """select count(*) >= {} from pg_stat_activity where datname = current_database()
    and application_name = 'tocsin' and query like '%skip' || ' locked%'"""
GATE = "select count(*) from (select 1 from streams for update) held"
NONE_LEFT = "select count(*) = 0 from streams where kind = 'incident' and due_at <= {}"


class Run(Struct, frozen=True):
    """Steps a second, microseconds of the workers' processors for each, and steps that were done more than once."""

    rate: float
    cpu: float
    twice: int


def measure(scale: Scale, folder: Path) -> Measured:
    """All numbers of workers, in turns, each on a new copy of one database."""
    say(f"workers: making a database with {scale.due:,} incidents that are due")
    _make(scale.due, folder)
    found: dict[int, list[Run]] = {count: [] for count in scale.workers}
    for n in range(scale.runs):
        for count in scale.workers:
            say(f"workers: round {n + 1} of {scale.runs}, {count} at work")
            found[count].append(_run(count, scale.due, folder))
    with psycopg.connect(server().get_uri(ADMIN), autocommit=True) as connection:
        connection.execute(f"drop database {TEMPLATE} with (force)")
    runs = f"{scale.runs} runs of {scale.due:,} incidents that are all due; the server's processor time is not counted"
    commands = ("each worker: python -m tocsin serve --only engine --database postgresql://...",)
    return Measured(TITLE, tuple(_rows(found)), commands, runs)


def _rows(found: dict[int, list[Run]]) -> Iterator[Row]:
    alone: Series | None = None
    for count, runs in found.items():
        rate = series("/s", (run.rate for run in runs))
        twice = sum(run.twice for run in runs)
        note = "no step twice" if not twice else f"{twice} STEPS TWICE"
        cpu = series(" us", (run.cpu for run in runs))
        yield Row("steps", f"tocsin, workers: {count}", rate, cpu, ratio(rate, alone), TARGETS.get(count), note)
        alone = alone or rate


def _make(size: int, folder: Path) -> None:
    with psycopg.connect(server().get_uri(ADMIN), autocommit=True) as connection:
        connection.execute(f"create database {TEMPLATE}")
    with engine(server().get_uri(TEMPLATE), rulebook(folder)) as parts:
        seed(parts, "hourly", [SystemClock().now() - HOUR] * size)


def _run(count: int, size: int, folder: Path) -> Run:
    """Start the workers while we hold every incident, let go of all at once, and wait until nothing is due."""
    until = SystemClock().now()
    with ExitStack() as stack:
        url = stack.enter_context(database(TEMPLATE))
        gate = stack.enter_context(psycopg.connect(url))
        gate.execute(GATE)
        command = [*python("tocsin", "serve"), "--only", "engine", "--database", url]
        workers = [stack.enter_context(running(command, folder, f"worker-{n}", environment())) for n in range(count)]
        _wait(url, AT_WORK.format(count), workers)
        before, began = sum(worker.cpu() for worker in workers), time.monotonic()
        gate.commit()
        _wait(url, NONE_LEFT.format(until), workers)
        took, spent = time.monotonic() - began, sum(worker.cpu() for worker in workers) - before
        with looking(url) as look:
            steps = [step for step in look.steps() if step.n > 0]
    return Run(size / took, spent / size * 1e6, sum(step.n > 1 for step in steps) + abs(size - len(steps)))


def _wait(url: str, sql: str, workers: list[Process]) -> None:
    """Until the database says so; FailedError when a worker has ended."""
    end = time.monotonic() + PATIENCE
    with psycopg.connect(url, autocommit=True) as connection:
        while time.monotonic() < end:
            for worker in workers:
                worker.must_run()
            if connection.execute(sql).fetchall() == [(True,)]:
                return
            time.sleep(0.02)
    raise FailedError(f"the workers did not come so far within {PATIENCE:.0f} s: {sql}\n{workers[0].tail()}")
