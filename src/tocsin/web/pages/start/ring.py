"""The last step: it rings. Who is called and how, the letter as it was sent, what comes next, and the button"""

import asyncio
from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect
from uuid_utils import uuid7

from tocsin.core.incident import commands as cmd
from tocsin.engine.submission import Submission
from tocsin.web.here import Asked, Here
from tocsin.web.layout.frame import Frame
from tocsin.web.pages.incident.view import Seen, mark, seen
from tocsin.web.pages.start.standing import Standing, shown, stands


@get("/start/ring")
async def show(request: Asked, incident: FromQuery[str] = "") -> Response[str]:
    """The incident that was opened last, or that one."""
    at, frame, found = await stands(request)
    one = await asyncio.to_thread(_seen, at, frame, found, incident)
    return _page(frame, found, one)


@get("/start/ring/fresh")
async def fresh(request: Asked, incident: FromQuery[str] = "", known: FromQuery[str] = "") -> Response[Any]:
    """The same, as far as it has changed since `known`."""
    at, frame, found = await stands(request)
    one = await asyncio.to_thread(_seen, at, frame, found, incident)
    if one is None or _mark(one) == known:
        return Response({"now": frame.now, "html": None})
    html = frame.piece("pages/start/ringing.html", **_values(frame, found, one))
    return Response({"now": frame.now, "html": html, "mark": _mark(one), "id": one.detail.row.id})


@post("/start/ring/{incident:str}/acknowledge", status_code=200)
async def acknowledge(request: Asked, incident: FromPath[str]) -> Response[Any]:
    """I have it."""
    at, frame, found = await stands(request)
    one = await asyncio.to_thread(_seen, at, frame, found, incident)
    if one is None or found.me is None or "acknowledge" not in one.offered:
        return _page(frame, found, one, 409)
    command = cmd.Acknowledge(found.me, None, None)
    answer = await at.site.door.submit(Submission(str(uuid7()), command, one.detail.row.id))
    if answer.refused is not None:
        return _page(frame, found, await asyncio.to_thread(_seen, at, frame, found, incident), 409)
    return Redirect("/start/done", status_code=303)


@get("/start/done")
async def done(request: Asked) -> Response[Any]:
    """What comes next; before it is done, to where one left off."""
    at, frame, found = await stands(request)
    if not found.answered:
        return Redirect("/start", status_code=303)
    one = await asyncio.to_thread(_seen, at, frame, found, "")
    return shown(frame, "done", found, seen=one)


HANDLERS = (show, fresh, acknowledge, done)


def _seen(at: Here, frame: Frame, found: Standing, incident: str) -> Seen | None:
    wanted = incident or found.incident
    return seen(at, frame, wanted) if wanted else None


def _mark(one: Seen) -> str:
    return mark((one.detail, one.offered, one.letters))


def _values(frame: Frame, found: Standing, one: Seen | None) -> dict[str, Any]:
    return {"seen": one, "me": found.me, "zone": frame.reader.zone, "standing": found}


def _page(frame: Frame, found: Standing, one: Seen | None, status: int = 200) -> Response[str]:
    known = "" if one is None else _mark(one)
    values = _values(frame, found, one) | {"mark": known, "late": status == 409}
    del values["standing"]
    return shown(frame, "ring", found, status, **values)
