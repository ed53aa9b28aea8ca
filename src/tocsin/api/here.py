"""What every route has at hand: the site, who is asking, and how they proved it."""

import asyncio
from collections.abc import Callable
from typing import Any, TypeVar

from litestar.connection import ASGIConnection, Request
from litestar.handlers import BaseRouteHandler
from sqlalchemy import Connection

from tocsin.access.about import About
from tocsin.access.permissions import TABLE, Caller, Verb, allowed, may, reach_of
from tocsin.access.tokens import Tokens, worth_noting
from tocsin.api.problem import Problem
from tocsin.engine.site import Site
from tocsin.lib.logs import logger
from tocsin.store import tokens as store
from tocsin.store.contract import Tx
from tocsin.store.errors import StoreError
from tocsin.store.tokens import Token

T = TypeVar("T")

ANYBODY = "anybody"
"""The verb of routes that need no token: alive, ready."""

Asked = Request[Any, Any, Any]

log = logger("api")


class Here:
    """One installation's API, as its routes see it. `local`: whoever reaches it is its admin."""

    def __init__(self, site: Site, *, local: bool) -> None:
        self.site = site
        self.tokens = Tokens()
        self._local = Caller("local", "admin") if local else None

    def now(self) -> int:
        """The time."""
        return self.site.clock.now()

    def read(self, query: Callable[[Connection], T]) -> T:
        """Ask the store something; in a thread of its own, for it blocks."""
        with self.site.ledger.read() as connection:
            return query(connection)

    async def caller(self, header: str) -> Caller:
        """Whose token stands in an Authorization header. Raises Problem 401."""
        if self._local is not None:
            return self._local
        scheme, _, text = header.partition(" ")
        steady = self.site.clock.steady()
        known = self.tokens.remembered(text.strip(), steady) if scheme.lower() == "bearer" else None
        if known is None and scheme.lower() == "bearer":
            known = await asyncio.to_thread(self._looked_up, text.strip(), steady)
        if known is None:
            hint = "Send Authorization: Bearer <token>; tocsin token create NAME --role ROLE prints one."
            raise Problem(401, "unauthorized", "This needs a token that is still good.", hint)
        return known

    def _looked_up(self, text: str, steady: int) -> Caller | None:
        found = self.read(lambda connection: self.tokens.look_up(connection, text, steady))
        if found is None:
            return None
        caller, token = found
        if worth_noting(token, self.now()):
            self._note_use(token)
        return caller

    def _note_use(self, token: Token) -> None:
        """Write down that a token was used; not being able to is no reason to refuse it."""

        def body(tx: Tx) -> None:
            store.used(tx.connection, token.id, self.now())

        try:
            self.site.ledger.transact(body)
        except StoreError as problem:
            log.warning("use_not_noted", error=str(problem))


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
    caller = await here(connection).caller(connection.headers.get("authorization", ""))
    connection.scope["tocsin.caller"] = caller  # type: ignore[typeddict-unknown-key]
    if verb is None:
        raise Problem(403, "forbidden", "This route names no permission.")
    allow(caller, verb)


def allow(caller: Caller, verb: Verb) -> None:
    """Raises Problem 403 when the caller may not."""
    if not may(caller, verb):
        raise forbidden(caller, verb)


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
