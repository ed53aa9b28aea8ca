"""The board and the page of an incident over a large store: what they cost, and how soon all open boards follow."""

import gc
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import msgspec
import uvloop

from bench.asgi_client import Asked, ask
from bench.boards import followed, sign_in
from bench.figures import Measured, Row, Target, percentile, series
from bench.live import LiveStore
from bench.progress import say
from bench.rules import rulebook
from bench.scale import Scale
from bench.seeding import SOURCE, TOGETHER, engine, report, seed, settle
from bench.servers import tocsin
from tocsin import app, asgi
from tocsin.core.incident.commands import Acknowledge, Report
from tocsin.core.instant import DAY, HOUR, MINUTE
from tocsin.core.signal import Signal
from tocsin.engine.clock import SystemClock
from tocsin.engine.submission import Submission

TITLE = "Board and incident page"
LIVE, BOARDS, ENDED, ASKED, CHANGES = 200, 200, 100_000, 100, 10
"""Live incidents, boards that are open, ended incidents in the store; requests and changes of one run."""

SOON = Target(50, " ms", most=True)
FOLLOWED = Target(1_000, " ms", most=True)

Request = Callable[[asgi.Application, int], Awaitable[Asked]]


def measure(scale: Scale, folder: Path) -> Measured:
    """Over SQLite, and the board over very many live incidents too."""
    return measured(scale, folder, "sqlite", f"sqlite:///{folder}/screens.db", LiveStore.of(folder, scale.live))


def measured(scale: Scale, folder: Path, kind: str, url: str, many: LiveStore | None) -> Measured:
    """Each kind of request in turns, in this process; then a server with all boards open."""
    ended = min(ENDED, scale.live)
    cookies = _fill(url, folder, ended)
    rows = tuple(_measured(scale, folder, f"tocsin, {kind}", url, cookies, many))
    told = f"{scale.runs} runs of {ASKED} requests each; {LIVE} live, {ended:,} ended incidents in the store"
    how = (
        "requests: the application in this process, asked by the admin. "
        f"Open boards: `tocsin serve`, {BOARDS} sessions of ten people in two languages over TCP with aiohttp, each "
        f"with a stream of its own, {CHANGES} changes a run; from an acknowledgement until the last board has it, the "
        "0 to 150 ms included that each waits of its own will"
    )
    return Measured(f"{TITLE}, {kind}", rows, (how,), told)


def _measured(
    scale: Scale, folder: Path, system: str, url: str, cookies: list[str], many: LiveStore | None
) -> Iterator[Row]:
    found: dict[str, list[list[Asked]]] = {}
    delays: list[tuple[list[float], float]] = []
    for n in range(scale.runs):
        say(f"screens: {system}, round {n + 1} of {scale.runs}")
        with engine(url, None) as parts:
            for kind, answers in uvloop.run(_all(parts)):
                found.setdefault(kind, []).append(answers)
        if many is not None:
            with engine(many.url, None) as parts:
                answers = uvloop.run(_asked(asgi.build(parts.site, local=True), _board))
            found.setdefault(f"board, {many.size:,} live", []).append(answers)
        with tocsin(folder, url, None) as server:
            opened = followed(f"http://127.0.0.1:{server.port}", cookies, CHANGES, server.process.cpu)
            delays.append(uvloop.run(opened))
    for kind, runs in found.items():
        yield from _rows(kind, system, runs)
    for share, word in ((50, "p50"), (100, "the slowest")):
        last = series(" ms", (percentile(run, share) for run, _ in delays))
        cpu = series(" ms", (used for _, used in delays))
        yield Row(f"a change reaches {BOARDS} open boards, {word}", system, last, cpu, target=FOLLOWED)


def _rows(kind: str, system: str, runs: list[list[Asked]]) -> Iterator[Row]:
    kilobytes = len(runs[0][-1].body) / 1024
    for share in (50, 99):
        took = series(" ms", (percentile([one.took for one in run], share) for run in runs))
        cpu = series(" ms", (percentile([one.cpu for one in run], share) for run in runs))
        target = SOON if share == 99 else None
        yield Row(f"{kind}, p{share}", system, took, cpu, None, target, f"{kilobytes:,.0f} kB")


# ------------------------------------------------------------------------------------------- the store


def _fill(url: str, folder: Path, ended: int) -> list[str]:
    """Many that have ended long ago, a few that live, and whoever looks at them: their cookies."""
    say(f"making a store of {ended:,} ended incidents")
    now = SystemClock().now()
    with engine(url, rulebook(folder)) as parts:
        seed(parts, "storm", [now - 60 * DAY + n // TOGETHER * MINUTE for n in range(ended)])
        world = parts.site.worlds.world()
        for at in range(0, ended, TOGETHER):
            some = [_over(number) for number in range(at, min(at + TOGETHER, ended))]
            parts.batch.carry_out(world, some, now - 2 * DAY + at // TOGETHER * MINUTE)
        settle(parts)
        services = ("order-database", "hourly", "patient", "nothing")
        for n in range(LIVE):
            parts.batch.carry_out(world, [report(services[n % 4], ended + n)], now - HOUR + n * MINUTE // 4)
        settle(parts)
        return sign_in(parts, BOARDS)


def _over(number: int) -> Submission:
    key = f"storm-bench-{number}-"
    signal = Signal(key, "resolve", f"bench-{number}- lags behind its primary", severity="critical", service="storm")
    return Submission(f"over:{key}", Report(SOURCE, "scripts", (signal,)), key=("scripts", key))


# ------------------------------------------------------------------------------------------ one by one


async def _board(doors: asgi.Application, _: int) -> Asked:
    return await ask(doors, "/")


async def _search(doors: asgi.Application, n: int) -> Asked:
    return await ask(doors, "/", f"status=all&q=bench-{n}7-")


async def _all(parts: app.Parts) -> list[tuple[str, list[Asked]]]:
    """Every kind of request; the first of all is that of a server that has just started."""
    doors = asgi.build(parts.site, local=True)
    order = msgspec.json.decode((await ask(doors, "/board/fresh")).body)["order"]

    async def incident(some: asgi.Application, n: int) -> Asked:
        return await ask(some, f"/incidents/{order[n % len(order)]}")

    async def nothing_kept(_: asgi.Application, __: int) -> Asked:
        started = asgi.build(parts.site, local=True)
        gc.collect()  # as the program does once it has started
        gc.freeze()
        return await ask(started, "/")

    async def after_a_change(some: asgi.Application, n: int) -> Asked:
        by = ("dana", "eve")[n // len(order) % 2]
        parts.batch.carry_out(
            parts.site.worlds.world(),
            [Submission(f"change:{n}:{time.monotonic_ns()}", Acknowledge(by), order[n % len(order)])],
            SystemClock().now(),
        )
        return await ask(some, "/")

    kinds = {
        f"board, {LIVE} live": _board,
        "board, one changed since": after_a_change,
        "board, nothing remembered": nothing_kept,
        "search in all": _search,
        "incident page": incident,
    }
    return [(kind, await _asked(doors, request)) for kind, request in kinds.items()]


async def _asked(doors: asgi.Application, request: Request) -> list[Asked]:
    answers = []
    for n in range(-3, ASKED):
        answer = await request(doors, n + 3)
        if answer.status != 200:
            raise RuntimeError(f"a page answered {answer.status}: {answer.body[:300]!r}")
        answers += [answer] if n >= 0 else []
    return answers
