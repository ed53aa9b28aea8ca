"""What every route has at hand: the site, who is asking, and how they proved it."""

from collections.abc import Callable
from typing import Any, TypeVar

from litestar.connection import ASGIConnection, Request
from litestar.handlers import BaseRouteHandler
from sqlalchemy import Connection

from tocsin.access.about import About
from tocsin.access.gate import Gate
from tocsin.access.origin import SAFE, from_elsewhere, from_this_machine
from tocsin.access.permissions import TABLE, Caller, Verb, allowed, may, reach_of, stale
from tocsin.access.signin import SignIn
from tocsin.access.throttle import Throttle, network_of
from tocsin.api.limits import Limits
from tocsin.api.problem import Problem
from tocsin.core.instant import SECOND, Instant
from tocsin.engine.site import Site
from tocsin.lib.logs import logger

T = TypeVar("T")

ANYBODY = "anybody"
"""The verb of routes that need no token: alive, ready."""

KNOWN = "known"
"""The verb of routes for everybody who has a token or a session: who am I?"""

CSRF = "X-CSRF-Token"
"""The header in which scripts of our pages show what they were given with the page."""

STRANGE = 100
"""Tokens that nobody has, from one address at once; after that one a second. Whoever shows a good one never waits."""

Asked = Request[Any, Any, Any]

log = logger("api")


class Here:
    """One installation's API, as its routes see it. `local`: whoever reaches it is its admin."""

    def __init__(self, site: Site, gate: Gate, sign_in: SignIn, *, local: bool) -> None:
        self.site = site
        self.gate = gate
        self.sign_in = sign_in
        self._local = Caller("local", "admin") if local else None
        self._limits = Limits()
        self._unknown = Limits(STRANGE, SECOND)
        self.guesses = Throttle()

    def now(self) -> int:
        """The time."""
        return self.site.clock.now()

    def read(self, query: Callable[[Connection], T]) -> T:
        """Ask the store something; in a thread of its own, for it blocks."""
        with self.site.ledger.read() as connection:
            return query(connection)

    async def caller(self, request: ASGIConnection[Any, Any, Any, Any]) -> Caller:
        """Who asks: by the token of an Authorization header, else by the session of a page of ours.

        Raises Problem 401, or 429 where very many were tried; or 403 where another site sent it, or it does not show
        what our pages do.
        """
        if self._local is not None:
            return self._local
        header = request.headers.get("authorization", "")
        scheme, _, text = header.partition(" ")
        if header:
            found = await self.gate.by_token(text.strip()) if scheme.lower() == "bearer" else None
        else:
            found = await self._from_a_page(request)
        if found is None:
            if header:
                self._wait(self._unknown, network_of(request.client.host if request.client is not None else ""))
            hint = "Send Authorization: Bearer <token>; tocsin token create NAME --role ROLE prints one."
            raise Problem(401, "unauthorized", "This needs a token that is still good, or a session.", hint)
        return found

    def count(self, caller: Caller) -> None:
        """One request of theirs. Raises Problem 429; whoever is at the control socket may ask as often as they like."""
        if caller is self._local:
            return
        self._wait(self._limits, caller.session or caller.by)

    def _wait(self, limits: Limits, key: str) -> None:
        pause = limits.wait(key, self.site.clock.steady())
        if pause:
            seconds = -(-pause // SECOND)
            detail = "These are too many requests."
            raise Problem(429, "too-many", detail, f"Come again in {seconds} s.", retry_after=seconds)

    async def _from_a_page(self, request: ASGIConnection[Any, Any, Any, Any]) -> Caller | None:
        elsewhere = from_elsewhere(request.headers, self.site.url, f"{request.base_url}")
        client = request.client.host if request.client is not None else ""
        if self.site.demo and not elsewhere and from_this_machine(request.headers, client):
            return Caller("demo", "admin")
        found = await self.gate.by_cookie(request.cookies.get(self.gate.cookie(), ""))
        changes = request.scope["method"] not in SAFE  # type: ignore[typeddict-item]
        unproven = changes and found is not None and not self.gate.ours(found, request.headers.get(CSRF, ""))
        if found is not None and (elsewhere or unproven):
            hint = f"Send the page's token as {CSRF}; programs send Authorization: Bearer <token>."
            raise Problem(403, "cross-site", "A session is good for requests of its own pages alone.", hint)
        return found


def here(request: ASGIConnection[Any, Any, Any, Any]) -> Here:
    """The installation that a request is for."""
    found: Here = request.app.state.here
    return found


def caller_of(request: ASGIConnection[Any, Any, Any, Any]) -> Caller:
    """Who asks; the guard has found out."""
    found: Caller = request.scope["tocsin.caller"]  # type: ignore[typeddict-item]
    return found


async def guard(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
    """Let pass who may; every route names its verb, and one that names none lets nobody pass."""
    verb = handler.opt.get("verb")
    if verb == ANYBODY:
        return
    at = here(connection)
    caller = await at.caller(connection)
    at.count(caller)
    connection.scope["tocsin.caller"] = caller  # type: ignore[typeddict-unknown-key]
    if verb is None:
        raise Problem(403, "forbidden", "This route names no permission.")
    if verb != KNOWN:
        allow(caller, verb)
        fresh(caller, verb, at.now())


def allow(caller: Caller, verb: Verb) -> None:
    """Raises Problem 403 when the caller may not."""
    if not may(caller, verb):
        raise forbidden(caller, verb)


def fresh(caller: Caller, verb: Verb, now: Instant) -> None:
    """Raises Problem 403 `prove` when a signed-in person must first show again who they are."""
    if stale(caller, verb, now):
        hint = "POST /api/v1/session/proof with the password, then send this again."
        raise Problem(403, "prove", "It is too long ago that you showed who you are.", hint)


def allow_with(caller: Caller, verb: Verb, about: About, missing: Problem) -> None:
    """The same with one object: raises `missing` for what does not exist for the caller, else Problem 403."""
    answer = allowed(caller, verb, about)
    if answer == "hidden":
        raise missing
    if answer == "no":
        raise forbidden(caller, verb)


def forbidden(caller: Caller, verb: Verb) -> Problem:
    """403, with what would help; the refusal is logged."""
    log.warning("denied", caller=caller.by, verb=verb)
    if reach_of(caller, verb) in ("self", "own"):
        return Problem(403, "forbidden", f"The role {caller.role} may do this ({verb}) with what is theirs alone.")
    if caller.scopes is not None and TABLE[verb].of(caller.role) != "no":
        return Problem(403, "forbidden", f"The token's scopes do not include {verb}.", "Make one with that scope.")
    return Problem(403, "forbidden", f"The role {caller.role} may not do this ({verb}).", "Ask an admin for another.")
