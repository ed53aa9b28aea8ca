"""A request's body, as much of it as is welcome and no slower than is polite."""

import asyncio
import zlib
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, TypeAlias

from tocsin.api.problem import Problem

Message: TypeAlias = MutableMapping[str, Any]
Scope: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]

DEADLINE = 10.0
"""Seconds for a whole body; whoever needs longer holds a connection that others want."""


class Gone(Exception):
    """The sender hung up before it was done; nobody waits for an answer."""


async def read_body(receive: Receive, declared: bytes, limit: int, deadline: float = DEADLINE) -> bytes:
    """The body, at most `limit` bytes, whatever length was declared. Raises Problem 400, 408 or 413, or Gone."""
    if declared:
        if not declared.isdigit():
            raise Problem(400, "content-length", "The Content-Length is no number.")
        if int(declared) > limit:
            raise too_large(limit)
    try:
        async with asyncio.timeout(deadline):
            return await _collected(receive, limit)
    except TimeoutError:
        raise Problem(408, "slow", f"The body did not arrive within {deadline:g} s.", "Send it again.") from None


async def _collected(receive: Receive, limit: int) -> bytes:
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Gone
        part = message.get("body", b"")
        if part:
            size += len(part)
            if size > limit:
                raise too_large(limit)
            parts.append(part)
        if not message.get("more_body", False):
            return parts[0] if len(parts) == 1 else b"".join(parts)


GZIP = b"\x1f\x8b"
"""How a gzip file begins; no text does."""


def unpacked(body: bytes, limit: int) -> bytes:
    """A body that was sent as gzip, unpacked; any other one, and one that is no gzip after all, as it is.

    Raises Problem 413 when more than `limit` bytes come out.
    """
    if not body.startswith(GZIP):
        return body
    try:
        plain = zlib.decompressobj(wbits=31).decompress(body, limit + 1)
    except zlib.error:
        return body
    if len(plain) > limit:
        raise too_large(limit)
    return plain


def too_large(limit: int) -> Problem:
    """413 with what is allowed."""
    return Problem(
        413, "too-large", f"The body is larger than {limit} bytes, which is the most.", "Send less at a time."
    )
