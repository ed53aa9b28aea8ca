"""The rulebook in force: which version, who applied it and when, and its text, to read and to take away."""

import asyncio
from typing import Any

from litestar import MediaType, Response, get
from litestar.params import FromQuery
from sqlalchemy import Connection

from tocsin.store import rulebooks
from tocsin.store.rulebooks import Version
from tocsin.web.here import Asked, Here, here
from tocsin.web.layout.render import trouble
from tocsin.web.pages.settings.places import Seat, seated
from tocsin.web.parts.naming import naming
from tocsin.web.parts.words import name_of

__all__ = ["download", "show"]

EARLIER = 20
"""Versions that are listed."""


@get("/settings/rulebook")
async def show(request: Asked) -> Response[str]:
    """The version in force, and those before it."""
    return await asyncio.to_thread(_page, here(request), await seated(request, "rulebook"))


def _page(at: Here, seat: Seat) -> Response[str]:
    def query(connection: Connection) -> dict[str, Any]:
        names = naming(connection, at, seat.frame)
        known = rulebooks.recent(connection, EARLIER)
        return {"versions": [(one, name_of(one.applied_by, names)) for one in known]}

    book = at.site.worlds.world().rulebook
    counts = {
        "people": len(book.people), "teams": len(book.teams), "services": len(book.services),
        "policies": len(book.policies), "schedules": len(book.schedules), "criteria": len(book.criteria),
        "sources": len(book.sources), "slas": len(book.slas),
    }  # fmt: skip
    return seat.shown("rulebook", book=book, counts=counts, **at.read(query))


@get("/settings/rulebook/file")
async def download(request: Asked, version: FromQuery[int] = 0, name: FromQuery[str] = "") -> Response[Any]:
    """One file of one version, as it was applied."""
    at, seat = here(request), await seated(request, "rulebook")
    found = await at.gate.read(lambda connection: _version(connection, version))
    if found is None or name not in found.texts:
        return trouble(seat.frame.now, seat.frame.reader, 404, "unknown")
    plain = "".join(one if one.isalnum() or one in "._-" else "-" for one in name)
    headers = {"content-disposition": f'attachment; filename="{plain}"'}
    return Response(found.texts[name], media_type=MediaType.TEXT, headers=headers)


def _version(connection: Connection, number: int) -> Version | None:
    return rulebooks.find(connection, number) if 0 < number <= rulebooks.number(connection) else None
