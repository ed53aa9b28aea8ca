"""GET shows and changes nothing, whoever prefetches it; POST puts the one command that the link stands for."""

from hashlib import sha256
from typing import Any

from litestar import Response, get, post
from litestar.concurrency import sync_to_thread
from litestar.params import FromPath
from litestar.response import Redirect
from uuid_utils import uuid7

from tocsin.access.links import Link
from tocsin.core.decider import Refused
from tocsin.core.incident import commands as cmd
from tocsin.engine.door import OverloadedError
from tocsin.engine.submission import Submission
from tocsin.lib import secrets
from tocsin.lib.logs import logger
from tocsin.store.errors import StoreError
from tocsin.web.forms import OPEN
from tocsin.web.here import Asked, Here, here
from tocsin.web.layout.reader import Reader, reading
from tocsin.web.layout.render import page, trouble
from tocsin.web.pages.link.standing import ACTIONS, Standing, command, standing
from tocsin.web.pages.link.view import Read, Shown, read, shown

__all__ = ["act", "look"]

log = logger("links")


@get("/l/{token:str}")
async def look(request: Asked, token: FromPath[str]) -> Response[str]:
    """The page of a link."""
    return await sync_to_thread(_page, here(request), _reading(request), token)


@post("/l/{token:str}", status_code=200, opt=OPEN)
async def act(request: Asked, token: FromPath[str]) -> Response[Any]:
    """A button of it was pressed."""
    at, asked = here(request), _reading(request)
    link = at.links.read(token, at.now())
    if isinstance(link, secrets.Refused):
        return _refused_link(at, asked, link)
    found = await sync_to_thread(at.read, lambda connection: read(connection, link))
    if found is None:
        return trouble(at.now(), asked, 404, "forged")
    if link.purpose not in ACTIONS:
        return _told(_shown_page(at, asked, link, found, notice="only_shows", status=405))
    form = await request.form()
    wanted = command(link, str(form.get("action", "")), str(form.get("option", "")), _seen(str(form.get("seen", ""))))
    if wanted is None:
        return _shown_page(at, asked, link, found, notice="not_here", status=400)
    how = standing(link, found.state, found.past)
    if how.mood in ("yours", "answered") and how.by == link.person:
        return _back(token)
    return await _put(at, asked, link, token, wanted, how)


def _reading(request: Asked) -> Reader:
    return reading(request, here(request).site.worlds.world().rulebook.timezone)


async def _put(at: Here, asked: Reader, link: Link, token: str, wanted: cmd.Command, how: Standing) -> Response[Any]:
    """Put the command; what came too late is put once, for the record."""
    once = not how.buttons
    mark = sha256(f"{token}{type(wanted).__name__}".encode()).hexdigest()[:32]
    id_ = f"link:late:{mark}" if once else str(uuid7())
    try:
        answer = await at.site.door.submit(Submission(id_, wanted, link.incident, once=once))
    except (OverloadedError, StoreError) as problem:
        log.warning("press_not_taken", incident=link.incident, error=str(problem))
        return await sync_to_thread(_afterwards, at, asked, link, "busy", 503)
    if answer.refused is None:
        return _back(token)
    log.info("press_refused", incident=link.incident, code=answer.refused.code)
    return await sync_to_thread(_afterwards, at, asked, link, _why(answer.refused), 200)


def _why(refused: Refused) -> str:
    known = ("not_asked", "unknown_request", "ended", "busy")
    return f"refused.{refused.code if refused.code in known else 'other'}"


def _seen(given: str) -> int | None:
    return int(given) if given.isascii() and given.isdigit() and len(given) < 10 else None


def _back(token: str) -> Response[Any]:
    """To the same address, which now shows how things stand; reloading it acts no more."""
    return Redirect(f"/l/{token}", status_code=303)


def _page(at: Here, asked: Reader, token: str) -> Response[str]:
    link = at.links.read(token, at.now())
    if isinstance(link, secrets.Refused):
        return _refused_link(at, asked, link)
    found = at.read(lambda connection: read(connection, link))
    return trouble(at.now(), asked, 404, "forged") if found is None else _shown_page(at, asked, link, found)


def _afterwards(at: Here, asked: Reader, link: Link, notice: str, status: int) -> Response[str]:
    found = at.read(lambda connection: read(connection, link))
    if found is None:
        return trouble(at.now(), asked, 404, "forged")
    return _shown_page(at, asked, link, found, notice, status)


def _shown_page(at: Here, asked: Reader, link: Link, found: Read, notice: str = "", status: int = 200) -> Response[str]:
    """`notice` is the end of the key of what is said first."""
    world, now = at.site.worlds.world(), at.now()
    reader = asked.known_as(found.person)
    it: Shown = shown(link, found, world, now, reader.language)
    return page("pages/link/link.html", now, reader, status, it=it, link=link, notice=notice,
                organisation=world.rulebook.organisation)  # fmt: skip


def _told(made: Response[str]) -> Response[str]:
    made.headers["allow"] = "GET, HEAD"
    return made


def _refused_link(at: Here, asked: Reader, refused: secrets.Refused) -> Response[str]:
    """Expired is told; forged, cut short and unknown look the same."""
    status, key = (410, "expired") if refused.reason == "expired" else (404, "forged")
    return trouble(at.now(), asked, status, key)
