"""The board and the page of an incident over a large store: what they cost, and how soon all open boards follow."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import aiohttp
import msgspec
import uvloop

from bench.asgi_client import Asked, ask
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
LIVE, BOARDS, ENDED, ASKED, CHANGES = 200, 200, 100_000, 100, 8
"""Live incidents, boards that are open, ended incidents in the store; requests and changes of one run."""

SOON = Target(50, " ms", most=True)
FOLLOWED = Target(1_000, " ms", most=True)

Request = Callable[[asgi.Application, int], Awaitable[Asked]]


def measure(scale: Scale, folder: Path) -> Measured:
    """Each kind of request in turns, in this process; then a server with all boards open."""
    ended = min(ENDED, scale.live)
    database = f"sqlite:///{_store(folder, ended)}"
    many = LiveStore.of(folder, scale.live)
    found: dict[str, list[list[Asked]]] = {}
    delays: list[list[float]] = []
    for n in range(scale.runs):
        say(f"screens: round {n + 1} of {scale.runs}")
        with engine(database, None) as parts:
            for kind, answers in uvloop.run(_all(parts)):
                found.setdefault(kind, []).append(answers)
        with engine(many.url, None) as parts:
            answers = uvloop.run(_asked(asgi.build(parts.site, local=True), _board))
            found.setdefault(f"board, {many.size:,} live", []).append(answers)
        delays.append(uvloop.run(_followed(folder, database)))
    rows = [row for kind, runs in found.items() for row in _rows(kind, runs)]
    last = series(" ms", (max(run) for run in delays))
    rows.append(Row(f"a change reaches {BOARDS} open boards, the last", "tocsin, sqlite", last, target=FOLLOWED))
    told = f"{scale.runs} runs of {ASKED} requests each; {LIVE} live, {ended:,} ended incidents in the store"
    return Measured(TITLE, tuple(rows), ("the application in this process; for open boards, aiohttp",), told)


def _rows(kind: str, runs: list[list[Asked]]) -> Iterator[Row]:
    kilobytes = len(runs[0][-1].body) / 1024
    cpu = series(" ms", (percentile([one.cpu for one in run], 50) for run in runs))
    for share in (50, 99):
        took = series(" ms", (percentile([one.took for one in run], share) for run in runs))
        target = SOON if share == 99 else None
        yield Row(f"{kind}, p{share}", "tocsin, sqlite", took, cpu, None, target, f"{kilobytes:,.0f} kB")


# ------------------------------------------------------------------------------------------- the store


def _store(folder: Path, ended: int) -> Path:
    """Many that have ended long ago, and a few that live."""
    file = folder / f"screens-{ended}.db"
    if file.exists():
        return file
    say(f"making a store of {ended:,} ended incidents")
    now = SystemClock().now()
    with engine(f"sqlite:///{file}", rulebook(folder)) as parts:
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
    return file


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
        return await ask(asgi.build(parts.site, local=True), "/")

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


# ------------------------------------------------------------------------------------------ all at once


async def _followed(folder: Path, database: str) -> list[float]:
    """Milliseconds from an acknowledgement until the last of all boards shows it, for each of several."""
    with tocsin(folder, database, None):
        socket = f"{database.removeprefix('sqlite:///')}.sock"
        connector = aiohttp.UnixConnector(socket, limit=0)  # whoever may open it is the admin
        async with aiohttp.ClientSession("http://localhost", connector=connector) as session:
            boards = [_Board(session) for _ in range(BOARDS)]
            tasks = [asyncio.create_task(board.follow()) for board in boards]
            await asyncio.gather(*(board.open.wait() for board in boards))
            delays = [await _one(session, boards, n) for n in range(CHANGES)]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
    return delays


async def _one(session: aiohttp.ClientSession, boards: "list[_Board]", n: int) -> float:
    incident = boards[0].order[n * 7]
    before = boards[0].known[incident]
    script = {"accept": "application/json"}
    begun = time.perf_counter()
    data = {"incident": incident, "by": ("eve", "dana", "finn")[n % 3]}
    async with session.post("/board/acknowledge", data=data, headers=script) as answer:
        told = await answer.json()
    if told["did"] != [incident]:
        raise RuntimeError(f"{incident} was not acknowledged: {told}")
    await asyncio.gather(*(board.shows(incident, before) for board in boards))
    return (time.perf_counter() - begun) * 1e3


class _Board:
    """What the script of an open board does: hears that something changed, waits up to 150 ms, asks what is new."""

    def __init__(self, session: aiohttp.ClientSession) -> None:
        self._session = session
        self.known: dict[str, str] = {}
        self.order: list[str] = []
        self._news = asyncio.Condition()
        self.open = asyncio.Event()

    async def follow(self) -> None:
        await self._ask()
        async with self._session.get("/changes", timeout=aiohttp.ClientTimeout(total=None)) as stream:
            self.open.set()
            async for line in stream.content:
                if line.startswith(b"data:") and line.strip() != b"data: {}":
                    await asyncio.sleep(id(self) % 151 / 1000)
                    await self._ask()

    async def _ask(self) -> None:
        known = ",".join(f"{name}.{mark}" for name, mark in self.known.items())
        async with self._session.get("/board/fresh", params={"known": known}) as answer:
            told = msgspec.json.decode(await answer.read())
        self.order = told["order"]
        for id_, html in told["rows"].items():
            self.known[id_] = html.partition('data-mark="')[2].partition('"')[0]
        self.known |= {name: piece[0] for name, piece in told["pieces"].items()}
        async with self._news:
            self._news.notify_all()

    async def shows(self, incident: str, before: str) -> None:
        """It shows something else of that incident than before."""
        async with self._news, asyncio.timeout(60):
            await self._news.wait_for(lambda: self.known[incident] != before)
