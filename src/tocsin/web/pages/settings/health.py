"""Health: loops, store, disk, queues, roots, rulebook and channels of this installation, each with what helps."""

import asyncio

from litestar import Response, get

from tocsin import __version__
from tocsin.engine.wellbeing import look
from tocsin.web.here import Asked, here
from tocsin.web.pages.settings.places import seated

__all__ = ["show"]


@get("/settings/health")
async def show(request: Asked) -> Response[str]:
    """Everything that can be known cheaply."""
    at, seat = here(request), await seated(request, "health")
    found = await asyncio.to_thread(look, at.site)
    return seat.shown("health", it=found, version=__version__, demo=at.site.demo, url=at.site.url)
