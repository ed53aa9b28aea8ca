"""Acknowledging many at once: each is put by itself, and each one's fate is told."""

import asyncio
from collections.abc import Iterable
from typing import Any

from litestar import Response, post
from litestar.response import Redirect
from msgspec import Struct
from uuid_utils import uuid7

from tocsin.access.about import about_incident
from tocsin.access.permissions import Caller, allowed, may
from tocsin.core.ids import PersonId
from tocsin.core.incident import commands as cmd
from tocsin.core.incident.state import Incident
from tocsin.engine.submission import Submission
from tocsin.engine.working import decode_state
from tocsin.store.queries.states import states_of
from tocsin.web.entrance import ForbiddenError, viewer_of
from tocsin.web.here import Asked, Here, here
from tocsin.web.pages.board.wanted import wanted
from tocsin.web.parts.acting import actor, called_first, speaks_for
from tocsin.web.parts.undo import Deed
from tocsin.web.parts.undo import told as told_deeds

__all__ = ["acknowledge"]

MOST = 200
"""Incidents of one act."""


class Picked(Struct, frozen=True):
    """An incident and the seq that was seen of it."""

    id: str
    seen: int | None


@post("/board/acknowledge", status_code=200)
async def acknowledge(request: Asked) -> Response[Any]:
    """Acknowledge what was picked, as oneself; where nobody is named, as whoever is being called for each."""
    at, viewer = here(request), viewer_of(request)
    if not may(viewer, "incident.bulk"):
        raise ForbiddenError
    form = await request.form()
    picked = [_picked(str(one)) for one in form.getall("incident", [])][:MOST]
    states = await asyncio.to_thread(_states, at, [one.id for one in picked])
    by = actor(viewer, form, at.site.worlds.world().rulebook)
    orders = [(one, _who(at, viewer, states[one.id], by)) for one in picked if one.id in states]
    told = await _put(at, [(one, person) for one, person in orders if person is not None])
    back = told.pop("undo")
    told["not"] = [one.id for one in picked if one.id not in (*told["did"], *told["late"])]
    told["undo"] = back
    if "application/json" in request.headers.get("accept", ""):
        return Response(told)
    view = wanted(dict(request.query_params))
    fate = "&".join(f"{name}={'.'.join(ids)}" for name, ids in told.items() if ids)
    return Redirect(f"/?{'&'.join(part for part in (view.query, fate) if part)}", status_code=303)


def _who(at: Here, viewer: Caller, state: Incident, by: PersonId | None) -> PersonId | None:
    """In whose name the viewer acknowledges that incident; None where they may not, or there is no such incident."""
    book = at.site.worlds.world().rulebook
    if allowed(viewer, "incident.acknowledge", about_incident(state, book)) != "yes":
        return None
    person = by or next(iter(called_first(state)), None)
    return person if person is not None and speaks_for(viewer, person, book) else None


async def _put(at: Here, orders: list[tuple[Picked, PersonId]]) -> dict[str, list[str]]:
    """`did`: theirs now, or seen by them too; `undo` takes that back. `late`: somebody was quicker, or it has ended."""
    given = [Submission(str(uuid7()), cmd.Acknowledge(by, seen=one.seen), one.id) for one, by in orders]
    answers = await at.site.door.submit_all(given)
    done = {answer.incident for answer in answers if answer.refused is None}
    after = await asyncio.to_thread(_states, at, done)
    taken = {
        one.id for one, by in orders if one.id in after and by in (after[one.id].owner, *after[one.id].acknowledged_by)
    }
    back = [Deed(answer.incident, answer.seq) for answer in answers if answer.incident in taken]
    did, late = [one.id for one, _ in orders if one.id in taken], [id_ for id_ in done if id_ not in taken]
    return {"did": did, "late": late, "undo": [told_deeds(back)] if back else []}


def _states(at: Here, ids: Iterable[str]) -> dict[str, Incident]:
    found = at.read(lambda connection: states_of(connection, list(ids)))
    return {id_: decode_state(body) for id_, body in found.items()}


def _picked(text: str) -> Picked:
    id_, _, seen = text.partition(":")
    return Picked(id_, int(seen) if seen.isascii() and seen.isdigit() and len(seen) < 10 else None)
