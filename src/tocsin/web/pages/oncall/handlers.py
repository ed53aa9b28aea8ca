"""The page itself: all schedules, or one, over a week or a month."""

import asyncio
from collections.abc import Mapping

from litestar import Response, get

from tocsin.core.calendar import zones
from tocsin.lib import moments
from tocsin.web.here import Asked, Here, here
from tocsin.web.layout.frame import Frame, framed
from tocsin.web.pages.oncall.offers import offers
from tocsin.web.pages.oncall.view import MOST, Viewing, charts, notice
from tocsin.web.pages.oncall.window import window
from tocsin.web.parts.naming import naming

__all__ = ["show"]


@get("/oncall")
async def show(request: Asked) -> Response[str]:
    """Who is on call, now and in the part of time that the query names."""
    frame = await framed(request)
    return await asyncio.to_thread(_shown, here(request), frame, dict(request.query_params))


def viewing(at: Here, frame: Frame, query: Mapping[str, str]) -> Viewing:
    """What the page and its forms are made with."""
    world, names = at.site.worlds.world(), at.read(lambda connection: naming(connection, at, frame))
    zone = frame.reader.zone if zones.known_zone(frame.reader.zone) else world.rulebook.timezone
    return Viewing(frame, world, names, window(query, zone, frame.now))


def _shown(at: Here, frame: Frame, query: Mapping[str, str]) -> Response[str]:
    seen, only = viewing(at, frame, query), query.get("schedule", "")
    found, known = charts(seen, only), sorted(seen.world.rulebook.schedules)
    return frame.shown(
        "pages/oncall/oncall.html",
        charts=found,
        shown=seen.shown,
        schedules=known,
        only=only if only in known else "",
        more=known[MOST:] if len(known) > MOST and not only else [],
        seen=seen,
        span=_span(seen),
        tail=f"&schedule={only}" if only in known else "",
        notice=notice(query, seen),
        offers=offers(seen),
        mine=next((one.now for one in found if seen.me in one.now.people), None),
        bare=[one.id for one in found if not one.now.people and not one.now.meant],
    )


def _span(seen: Viewing) -> str:
    """`January 2026`; `5 Jan 2026 – 11 Jan 2026`."""
    shown, language = seen.shown, seen.names.language
    if shown.view == "month":
        return moments.day(shown.start, shown.zone, "yMMMM", language=language)
    first, last = (
        moments.day(one.start, shown.zone, "yMMMd", language=language) for one in (shown.days[0], shown.days[-1])
    )
    return f"{first} – {last}"
