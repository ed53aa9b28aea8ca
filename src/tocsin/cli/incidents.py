"""Incidents as the command line shows them: read from the store, whether or not a server runs."""

import os
import re
from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from tocsin.access.permissions import Caller, sees
from tocsin.api.v1.plain import when
from tocsin.api.v1.views import Line, Whole, line, whole
from tocsin.cli.output import MistakeError
from tocsin.cli.reading import methods, opened
from tocsin.cli.telling import tell
from tocsin.core.ids import PersonId
from tocsin.core.incident.state import Incident
from tocsin.core.instant import Instant
from tocsin.core.world import World
from tocsin.engine.clock import SystemClock
from tocsin.engine.working import decode_event, decode_state
from tocsin.engine.worlds import NoRulebookError, StoredWorlds
from tocsin.store import people, texts
from tocsin.store.contract import ENDED
from tocsin.store.queries.board import LIVE, Filter, board
from tocsin.store.queries.sent import Sent, of_incident
from tocsin.store.queries.states import Event, events_of, state_of

STATUSES: Mapping[str, tuple[str, ...]] = {
    "live": LIVE,
    "ended": ENDED,
    "all": LIVE + ENDED,
    **{status: (status,) for status in LIVE + ENDED},
}


class Seen(Struct, frozen=True):
    """One incident with all that is shown of it."""

    state: Incident
    text: str
    events: tuple[Event, ...]
    messages: tuple[Sent, ...]


class HiddenError(MistakeError):
    """There is no such incident, as far as whoever asks may know."""


class View(Struct, frozen=True):
    """What a database held when it was looked at: incidents, and the world they stand in."""

    world: World
    now: Instant
    names: dict[str, str]
    states: tuple[Incident, ...] = ()
    seen: Seen | None = None

    @property
    def zone(self) -> str:
        """The organisation's zone."""
        return self.world.rulebook.timezone


def incident_id(text: str) -> str:
    """`INC-7` of `inc-7` or `7`."""
    match = re.fullmatch(r"(?:inc-)?(\d+)", text.strip(), re.IGNORECASE)
    if match is None:
        raise MistakeError(
            f"{text!r} is not the id of an incident", "write INC-7, or 7; tocsin incident list shows them"
        )
    return f"INC-{int(match[1])}"


def many(database: str, status: str, limit: int) -> View:
    """The incidents of a status; confidential ones are left out."""
    with opened(database) as ledger:
        world, now = _world(ledger)
        with ledger.read() as connection:
            rows, _ = board(connection, Filter(STATUSES[status]), limit)
            return View(world, now, dict(people.names(connection)), tuple(decode_state(row.state) for row in rows))


def one(database: str, id_: str, person: str = "") -> View:
    """One incident. One that does not exist for this person is not there."""
    with opened(database) as ledger:
        world, now = _world(ledger)
        with ledger.read() as connection:
            body = state_of(connection, id_)
            state = None if body is None else decode_state(body)
            caller = Caller("local", "admin", PersonId(person) if person else None)
            if state is None or not sees(caller, state, world.rulebook):
                raise HiddenError(f"there is no incident {id_}", "tocsin incident list --status all shows them")
            long_text = texts.find(connection, state.text) if state.text else ""
            events, messages = tuple(events_of(connection, id_)), tuple(of_incident(connection, id_))
            seen = Seen(state, long_text, events, messages)
            return View(world, now, dict(people.names(connection)), (state,), seen)


def _world(ledger: Any) -> tuple[World, Instant]:
    clock = SystemClock()
    try:
        return StoredWorlds(ledger, clock, methods()).world(), clock.now()
    except NoRulebookError:
        raise MistakeError("no rulebook is in force", "run tocsin apply PATH") from None


def brief(view: View, state: Incident) -> Line:
    """One incident in a list, for programs: as the API has it."""
    return line(state, _url(state), state.at, view.world, view.now)


def full(view: View, seen: Seen) -> Whole:
    """Everything about one incident but timeline and messages, for programs: as the API has it."""
    past = [decode_event(event.body) for event in seen.events]
    return whole(seen.state, _url(seen.state), seen.text, past, view.world, view.now)


def told(view: View, event: Event) -> dict[str, Any]:
    """One event, for programs."""
    text = tell(decode_event(event.body), view.names)
    times = {"at": when(event.at), "due_at": when(event.due_at)}
    return {"seq": event.seq, **times, "type": event.type, "actor": event.actor, "text": text}


def message(sent: Sent) -> dict[str, Any]:
    """One message, for programs."""
    what = {"to": sent.person, "method": sent.method, "purpose": sent.purpose, "state": sent.state}
    return {"id": sent.id, **what, "due_at": when(sent.due_at), "sent_at": when(sent.sent_at)}


def _url(state: Incident) -> str:
    public = os.environ.get("TOCSIN_URL") or "http://127.0.0.1:8400"
    return f"{public.rstrip('/')}/incidents/{state.id}"
