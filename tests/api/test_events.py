"""The stream of changes, over a real socket: what changed is told to whoever may know of it, until they may no more."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx

from tests.api.conftest import token_for
from tests.api.test_sockets import listening
from tests.cast import small_rulebook
from tests.doors import Running, running
from tocsin.core.routing.criterion import Criterion, Raise

SECRET = Criterion("Secret", "signal.labels.category == 'security'", Raise(confidential=True))


async def told(lines: AsyncIterator[str]) -> tuple[str, Any]:
    """The next event and its data."""
    name = ""
    async for line in lines:
        if line.startswith("event: "):
            name = line.removeprefix("event: ")
        elif line.startswith("data: "):
            return name, json.loads(line.removeprefix("data: "))
    raise AssertionError("the stream ended")


async def test_what_changed_is_told_by_its_id_and_what_is_confidential_is_not(sqlite_url: str) -> None:
    with running(sqlite_url, rulebook=small_rulebook(criteria=(SECRET,))) as here:
        headers = {"authorization": f"Bearer {token_for(here, 'viewer')}"}
        async with listening(here) as port, httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
            assert (await client.get("/api/v1/events")).status_code == 401
            async with client.stream("GET", "/api/v1/events", headers=headers) as answer:
                assert (answer.status_code, answer.headers["content-type"].partition(";")[0]) == (
                    200,
                    "text/event-stream",
                )
                lines = answer.aiter_lines()
                async with asyncio.timeout(20):
                    assert await anext(lines) == "retry: 2000"
                    await asyncio.sleep(0.5)  # until it looks
                    await here.post(key="hidden", labels={"category": "security", "service": "order-database"})
                    shown = await here.post(key="shown")
                    assert await told(lines) == ("changed", {"incidents": [shown]})
            here.site.changes.close()


async def test_a_stream_ends_with_the_server(here: Running) -> None:
    headers = {"authorization": f"Bearer {token_for(here, 'viewer', 'watcher')}"}
    async with (
        listening(here) as port,
        httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client,
        client.stream("GET", "/api/v1/events", headers=headers) as answer,
    ):
        lines = answer.aiter_lines()
        assert await anext(lines) == "retry: 2000"
        here.site.changes.close()
        async with asyncio.timeout(20):
            assert [line async for line in lines if line] == []
