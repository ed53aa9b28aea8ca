"""The live page, its pieces for the script that keeps it fresh, and the two things that can be done from it."""

import asyncio
from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect
from uuid_utils import uuid7

from tocsin.access.permissions import Caller, Verb, may, sees
from tocsin.core.incident import commands as cmd
from tocsin.engine.submission import Submission
from tocsin.engine.working import decode_state
from tocsin.lib.translate import text
from tocsin.store.queries.states import state_of
from tocsin.web.here import Asked, Here, from_elsewhere, here
from tocsin.web.layout.render import fragment, page, trouble
from tocsin.web.pages.live.view import Gallery, Seen, mark

__all__ = ["act", "live", "one", "parts"]

ACTS: dict[str, Verb] = {"acknowledge": "incident.acknowledge", "resolve": "incident.resolve"}
PARTS = ("board", "incident", "outbox")


@get("/")
async def live(request: Asked) -> Response[Any]:
    """The most urgent incident, whichever it is."""
    return await _show(request, "")


@get("/incidents/{incident:str}")
async def one(request: Asked, incident: FromPath[str]) -> Response[Any]:
    """That incident."""
    return await _show(request, incident)


@get("/parts")
async def parts(request: Asked, incident: FromQuery[str] = "", known: FromQuery[str] = "") -> Response[Any]:
    """The pieces whose marks are not among those `known`, as `{name: [mark, html]}`, and what time it is here."""
    at, viewer = here(request), await _viewer(request)
    if viewer is None:
        return Response({"again": True}, status_code=401)
    return Response(await asyncio.to_thread(_fresh, at, viewer, incident, frozenset(known.split(","))))


@post("/incidents/{incident:str}/{act:str}", status_code=200)
async def act(request: Asked, incident: FromPath[str], act: FromPath[str]) -> Response[Any]:
    """Acknowledge or resolve, for a person who is named."""
    at, viewer = here(request), await _viewer(request)
    if from_elsewhere(request, at.site.url):
        return trouble(at.now(), 403, "cross_site")
    if viewer is None:
        return Redirect("/signin", status_code=303)
    if act not in ACTS:
        return trouble(at.now(), 404, "unknown")
    if not may(viewer.role, ACTS[act]):
        return trouble(at.now(), 403, "forbidden")
    form = await request.form()
    by, world = str(form.get("by", "")), at.site.worlds.world()
    if by not in world.rulebook.people:
        return trouble(at.now(), 400, "nobody")
    if not await asyncio.to_thread(_exists, at, viewer, incident):
        return trouble(at.now(), 404, "unknown")
    command = cmd.Acknowledge(by) if act == "acknowledge" else cmd.Resolve(by, text("web.resolved_here"))
    answer = await at.site.door.submit(Submission(str(uuid7()), command, incident))
    if answer.refused is not None and answer.refused.code in ("busy", "failed"):
        return trouble(at.now(), 503, "busy")
    return Redirect("/" if form.get("back") == "/" else f"/incidents/{incident}", status_code=303)


async def _viewer(request: Asked) -> Caller | None:
    return await here(request).viewer(request)


async def _show(request: Asked, incident: str) -> Response[Any]:
    at, viewer = here(request), await _viewer(request)
    if viewer is None:
        return Redirect("/signin", status_code=303)
    return await asyncio.to_thread(_page, at, viewer, incident)


def _page(at: Here, viewer: Caller, incident: str) -> Response[str]:
    seen, world, now = _seen(at, viewer, incident), at.site.worlds.world(), at.now()
    return page(
        "pages/live/live.html", now, world.rulebook.timezone, 404 if seen.missing else 200,
        organisation=world.rulebook.organisation, marks=_marks(seen), **_values(at, viewer, seen, incident),
    )  # fmt: skip


def _fresh(at: Here, viewer: Caller, incident: str, known: frozenset[str]) -> dict[str, Any]:
    seen, zone, now = _seen(at, viewer, incident), at.site.worlds.world().rulebook.timezone, at.now()
    values, marks = _values(at, viewer, seen, incident), _marks(seen)
    fresh = [name for name in PARTS if f"{name}-{marks[name]}" not in known]
    told = {name: [marks[name], fragment(f"pages/live/{name}.html", now, zone, **values)] for name in fresh}
    return {"now": now, "parts": told, "live": len(seen.rows)}


def _seen(at: Here, viewer: Caller, incident: str) -> Seen:
    world, now = at.site.worlds.world(), at.now()
    gallery = at.kept(Gallery)
    return at.read(lambda connection: gallery.seen(connection, viewer, incident, world, now, demo=at.site.demo))


def _marks(seen: Seen) -> dict[str, str]:
    return {
        "board": mark((seen.rows, seen.ended, seen.chosen)),
        "incident": mark((seen.detail, seen.people, seen.missing)),
        "outbox": mark(seen.letters),
    }


def _values(at: Here, viewer: Caller, seen: Seen, incident: str) -> dict[str, Any]:
    may_do = {name: may(viewer.role, verb) for name, verb in ACTS.items()}
    return {"seen": seen, "may": may_do, "demo": at.site.demo, "url": at.site.url, "viewer": viewer, "pinned": incident}


def _exists(at: Here, viewer: Caller, incident: str) -> bool:
    body = at.read(lambda connection: state_of(connection, incident))
    return body is not None and sees(viewer, decode_state(body), at.site.worlds.world().rulebook)
