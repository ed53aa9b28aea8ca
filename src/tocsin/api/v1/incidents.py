"""Incidents, read: lists by urgency, one incident whole, its timeline. What is confidential does not exist here."""

import base64
from typing import Any

import msgspec
from litestar import get
from litestar.params import FromPath, FromQuery
from msgspec import Struct
from sqlalchemy import Connection

from tocsin.access.permissions import privy, sees
from tocsin.api.here import Asked, Here, caller_of, here
from tocsin.api.problem import Problem
from tocsin.api.reading import invalid
from tocsin.api.v1.plain import data_of, when
from tocsin.api.v1.views import Line, Whole, line, whole
from tocsin.core.catalogue.priority import PRIORITIES
from tocsin.core.incident.state import Incident
from tocsin.core.incident.telling import tell
from tocsin.engine.working import decode_event, decode_state
from tocsin.lib.translate import say
from tocsin.store import texts
from tocsin.store.contract import ENDED
from tocsin.store.queries.board import LIVE, Filter, Place, board
from tocsin.store.queries.states import Event, events_of, state_of

STATUSES: dict[str, tuple[str, ...]] = {
    "live": LIVE,
    **{one: (one,) for one in (*LIVE, *ENDED)},
    "all": (*LIVE, *ENDED),
}
MOST = 200
"""Entries of one page."""

BEYOND = (1 << 31) - 1
"""More facts than any incident has; a database does not take every number."""


class Page(Struct, frozen=True):
    """Some incidents; `cursor` leads to the next ones, null at the end."""

    incidents: tuple[Line, ...]
    cursor: str | None


class Entry(Struct, frozen=True):
    """One fact: what happened, when, how late (seconds), and the data as they were recorded."""

    seq: int
    at: str | None
    due_at: str | None
    lateness: float | None
    type: str
    actor: str
    text: str
    why: str
    data: dict[str, Any]


class Timeline(Struct, frozen=True):
    """Facts in order; `cursor` leads to the next ones, null at the end."""

    events: tuple[Entry, ...]
    cursor: str | None


@get("/incidents", opt={"verb": "incident.read"}, sync_to_thread=True)
def incidents(
    request: Asked,
    status: FromQuery[str] = "live",
    team: FromQuery[str] = "",
    priority: FromQuery[str] = "",
    limit: FromQuery[int] = 50,
    cursor: FromQuery[str] = "",
) -> Page:
    """The worst and oldest first; ended ones newest first."""
    if status not in STATUSES:
        raise invalid(f"status: {status!r} is none.", f"Write one of {', '.join(STATUSES)}.")
    if priority and priority not in PRIORITIES:
        raise invalid(f"priority: {priority!r} is none.", "Write P1 to P5.")
    limit = max(1, min(limit, MOST))
    at, caller = here(request), caller_of(request)
    wanted, after = Filter(STATUSES[status], team, priority, privy(caller)), _place(cursor)
    rows, end = at.read(lambda connection: board(connection, wanted, limit, after))
    rulebook = at.site.worlds.world().rulebook
    states = [(decode_state(row.state), row.updated_at) for row in rows]
    found = tuple(_line(at, state, updated) for state, updated in states if sees(caller, state, rulebook))
    return Page(found, None if end is None else _cursor(end))


def _line(at: Here, state: Incident, updated_at: int) -> Line:
    return line(state, f"{at.site.url}/incidents/{state.id}", updated_at, at.site.worlds.world(), at.now())


def _cursor(place: Place) -> str:
    return base64.urlsafe_b64encode(msgspec.json.encode(place)).decode().rstrip("=")


def _place(cursor: str) -> Place | None:
    if not cursor:
        return None
    try:
        return msgspec.json.decode(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)), type=Place)
    except (ValueError, msgspec.MsgspecError):
        raise invalid("cursor: it is none of ours.", "Take it from the page before.") from None


@get("/incidents/{incident:str}", opt={"verb": "incident.read"}, sync_to_thread=True)
def incident(request: Asked, incident: FromPath[str]) -> Whole:
    """One incident, with both ladders and what happens next."""
    return show(here(request), request, incident)


def show(at: Here, request: Asked, name: str) -> Whole:
    """The whole view of an incident that exists for the caller. Raises Problem 404."""

    def query(connection: Connection) -> tuple[Incident, str, list[Event]]:
        state = visible(at, connection, request, name)
        return state, texts.find(connection, state.text) if state.text else "", list(events_of(connection, name))

    state, text, events = at.read(query)
    past = [decode_event(event.body) for event in events]
    return whole(state, f"{at.site.url}/incidents/{state.id}", text, past, at.site.worlds.world(), at.now())


def visible(at: Here, connection: Connection, request: Asked, name: str) -> Incident:
    """The state of an incident that exists for the caller. Raises Problem 404, the same for what they may not know."""
    body = state_of(connection, name)
    state = None if body is None or not name else decode_state(body)
    if state is None or state.status == "new" or not sees(caller_of(request), state, at.site.worlds.world().rulebook):
        raise no_incident(name)
    return state


def no_incident(name: str) -> Problem:
    """404: the one answer for what does not exist, and for what does not exist for the caller."""
    return Problem(404, "unknown", f"There is no incident {name[:80]}.")


@get("/incidents/{incident:str}/timeline", opt={"verb": "incident.read"}, sync_to_thread=True)
def timeline(
    request: Asked, incident: FromPath[str], limit: FromQuery[int] = MOST, cursor: FromQuery[int] = 0
) -> Timeline:
    """What happened, in order, with planned and actual times."""
    limit = max(1, min(limit, 1000))
    at = here(request)

    def query(connection: Connection) -> list[Event]:
        visible(at, connection, request, incident)
        return list(events_of(connection, incident, max(0, min(cursor, BEYOND)), limit + 1))

    events = at.read(query)
    more = str(events[limit - 1].seq) if len(events) > limit else None
    return Timeline(tuple(entry(event) for event in events[:limit]), more)


def entry(kept: Event) -> Entry:
    """One fact in words."""
    event = decode_event(kept.body)
    told = tell(event)
    late = None if kept.due_at is None else round((kept.at - kept.due_at) / 1e6, 3)
    why = "" if told.why is None else say(told.why)
    return Entry(
        kept.seq, when(kept.at), when(kept.due_at), late, kept.type, kept.actor, say(told.what), why, data_of(event)
    )  # fmt: skip
