"""Breaking the glass of a confidential incident: for an hour, with a reason, and not unnoticed."""

from litestar import post
from litestar.concurrency import sync_to_thread
from litestar.params import FromPath
from msgspec import Struct

from tocsin.access.permissions import sees
from tocsin.api.here import Asked, caller_of, here
from tocsin.api.problem import Problem
from tocsin.api.reading import body_of, invalid
from tocsin.api.v1.incidents import no_incident
from tocsin.api.v1.plain import when
from tocsin.engine.glass import break_glass
from tocsin.engine.working import decode_state
from tocsin.store.queries.states import state_of

LIMIT = 500
"""Characters of a reason."""


class Why(Struct, frozen=True, forbid_unknown_fields=True):
    """The reason is kept in the audit log."""

    reason: str


class Broken(Struct, frozen=True):
    """Until when the incident can be read."""

    incident: str
    until: str | None


@post("/incidents/{incident:str}/break-glass", opt={"verb": "incident.break-glass", "takes": Why}, status_code=201)
async def break_(request: Asked, incident: FromPath[str]) -> Broken:
    """Read one that does not exist for you; the audit log keeps it, and whoever it belongs to hears of it."""
    at, caller = here(request), caller_of(request)
    if not caller.account:
        raise Problem(403, "forbidden", "Only somebody who is signed in can break the glass.")
    reason = (await body_of(request, Why)).reason.strip()
    if not reason or len(reason) > LIMIT:
        raise invalid(f"reason: say why, in at most {LIMIT} characters.")
    world = at.site.worlds.world()
    body = await sync_to_thread(at.read, lambda connection: state_of(connection, incident))
    state = None if body is None else decode_state(body)
    if state is None or state.status == "new":
        raise no_incident(incident)
    if sees(caller, state, world.rulebook):
        raise Problem(409, "no-glass", "You can read it already.")
    opened = await sync_to_thread(break_glass, at.site.ledger, world, caller, state, reason, at.now())
    at.gate.forget()
    return Broken(incident, when(opened.until))
