"""The doors behind a real server on a real socket: slow, broken and half-finished senders harm nobody."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
import uvicorn

from tests.doors import KEY, Running
from tocsin import asgi

HEAD = f"POST /in/scripts HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {KEY}\r\n"


@asynccontextmanager
async def listening(here: Running) -> AsyncIterator[int]:
    """The port of a real server in front of the doors."""
    bound = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(asgi.build(here.site), log_config=None, access_log=False, lifespan="off")
    server = uvicorn.Server(config)
    task = asyncio.create_task(server.serve([bound]))
    try:
        yield bound.getsockname()[1]
    finally:
        server.should_exit = True
        await task


async def talk(port: int, *parts: str, until: bytes = b"}", patience: float = 5) -> bytes:
    """Send parts with a pause between, and read until the answer's end or the connection's."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        for part in parts:
            writer.write(part.encode("latin-1"))
            await writer.drain()
            await asyncio.sleep(0.05)
        answer = b""
        async with asyncio.timeout(patience):
            while until not in answer and (piece := await reader.read(65536)):
                answer += piece
        return answer
    finally:
        writer.close()


def chunk(text: str) -> str:
    return f"{len(text):x}\r\n{text}\r\n"


async def test_a_chunked_body_without_a_length_is_read_whole(here: Running) -> None:
    async with listening(here) as port:
        head = f"{HEAD}Transfer-Encoding: chunked\r\n\r\n"
        answer = await talk(port, head, chunk('{"title": '), chunk('"Orders fail"}'), "0\r\n\r\n", until=b"]}")
    assert answer.startswith(b"HTTP/1.1 202")
    assert b'"outcome":"opened"' in answer


async def test_a_body_cut_off_half_way_is_no_signal(here: Running) -> None:
    async with listening(here) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(f'{HEAD}Content-Length: 100\r\n\r\n{{"title"'.encode())
        await writer.drain()
        writer.close()
        await asyncio.sleep(0.1)
        answer = await talk(port, f"{HEAD}Content-Length: 13\r\n\r\n" + '{"title":"a"}', until=b"]}")
    assert b'"INC-1"' in answer
    assert await reader.read() == b""


async def test_a_request_that_declares_too_much_is_refused_before_it_is_sent(here: Running) -> None:
    async with listening(here) as port:
        answer = await talk(port, f"{HEAD}Content-Length: 99999999999\r\n\r\n", until=b"hint")
    assert answer.startswith(b"HTTP/1.1 413")


async def test_a_stranger_is_refused_before_a_body_is_read(here: Running) -> None:
    async with listening(here) as port:
        head = "POST /in/scripts?key=wrong HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n"
        answer = await talk(port, head, until=b"hint", patience=3)
    assert answer.startswith(b"HTTP/1.1 401")


@pytest.mark.parametrize("body", ["\x00\xff\xfe{", "{'title': x}", "ÿ" * 1000])
async def test_any_octets_are_answered(here: Running, body: str) -> None:
    async with listening(here) as port:
        answer = await talk(port, f"{HEAD}Content-Length: {len(body)}\r\n\r\n{body}", until=b"]}")
    assert answer.startswith(b"HTTP/1.1 202")


async def test_a_hundred_senders_at_once_are_all_answered(here: Running) -> None:
    async with listening(here) as port:
        requests = [
            f"{HEAD}Content-Length: {len(b)}\r\n\r\n{b}" for b in (f'{{"key":"k{n}","title":"x"}}' for n in range(100))
        ]
        answers = await asyncio.gather(*(talk(port, one, until=b"]}", patience=20) for one in requests))
    assert sum(b'"opened"' in answer for answer in answers) == 100
