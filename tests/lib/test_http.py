"""Conversations with web servers, over real sockets: kept, bounded, and never mistaken for one another."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from tocsin.lib.addresses import networks
from tocsin.lib.http import READ_LIMIT, BlockedError, GuardedClient, Reply, UnansweredError

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
LAST = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


class Web:
    """Answers request by request with what `say` gives for its number; None hangs up."""

    def __init__(self, say: Callable[[int], bytes | None]) -> None:
        self.say = say
        self.port = 0
        self.connections = 0
        self.requests: list[bytes] = []
        self.wait = asyncio.Event()
        self.wait.set()
        self.hangs_up = False
        self.later = b""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
                self.requests.append(head + await reader.readexactly(length))
                await self.wait.wait()
                said = self.say(len(self.requests))
                if said is None:
                    return
                writer.write(said)
                if self.later:
                    await asyncio.sleep(0.01)
                    writer.write(self.later)
                if self.hangs_up:
                    return
        except (asyncio.IncompleteReadError, ConnectionError):
            return
        finally:
            writer.close()


@asynccontextmanager
async def web(say: Callable[[int], bytes | None]) -> AsyncIterator[Web]:
    far = Web(say)
    server = await asyncio.start_server(far.serve, "127.0.0.1", 0)
    far.port = server.sockets[0].getsockname()[1]
    try:
        yield far
    finally:
        server.close()


@asynccontextmanager
async def client(total: float = 10.0) -> AsyncIterator[GuardedClient]:
    made = GuardedClient(networks("127.0.0.0/8"), total=total)
    try:
        yield made
    finally:
        await made.close()


async def post(to: GuardedClient, far: Web, path: str = "/", **headers: str) -> Reply:
    return await to.post(f"http://127.0.0.1:{far.port}{path}", b"hello", headers)


async def test_a_connection_is_kept_for_the_next_request() -> None:
    async with web(lambda _: OK) as far, client() as ours:
        for _ in range(5):
            assert (await post(ours, far)).status == 200
    assert (len(far.requests), far.connections) == (5, 1)


async def test_a_server_that_wants_no_more_is_not_asked_again_on_that_connection() -> None:
    async with web(lambda _: LAST) as far, client() as ours:
        for _ in range(3):
            assert (await post(ours, far)).status == 200
    assert far.connections == 3


async def test_a_kept_connection_that_the_server_closed_meanwhile_is_no_failure() -> None:
    async with web(lambda n: None if n == 2 else OK) as far, client() as ours:
        assert (await post(ours, far)).status == 200
        assert (await post(ours, far)).status == 200
    assert (len(far.requests), far.connections) == (3, 2)


async def test_a_new_connection_that_is_closed_without_a_word_is_unanswered() -> None:
    async with web(lambda _: None) as far, client() as ours:
        with pytest.raises(UnansweredError, match="Disconnected"):
            await post(ours, far)
    assert far.connections == 2  # asked once more, then no more


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n", Reply(200)),
        (b"HTTP/1.1 103 Early Hints\r\nRetry-After: 9\r\n\r\n" + OK, Reply(200)),
        (b"HTTP/1.1 204 No Content\r\n\r\n", Reply(204)),
        (b"HTTP/1.1 429 Slow\r\nretry-after: 7\r\nContent-Length: 0\r\n\r\n", Reply(429, "7")),
        (b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 2 * READ_LIMIT, Reply(200)),
    ],
)
async def test_an_answer_is_its_status_however_it_is_framed(said: bytes, expected: Reply) -> None:
    async with web(lambda _: said) as far, client() as ours:
        assert await post(ours, far) == expected


async def test_a_body_that_is_cut_off_or_never_ends_does_not_take_the_status_back() -> None:
    endless, cut = b"HTTP/1.0 200 OK\r\n\r\nok", b"HTTP/1.1 202 Taken\r\nContent-Length: 9\r\n\r\nok"
    async with web(lambda n: cut if n == 1 else endless) as far, client() as ours:
        far.hangs_up = True
        assert await post(ours, far) == Reply(202)
        far.hangs_up = False
        assert await post(ours, far) == Reply(200)
        assert await post(ours, far) == Reply(200)
    assert far.connections == 3


async def test_a_body_that_comes_after_its_status_leaves_the_connection_of_use() -> None:
    async with web(lambda _: b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n") as far, client() as ours:
        far.later = b"ok"
        for _ in range(3):
            assert await post(ours, far) == Reply(200)
    assert far.connections == 1


@pytest.mark.parametrize(
    "said",
    [b"SSH-2.0-OpenSSH_9.2\r\n", b"HTTP/1.1 200 OK\r\nX: " + b"x" * 2 * READ_LIMIT, b"HTTP/1.1 nothing\r\n\r\n"],
)
async def test_what_is_no_http_or_does_not_end_is_unanswered(said: bytes) -> None:
    async with web(lambda _: said) as far, client() as ours:
        with pytest.raises(UnansweredError):
            await post(ours, far)


async def test_an_answer_that_nobody_asked_for_is_not_taken_for_the_next_one() -> None:
    stray = b"HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n"
    async with web(lambda n: OK + stray if n == 1 else OK) as far, client() as ours:
        assert (await post(ours, far)).status == 200
        assert (await post(ours, far)).status == 200
    assert far.connections == 2


async def test_no_header_can_be_smuggled_in() -> None:
    async with web(lambda _: OK) as far, client() as ours:
        for value in ("a\r\nX-Evil: 1", "a\nb", "a\rb", "a\0b"):
            with pytest.raises(UnansweredError, match="character"):
                await post(ours, far, key=value)
    assert far.requests == []


async def test_a_name_that_leads_inside_is_blocked_before_anybody_is_called() -> None:
    async def inside(host: str, port: int) -> list[str]:
        return ["127.0.0.1"]

    async with web(lambda _: OK) as far:
        ours = GuardedClient((), inside)
        with pytest.raises(BlockedError, match=r"harmless\.example leads"):
            await ours.post(f"http://harmless.example:{far.port}/", b"", {})
        await ours.close()
    assert far.connections == 0


async def test_of_several_addresses_the_one_that_answers_is_talked_to() -> None:
    async def several(host: str, port: int) -> list[str]:
        return ["127.0.0.9", "127.0.0.1"]

    async with web(lambda _: OK) as far:
        ours = GuardedClient(networks("127.0.0.0/8"), several)
        assert (await ours.post(f"http://two.example:{far.port}/", b"hello", {})).status == 200
        await ours.close()
    assert b"Host: two.example:%d\r\n" % far.port in far.requests[0]
