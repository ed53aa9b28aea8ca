"""Posts at a steady rate, whatever the answers: an open loop, so that a slow system cannot make itself look quick."""

import asyncio
import time

from bench.flood import answer
from bench.load import Flood

CONNECTIONS = 32


class Paced:
    """When each alert was due to be posted, and how many were refused."""

    def __init__(self, port: int, what: Flood) -> None:
        self._port = port
        self._what = what
        self._free: asyncio.Queue[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = asyncio.Queue()
        self._head = "".join(f"{name}: {value}\r\n" for name, value in what.headers.items())
        self.due: dict[int, float] = {}
        self.refused = 0

    async def run(self, rate: int, seconds: float, first: int) -> None:
        """Post `rate` a second, numbered from `first`."""
        for _ in range(CONNECTIONS):
            self._free.put_nowait(await asyncio.open_connection("127.0.0.1", self._port))
        began = time.monotonic() + 0.1
        posts = []
        for n in range(round(rate * seconds)):
            at = began + n / rate
            if at > time.monotonic():
                await asyncio.sleep(at - time.monotonic())
            self.due[first + n] = at
            posts.append(asyncio.create_task(self._post(first + n)))
        await asyncio.gather(*posts)
        while not self._free.empty():
            self._free.get_nowait()[1].close()

    async def _post(self, n: int) -> None:
        reader, writer = await self._free.get()
        body = self._what.template.replace("@N@", str(n)).replace("@C@", str(n)).encode()
        head = f"POST {self._what.path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{self._head}Content-Length: {len(body)}\r\n\r\n"
        try:
            writer.write(head.encode() + body)
            self.refused += await answer(reader) >= 400
        except (OSError, asyncio.IncompleteReadError):
            self.refused += 1
            reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
        self._free.put_nowait((reader, writer))
