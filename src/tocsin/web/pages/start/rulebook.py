"""The second step: a rulebook, begun from one of ours or brought along; looked at whole before it is put in force"""

import asyncio
from typing import Any

from litestar import Response, get, post
from litestar.datastructures import FormMultiDict
from litestar.params import FromQuery
from litestar.response import Redirect

from tocsin.access.accounts import Change, change
from tocsin.access.permissions import Caller
from tocsin.config.starters import STARTERS, Answers, Starter, filled
from tocsin.engine.applying import SupersededError, apply
from tocsin.engine.weighing import weigh_here
from tocsin.lib.translate import text
from tocsin.web.here import Asked, Here, here, prove_first
from tocsin.web.layout.frame import Frame
from tocsin.web.pages.start.draft import LARGEST, ONE, Draft, draft, texts_of
from tocsin.web.pages.start.standing import Standing, shown, stands


@get("/start/rulebook")
async def show(request: Asked, starter: FromQuery[str] = "") -> Response[str]:
    """Which one to begin from; `starter` is open to be filled in."""
    _, frame, found = await stands(request)
    return _choices(frame, found, _known(starter))


@post("/start/rulebook", status_code=200, request_max_body_size=LARGEST)
async def take(request: Asked) -> Response[Any]:
    """Fill in a starter, look at a text, or put it in force: as the button says that was pressed."""
    at, frame, found = await stands(request)
    form: FormMultiDict = await request.form()
    starter, me = _known(str(form.get("starter", ""))), str(form.get("me", ""))
    if form.get("do") == "fill" and starter is not None:
        made = filled(starter, _answers(form), at.now())
        texts, me = {ONE: made.text}, made.me
    else:
        texts = await texts_of(form)
    seen = await asyncio.to_thread(at.read, lambda connection: draft(connection, texts, me))
    if form.get("do") == "apply" and not seen.errors:
        if told := await asyncio.to_thread(_worse, at, seen, frame.reader.language):
            return _looked_at(frame, found, seen, 422, worse=told)
        return await _apply(request, frame, found, seen, _version(form))
    return _looked_at(frame, found, seen, 422 if form.get("do") == "apply" else 200)


HANDLERS = (show, take)


def _known(starter: str) -> Starter | None:
    return next((one for one in STARTERS if one == starter), None)


def _choices(frame: Frame, found: Standing, starter: Starter | None) -> Response[str]:
    known: dict[str, Any] = {"name": frame.viewer.person or frame.viewer.name, "zone": frame.reader.zone}
    return shown(frame, "rulebook", found, starters=STARTERS, starter=starter, known=known, draft=None)


def _looked_at(
    frame: Frame, found: Standing, seen: Draft, status: int, *, late: bool = False, worse: tuple[str, ...] = ()
) -> Response[str]:
    return shown(frame, "rulebook", found, status, draft=seen, late=late, worse=worse, starter=None)


def _worse(at: Here, seen: Draft, language: str) -> tuple[str, ...]:
    """What it makes worse than what is in force, which only the editor and `tocsin apply` can force."""
    weighed = weigh_here(at.site, seen.loaded)
    return weighed.told(language) if weighed.refused else ()


def _answers(form: FormMultiDict) -> Answers:
    said = {name: str(form.get(name, ""))[:20_000] for name in Answers.__struct_fields__}
    return Answers(**said)


def _version(form: FormMultiDict) -> int:
    given = str(form.get("version", ""))
    return int(given) if given.isascii() and given.isdigit() and len(given) < 10 else 0


async def _apply(request: Asked, frame: Frame, found: Standing, seen: Draft, expected: int) -> Response[Any]:
    """In force, as `tocsin apply` does it; and the account of whoever did so is the person that it names for them."""
    at, viewer = here(request), frame.viewer
    if (first := prove_first(request, viewer, "rulebook.apply", "/start/rulebook")) is not None:
        return first
    note = text("web.first.menu", {}, frame.reader.language)
    try:
        await asyncio.to_thread(apply, at.site.ledger, seen.loaded, at.now(), viewer.by, note, expected)
    except SupersededError:
        return _looked_at(frame, found, seen, 409, late=True)
    await asyncio.to_thread(at.site.worlds.refresh)
    await join(at, viewer, seen.me)
    return Redirect("/start", status_code=303)


async def join(at: Here, viewer: Caller, person: str) -> bool:
    """Let the viewer's account be a person of the rulebook; whether it is."""
    book = at.rulebook()
    if book is None or person not in book.people or not viewer.account:
        return False
    if viewer.person != person:
        wanted = Change(person=person)
        await at.gate.write(lambda connection: change(connection, viewer.account, wanted, viewer.by, at.now()))
    return True
