"""Incidents, read: lists by urgency, one incident whole, its timeline. What is confidential does not exist here."""

from collections.abc import Iterator
from itertools import islice
from typing import Any, get_args

from litestar import get
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath, FromQuery
from msgspec import Struct
from sqlalchemy import Connection

from tocsin.access.permissions import privy, sees
from tocsin.api.here import Asked, Here, caller_of, here
from tocsin.api.problem import Problem
from tocsin.api.reading import invalid, time_of
from tocsin.api.v1.cursor import cursor_of, place_of
from tocsin.api.v1.linked import latest_update, links_of, update_of
from tocsin.api.v1.plain import data_of, when
from tocsin.api.v1.views import Line, Whole, line, whole
from tocsin.core.catalogue.priority import PRIORITIES
from tocsin.core.incident import events as ev
from tocsin.core.incident.state import Incident
from tocsin.core.incident.telling import tell
from tocsin.core.instant import Instant
from tocsin.core.signal import Kind
from tocsin.engine.linked import existing, hidden, partner, partners
from tocsin.engine.working import decode_event, decode_state
from tocsin.lib.translate import say
from tocsin.store import texts
from tocsin.store.codec import clean
from tocsin.store.contract import ENDED
from tocsin.store.queries.board import LIVE, Filter, Place, Row, board
from tocsin.store.queries.states import Event, events_of, state_of

STATUSES: dict[str, tuple[str, ...]] = {
    "live": LIVE,
    **{one: (one,) for one in (*LIVE, *ENDED)},
    "all": (*LIVE, *ENDED),
}
MOST = 200
"""Entries of one page."""

LOOKS = 20
"""So many times the length of a page is looked through for it, where not everything fits."""

KINDS: tuple[Kind, ...] = get_args(Kind)

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


class Asking(Struct, frozen=True):
    """Which incidents are asked for, as the query says it."""

    status: str
    team: str
    priority: str
    service: str
    owner: str
    kind: str
    text: str
    since: str
    until: str
    updated_since: str


def asking(
    status: FromQuery[str] = "live",
    team: FromQuery[str] = "",
    priority: FromQuery[str] = "",
    service: FromQuery[str] = "",
    owner: FromQuery[str] = "",
    kind: FromQuery[str] = "",
    text: FromQuery[str] = "",
    since: FromQuery[str] = "",
    until: FromQuery[str] = "",
    updated_since: FromQuery[str] = "",
) -> Asking:
    """The filters that list and export share."""
    return Asking(status, team, priority, service, owner, kind, text, since, until, updated_since)


ASKING = {"asked": Provide(asking, sync_to_thread=False)}
"""For routes that list incidents."""


@get("/incidents", opt={"verb": "incident.read"}, sync_to_thread=True, dependencies=ASKING)
def incidents(
    request: Asked,
    asked: NamedDependency[Asking],
    limit: FromQuery[int] = 50,
    cursor: FromQuery[str] = "",
) -> Page:
    """The worst and oldest first; ended ones newest first. Where few fit, a page may be short and still lead on."""
    limit = max(1, min(limit, MOST))
    at = here(request)
    found, end = look(request, asked, limit, place_of(cursor, Place))
    return Page(tuple(_line(at, *one) for one in found), None if end is None else cursor_of(end))


def look(
    request: Asked, asked: Asking, limit: int, after: Place | None
) -> tuple[list[tuple[Incident, Instant]], Place | None]:
    """The next incidents that fit and exist for the caller, when each last changed, and where to go on.

    Only what exists for the caller counts and is a place: neither tells that something was left out.
    """
    found: list[tuple[Incident, Instant]] = []
    with here(request).site.ledger.read() as connection:
        for looked, (state, row) in enumerate(_existing(connection, request, asked, limit + 1, after)):
            if len(found) == limit or looked == LOOKS * limit:
                return found, after
            if asked.kind in ("", state.kind):
                found.append((state, row.updated_at))
            after = Place(int(row.status not in LIVE), row.rank, row.opened_at, row.id)
    return found, None


def _existing(
    connection: Connection, request: Asked, asked: Asking, size: int, after: Place | None
) -> Iterator[tuple[Incident, Row]]:
    """What exists for the caller from a place on, read `size` at a time and then more."""
    at, caller = here(request), caller_of(request)
    wanted, rulebook = _filter(at, asked, privy(caller)), at.site.worlds.world().rulebook
    while True:
        rows, after = board(connection, wanted, size, after)
        states = ((decode_state(row.state), row) for row in rows)
        yield from (one for one in states if sees(caller, one[0], rulebook))
        if after is None:
            return
        size = min(2 * size, MOST)


