"""The doors as one ASGI application: signals straight to their own door, everything else through the framework."""

from typing import TYPE_CHECKING
from urllib.parse import quote

from litestar import Litestar
from litestar.datastructures import State

from tocsin.access.gate import Gate
from tocsin.access.passwords import Passwords
from tocsin.access.signin import SignIn
from tocsin.api.body import Message, Receive, Scope, Send
from tocsin.api.here import Here
from tocsin.api.intake import PREFIX, Intake
from tocsin.api.routes import HANDLERS, routers
from tocsin.core.rulebook import Rulebook
from tocsin.engine.site import Site
from tocsin.engine.worlds import NoRulebookError
from tocsin.web import app as web

if TYPE_CHECKING:
    from litestar.types import ASGIApp

PROGRAMS = ("/api", "/health", "/ready", "/metrics")
"""What programs ask for; everything else is a page."""

NOBODY = "\ufffd"

BY_HTTPS_ALONE = (b"strict-transport-security", b"max-age=63072000")
"""For two years a browser that was here once asks by https alone, whatever somebody in between would like."""

LARGEST = 8 << 20
"""Bytes of a body under /api: a rulebook is the largest, and one file of it may have 4 MiB."""


class Application:
    """What the server calls for each request."""

    def __init__(self, site: Site, *, local: bool) -> None:
        self._intake = Intake(site)
        gate = Gate(site.ledger, site.clock, lambda: _rulebook(site), site.url, site.secret, *site.old_secrets)
        sign_in = SignIn(gate, Passwords())
        self.framework: ASGIApp = Litestar(
            routers(),
            exception_handlers=HANDLERS,
            openapi_config=None,
            logging_config=None,
            request_max_body_size=LARGEST,
            state=State({"here": Here(site, gate, sign_in, local=local)}),
        )
        self._pages = web.build(site, gate, sign_in, local=local)
        self._by_https = gate.secure and not local

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request, or the server's own beginning and end."""
        if self._by_https:
            send = _strict(send)
        if scope["type"] == "http" and f"{scope['path']}/".startswith(PREFIX):
            await self._intake(scope, receive, send)
        elif scope["type"] == "http" and not scope["path"].startswith(PROGRAMS):
            await self._pages(_askable(scope), receive, send)
        elif scope["type"] == "http":
            await self.framework(_askable(scope), receive, send)  # type: ignore[arg-type]
        else:
            await self.framework(scope, receive, send)  # type: ignore[arg-type]


def _strict(send: Send) -> Send:
    async def strict(message: Message) -> None:
        if message["type"] == "http.response.start":
            message = {**message, "headers": [*message.get("headers", ()), BY_HTTPS_ALONE]}
        await send(message)

    return strict


def _rulebook(site: Site) -> Rulebook | None:
    """What is in force; None before the first, when nobody is in any team yet."""
    try:
        return site.worlds.world().rulebook
    except NoRulebookError:
        return None


def _askable(scope: Scope) -> Scope:
    """The request with a sign that nothing is called by in place of each NUL: PostgreSQL refuses to look for one."""
    path, query = scope["path"], scope.get("query_string", b"")
    if "\x00" not in path and b"%00" not in query:
        return scope
    changed = {"path": path.replace("\x00", NOBODY), "query_string": query.replace(b"%00", quote(NOBODY).encode())}
    return {**scope, **changed}


def build(site: Site, *, local: bool = False) -> Application:
    """The application over `site`. `local`: it listens on the control socket, whose every caller counts as admin."""
    return Application(site, local=local)
