"""POST /api/v1/incidents/acts: one act on many incidents, each done and answered for itself; and all taken back"""

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
from tocsin.api.v1.acts import Undoing as Taken
from tocsin.api.v1.incidents import no_incident, visible
from tocsin.core.incident.state import Incident

UNDOABLE = ("acknowledge", "take-over", "accept", "resolve", "reassign", "snooze", "pending")
"""Acts that can be taken back."""

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
    """One answer for each id, in the order in which they were given. `undo` takes back all that were done.

    Example: {"results": [{"id": "INC-1", "status": 200, "seq": 8}], "undo": "INC-1:8"}
    """

    results: tuple[Done, ...]
    undo: str = ""


class Undoing(Struct, frozen=True, forbid_unknown_fields=True):
    """`undo` is what the answer to many acts gave; `by` as it was then.

    Example: {"undo": "INC-1:8,INC-2:5", "by": "ana"}
    """

    undo: str
    by: str = ""


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
    done = tuple([await _one(request, id_, wanted.act, order) for id_ in dict.fromkeys(wanted.ids)])
    undoable = wanted.act in UNDOABLE
    return AllDone(done, ",".join(f"{one.id}:{one.seq}" for one in done if undoable and one.seq is not None))


@post("/incidents/acts/undo", opt={"verb": "incident.bulk", "takes": Undoing}, status_code=200)
async def undo(request: Asked) -> AllDone:
    """Take back what was done to many, within 30 seconds; each is judged and answered for itself."""
    wanted = await body_of(request, Undoing)
    allow(caller_of(request), "incident.undo")
    acts = [_handle(one) for one in wanted.undo.split(",")]
    if len(acts) > MOST:
        raise invalid(f"undo: at most {MOST} of them.")
    return AllDone(tuple([await _one(request, id_, "undo", Taken(by=wanted.by, act=seq)) for id_, seq in acts]))


def _handle(text: str) -> tuple[str, int]:
    id_, _, seq = text.partition(":")
    if not id_ or not (seq.isascii() and seq.isdigit() and len(seq) < 10):
        raise invalid("undo: give what the answer to the acts gave.", "It looks like INC-1:8,INC-2:5.")
    return id_, int(seq)


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
