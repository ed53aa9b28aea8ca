"""Taking back what was done to many at once: each is judged by itself, and each one's fate is told."""

import asyncio
from collections.abc import Sequence
from typing import Any

from litestar import Response, post
from litestar.response import Redirect
from sqlalchemy import Connection
from uuid_utils import uuid7

from tocsin.access.about import about_incident
from tocsin.access.permissions import Caller, allowed
from tocsin.core.incident import commands as cmd
from tocsin.engine.submission import Submission
from tocsin.web.entrance import viewer_of
from tocsin.web.here import Asked, Here, here
from tocsin.web.pages.board.wanted import wanted
from tocsin.web.parts.undo import Deed, deeds_of, done_by

__all__ = ["undo"]


@post("/board/undo", status_code=200)
async def undo(request: Asked) -> Response[Any]:
    """Take back these acts of one's own; those that cannot be are told."""
    at, viewer = here(request), viewer_of(request)
    form = await request.form()
    deeds = deeds_of(str(form.get("act", "")))
    orders = await asyncio.to_thread(at.read, lambda connection: _orders(connection, at, viewer, deeds))
    answers = await at.site.door.submit_all(orders)
    back = [one.incident for one in answers if one.refused is None]
    told = {"undone": back, "kept": [one.incident for one in deeds if one.incident not in back]}
    if "application/json" in request.headers.get("accept", ""):
        return Response(told)
    view = wanted(dict(request.query_params))
    fate = "&".join(f"{name}={'.'.join(ids)}" for name, ids in told.items() if ids)
    return Redirect(f"/?{'&'.join(part for part in (view.query, fate) if part)}", status_code=303)


def _orders(connection: Connection, at: Here, viewer: Caller, deeds: Sequence[Deed]) -> list[Submission]:
    world = at.site.worlds.world()
    found = [(one, done_by(connection, one, viewer, world)) for one in deeds]
    return [
        Submission(str(uuid7()), cmd.Undo(done.by, one.seq), one.incident)
        for one, done in found
        if done is not None and allowed(viewer, "incident.undo", about_incident(done.state, world.rulebook)) == "yes"
    ]
