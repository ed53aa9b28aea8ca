"""Asking an ASGI application in this very process: what a request costs the server, without sockets and client."""

import time

from msgspec import Struct

from tocsin.asgi import Application


class Asked(Struct, frozen=True):
    """One answer: its status, its bytes, and what it took, in milliseconds by the clock and of processor."""

    status: int
    body: bytes
    took: float
    cpu: float


async def ask(app: Application, path: str, query: str = "") -> Asked:
    """GET it."""
    sent: list[dict[str, object]] = []
    scope: dict[str, object] = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "GET", "scheme": "http",
        "path": path, "raw_path": path.encode(), "query_string": query.encode(), "root_path": "",
        "headers": [(b"host", b"localhost"), (b"accept", b"application/json")], "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 80), "state": {},
    }  # fmt: skip

    async def receive() -> dict[str, object]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: dict[str, object]) -> None:
        sent.append(message)

    begun, used = time.perf_counter(), time.process_time()
    await app(scope, receive, send)  # type: ignore[arg-type]
    took, cpu = (time.perf_counter() - begun) * 1e3, (time.process_time() - used) * 1e3
    body = b"".join(bytes(one["body"]) for one in sent if one.get("body"))  # type: ignore[call-overload]
    return Asked(int(str(sent[0]["status"])), body, took, cpu)
