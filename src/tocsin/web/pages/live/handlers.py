"""The live page, its pieces for the script that keeps it fresh, and the two things that can be done from it."""

import asyncio
from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect
from sqlalchemy import Connection
from uuid_utils import uuid7

from tocsin.access.about import about_incident, about_person
from tocsin.access.permissions import Answer, Caller, Verb, allowed, may
from tocsin.core.incident import commands as cmd
from tocsin.engine.submission import Submission
from tocsin.engine.working import decode_state
from tocsin.lib.translate import text
from tocsin.store import people
from tocsin.store.queries.states import state_of
from tocsin.web.here import Asked, Here, here
from tocsin.web.layout.reader import Reader, reading
from tocsin.web.layout.render import fragment, page, trouble
from tocsin.web.pages.live.view import Gallery, Seen, mark
from tocsin.web.parts.words import Names

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
    asked, marks = _reading(request), frozenset(known.split(","))
    return Response(await asyncio.to_thread(_fresh, at, asked, viewer, incident, marks))


@post("/incidents/{incident:str}/{act:str}", status_code=200)
async def act(request: Asked, incident: FromPath[str], act: FromPath[str]) -> Response[Any]:
    """Acknowledge or resolve, for a person who is named."""
    at, viewer, asked = here(request), await _viewer(request), reading(request)
    if viewer is None:
        return Redirect("/signin", status_code=303)
    if act not in ACTS:
        return trouble(at.now(), asked, 404, "unknown")
    if not may(viewer, ACTS[act]):
        return trouble(at.now(), asked, 403, "forbidden")
    form = await request.form()
    by, world = str(form.get("by", "")), at.site.worlds.world()
    if by not in world.rulebook.people:
        return trouble(at.now(), asked, 400, "nobody")
    granted = await asyncio.to_thread(_granted, at, viewer, ACTS[act], incident, by)
    if granted != "yes":
        return trouble(at.now(), asked, *_REFUSALS[granted])
    said = text("web.resolved_here", {}, asked.language)
    command = cmd.Acknowledge(by) if act == "acknowledge" else cmd.Resolve(by, said)
    answer = await at.site.door.submit(Submission(str(uuid7()), command, incident))
    if answer.refused is not None and answer.refused.code in ("busy", "failed"):
        return trouble(at.now(), asked, 503, "busy")
    return Redirect("/" if form.get("back") == "/" else f"/incidents/{incident}", status_code=303)


async def _viewer(request: Asked) -> Caller | None:
    return await here(request).viewer(request)


async def _show(request: Asked, incident: str) -> Response[Any]:
    at, viewer = here(request), await _viewer(request)
    if viewer is None:
        return Redirect("/signin", status_code=303)
    return await asyncio.to_thread(_page, at, _reading(request), viewer, incident)


def _reading(request: Asked) -> Reader:
    return reading(request, here(request).site.worlds.world().rulebook.timezone)


def _page(at: Here, asked: Reader, viewer: Caller, incident: str) -> Response[str]:
    (seen, reader), world, now = _seen(at, asked, viewer, incident), at.site.worlds.world(), at.now()
    return page(
        "pages/live/live.html", now, reader, 404 if seen.missing else 200,
        organisation=world.rulebook.organisation, marks=_marks(seen), **_values(at, viewer, seen, incident),
    )  # fmt: skip


def _fresh(at: Here, asked: Reader, viewer: Caller, incident: str, known: frozenset[str]) -> dict[str, Any]:
    (seen, reader), now = _seen(at, asked, viewer, incident), at.now()
    values, marks = _values(at, viewer, seen, incident), _marks(seen)
    fresh = [name for name in PARTS if f"{name}-{marks[name]}" not in known]
    told = {name: [marks[name], fragment(f"pages/live/{name}.html", now, reader, **values)] for name in fresh}
    return {"now": now, "parts": told, "live": len(seen.rows)}


def _seen(at: Here, asked: Reader, viewer: Caller, incident: str) -> tuple[Seen, Reader]:
    world, now = at.site.worlds.world(), at.now()
    gallery = at.kept(Gallery)

    def query(connection: Connection) -> tuple[Seen, Reader]:
        reader = asked.known_as(people.find(connection, viewer.person)) if viewer.person else asked
        names = Names(people.names(connection), reader.language)
        return gallery.seen(connection, viewer, incident, world, now, names, demo=at.site.demo), reader

    return at.read(query)


def _marks(seen: Seen) -> dict[str, str]:
    return {
        "board": mark((seen.rows, seen.ended, seen.chosen)),
        "incident": mark((seen.detail, seen.people, seen.missing)),
        "outbox": mark(seen.letters),
    }


def _values(at: Here, viewer: Caller, seen: Seen, incident: str) -> dict[str, Any]:
    may_do = {name: may(viewer, verb) for name, verb in ACTS.items()}
    return {"seen": seen, "may": may_do, "demo": at.site.demo, "url": at.site.url, "viewer": viewer, "pinned": incident}


_REFUSALS = {"hidden": (404, "unknown"), "no": (403, "forbidden")}


def _granted(at: Here, viewer: Caller, verb: Verb, incident: str, by: str) -> Answer:
    """Whether they may do that with this incident, in that person's name."""
    body, rulebook = at.read(lambda connection: state_of(connection, incident)), at.site.worlds.world().rulebook
    granted = "hidden" if body is None else allowed(viewer, verb, about_incident(decode_state(body), rulebook))
    if granted != "yes" or by == viewer.person:
        return granted
    return allowed(viewer, "incident.speak-for", about_person(by, rulebook))
