"""The entrance of every page: sign in first, and be told when it is not for you."""

from collections.abc import Awaitable, Callable
from typing import Any, cast

from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler

from tocsin.access.permissions import Caller, may
from tocsin.web.contract import Page
from tocsin.web.here import Asked, here

Connection = ASGIConnection[Any, Any, Any, Any]
Guard = Callable[[Connection, BaseRouteHandler], Awaitable[None]]


class SignInFirstError(Exception):
    """Nobody is signed in, and the page is not open to everybody."""


class ForbiddenError(Exception):
    """Somebody is, who may not do this."""


def entrance(page: Page) -> Guard:
    """The guard of one page's routes; it notes who is looking, for the handlers. Forms have a guard of their own."""

    async def guard(connection: Connection, _: BaseRouteHandler) -> None:
        request, at = cast("Asked", connection), here(connection)  # the pages have no other kind of connection
        request.state.page = page
        if page.verb is None:
            return
        viewer = await at.viewer(request)
        if viewer is None:
            raise SignInFirstError
        if not may(viewer, page.verb):
            raise ForbiddenError
        request.state.viewer = viewer

    return guard


def viewer_of(connection: Connection) -> Caller:
    """Who is looking at a page that is not open to everybody; the entrance has found out."""
    found: Caller = connection.state.viewer
    return found


def page_of(connection: Connection) -> Page:
    """Which page is asked for."""
    found: Page = connection.state.page
    return found
