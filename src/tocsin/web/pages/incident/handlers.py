"""The page of one incident, and what of it is new to a browser that has it open already."""

import asyncio
from typing import Any

from litestar import Response, get
from litestar.params import FromPath, FromQuery

from tocsin.core.catalogue.priority import PRIORITIES
from tocsin.store.queries.similar import LOOKED_AT
from tocsin.web.here import Asked, Here, here
from tocsin.web.layout.frame import Frame, framed
from tocsin.web.pages.incident.acts import ACTS, RELATIONS
from tocsin.web.pages.incident.choices import choices
from tocsin.web.pages.incident.view import Seen, mark, seen
from tocsin.web.parts.undo import UNDOABLE, deeds_of, undoable

__all__ = ["fresh", "show"]

PARTS = ("incident", "beside")


@get("/incidents/{incident:str}")
async def show(
    request: Asked,
    incident: FromPath[str],
    done: FromQuery[str] = "",
    undo: FromQuery[str] = "",
    every: FromQuery[str] = "",
) -> Response[str]:
    """That incident; `done` is the act that led here, which `undo` takes back; `every`: all its facts."""
    led = (done if done in ACTS else "", undo if done in UNDOABLE else "")
    return await asyncio.to_thread(_page, here(request), await framed(request), incident, led, bool(every))


@get("/incidents/{incident:str}/fresh")
async def fresh(
    request: Asked, incident: FromPath[str], known: FromQuery[str] = "", every: FromQuery[str] = ""
) -> Response[Any]:
    """The parts whose marks are not among those `known`, as `{name: [mark, html]}`, and what time it is here."""
    told = frozenset(known.split(","))
    return Response(await asyncio.to_thread(_fresh, here(request), await framed(request), incident, told, bool(every)))


def _page(at: Here, frame: Frame, incident: str, led: tuple[str, str], every: bool) -> Response[str]:
    found = seen(at, frame, incident, everything=every)
    if found is None:
        return frame.shown("pages/incident/missing.html", 404, incident=incident)
    done, undo = led
    back = undoable(at, frame, [one for one in deeds_of(undo) if one.incident == incident][:1])
    values = _values(at, frame, found)
    return frame.shown("pages/incident/page.html", marks=_marks(found), done=done, back=back, **values)


def _fresh(at: Here, frame: Frame, incident: str, known: frozenset[str], every: bool) -> dict[str, Any]:
    found = seen(at, frame, incident, everything=every)
    if found is None:
        return {"now": frame.now, "gone": True, "parts": {}}
    values, marks = _values(at, frame, found), _marks(found)
    new = [name for name in PARTS if f"{name}-{marks[name]}" not in known]
    pieces = {name: [marks[name], frame.piece(f"pages/incident/{name}.html", **values)] for name in new}
    return {"now": frame.now, "parts": pieces, "live": found.detail.row.live}


def _marks(found: Seen) -> dict[str, str]:
    return {
        "incident": mark((found.detail, found.offered, found.actors)),
        "beside": mark(
            (found.letters, found.reasons, found.similar, found.linked, found.offered, found.detail.row.seq)
        ),
    }


def _values(at: Here, frame: Frame, found: Seen) -> dict[str, Any]:
    return {
        "seen": found,
        "it": found.detail,
        "row": found.detail.row,
        "demo": at.site.demo,
        "me": frame.viewer.person,
        "priorities": PRIORITIES,
        "known_acts": ACTS,
        "looked_at": LOOKED_AT,
        "relations": RELATIONS,
        **choices(at, frame),
    }
