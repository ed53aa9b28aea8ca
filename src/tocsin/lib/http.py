"""Calls to addresses that other people chose: guarded, short, and deaf to what comes back.

A name is resolved once, every address it has is judged, and the connection goes to exactly those: a name that changes
its mind between the check and the call (DNS rebinding) finds nobody listening to it. No redirect is followed, no
proxy is taken from the environment, and of the answer only the status and Retry-After are kept.
"""

import asyncio
import socket
import ssl
from base64 import b64encode
from collections.abc import Awaitable, Callable, Mapping
from functools import lru_cache, partial
from typing import TypeAlias

from aiohappyeyeballs import AddrInfoType, start_connection
from httptools import HttpParserError
from msgspec import Struct
from yarl import URL

from tocsin.lib.addresses import Network, parse, permitted
from tocsin.lib.http_sessions import Reply, Session, Sessions

CONNECT_SECONDS = 3.0
TOTAL_SECONDS = 10.0
SECOND_ADDRESS_AFTER = 0.25
"""Seconds until the next address of a name is tried beside the first (RFC 8305)."""

Resolve: TypeAlias = Callable[[str, int], Awaitable[list[str]]]
"""A name and a port to the texts of all its addresses; OSError when there are none."""


class BlockedError(OSError):
    """The address is not one that we call: no public one, and not in a network that the operator has opened."""


class UnansweredError(Exception):
    """No answer: refused, cut off, timed out, no such name, a certificate that does not hold."""


async def system_resolver(host: str, port: int) -> list[str]:
    """Ask the operating system, in a thread of its own."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(address[0]) for *_, address in found]


class Place(Struct, frozen=True):
    """Who is called: requests to one place may share connections."""

    host: str
    port: int
    tls: bool


class Target(Struct, frozen=True):
    """A URL, read: the place, and how a POST to it begins."""

    place: Place
    head: str


def read(url: str) -> Target:
    """What a URL says. ValueError where it says nothing."""
    parts = URL(url)
    host = (parts.raw_host or "").rstrip(".")
    if not host or parts.port is None:
        raise ValueError(f"{url!r} names no host")
    head = f"POST {parts.raw_path_qs} HTTP/1.1\r\nHost: {parts.host_port_subcomponent}\r\nAccept: */*\r\n"
    if parts.user is not None:
        secret = b64encode(f"{parts.user}:{parts.password or ''}".encode()).decode()
        head += f"Authorization: Basic {secret}\r\n"
    return Target(Place(host, parts.port, parts.scheme == "https"), head)


def _request(target: Target, body: bytes, headers: Mapping[str, str]) -> bytes:
    said = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    if said.count("\n") != len(headers) or said.count("\r") != len(headers) or "\0" in said:
        raise ValueError("a header has a line break in it")
    return f"{target.head}{said}Content-Length: {len(body)}\r\n\r\n".encode() + body


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
        self._sessions: dict[Place, Sessions] = {}
        self._target = lru_cache(maxsize=1024)(read)

    async def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Reply:
        """Post and keep the status. BlockedError where we do not call, UnansweredError where nobody answers."""
        try:
            target = self._target(url)
            request = _request(target, body, headers)
            async with asyncio.timeout(self._total):
                return await self._with(target.place).ask(request)
        except BlockedError:
            raise
        except (OSError, HttpParserError, ValueError) as error:
            raise UnansweredError(self._why(error)) from error

    def _why(self, error: Exception) -> str:
        if isinstance(error, TimeoutError):
            return f"no answer within {self._total:g} s"
        return f"{type(error).__name__}: {error}"[:200]

    def _with(self, place: Place) -> Sessions:
        if place not in self._sessions:
            self._sessions[place] = Sessions(partial(self._connect, place))
        return self._sessions[place]

    async def _connect(self, place: Place) -> Session:
        """To one of the addresses that were judged, and to nothing else."""
        addresses = await self._judged(place)
        async with asyncio.timeout(CONNECT_SECONDS):
            sock = await start_connection(addresses, happy_eyeballs_delay=SECOND_ADDRESS_AFTER)
        loop, name = asyncio.get_running_loop(), place.host if place.tls else None
        context = self._trusted() if place.tls else None
        _, session = await loop.create_connection(Session, sock=sock, ssl=context, server_hostname=name)
        return session

    async def _judged(self, place: Place) -> list[AddrInfoType]:
        """Every address of the host; BlockedError names the host, never what it resolved to."""
        literal = parse(place.host)
        texts = [place.host] if literal is not None else await self._resolve(place.host, place.port)
        found: list[AddrInfoType] = []
        for text in texts:
            address = parse(text)
            if address is None or not permitted(address, self._allowed):
                raise BlockedError(
                    f"{place.host} leads to an address inside a network that is closed to outgoing calls"
                )
            family = socket.AF_INET if address.version == 4 else socket.AF_INET6
            found.append((family, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", (str(address), place.port)))
        return found

    def _trusted(self) -> ssl.SSLContext:
        if self._trust is None:
            self._trust = ssl.create_default_context()
        return self._trust

    async def close(self) -> None:
        """Give back the connections."""
        for sessions in self._sessions.values():
            sessions.close()
        self._sessions.clear()
