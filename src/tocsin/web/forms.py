"""What every form of a session shows, so that no other site's is taken for ours; and the guard that looks for it."""

from contextvars import ContextVar
from typing import Any, Protocol

from litestar.connection import ASGIConnection, Request
from litestar.handlers import BaseRouteHandler
from markupsafe import Markup, escape

from tocsin.access.gate import Gate
from tocsin.access.origin import SAFE, from_elsewhere
from tocsin.access.permissions import Caller

OPEN = {"open": True}
"""The `opt` of handlers that need no session: their forms carry a proof of their own, or ask for one."""

FIELD, HEADER = "csrf", "x-csrf-token"

_SHOWN: ContextVar[str] = ContextVar("csrf", default="")


class Host(Protocol):
    """What the guard asks of the installation."""

    gate: Gate

    async def viewer(self, request: Request[Any, Any, Any]) -> Caller | None:
        """Who is looking."""


class ElsewhereError(Exception):
    """Another site made the browser send this, or it does not show what our forms show."""


def shown_in_forms(text: str) -> None:
    """What the forms of the answer to this request show."""
    _SHOWN.set(text)


def csrf_field() -> Markup:
    """The hidden field that every form has; nothing where there is no session to be abused."""
    shown = _SHOWN.get()
    return Markup('<input type="hidden" name="{}" value="{}">').format(FIELD, shown) if shown else Markup()


def csrf_meta() -> Markup:
    """The same for scripts, which send it as a header."""
    return Markup('<meta name="csrf" content="{}">').format(escape(_SHOWN.get()))


async def guard(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
    """Let nothing change by a request that another site made. Raises ElsewhereError."""
    if not isinstance(connection, Request) or connection.method in SAFE:
        return
    at: Host = connection.app.state.here
    if from_elsewhere(connection.headers, at.gate.url, f"{connection.base_url}"):
        raise ElsewhereError
    if handler.opt.get("open"):
        return
    viewer = await at.viewer(connection)
    if viewer is not None and not at.gate.ours(viewer, await _given(connection)):
        raise ElsewhereError


async def _given(request: Request[Any, Any, Any]) -> str:
    header = request.headers.get(HEADER, "")
    return header or str((await request.form()).get(FIELD, ""))
