"""Open boards of people who are signed in: each hears events over a connection of its own, and asks what is new."""

import asyncio
import re
import time
from collections.abc import Callable, Sequence
from itertools import cycle, islice

import aiohttp
import msgspec

from tocsin import app
from tocsin.access.accounts import create
from tocsin.access.permissions import Role
from tocsin.access.sessions import begin
from tocsin.engine.clock import SystemClock
from tocsin.store import sessions
from tocsin.store.contract import Tx

READERS: tuple[tuple[str, Role], ...] = (
    ("dana", "responder"), ("eve", "responder"), ("finn", "responder"), ("frank", "team-lead"), ("ana", "responder"),
    ("ben", "viewer"), ("carla", "manager"), ("hugo", "manager"), ("omar", "admin"), ("nadia", "security-audit"),
)  # fmt: skip
"""Everybody of the rulebook, with what they may."""

ACTOR = 6
"""Carla takes over what is acknowledged: she may everywhere, and nothing in the store is hers."""

LANGUAGES = ("en", "de")
NEWS = b"event: changed"


def sign_in(parts: app.Parts, boards: int) -> list[str]:
    """The cookie of each board's session: every reader has several, as people have tabs and walls."""
    now = SystemClock().now()

    def body(tx: Tx) -> list[str]:
        accounts = [create(tx.connection, login, role, login, "bench", now, "") for login, role in READERS]
        begun = [begin(whose, "password", now) for whose in islice(cycle(accounts), boards)]
        for _, session in begun:
            sessions.add(tx.connection, session)
        return [cookie for cookie, _ in begun]

    return parts.ledger.transact(body)


class Board:
    """What the script of an open board does: hears that something changed, waits up to 150 ms, asks what is new."""

    def __init__(self, session: aiohttp.ClientSession, cookie: str, number: int) -> None:
        self._session = session
        self._headers = {"cookie": f"tocsin={cookie}", "accept-language": LANGUAGES[number // len(READERS) % 2]}
        self._pause = number * 7 % 151 / 1000
        self._news = asyncio.Condition()
        self.known: dict[str, str] = {}
        self.order: list[str] = []
        self.open = asyncio.Event()
        self.asked = 0

    async def follow(self) -> None:
        """Until it is cancelled."""
        await self._ask()
        async with self._session.get("/changes", headers=self._headers) as stream:
            stream.raise_for_status()
            self.open.set()
            async for line in stream.content:
                if line.startswith(NEWS):
                    await asyncio.sleep(self._pause)
                    await self._ask()

    async def _ask(self) -> None:
        known = ",".join(f"{name}.{mark}" for name, mark in self.known.items())
        async with self._session.get("/board/fresh", params={"known": known}, headers=self._headers) as answer:
            answer.raise_for_status()
            told = msgspec.json.decode(await answer.read())
        self.asked += 1
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

    async def acknowledge(self, incident: str, csrf: str) -> None:
        """As its reader does by the key."""
        headers = self._headers | {"accept": "application/json"}
        data = {"incident": incident, "csrf": csrf}
        async with self._session.post("/board/acknowledge", data=data, headers=headers) as answer:
            told = await answer.json()
        if told["did"] != [incident]:
            raise RuntimeError(f"{incident} was not acknowledged: {told}")

    async def csrf(self) -> str:
        """What its forms show."""
        async with self._session.get("/", headers=self._headers) as answer:
            found = re.search(r'name="csrf" value="([^"]+)"', await answer.text())
        if found is None:
            raise RuntimeError("the board has no form")
        return found[1]


async def followed(
    url: str, cookies: Sequence[str], changes: int, cpu: Callable[[], float]
) -> tuple[list[float], float]:
    """Milliseconds from an acknowledgement until the last of all boards shows it, for each of several; and the server's
    processor time for each, `cpu` being its seconds so far.
    """
    connector, forever = aiohttp.TCPConnector(limit=0), aiohttp.ClientTimeout(total=None)
    async with aiohttp.ClientSession(
        url, connector=connector, timeout=forever, cookie_jar=aiohttp.DummyCookieJar()
    ) as one:
        boards = [Board(one, cookie, number) for number, cookie in enumerate(cookies)]
        tasks = [asyncio.create_task(board.follow()) for board in boards]
        try:
            await _all_open(boards, tasks)
            csrf = await boards[ACTOR].csrf()
            before = cpu()
            delays = [await _change(boards, n, csrf) for n in range(changes)]
            return delays, (cpu() - before) * 1e3 / changes
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


async def _all_open(boards: Sequence[Board], tasks: "list[asyncio.Task[None]]") -> None:
    waiting = asyncio.gather(*(board.open.wait() for board in boards))
    done, _ = await asyncio.wait([waiting, *tasks], return_when=asyncio.FIRST_COMPLETED)
    for task in done:
        task.result()  # a board that could not be opened says why


async def _change(boards: Sequence[Board], n: int, csrf: str) -> float:
    incident = boards[0].order[n * 7 % len(boards[0].order)]
    before = [board.known[incident] for board in boards]
    begun = time.perf_counter()
    await boards[ACTOR].acknowledge(incident, csrf)
    await asyncio.gather(*(board.shows(incident, was) for board, was in zip(boards, before, strict=True)))
    return (time.perf_counter() - begun) * 1e3
