"""A token is shown once and becomes a signed cookie that scripts cannot read and other sites cannot send."""

from typing import Any

from litestar import Response, get, post
from litestar.datastructures import Cookie
from litestar.response import Redirect

from tocsin.core.instant import SECOND
from tocsin.lib import secrets
from tocsin.web.here import SIGNED_IN, Asked, Here, from_elsewhere, here
from tocsin.web.layout.reader import reading
from tocsin.web.layout.render import page

__all__ = ["leave", "show", "take"]


@get("/signin")
async def show(request: Asked) -> Response[Any]:
    """The form."""
    return _form(request, 200, wrong=False)


@post("/signin", status_code=200)
async def take(request: Asked) -> Response[Any]:
    """A token was given."""
    at = here(request)
    if from_elsewhere(request, at.site.url):
        return _form(request, 403, wrong=True)
    given = str((await request.form()).get("token", "")).strip()
    digest = secrets.digest(given)
    if not secrets.token_id(given) or await at.by_digest(digest) is None:
        return _form(request, 403, wrong=True)
    answer = Redirect("/", status_code=303)
    answer.set_cookie(_cookie(at, at.session(digest), SIGNED_IN // SECOND))
    return answer


@post("/signout", status_code=200)
async def leave(request: Asked) -> Response[Any]:
    """Forget the cookie."""
    at = here(request)
    answer = Redirect("/signin", status_code=303)
    answer.set_cookie(_cookie(at, "", 0))
    return answer


def _cookie(at: Here, value: str, seconds: int) -> Cookie:
    return Cookie(at.cookie, value=value, path="/", httponly=True, secure=at.secure, samesite="strict", max_age=seconds)


def _form(request: Asked, status: int, *, wrong: bool) -> Response[str]:
    return page("pages/signin/signin.html", here(request).now(), reading(request), status, wrong=wrong)
