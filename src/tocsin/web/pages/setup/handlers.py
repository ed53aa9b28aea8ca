"""GET shows a form and changes nothing, whoever prefetches it; POST uses the link up and signs in."""

from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from tocsin.access.accounts import Invited, RefusedError, invited, login_of
from tocsin.access.passwords import complaint
from tocsin.engine.worlds import NoRulebookError
from tocsin.store import people
from tocsin.web.forms import OPEN
from tocsin.web.here import Asked, Here, here
from tocsin.web.layout.reader import reading
from tocsin.web.layout.render import page, trouble
from tocsin.web.pages.signin.handlers import entered

__all__ = ["show", "take"]


@get("/setup/{link:str}", opt=OPEN)
async def show(request: Asked, link: FromPath[str]) -> Response[str]:
    """Who may set what."""
    at = here(request)
    found = await _found(at, link)
    return _used_up(request) if found is None else await _form(request, found, link)


@post("/setup/{link:str}", status_code=200, opt=OPEN)
async def take(request: Asked, link: FromPath[str]) -> Response[Any]:
    """A password was chosen."""
    at, form = here(request), await request.form()
    found = await _found(at, link)
    if found is None:
        return _used_up(request)
    login, password = str(form.get("login", "")), str(form.get("password", ""))
    person = str(form.get("person", ""))
    wrong = _wrong(at, found, login, password, person)
    if wrong:
        return await _form(request, found, link, 422, wrong, login)
    try:
        entry = await at.sign_in.accept(
            link, login, password, person, at.browser(request, trusted=form.get("trusted") == "yes")
        )
    except RefusedError as refused:
        if refused.code == "used":
            return _used_up(request)
        return await _form(request, found, link, 422, refused.code, login)
    return _used_up(request) if entry is None else entered(at, entry, "/")


def _used_up(request: Asked) -> Response[str]:
    return trouble(here(request).now(), reading(request), 404, "used_up")


async def _found(at: Here, link: str) -> Invited | None:
    return await at.gate.read(lambda connection: invited(connection, link, at.now()))


def _wrong(at: Here, found: Invited, login: str, password: str, person: str) -> str:
    """What is wrong with what was filled in, as the key of a sentence; '' where nothing is."""
    name = login if found.account is None else found.account.login
    try:
        login_of(name)
    except RefusedError as refused:
        return refused.code
    if person and person not in _people(at):
        return "nobody"
    return complaint(password, name, *name.split("@"), person)


def _people(at: Here) -> tuple[str, ...]:
    try:
        return tuple(at.site.worlds.world().rulebook.people)
    except NoRulebookError:
        return ()


async def _form(
    request: Asked, found: Invited, link: str, status: int = 200, wrong: str = "", login: str = ""
) -> Response[str]:
    at = here(request)
    names = await at.gate.read(people.names)
    known = sorted(((one, names.get(one, one)) for one in _people(at)), key=lambda one: one[1])
    return page(
        "pages/setup/setup.html", at.now(), reading(request), status, wrong=wrong, link=link, people=known,
        purpose=found.invitation.purpose, login=login if found.account is None else found.account.login,
        first=found.account is None,
    )  # fmt: skip
