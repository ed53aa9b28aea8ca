"""The stream of changes over a real socket: ids of what one may see, while one may see it, until the program ends."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import msgspec
import uvicorn

from tests.cast import small_rulebook
from tests.doors import Running, running
from tests.engine.ports import free_port
from tests.insiders import COOKIE, account, cookie_for
from tests.web.browsing import KEY, RULES, report, until_it_answers
from tocsin import asgi
from tocsin.access.accounts import Change, change
from tocsin.core.routing.criterion import Criterion, Raise
from tocsin.web.pages.changes.handlers import BEAT

PATIENT = 30.0
"""Seconds; the machine may be busy."""


@asynccontextmanager
async def served(here: Running) -> AsyncIterator[str]:
    """The doors on a real socket; gives the address."""
    port = free_port()
    server = uvicorn.Server(
        uvicorn.Config(asgi.build(here.site), port=port, log_config=None, lifespan="off", timeout_graceful_shutdown=5)
    )
    running_ = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110  uvicorn has no event for it
        await asyncio.sleep(0.02)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        here.site.changes.close()
        server.should_exit = True
        await running_


class Stream:
    """What one browser hears."""

    def __init__(self, answer: httpx.Response) -> None:
        self._lines = answer.aiter_lines()

    async def event(self) -> tuple[str, dict[str, object]]:
        """The next one; ("", {}) at the end."""
        name = ""
        async with asyncio.timeout(PATIENT):
            async for line in self._lines:
                if line.startswith("event: "):
                    name = line.removeprefix("event: ")
                if line.startswith("data: "):
                    return name, msgspec.json.decode(line.removeprefix("data: "))
        return "", {}


@asynccontextmanager
async def listening(address: str, cookie: str = "") -> AsyncIterator[Stream]:
    async with httpx.AsyncClient(timeout=PATIENT) as client:
        headers = {"cookie": f"{COOKIE}={cookie}"} if cookie else {}
        async with client.stream("GET", f"{address}/changes", headers=headers) as answer:
            assert answer.status_code == 200
            assert answer.headers["content-type"].startswith("text/event-stream")
            yield Stream(answer)


async def test_a_change_is_told_by_its_id_alone(here: Running) -> None:
    cookie = cookie_for(here, account(here, "dana"))
    async with served(here) as address, listening(address, cookie) as stream:
        await here.post(title="Nobody must read this on the wire")
        assert await stream.event() == ("changed", {"incidents": ["INC-1"]})


async def test_what_is_confidential_is_told_only_to_whom_it_concerns(sqlite_url: str) -> None:
    hush = Criterion("hush", "signal.severity == 'critical'", Raise(confidential=True))
    with running(sqlite_url, rulebook=small_rulebook(criteria=(hush,))) as here:
        dana, gita, admin = (
            cookie_for(here, account(here, name, role))
            for name, role in (("dana", "responder"), ("gita", "responder"), ("omar", "admin"))
        )
        async with (
            served(here) as address,
            listening(address, dana) as concerned,
            listening(address, gita) as foreign,
            listening(address, admin) as mighty,
        ):
            await here.post(title="Insider at work")
            assert await concerned.event() == ("changed", {"incidents": ["INC-1"]})
            await here.post(key="plain", severity="info")
            for stream in (foreign, mighty):
                assert await stream.event() == ("changed", {"incidents": ["INC-2"]})


async def test_the_stream_ends_with_the_session(here: Running) -> None:
    whose = account(here, "dana")
    async with served(here) as address, listening(address, cookie_for(here, whose)) as stream:
        now = here.clock.now()
        here.site.ledger.transact(lambda tx: change(tx.connection, whose.id, Change(disabled=True), "tests", now))
        here.clock.advance_to(now + int(6 * BEAT * 1_000_000))
        while (told := await stream.event())[0] in ("beat", "changed"):
            continue
        assert told[0] == "over"
        assert await stream.event() == ("", {})


async def test_nobody_hears_anything_who_is_not_signed_in(here: Running) -> None:
    async with served(here) as address, httpx.AsyncClient() as client:
        script = {"accept": "application/json"}
        assert (await client.get(f"{address}/changes", headers=script)).status_code == 401
        assert (await client.get(f"{address}/changes", headers={"cookie": f"{COOKIE}=made-up"})).status_code == 303


async def test_streams_that_are_open_do_not_hold_up_the_end_of_the_program(tmp_path: Path) -> None:
    port = free_port()
    environment = os.environ | {"TOCSIN_KEY_SCRIPTS": KEY, "TOCSIN_URL": f"http://127.0.0.1:{port}"}
    command = [sys.executable, "-m", "tocsin", "serve", "--demo", "--rulebook", str(RULES), "--port", str(port)]
    command += ["--database", f"sqlite:///{tmp_path}/tocsin.db"]
    with (tmp_path / "serve.log").open("wb") as log:
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)  # noqa: ASYNC220
    try:
        address = f"http://127.0.0.1:{port}"
        until_it_answers(process, f"{address}/health")
        async with listening(address) as first, listening(address) as second:
            report(address, "one")
            for stream in (first, second):
                assert (await stream.event())[0] == "changed"
            process.send_signal(signal.SIGTERM)
            for stream in (first, second):
                while (await stream.event())[0]:
                    continue
            assert process.wait(30) == 0
    finally:
        process.kill()
        process.wait(30)
    said = (tmp_path / "serve.log").read_text("utf-8")
    assert "Traceback" not in said
    assert "exceeded" not in said
