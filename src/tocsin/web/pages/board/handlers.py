"""The board, and what of it is new to a browser that has it open already."""

import asyncio
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from litestar import MediaType, Response, get
from markupsafe import Markup
from msgspec import Raw, json

from tocsin.access.permissions import may
from tocsin.core.catalogue.priority import PRIORITIES
from tocsin.core.incident.undoing import UNDO_WITHIN
from tocsin.core.instant import SECOND
from tocsin.store.queries.board import SOUGHT
from tocsin.web.here import Asked, Here, here
from tocsin.web.layout.directory import Directory
from tocsin.web.layout.frame import Frame, framed
from tocsin.web.pages.board.answers import Answers, Told
from tocsin.web.pages.board.lists import COUNTED, Faults, Turns
from tocsin.web.pages.board.view import Seen, seen
from tocsin.web.pages.board.wanted import STATUSES, Wanted, wanted
from tocsin.web.parts.acting import whoever
from tocsin.web.parts.rows import Shaped
from tocsin.web.parts.undo import deeds_of, undoable
from tocsin.web.parts.words import Names

__all__ = ["board", "fresh"]

PIECES = ("head", "tail")
KEYS = (*((one, one) for one in "jkxareu"), ("enter", "Enter"), ("slash", "/"), ("question", "?"))
"""What the script hears, and how it is written on the key."""


@get("/")
async def board(request: Asked) -> Response[str]:
    """The whole board."""
    at, frame = here(request), await framed(request)
    async with at.kept(Turns).few:
        return await asyncio.to_thread(_whole, at, frame, dict(request.query_params))


@get("/board/fresh")
async def fresh(request: Asked) -> Response[bytes]:
    """Pieces and rows whose marks are not among those `known`, the order of all rows, and what time it is here."""
    at, frame, query = here(request), await framed(request), dict(request.query_params)
    view, known = wanted(query), frozenset(query.get("known", "").split(","))
    told = await at.kept(Answers).told(at, frame, view, lambda: _told(at, frame, view))
    return Response(told.but(known, frame.now, frame.reader.language), media_type=MediaType.JSON)


def _whole(at: Here, frame: Frame, query: Mapping[str, str]) -> Response[str]:
    view = wanted(query)
    found = seen(at, frame, view)
    book, values = at.site.worlds.world().rulebook, _values(at, frame, found, view)
    pieces = {name: frame.piece(f"pages/board/{name}.html", **values) for name in PIECES}
    return frame.shown(
        "pages/board/board.html",
        rows=_filled(found.rows, frame),
        pieces={name: Markup(html) for name, html in pieces.items()},  # noqa: S704  made by our own templates
        marks={name: _mark(html) for name, html in pieces.items()},
        teams=sorted(book.teams),
        services=sorted(book.services),
        priorities=PRIORITIES,
        actors=_actors(at, frame),
        acts=may(frame.viewer, "incident.bulk"),
        notice=_notice(query),
        back=undoable(at, frame, deeds_of(query.get("undo", ""))),
        within=UNDO_WITHIN // SECOND,
        sought=SOUGHT,
        keys=KEYS,
        **values,
    )


def _told(at: Here, frame: Frame, view: Wanted) -> Told:
    found = seen(at, frame, view, followed=True)
    values = _values(at, frame, found, view)
    pieces = {name: frame.piece(f"pages/board/{name}.html", **values) for name in PIECES}
    marked = {name: (_mark(html), html) for name, html in pieces.items()}
    return Told(
        found.waiting,
        Raw(json.encode([one.row.id for one in found.rows])),
        tuple((f"{one.row.id}.{one.mark}", one) for one in found.rows),
        tuple((f"{name}.{piece[0]}", name, piece) for name, piece in marked.items()),
    )


def _values(at: Here, frame: Frame, found: Seen, view: Wanted) -> dict[str, Any]:
    may_look = may(frame.viewer, "health.read")
    return {
        "seen": found,
        "view": view,
        "statuses": STATUSES,
        "counted": COUNTED,
        "ended": _filled(found.ended, frame),
        "faults": at.kept(Faults).of(at.site.ready, at.site.clock.steady()) if may_look else [],
        "url": at.site.url,
        "more": view.but(after=found.end).address if found.end is not None else "",
    }


def _filled(rows: tuple[Shaped, ...], frame: Frame) -> Markup:
    return Markup("\n".join(one.filled(frame.now, frame.reader.language) for one in rows))  # noqa: S704  made by our own template


def _actors(at: Here, frame: Frame) -> tuple[tuple[str, str], ...]:
    return whoever(
        frame.viewer, at.site.worlds.world().rulebook, Names(at.kept(Directory).latest, frame.reader.language)
    )


def _mark(html: str) -> str:
    return sha256(html.encode()).hexdigest()[:12]


def _notice(query: Mapping[str, str]) -> dict[str, str]:
    """What became of a bulk act, as its redirect says it: ids, and nothing else that anybody could write there."""
    told = {name: query.get(name, "")[:2000].split(".") for name in ("did", "late", "not", "undone", "kept")}
    return {name: ", ".join(one for one in ids if _is_id(one)) for name, ids in told.items()}


def _is_id(text: str) -> bool:
    prefix, _, number = text.partition("-")
    return prefix.isascii() and prefix.isupper() and number.isascii() and number.isdigit()