def _filter(at: Here, asked: Asking, confidential: bool) -> Filter:
    if asked.status not in STATUSES:
        raise invalid(f"status: {asked.status!r} is none.", f"Write one of {', '.join(STATUSES)}.")
    if asked.priority and asked.priority not in PRIORITIES:
        raise invalid(f"priority: {asked.priority!r} is none.", "Write P1 to P5.")
    if asked.kind and asked.kind not in KINDS:
        raise invalid(f"kind: {asked.kind!r} is none.", f"Write one of {', '.join(KINDS)}.")
    now = at.now()
    return Filter(
        STATUSES[asked.status],
        clean(asked.team),
        asked.priority,
        confidential,
        service=clean(asked.service),
        text=clean(asked.text),
        owner=clean(asked.owner),
        since=time_of(asked.since, now, "since"),
        until=time_of(asked.until, now, "until"),
        updated_since=time_of(asked.updated_since, now, "updated_since"),
    )


def _line(at: Here, state: Incident, updated_at: int) -> Line:
    return line(state, f"{at.site.url}/incidents/{state.id}", updated_at, at.site.worlds.world(), at.now())


@get("/incidents/{incident:str}", opt={"verb": "incident.read"}, sync_to_thread=True)
def incident(request: Asked, incident: FromPath[str]) -> Whole:
    """One incident, with both ladders and what happens next."""
    return show(here(request), request, incident)


def show(at: Here, request: Asked, name: str) -> Whole:
    """The whole view of an incident that exists for the caller. Raises Problem 404."""

    def query(connection: Connection) -> tuple[Incident, list[ev.Event], dict[str, str], dict[str, Incident]]:
        state = visible(at, connection, request, name)
        past = [decode_event(event.body) for event in events_of(connection, name)]
        others = (*state.siblings, *([state.sibling_of] if state.sibling_of else []), *partners(state))
        there = existing(connection, caller_of(request), others, at.site.worlds.world().rulebook)
        keys = [key for key in (state.text, *(one.text for one in latest_update(past))) if key]
        return state, past, texts.find_all(connection, keys), there

    state, past, words, there = at.read(query)
    url, linked = f"{at.site.url}/incidents/", links_of(state, there, f"{at.site.url}/incidents/")
    update = next((update_of(one, words) for one in latest_update(past)), None)
    world, now = at.site.worlds.world(), at.now()
    return whole(state, url + state.id, words.get(state.text, ""), past, world, now, there, linked, update)


def visible(at: Here, connection: Connection, request: Asked, name: str) -> Incident:
    """The state of an incident that exists for the caller. Raises Problem 404, the same for what they may not know."""
    state = found(at, connection, request, name)
    if state is None:
        raise no_incident(name)
    return state


def found(at: Here, connection: Connection, request: Asked, name: str) -> Incident | None:
    """The state of an incident; None where it does not exist, or not for the caller."""
    body = state_of(connection, name)
    state = None if body is None or not name else decode_state(body)
    if state is None or state.status == "new" or not sees(caller_of(request), state, at.site.worlds.world().rulebook):
        return None
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
        return list(islice(_told(connection, request, incident, max(0, min(cursor, BEYOND)), limit + 1), limit + 1))

    events = at.read(query)
    more = str(events[limit - 1].seq) if len(events) > limit else None
    return Timeline(tuple(entry(event) for event in events[:limit]), more)


def _told(connection: Connection, request: Asked, incident: str, after: int, size: int) -> Iterator[Event]:
    """Its facts from a place on, read `size` at a time; what speaks of an incident that is hidden is left out."""
    rulebook = here(request).site.worlds.world().rulebook
    while True:
        kept = [(event, decode_event(event.body)) for event in events_of(connection, incident, after, size)]
        secret = hidden(connection, caller_of(request), [fact for _, fact in kept], rulebook)
        yield from (event for event, fact in kept if partner(fact) not in secret)
        if len(kept) < size:
            return
        after = kept[-1][0].seq


def entry(kept: Event) -> Entry:
    """One fact in words."""
    event = decode_event(kept.body)
    told = tell(event)
    late = None if kept.due_at is None else round((kept.at - kept.due_at) / 1e6, 3)
    why = "" if told.why is None else say(told.why)
    return Entry(
        kept.seq, when(kept.at), when(kept.due_at), late, kept.type, kept.actor, say(told.what), why, data_of(event)
    )  # fmt: skip
