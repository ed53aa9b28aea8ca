"""The third step: a way to reach whoever sets this up, tried at once, with what came of it"""

import asyncio
from collections.abc import Iterator
from typing import Any

from litestar import Response, get, post
from litestar.response import Redirect
from msgspec import Struct

from tocsin.channels.registry import kinds, lacking
from tocsin.engine import ways
from tocsin.engine.trial import reference
from tocsin.engine.ways import WayError
from tocsin.store import people
from tocsin.store.queries.sent import Sent
from tocsin.web.here import Asked, Here, prove_first
from tocsin.web.layout.frame import Frame
from tocsin.web.pages.start.rulebook import join
from tocsin.web.pages.start.standing import Standing, shown, stands
from tocsin.web.parts.letters import opened

NOT_TYPED = ("outbox", "push")
"""Ways whose address nobody writes: of the one there is none, the other's a browser makes at /account."""


class WayView(Struct, frozen=True):
    """One way. `kept`: no server is set up for it, so the built-in outbox keeps what would be sent."""

    id: str
    method: str
    address: str
    state: str
    kept: bool
    trial: Sent | None
    subject: str = ""
    body: str = ""


@get("/start/reach")
async def show(request: Asked) -> Response[str]:
    """How whoever looks is reached, and what came of the trials."""
    at, frame, found = await stands(request)
    return await _page(at, frame, found)


@get("/start/reach/fresh")
async def fresh(request: Asked) -> Response[Any]:
    """The same, as far as it changes by itself."""
    at, frame, found = await stands(request)
    views = tuple(_ways(at, found))
    html = frame.piece("pages/start/ways.html", ways=views)
    return Response({"now": frame.now, "html": html, "more": _goes_on(views)})


@post("/start/reach/me", status_code=200)
async def be(request: Asked) -> Response[Any]:
    """Say who one is in the rulebook."""
    at, frame, found = await stands(request)
    person = str((await request.form()).get("person", ""))
    if await join(at, frame.viewer, person):
        return Redirect("/start/reach", status_code=303)
    return await _page(at, frame, found, 422, "nobody")


@post("/start/reach/way", status_code=200)
async def add(request: Asked) -> Response[Any]:
    """Another way to oneself."""
    at, frame, found = await stands(request)
    form = await request.form()
    method, address = str(form.get("method", "")), str(form.get("address", "")).strip()
    if found.me is None:
        return await _page(at, frame, found, 422, "nobody")
    if (first := prove_first(request, frame.viewer, "contact.edit", "/start/reach")) is not None:
        return first
    by, now = frame.viewer.by, at.now()
    try:
        way = ways.way_of(found.me, method, address)
        await asyncio.to_thread(at.site.ledger.transact, lambda tx: ways.add(tx.connection, way, by, now))
    except WayError as error:
        wrong = "taken" if error.trouble in ("taken", "many") else "address"
        return await _page(at, frame, found, 422, wrong, address)
    await asyncio.to_thread(at.site.worlds.refresh)
    return Redirect("/start/reach", status_code=303)


@post("/start/reach/trial", status_code=200)
async def attempt(request: Asked) -> Response[Any]:
    """Send a trial there."""
    at, frame, found = await stands(request)
    wanted = str((await request.form()).get("way", ""))
    way = next((one for one in found.ways if reference(one) == wanted), None)
    if way is None:
        return await _page(at, frame, found, 422, "gone")
    now, secret = at.now(), at.site.secret
    await asyncio.to_thread(at.site.ledger.transact, lambda tx: ways.send_trial(tx, way, now, secret))
    return Redirect("/start/reach", status_code=303)


HANDLERS = (show, fresh, be, add, attempt)


async def _page(
    at: Here, frame: Frame, found: Standing, status: int = 200, wrong: str = "", address: str = ""
) -> Response[str]:
    views, everybody = tuple(_ways(at, found)), await asyncio.to_thread(_everybody, at)
    return shown(
        frame, "reach", found, status, ways=views, wrong=wrong, address=address, more=_goes_on(views),
        methods=[name for name in kinds() if name not in NOT_TYPED], everybody=everybody, like=frame.viewer.name,
        unset=lacking("email", at.site.environment),
    )  # fmt: skip


def _everybody(at: Here) -> list[tuple[str, str]]:
    book = at.rulebook()
    names = at.read(people.names)
    known = [] if book is None else [(one, names.get(one, one)) for one in book.people]
    return sorted(known, key=lambda one: one[1])


def _ways(at: Here, found: Standing) -> Iterator[WayView]:
    for way in found.ways:
        last, name = found.trials.get(reference(way)), reference(way)
        kept = way.method not in kinds() or bool(lacking(way.method, at.site.environment))
        subject, body = opened(last.detail) if last is not None and kept and last.detail else ("", "")
        yield WayView(name, way.method, way.address, way.state, kept, last, subject, body)


def _goes_on(views: tuple[WayView, ...]) -> bool:
    return any(one.trial is not None and one.trial.under_way for one in views)
