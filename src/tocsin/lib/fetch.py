"""JSON from an address that the operator chose: over a verified connection, soon or not at all, following nobody."""

from collections.abc import Mapping
from typing import Any

import aiohttp
import msgspec

TOTAL_SECONDS = 10.0
LARGEST = 1 << 20


class UnfetchedError(Exception):
    """It did not come: nobody answers, the answer is no success, or it is no JSON object."""


async def fetch(
    url: str, form: Mapping[str, str] | None = None, headers: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """GET, or POST a form, and give the JSON object of the answer. Raises UnfetchedError, which tells no content."""
    timeout = aiohttp.ClientTimeout(total=TOTAL_SECONDS)
    asked = {"accept": "application/json", **(headers or {})}
    try:
        async with (
            aiohttp.ClientSession(timeout=timeout, trust_env=False, cookie_jar=aiohttp.DummyCookieJar()) as session,
            session.request(
                "GET" if form is None else "POST", url, data=form, headers=asked, allow_redirects=False
            ) as reply,
        ):
            body = await _read(reply)
            if reply.status != 200:
                raise UnfetchedError(f"{_place(url)} answered {reply.status}")
            return msgspec.json.decode(body, type=dict[str, Any])
    except msgspec.MsgspecError:
        raise UnfetchedError(f"{_place(url)} did not answer with a JSON object") from None
    except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as problem:
        raise UnfetchedError(f"{_place(url)}: {type(problem).__name__}") from problem


async def _read(reply: aiohttp.ClientResponse) -> bytes:
    body = b""
    async for part in reply.content.iter_chunked(1 << 16):
        body += part
        if len(body) > LARGEST:
            raise ValueError("the answer is too large")
    return body


def _place(url: str) -> str:
    return url.partition("?")[0][:200]
