"""What every page has at hand: the site, its links, and who is looking."""

import asyncio
from collections.abc import Callable
from ipaddress import ip_address
from typing import Any, TypeVar
from urllib.parse import urlsplit

import msgspec
from litestar.connection import ASGIConnection, Request
from sqlalchemy import Connection

from tocsin.access.links import Links
from tocsin.access.permissions import Caller, Role
from tocsin.access.tokens import REMEMBERED
from tocsin.core.instant import HOUR, Instant
from tocsin.engine.site import Site
from tocsin.lib import secrets
from tocsin.store import tokens

T = TypeVar("T")
Asked = Request[Any, Any, Any]

SIGNED_IN = 12 * HOUR
"""How long a sign-in lasts."""

_PURPOSE = "session"


class Here:
    """One installation's pages. `local`: whoever reaches them by the control socket is its admin."""

    def __init__(self, site: Site, *, local: bool) -> None:
        self.site = site
        self.links = Links(site.secret, site.url)
        self._known: dict[str, tuple[Caller, int]] = {}
        self._local = local
        self._kept: dict[type[Any], Any] = {}

    def kept(self, kind: type[T]) -> T:
        """The one `kind()` of this installation: what a page remembers between requests."""
        found: T = self._kept.setdefault(kind, kind())
        return found

    def now(self) -> Instant:
        """The time."""
        return self.site.clock.now()

    def read(self, query: Callable[[Connection], T]) -> T:
        """Ask the store something; it blocks, so a thread of its own asks."""
        with self.site.ledger.read() as connection:
            return query(connection)

    @property
    def secure(self) -> bool:
        """Whether people reach this installation by https."""
        return self.site.url.startswith("https://")

    @property
    def cookie(self) -> str:
        """The name of the cookie: one that no other host may set, where there is https."""
        return "__Host-tocsin" if self.secure else "tocsin"

    async def viewer(self, request: Asked) -> Caller | None:
        """Who is looking; None for somebody who has to sign in first. A demonstration is open to its own machine."""
        if self._local or (self.site.demo and from_this_machine(request)):
            return Caller("demo", "admin")
        return await self.signed_in(request.cookies.get(self.cookie, ""))

    async def signed_in(self, cookie: str) -> Caller | None:
        """Whose cookie it is, as long as the token behind it is good."""
        claims = secrets.verify(cookie, _PURPOSE, self.now(), self.site.secret)
        return None if isinstance(claims, secrets.Refused) else await self.by_digest(claims.get("token", ""))

    async def by_digest(self, digest: str) -> Caller | None:
        """Whose token has that digest; None when it is unknown or revoked. Good ones are believed for a moment."""
        steady = self.site.clock.steady()
        known = self._known.get(digest)
        if known is not None and steady < known[1]:
            return known[0]
        self._known.pop(digest, None)
        kept = await asyncio.to_thread(self.read, lambda connection: tokens.by_hash(connection, bytes.fromhex(digest)))
        if kept is None or kept.revoked_at is not None:
            return None
        caller = Caller(kept.name, msgspec.convert(kept.role, Role))
        self._known[digest] = (caller, steady + REMEMBERED)
        return caller

    def session(self, digest: str) -> str:
        """What the cookie of a sign-in holds: which token it was, never the token."""
        return secrets.sign(_PURPOSE, {"token": digest}, self.now() + SIGNED_IN, self.site.secret)


def here(request: ASGIConnection[Any, Any, Any, Any]) -> Here:
    """The installation that a request is for."""
    found: Here = request.app.state.here
    return found


def from_this_machine(request: Asked) -> bool:
    """Whether somebody at this machine asks, by a name of this machine: a page elsewhere cannot pretend that."""
    name = urlsplit(f"//{request.headers.get('host', '')}").hostname or ""
    forwarded = "x-forwarded-for" in request.headers or "forwarded" in request.headers
    return request.client is not None and _loopback(request.client.host) and _loopback(name) and not forwarded


def _loopback(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def from_elsewhere(request: Asked, url: str) -> bool:
    """Whether another site made the browser send this: by what the browser says of it, else by its origin.

    `null` is what a browser sends that was told to name no referrer, so it decides nothing.
    """
    told = request.headers.get("sec-fetch-site", "")
    if told:
        return told not in ("same-origin", "none")
    origin = request.headers.get("origin", "")
    return origin not in ("", "null") and origin not in (_origin(url), f"{request.base_url}".rstrip("/"))


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
