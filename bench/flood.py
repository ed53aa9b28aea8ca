"""A generator for machines without wrk: keep-alive connections that each post as soon as they are answered.

`python -m bench.flood FILE.json` prints one line of JSON like the script of wrk does.
"""

import asyncio
import json
import sys
import time
from pathlib import Path
from typing import Any

import uvloop

from bench.figures import percentile


class Generator:
    """All connections together, and what came back."""

    def __init__(self, given: dict[str, Any]) -> None:
        self.port: int = given["port"]
        self.seconds: float = given["seconds"]
        self.first: int = given["first"]
        self.cycle: int = given["cycle"]
        self.total: int = given["total"]
        self.connections: int = given["connections"]
        self.template = given["template"].encode()
        lines = [f"POST {given['path']} HTTP/1.1", "Host: 127.0.0.1"]
        self.head = "\r\n".join([*lines, *(f"{name}: {value}" for name, value in given["headers"].items())]).encode()
        self.count = self.refused = self.lost = 0
        self.micros: list[float] = []

    def request(self) -> bytes:
        """The next one."""
        n = self.first + (self.count % self.cycle if self.cycle else self.count)
        body = self.template.replace(b"@N@", b"%d" % n).replace(b"@C@", b"%d" % (self.first + self.count))
        self.count += 1
        return b"%b\r\nContent-Length: %d\r\n\r\n%b" % (self.head, len(body), body)

    async def run(self) -> dict[str, float]:
        """Post until the time is up."""
        began = time.perf_counter()
        await asyncio.gather(*(self._connection(began + self.seconds) for _ in range(self.connections)))
        micros = (time.perf_counter() - began) * 1e6
        spread = {f"p{share}": percentile(self.micros, share) for share in (50, 99)}
        return {"answers": len(self.micros), "micros": micros, "refused": self.refused, "lost": self.lost, **spread}

    async def _connection(self, end: float) -> None:
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
            while (began := time.perf_counter()) < end and not 0 < self.total <= self.count:
                writer.write(self.request())
                status = await answer(reader)
                self.micros.append((time.perf_counter() - began) * 1e6)
                self.refused += status >= 400
            writer.close()
        except (OSError, asyncio.IncompleteReadError):
            self.lost += 1


async def answer(reader: asyncio.StreamReader) -> int:
    """Read one answer that says how long it is; its status."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
    length = next((int(line[15:]) for line in head.split("\r\n") if line.startswith("content-length:")), 0)
    await reader.readexactly(length)
    return int(head.split(" ", 2)[1])


if __name__ == "__main__":
    print(json.dumps(uvloop.run(Generator(json.loads(Path(sys.argv[1]).read_text("utf-8"))).run())))
