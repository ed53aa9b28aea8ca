"""Calls to addresses that other people chose: guarded, short, and deaf to what comes back.

A name is resolved once, every address it has is judged, and the connection goes to exactly those: a name that changes
its mind between the check and the call (DNS rebinding) finds nobody listening to it. No redirect is followed, no
proxy is taken from the environment, and of the answer only the status and Retry-After are kept.
"""

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from typing import TypeAlias

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from msgspec import Struct
from yarl import URL

from tocsin.lib.addresses import Network, parse, permitted

CONNECT_SECONDS = 3.0
TOTAL_SECONDS = 10.0
READ_LIMIT = 4096

Resolve: TypeAlias = Callable[[str, int], Awaitable[list[str]]]
"""A name and a port to the texts of all its addresses; OSError when there are none."""


class Reply(Struct, frozen=True):
    """What is kept of an answer."""

    status: int
    retry_after: str = ""


class BlockedError(OSError):
    """The address is not one that we call: no public one, and not in a network that the operator has opened."""


class UnansweredError(Exception):
    """No answer: refused, cut off, timed out, no such name, a certificate that does not hold."""


async def system_resolver(host: str, port: int) -> list[str]:
    """Ask the operating system, in a thread of its own."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(address[0]) for *_, address in found]


class _GuardedResolver(AbstractResolver):
    """A resolver that gives all addresses of a name or, where one of them is closed to us, none."""

    def __init__(self, allowed: tuple[Network, ...], resolve: Resolve) -> None:
        self._allowed = allowed
        self._resolve = resolve

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """Judge every address of the host; BlockedError names the host, never what it resolved to."""
        results = []
        for text in await self._resolve(host, port):
            address = parse(text)
            if address is None or not permitted(address, self._allowed):
                raise BlockedError(f"{host} leads to an address inside a network that is closed to outgoing calls")
            kind = socket.AF_INET if address.version == 4 else socket.AF_INET6
            if family in {socket.AF_UNSPEC, kind}:
                results.append(_result(host, str(address), port, kind))
        return results

    async def close(self) -> None:
        """Holds nothing."""


def _result(host: str, address: str, port: int, family: socket.AddressFamily) -> ResolveResult:
    return ResolveResult(hostname=host, host=address, port=port, family=family, proto=0, flags=socket.AI_NUMERICHOST)


class GuardedClient:
    """Posts to addresses that pass the guard. `allowed` are networks opened on purpose, `trust` a private authority."""

    def __init__(
        self,
        allowed: tuple[Network, ...] = (),
        resolve: Resolve = system_resolver,
        trust: ssl.SSLContext | None = None,
        total: float = TOTAL_SECONDS,
    ) -> None:
        self._total = total
        self._allowed = allowed
        self._resolve = resolve
        self._trust = trust
        self._session: aiohttp.ClientSession | None = None

    async def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Reply:
        """Post and keep the status. BlockedError where we do not call, UnansweredError where nobody answers."""
        target = URL(url)
        self._judge_literal(target.host or "")
        try:
            return await self._asked(target, body, headers)
        except aiohttp.InvalidURL:
            raise BlockedError(f"{target.host} is no host name and no address in its usual form") from None
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            blocked = _blocked(error)
            if blocked is not None:
                raise blocked from None
            raise UnansweredError(self._why(error)) from error

    async def _asked(self, target: URL, body: bytes, headers: Mapping[str, str]) -> Reply:
        """One answer. A kept connection that ends without a byte of one was closed before we asked: once more, then."""
        try:
            return await self._once(target, body, headers)
        except aiohttp.ServerDisconnectedError:
            return await self._once(target, body, headers)

    async def _once(self, target: URL, body: bytes, headers: Mapping[str, str]) -> Reply:
        """An answer counts once its status is known, whatever becomes of its body."""
        async with self._open().post(target, data=body, headers=headers, allow_redirects=False) as reply:
            with suppress(aiohttp.ClientError, TimeoutError, OSError):
                await reply.content.read(READ_LIMIT)
            return Reply(reply.status, reply.headers.get("Retry-After", ""))

    def _why(self, error: Exception) -> str:
        if isinstance(error, TimeoutError):
            return f"no answer within {self._total:g} s"
        return f"{type(error).__name__}: {error}"[:200]

    def _judge_literal(self, host: str) -> None:
        """An address in the URL itself is never resolved, so it is judged here."""
        address = parse(host)
        if address is not None and not permitted(address, self._allowed):
            raise BlockedError(f"{host} is inside a network that is closed to outgoing calls")

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            connector = aiohttp.TCPConnector(
                resolver=_GuardedResolver(self._allowed, self._resolve),
                use_dns_cache=False,
                ssl=self._trust or True,
                limit=100,
                limit_per_host=20,
            )
            timeout = aiohttp.ClientTimeout(total=self._total, connect=None, sock_connect=CONNECT_SECONDS)
            self._session = aiohttp.ClientSession(
                connector=connector,
                timeout=timeout,
                trust_env=False,
                cookie_jar=aiohttp.DummyCookieJar(),
                auto_decompress=False,
            )
        return self._session

    async def close(self) -> None:
        """Give back the connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None


def _blocked(error: BaseException | None) -> BlockedError | None:
    """The guard's own word, however deep the library has wrapped it."""
    while error is not None and not isinstance(error, BlockedError):
        error = error.__cause__ or error.__context__
    return error
