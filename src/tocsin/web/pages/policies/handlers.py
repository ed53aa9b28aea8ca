"""The list of policies, and one of them with both ladders drawn."""

import asyncio
from typing import Any

from litestar import Response, get
from litestar.params import FromPath, FromQuery

from tocsin.access.permissions import may
from tocsin.config.passage import passage
from tocsin.core.catalogue.priority import PRIORITIES
from tocsin.core.ids import PolicyId
from tocsin.store import rulebooks
from tocsin.web.here import Asked, Here, here
from tocsin.web.layout.frame import Frame, framed
from tocsin.web.layout.render import trouble
from tocsin.web.pages.policies.drawing import draw, start_of
from tocsin.web.pages.policies.listing import listing, services_of
from tocsin.web.parts.naming import naming
from tocsin.web.parts.walltime import written

__all__ = ["policies", "policy"]


@get("/policies")
async def policies(request: Asked) -> Response[str]:
    """All of them."""
    at, frame = here(request), await framed(request)
    return await asyncio.to_thread(_all, at, frame)


@get("/policies/{policy:str}")
async def policy(
    request: Asked,
    policy: FromPath[str],
    service: FromQuery[str] = "",
    priority: FromQuery[str] = "",
    at: FromQuery[str] = "",
) -> Response[str]:
    """One of them; drawn for that service and priority, from that time on."""
    site, frame = here(request), await framed(request)
    book = site.rulebook()
    if book is None or policy not in book.policies:
        return trouble(frame.now, frame.reader, 404, "unknown")
    return await asyncio.to_thread(_one, site, frame, PolicyId(policy), (service, priority, at))


def _all(at: Here, frame: Frame) -> Response[str]:
    book = at.rulebook()
    names = at.read(lambda connection: naming(connection, at, frame))
    if book is None:
        return frame.shown("pages/policies/policies.html", lines=(), verdict=None)
    verdict = at.site.verdicts.of(book, at.site.worlds.world().facts, frame.now)
    tries = may(frame.viewer, "rulebook.try")
    lines = listing(book, verdict, names)
    return frame.shown("pages/policies/policies.html", lines=lines, verdict=verdict, tries=tries)


def _one(at: Here, frame: Frame, policy: PolicyId, asked: tuple[str, str, str]) -> Response[str]:
    world = at.site.worlds.world()
    names = at.read(lambda connection: naming(connection, at, frame))
    kept = at.read(rulebooks.latest)
    start = start_of(policy, world, frame.now, frame.reader.zone, asked)
    values: dict[str, Any] = {
        "it": world.rulebook.policies[policy],
        "drawing": draw(policy, start, world, names),
        "text": None if kept is None else passage(kept.texts, "policies", policy),
        "services": services_of(policy, world.rulebook),
        "priorities": PRIORITIES,
        "at": written(start.at, frame.reader.zone),
        "tries": may(frame.viewer, "rulebook.try"),
    }
    return frame.shown("pages/policies/policy.html", **values)
