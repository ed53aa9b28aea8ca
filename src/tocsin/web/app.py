"""The pages as one ASGI application: every page that is found, their files, and friendly words where there is none."""

from contextlib import suppress
from typing import Any

from litestar import Litestar, Request, Response, Router
from litestar.datastructures import State
from litestar.exceptions import HTTPException
from litestar.response import Redirect
from litestar.types import Scope

from tocsin.access.gate import Gate
from tocsin.access.origin import place_of
from tocsin.access.passwords import CrowdedError
from tocsin.access.permissions import may
from tocsin.access.signin import SignIn
from tocsin.engine.door import OverloadedError
from tocsin.engine.site import Site
from tocsin.engine.worlds import NoRulebookError
from tocsin.lib.logs import logger
from tocsin.store.errors import StoreError
from tocsin.web import pages
from tocsin.web.entrance import ForbiddenError, SignInFirstError, entrance
from tocsin.web.forms import ElsewhereError, guard
from tocsin.web.headers import Guarded
from tocsin.web.here import Here, here
from tocsin.web.layout.frame import reader_of
from tocsin.web.layout.reader import reading
from tocsin.web.layout.render import trouble
from tocsin.web.policy_reports import broken_policy
from tocsin.web.static_files import favicon, static_file

LARGEST = 64 << 10
"""Bytes of a form."""

log = logger("web")


def build(site: Site, gate: Gate, sign_in: SignIn, *, local: bool = False) -> Guarded:
    """The pages of `site`. `local`: reached by the control socket, whose every caller counts as admin."""
    found = pages.found()
    routers = [Router("/", route_handlers=list(one.handlers), guards=[entrance(one)]) for one in found]
    framework: Any = Litestar(
        [*routers, static_file, favicon, broken_policy],
        exception_handlers=FAILURES,
        after_exception=[_reader_known],
        openapi_config=None,
        logging_config=None,
        request_max_body_size=LARGEST,
        guards=[guard],
        state=State({"here": Here(site, gate, sign_in, local=local), "pages": tuple(found)}),
    )
    return Guarded(framework)


async def _reader_known(error: Exception, scope: Scope) -> None:
    """Whoever is signed in is told in their own language. What failed because of the store does not ask it again."""
    if isinstance(error, HTTPException | ForbiddenError | ElsewhereError):
        request: Request[Any, Any, Any] = Request(scope)
        with suppress(StoreError, OverloadedError):
            viewer = await here(request).viewer(request)
            request.state.reader = None if viewer is None else await reader_of(request, viewer)


def _trouble(request: Request[Any, Any, Any], status: int, key: str, **headers: str) -> Response[str]:
    made = trouble(here(request).now(), request.state.get("reader") or reading(request), status, key)
    made.headers.update(headers)
    return made


def _framework(request: Request[Any, Any, Any], error: HTTPException) -> Response[str]:
    allow = {"allow": given} if (given := (error.headers or {}).get("Allow", "")) else {}
    known = {404: "unknown", 405: "method", 413: "large"}
    return _trouble(request, error.status_code, known.get(error.status_code, "refused"), **allow)


def _sign_in(request: Request[Any, Any, Any], _error: SignInFirstError) -> Response[Any]:
    """To the form, and back here afterwards; a script is told, for it cannot fill one in."""
    if "application/json" in request.headers.get("accept", ""):
        return Response({"again": True}, status_code=401)
    return Redirect(f"/signin{_back(request)}", status_code=303)


def _back(request: Request[Any, Any, Any]) -> str:
    """The query by which they come back to the page that they asked for."""
    wanted = place_of(str(request.scope["path"])) if request.method == "GET" else "/"
    return "" if wanted == "/" else f"?next={wanted}"


def _forbidden(request: Request[Any, Any, Any], _error: ForbiddenError) -> Response[str]:
    return _trouble(request, 403, "forbidden")


def _elsewhere(request: Request[Any, Any, Any], _error: ElsewhereError) -> Response[str]:
    return _trouble(request, 403, "cross_site")


def _busy(request: Request[Any, Any, Any], error: Exception) -> Response[str]:
    log.error("page_not_served", error=str(error))
    return _trouble(request, 503, "busy", **{"retry-after": "5"})


def _no_rules(request: Request[Any, Any, Any], _error: NoRulebookError) -> Response[Any]:
    """Before the first rulebook: whoever may make one is led there, the others are told."""
    viewer = request.state.get("viewer")
    if viewer is not None and may(viewer, "rulebook.apply") and request.method == "GET":
        return Redirect("/start", status_code=303)
    return _trouble(request, 503, "no_rules", **{"retry-after": "60"})


def _defect(request: Request[Any, Any, Any], error: Exception) -> Response[str]:
    """A mistake of ours: told in the log, never to the reader."""
    log.error("defect", error=type(error).__name__, exc_info=error)
    return _trouble(request, 500, "defect")


FAILURES: dict[Any, Any] = {
    SignInFirstError: _sign_in,
    ForbiddenError: _forbidden,
    HTTPException: _framework,
    ElsewhereError: _elsewhere,
    CrowdedError: _busy,
    OverloadedError: _busy,
    StoreError: _busy,
    NoRulebookError: _no_rules,
    Exception: _defect,
}
