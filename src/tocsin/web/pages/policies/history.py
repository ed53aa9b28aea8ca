"""Every version of the rulebook: who put it in force, when and why, and what differs between any two."""

import asyncio
from typing import Any

from litestar import Response, get
from litestar.params import FromPath, FromQuery
from sqlalchemy import Connection

from tocsin.access.permissions import may
from tocsin.store import rulebooks
from tocsin.web.here import Asked, Here, here
from tocsin.web.layout.frame import Frame, framed
from tocsin.web.layout.render import trouble
from tocsin.web.pages.policies.comparing import compared
from tocsin.web.parts.naming import naming
from tocsin.web.parts.words import name_of

__all__ = ["difference", "version", "versions"]

SHOWN = 30
"""Versions on one page."""

MOST = 1 << 31


@get("/rulebook/versions")
async def versions(request: Asked, below: FromQuery[int] = 0) -> Response[str]:
    """All of them, the newest first; `below` goes on with the older ones."""
    at, frame = here(request), await framed(request)
    found = await asyncio.to_thread(at.read, lambda connection: _listed(connection, at, frame, below))
    return frame.shown("pages/policies/versions.html", **found)


@get("/rulebook/versions/{number:int}")
async def version(request: Asked, number: FromPath[int]) -> Response[str]:
    """One of them: its texts, and what it changed."""
    at, frame = here(request), await framed(request)
    return await asyncio.to_thread(_compared, at, frame, number - 1, number, "version")


@get("/rulebook/difference")
async def difference(request: Asked, old: FromQuery[int] = 0, new: FromQuery[int] = 0) -> Response[str]:
    """What differs between two of them."""
    at, frame = here(request), await framed(request)
    return await asyncio.to_thread(_compared, at, frame, old, new, "difference")


def _listed(connection: Connection, at: Here, frame: Frame, below: int) -> dict[str, Any]:
    names = naming(connection, at, frame)
    found = rulebooks.headings(connection, SHOWN + 1, below if 0 < below < MOST else None)
    rows = [(one, name_of(one.applied_by, names)) for one in found[:SHOWN]]
    older = found[SHOWN - 1].version if len(found) > SHOWN else None
    return {"rows": rows, "older": older, "current": rulebooks.number(connection), "applies": _applies(frame)}


def _compared(at: Here, frame: Frame, old: int, new: int, template: str) -> Response[str]:
    def query(connection: Connection) -> tuple[Any, Any, int, str]:
        before, after = (rulebooks.find(connection, one) if 0 < one < MOST else None for one in (old, new))
        who = "" if after is None else name_of(after.applied_by, naming(connection, at, frame))
        return before, after, rulebooks.number(connection), who

    before, after, current, who = at.read(query)
    if after is None or (before is None and template == "difference"):
        return trouble(frame.now, frame.reader, 404, "unknown")
    values = {"after": after, "before": before, "current": current, "who": who, "applies": _applies(frame)}
    return frame.shown(f"pages/policies/{template}.html", compared=compared(before, after), **values)


def _applies(frame: Frame) -> bool:
    return may(frame.viewer, "rulebook.apply")
