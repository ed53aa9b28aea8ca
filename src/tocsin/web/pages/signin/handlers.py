"""By login and password, or by a token: then a cookie stands for the session. Out again, and showing once more who."""

from typing import Any

from litestar import Response, get, post
from litestar.params import FromQuery
from litestar.response import Redirect

from tocsin.access.origin import place_of
from tocsin.access.signin import In, Wait
from tocsin.core.instant import SECOND
from tocsin.web.forms import OPEN
from tocsin.web.here import DEVICE, Asked, Here, here
from tocsin.web.layout.reader import reading
from tocsin.web.layout.render import page

__all__ = ["again", "ask_again", "entered", "leave", "show", "take", "with_cookies"]


@get("/signin", opt=OPEN)
async def show(request: Asked, next: FromQuery[str] = "/") -> Response[Any]:  # noqa: A002  the field's name
    """The form."""
    return _form(request, next)


@post("/signin", status_code=200, opt=OPEN)
async def take(request: Asked) -> Response[Any]:
    """Login and password, or a token, were given."""
    at, form = here(request), await request.form()
    wanted, token = str(form.get("next", "/")), str(form.get("token", "")).strip()
    browser = at.browser(request, trusted=form.get("trusted") == "yes")
    if token:
        found: In | Wait | None = await at.sign_in.with_token(token, browser)
        return entered(at, found, wanted) if isinstance(found, In) else _form(request, wanted, 403, "no_token")
    found = await at.sign_in.with_password(str(form.get("login", "")), str(form.get("password", "")), browser)
    match found:
        case In():
            return entered(at, found, wanted)
        case Wait():
            return _waiting(_form(request, wanted, 429, "wait", found), found)
        case None:
            return _form(request, wanted, 403, "wrong")


def entered(at: Here, found: In, wanted: str) -> Response[Any]:
    """On to where they wanted to go, with the cookies that say who they are."""
    return with_cookies(at, found, Redirect(place_of(wanted), status_code=303))


def with_cookies(at: Here, found: In, answer: Response[Any]) -> Response[Any]:
    """An answer that makes the browser theirs."""
    session = found.session
    lasts = (session.ends_at - session.created_at) // SECOND if session.trusted else None
    answer.set_cookie(at.cookie_of("tocsin", found.cookie, lasts))
    if found.device:
        answer.set_cookie(at.cookie_of(DEVICE, found.device, 180 * 86_400))
    return answer


@post("/signout", status_code=200)
async def leave(request: Asked) -> Response[Any]:
    """End the session, and forget its cookie."""
    at = here(request)
    await at.sign_in.leave(request.cookies.get(at.gate.cookie(), ""))
    answer = Redirect("/signin", status_code=303)
    answer.set_cookie(at.cookie_of("tocsin", "", 0))
    return answer


@get("/signin/again")
async def ask_again(request: Asked, next: FromQuery[str] = "/") -> Response[Any]:  # noqa: A002  the field's name
    """Who they are was shown too long ago for what they want to do."""
    viewer = await here(request).viewer(request)
    if viewer is None or not viewer.session:
        return Redirect("/signin", status_code=303)
    return _again(request, viewer.name, next)


@post("/signin/again", status_code=200)
async def again(request: Asked) -> Response[Any]:
    """They show it."""
    at, form = here(request), await request.form()
    viewer, wanted = await at.viewer(request), str(form.get("next", "/"))
    if viewer is None or not viewer.session:
        return Redirect("/signin", status_code=303)
    found = await at.sign_in.again(viewer, str(form.get("password", "")), at.browser(request))
    match found:
        case In():
            return entered(at, found, wanted)
        case Wait():
            return _waiting(_again(request, viewer.name, wanted, 429, "wait", found), found)
        case None:
            return _again(request, viewer.name, wanted, 403, "wrong_again")


def _form(request: Asked, wanted: str, status: int = 200, wrong: str = "", wait: Wait | None = None) -> Response[str]:
    values = {"wrong": wrong, "wait": _seconds(wait), "next": place_of(wanted), "provider": _provider(request)}
    return page("pages/signin/signin.html", here(request).now(), reading(request), status, **values)


def _again(
    request: Asked, name: str, wanted: str, status: int = 200, wrong: str = "", wait: Wait | None = None
) -> Response[str]:
    values = {"wrong": wrong, "wait": _seconds(wait), "next": place_of(wanted), "name": name}
    values["provider"] = _provider(request)
    return page("pages/signin/again.html", here(request).now(), reading(request), status, **values)


def _provider(request: Asked) -> str:
    """What the button of the identity provider says; '' where there is none."""
    identities = here(request).identities
    return "" if identities is None else identities.provider.name


def _seconds(wait: Wait | None) -> int:
    return 0 if wait is None else -(-wait.after // SECOND)


def _waiting(answer: Response[str], wait: Wait) -> Response[str]:
    answer.headers["retry-after"] = str(_seconds(wait))
    return answer
