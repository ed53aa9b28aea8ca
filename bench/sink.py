"""A web server that takes every POST and remembers when each alert first came: the far end of a hand-off."""

import asyncio
import re
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import cast

import uvloop

_NUMBER = re.compile(rb"bench-(\d+)-")
_LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)
_ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"


class Seen:
    """When the first word on each alert arrived, in seconds of the monotonic clock."""

    def __init__(self) -> None:
        self.at: dict[int, float] = {}
        self.posts = 0

    def take(self, body: bytes) -> None:
        """One POST."""
        self.posts += 1
        now = time.monotonic()
        for number in _NUMBER.findall(body):
            self.at.setdefault(int(number), now)


class _Connection(asyncio.Protocol):
    def __init__(self, seen: Seen) -> None:
        self._seen = seen
        self._got = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        self._got += data
        while (end := self._got.find(b"\r\n\r\n")) >= 0:
            found = _LENGTH.search(self._got, 0, end)
            whole = end + 4 + (int(found[1]) if found else 0)
            if len(self._got) < whole:
                return
            self._seen.take(self._got[end + 4 : whole])
            self._got = self._got[whole:]
            self._transport.write(_ANSWER)


@asynccontextmanager
async def sink(port: int = 0) -> AsyncIterator[tuple[Seen, int]]:
    """Serve on the loopback; what was seen, and the port."""
    seen = Seen()
    server = await asyncio.get_running_loop().create_server(lambda: _Connection(seen), "127.0.0.1", port)
    try:
        yield seen, server.sockets[0].getsockname()[1]
    finally:
        server.close()


async def _forever(port: int) -> None:
    async with sink(port):
        await asyncio.Event().wait()


if __name__ == "__main__":
    uvloop.run(_forever(int(sys.argv[1])))
