"""POST /api/v1/incidents/acts: one act on many incidents; each is asked for, done and answered for itself"""

from typing import Any

import msgspec
from litestar import post
from litestar.concurrency import sync_to_thread
from msgspec import Struct

from tocsin.access.about import about_incident
from tocsin.api.here import Asked, allow, allow_with, caller_of, here
from tocsin.api.problem import Problem
from tocsin.api.reading import body_of, invalid
from tocsin.api.v1.acts import ACTS, perform
from tocsin.api.v1.incidents import no_incident, visible
from tocsin.core.incident.state import Incident

MOST = 200
"""Incidents of one request."""


class Acts(Struct, frozen=True, forbid_unknown_fields=True):
    """`order` is the body that the act takes for one incident.

    Example: {"ids": ["INC-1", "INC-2"], "act": "acknowledge", "order": {"by": "ana", "eta": "30m"}}
    """

    ids: tuple[str, ...]
    act: str
    order: dict[str, Any] = {}


class Done(Struct, frozen=True):
    """What became of one: `status` is what the act alone would have been answered with; `problem` its details."""

    id: str
    status: int
    seq: int | None = None
    problem: dict[str, Any] | None = None


class AllDone(Struct, frozen=True):
    """One answer for each id, in the order in which they were given."""

    results: tuple[Done, ...]


@post("/incidents/acts", opt={"verb": "incident.bulk", "takes": Acts}, status_code=200)
async def acts(request: Asked) -> AllDone:
    """Do one thing to many. With an Idempotency-Key each is done once, however often it is sent."""
    wanted = await body_of(request, Acts)
    known = ACTS.get(wanted.act)
    if known is None:
        raise invalid(f"act: there is no {wanted.act[:40]!r}.", f"There are {', '.join(ACTS)}.")
    if not 1 <= len(wanted.ids) <= MOST:
        raise invalid(f"ids: 1 to {MOST} of them.")
    allow(caller_of(request), known.verb)
    try:
        order = msgspec.convert(wanted.order, known.takes)
    except msgspec.ValidationError as error:
        raise invalid(f"order: {error}") from None
    return AllDone(tuple([await _one(request, id_, wanted.act, order) for id_ in dict.fromkeys(wanted.ids)]))


async def _one(request: Asked, incident: str, act: str, order: Any) -> Done:
    at, caller = here(request), caller_of(request)
    try:
        state: Incident = await sync_to_thread(at.read, lambda connection: visible(at, connection, request, incident))
        about = about_incident(state, at.site.worlds.world().rulebook)
        allow_with(caller, "incident.bulk", about, no_incident(incident))
        answer = await perform(request, state, act, order)
    except Problem as problem:
        return Done(incident, problem.status, problem=problem.members)
    return Done(incident, 200, answer.seq)
