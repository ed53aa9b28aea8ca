"""GET shows and changes nothing, whoever prefetches it; POST puts the one command that the link stands for."""

from hashlib import sha256
from typing import Any

from litestar import Response, get, post
from litestar.concurrency import sync_to_thread
from litestar.params import FromPath
from litestar.response import Redirect
from msgspec import Struct
from uuid_utils import uuid7

from tocsin.access.links import Link
from tocsin.core.decider import Refused
from tocsin.core.incident import commands as cmd
from tocsin.engine.door import OverloadedError
from tocsin.engine.submission import Submission
from tocsin.lib import secrets
from tocsin.lib.logs import logger
from tocsin.lib.translate import text
from tocsin.store.errors import StoreError
from tocsin.web.forms import OPEN
from tocsin.web.here import Asked, Here, here
from tocsin.web.layout.reader import Reader, reading
from tocsin.web.layout.render import page, trouble
from tocsin.web.pages.link.spoken import Said, said
from tocsin.web.pages.link.standing import ACTIONS, Press, Standing, command, standing
from tocsin.web.pages.link.view import Read, Shown, read, shown

__all__ = ["act", "look"]

log = logger("links")


@get("/l/{token:str}")
async def look(request: Asked, token: FromPath[str]) -> Response[str]:
    """The page of a link."""
    asked = await _asking(request, token, script=False)
    return asked if isinstance(asked, Response) else await sync_to_thread(_page, asked)


@post("/l/{token:str}", status_code=200, opt=OPEN)
async def act(request: Asked, token: FromPath[str]) -> Response[Any]:
    """A button of it was pressed; on a notification, which is told how it stands in a few words."""
    asked = await _asking(request, token, script="application/json" in request.headers.get("accept", ""))
    if isinstance(asked, Response):
        return asked
    at, link = asked.at, asked.link
    found = await sync_to_thread(at.read, lambda connection: read(connection, link))
    if found is None:
        return _nothing(asked)
    if link.purpose not in ACTIONS:
        return _told(_shown_page(asked, found, notice="only_shows", status=405))
    form = await request.form()
    action, option, seen = (str(form.get(name, "")) for name in ("action", "option", "seen"))
    wanted = command(link, action, option, _seen(seen), known=asked.known)
    if wanted is None:
        return _shown_page(asked, found, notice="not_here", status=400)
    how = standing(link, found.state, found.past, asked.press)
    return await (_back(asked, token) if _idle(how, wanted, link) else _put(asked, token, wanted, how))


def _idle(how: Standing, wanted: cmd.Command, link: Link) -> bool:
    """Whether a press changes nothing: it is done already, or it may be a machine's."""
    if isinstance(wanted, cmd.Undo):
        return how.soft  # a machine that presses and takes back would write mails for ever
    done = how.mood in ("yours", "answered") and how.by == link.person and not how.buttons
    too_soon = how.from_at is not None and not isinstance(wanted, cmd.Decline)
    return done or too_soon


class Asking(Struct, frozen=True):
    """A link that is good, and who shows it; `known`: it is the addressed person, who is signed in.

    `script`: not a page is wanted but what a notification can say.
    """

    at: Here
    reader: Reader
    link: Link
    known: bool
    script: bool

    @property
    def press(self) -> Press:
        """When that is, and whether it is they."""
        return Press(self.at.now(), self.known)


async def _asking(request: Asked, token: str, *, script: bool) -> Asking | Response[Any]:
    at = here(request)
    reader = reading(request, at.site.worlds.world().rulebook.timezone)
    link = at.links.read(token, at.now())
    if isinstance(link, secrets.Refused):
        return _refused_link(at, reader, link, script)
    viewer = await at.viewer(request)
    return Asking(at, reader, link, viewer is not None and viewer.person == link.person, script)


async def _put(asked: Asking, token: str, wanted: cmd.Command, how: Standing) -> Response[Any]:
    """Put the command; what came too late is put once, for the record."""
    once, incident = not how.buttons and not isinstance(wanted, cmd.Undo), asked.link.incident
    mark = sha256(f"{token}{type(wanted).__name__}".encode()).hexdigest()[:32]
    id_ = f"link:late:{mark}" if once else str(uuid7())
    try:
        answer = await asked.at.site.door.submit(Submission(id_, wanted, incident, once=once))
    except (OverloadedError, StoreError) as problem:
        log.warning("press_not_taken", incident=incident, error=str(problem))
        return await sync_to_thread(_page, asked, "busy", 503)
    if answer.refused is None:
        return await _back(asked, token)
    log.info("press_refused", incident=incident, code=answer.refused.code)
    return await sync_to_thread(_page, asked, _why(answer.refused))


def _why(refused: Refused) -> str:
    known = ("not_asked", "unknown_request", "ended", "busy", "too_late", "overtaken", "undone")
    return f"refused.{refused.code if refused.code in known else 'other'}"


def _seen(given: str) -> int | None:
    return int(given) if given.isascii() and given.isdigit() and len(given) < 10 else None


async def _back(asked: Asking, token: str) -> Response[Any]:
    """To the same address, which now shows how things stand; reloading it acts no more."""
    return await sync_to_thread(_page, asked) if asked.script else Redirect(f"/l/{token}", status_code=303)


def _page(asked: Asking, notice: str = "", status: int = 200) -> Response[Any]:
    found = asked.at.read(lambda connection: read(connection, asked.link))
    if found is None:
        return _nothing(asked)
    return _shown_page(asked, found, notice, status)


def _shown_page(asked: Asking, found: Read, notice: str = "", status: int = 200) -> Response[Any]:
    """`notice` is the end of the key of what is said first."""
    world, press = asked.at.site.worlds.world(), asked.press
    reader = asked.reader.known_as(found.person)
    it: Shown = shown(asked.link, found, world, press, reader.language)
    if asked.script:
        return Response(said(it, reader, press.at, notice), status_code=status)
    return page("pages/link/link.html", press.at, reader, status, it=it, link=asked.link, notice=notice,
                organisation=world.rulebook.organisation, known=asked.known)  # fmt: skip


def _told(made: Response[Any]) -> Response[Any]:
    made.headers["allow"] = "GET, HEAD"
    return made


def _nothing(asked: Asking) -> Response[Any]:
    """No such incident looks like a forged link."""
    return _refused_link(asked.at, asked.reader, secrets.Refused("forged"), asked.script)


def _refused_link(at: Here, reader: Reader, refused: secrets.Refused, script: bool) -> Response[Any]:
    """Expired is told; forged, cut short and unknown look the same."""
    status, key = (410, "expired") if refused.reason == "expired" else (404, "forged")
    if not script:
        return trouble(at.now(), reader, status, key)
    words = (text(f"web.trouble.{key}.{part}", {}, reader.language) for part in ("title", "text"))
    return Response(Said(False, *words), status_code=status)
