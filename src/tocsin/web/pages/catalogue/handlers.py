"""The catalogue as a list that can be narrowed by its address, and the page of one service."""

import asyncio

from litestar import Response, get
from litestar.params import FromPath, FromQuery

from tocsin.access.permissions import may
from tocsin.core.catalogue.priority import PRIORITIES
from tocsin.core.ids import ServiceId
from tocsin.web.here import Asked, here
from tocsin.web.layout.frame import framed
from tocsin.web.layout.render import trouble
from tocsin.web.pages.catalogue.listing import Wanted, listing
from tocsin.web.pages.catalogue.view import seen

__all__ = ["catalogue", "service"]

LONGEST = 200


@get("/services")
async def catalogue(
    request: Asked, q: FromQuery[str] = "", team: FromQuery[str] = "", uncovered: FromQuery[str] = ""
) -> Response[str]:
    """All of them by team; `q` stands somewhere in a name, `team` owns them, `uncovered`: only those with gaps."""
    frame, wanted = await framed(request), Wanted(q[:LONGEST], team[:LONGEST], bool(uncovered))
    found = await asyncio.to_thread(listing, here(request), frame, wanted)
    return frame.shown("pages/catalogue/services.html", found=found, wanted=wanted)


@get("/services/{service:str}")
async def service(request: Asked, service: FromPath[str], priority: FromQuery[str] = "") -> Response[str]:
    """One of them; the ladders are drawn for `priority`."""
    at, frame = here(request), await framed(request)
    if service not in at.site.worlds.world().rulebook.services:
        return trouble(frame.now, frame.reader, 404, "unknown")
    chosen = next((one for one in PRIORITIES if one == priority), PRIORITIES[0])
    found = await asyncio.to_thread(seen, at, frame, ServiceId(service), chosen)
    return frame.shown("pages/catalogue/service.html", it=found, tries=may(frame.viewer, "rulebook.try"))
