"""What the page of a link shows: the incident as the addressed person may see it, and why it was them."""

from collections.abc import Sequence

from msgspec import Struct
from sqlalchemy import Connection

from tocsin.access.links import Link
from tocsin.core.incident import events as ev
from tocsin.core.incident.preview import preview
from tocsin.core.incident.state import Incident
from tocsin.core.instant import Instant
from tocsin.core.world import World
from tocsin.engine.working import decode_event, decode_state
from tocsin.store import people, texts
from tocsin.store.queries.states import events_of, state_of
from tocsin.web.pages.link.standing import Press, Standing, standing, taking
from tocsin.web.parts.coming import Coming, told
from tocsin.web.parts.references import Reference, references
from tocsin.web.parts.words import Names, called_now, name_of, names_of, spoken, zone_at

LABELS_SHOWN = 30


class Read(Struct, frozen=True):
    """What the store knows of the matter."""

    state: Incident
    past: tuple[ev.Event, ...]
    long_text: str
    names: dict[str, str]
    person: people.PersonRow | None


class Shown(Struct, frozen=True):
    """Everything on the page."""

    incident: str
    seq: int
    zone: str
    confidential: bool
    title: str
    priority: str
    status: str
    service: str
    since: Instant
    person: str
    owner: str
    until: Instant | None
    reason: str
    question: str
    standing: Standing
    undo: tuple[int, int] | None
    by: str
    mine: bool
    next: Coming | None
    calling: tuple[str, ...]
    text: str
    labels: tuple[tuple[str, str], ...]
    links: tuple[Reference, ...]


def read(connection: Connection, link: Link) -> Read | None:
    """The incident of a link and all that the page needs of it; None when there is no such incident."""
    body = state_of(connection, link.incident)
    state = None if body is None else decode_state(body)
    if state is None or state.status == "new":
        return None
    person = people.find(connection, link.person)
    return Read(
        state,
        tuple(decode_event(one.body) for one in events_of(connection, link.incident)),
        texts.find(connection, state.text) if state.text else "",
        dict(people.names(connection)),
        person,
    )


def shown(link: Link, found: Read, world: World, press: Press, language: str) -> Shown:
    """The page's values."""
    state, names, now = found.state, Names(found.names, language), press.at
    how = standing(link, state, found.past, press)
    return Shown(
        incident=state.id,
        seq=state.seq,
        zone=zone_at(state.team, world.rulebook),
        confidential=state.confidential,
        title=state.title,
        priority=state.priority,
        status=state.status,
        service=state.service or "",
        since=state.opened_at,
        person=name_of(link.person, names),
        owner=name_of(state.owner, names) if state.owner else "",
        until=state.lease.ends_at if state.lease is not None else None,
        reason=_reason(link, found.past, names),
        question=_question(link, found, names),
        standing=how,
        undo=taking(link, found.past, now) if how.mood == "yours" and not how.soft else None,
        by=name_of(how.by, names),
        mine=bool(how.by) and how.by == link.person,
        next=told(preview(state, world, now), names) if state.live else None,
        calling=names_of(called_now(state), names),
        text=found.long_text,
        labels=() if state.signal is None else tuple(sorted(state.signal.labels.items())[:LABELS_SHOWN]),
        links=references(state, world.rulebook, names),
    )


def _reason(link: Link, past: Sequence[ev.Event], names: Names) -> str:
    """Why this person: the last cause of their round of this purpose."""
    for event in reversed(past):
        if isinstance(event, ev.Paged):
            one = event.round
            if (one.person, one.purpose, one.request) == (link.person, link.purpose, link.request):
                return spoken(one.causes[-1], names)
    return ""


def _question(link: Link, found: Read, names: Names) -> str:
    """The words of the request, open or not."""
    if not link.request:
        return ""
    asked = (event.request for event in found.past if isinstance(event, ev.Asked))
    return next((spoken(one.text, names) for one in asked if one.id == link.request), "")
