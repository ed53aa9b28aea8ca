"""What a reader sees of one incident: itself, what they may do to it, who was told, and what was like it before."""

from hashlib import sha256
from typing import Any

import msgspec
from msgspec import Struct
from sqlalchemy import Connection

from tocsin.access.about import about_incident
from tocsin.access.permissions import Caller, allowed, may, sees
from tocsin.core.incident.state import Incident
from tocsin.core.rulebook import Rulebook
from tocsin.core.world import World
from tocsin.engine.linked import existing, partners
from tocsin.engine.working import decode_event, decode_state
from tocsin.store import texts
from tocsin.store.queries import sent
from tocsin.store.queries.states import events_of, state_of
from tocsin.web.here import Here
from tocsin.web.layout.directory import Directory
from tocsin.web.layout.frame import Frame
from tocsin.web.layout.kept import Kept
from tocsin.web.pages.incident.acts import ACTS
from tocsin.web.pages.incident.detail import Detail, detail_of, keys_of
from tocsin.web.pages.incident.linking import LinkedView, linked, without_hidden
from tocsin.web.parts.acting import called_first, whoever
from tocsin.web.parts.letters import Causes, LetterView, causes_of, letters
from tocsin.web.parts.reasons import Reasons, reasons
from tocsin.web.parts.rows import Rows
from tocsin.web.parts.similar import Before, Similar
from tocsin.web.parts.words import Names

MESSAGES_SHOWN, EVENTS_SHOWN, ALL_EVENTS = 40, 200, 100_000


class Made(Struct, frozen=True):
    """What was made of one state of an incident, for everybody."""

    detail: Detail
    causes: Causes
    reasons: Reasons


class Seen(Struct, frozen=True):
    """One incident for one reader. `offered` are the acts that its state and their rights allow; `actors` are whom
    they may name, none where they act as themselves.
    """

    detail: Detail
    reasons: Reasons
    offered: tuple[str, ...]
    actors: tuple[tuple[str, str], ...]
    letters: tuple[LetterView, ...] | None
    similar: tuple[Before, ...]
    linked: tuple[LinkedView, ...]


class Details:
    """Makes them, and remembers what took work until it changes."""

    def __init__(self) -> None:
        self._known: Kept[tuple[str, int, str, str, int], tuple[World, Names, Made]] = Kept(128)

    def made(self, connection: Connection, at: Here, state: Incident, frame: Frame, names: Names, shown: int) -> Made:
        """Of that state."""
        world = at.site.worlds.world()
        key = (state.id, state.seq, names.language, frame.viewer.person or "", shown)
        known = self._known.get(key)
        if known is None or known[0] is not world or known[1].people is not names.people:
            past = [(row, decode_event(row.body)) for row in events_of(connection, state.id)]
            row = at.kept(Rows).row(state, world, names, frame.now)
            words = texts.find_all(connection, keys_of(state, past))
            facts = [event for _, event in past]
            made = Made(
                detail_of(state, row, past, words, world, frame.now, names, shown),
                causes_of(facts, names),
                reasons(facts, names, frame.viewer.person),
            )
            known = self._known.put(key, (world, names, made))
        return known[2]


def visible(connection: Connection, viewer: Caller, incident: str, world: World) -> Incident | None:
    """The state of an incident that exists for the viewer, else None."""
    body = state_of(connection, incident)
    state = None if body is None else decode_state(body)
    known = state is not None and state.status != "new" and sees(viewer, state, world.rulebook)
    return state if known else None


def seen(at: Here, frame: Frame, incident: str, *, everything: bool = False) -> Seen | None:
    """What that reader sees of it; None when there is no such incident for them."""
    return at.read(
        lambda connection: _seen(connection, at, frame, incident, ALL_EVENTS if everything else EVENTS_SHOWN)
    )


def _seen(connection: Connection, at: Here, frame: Frame, incident: str, shown: int) -> Seen | None:
    world, viewer, steady = at.site.worlds.world(), frame.viewer, at.site.clock.steady()
    state = visible(connection, viewer, incident, world)
    if state is None:
        return None
    names = Names(at.kept(Directory).names(connection, steady), frame.reader.language)
    made = at.kept(Details).made(connection, at, state, frame, names, shown)
    messages = None
    if may(viewer, "outbox.read"):
        found = sent.of_incident(connection, state.id, MESSAGES_SHOWN)
        messages = letters(found, made.causes, names, links=at.site.demo)
    there = existing(connection, viewer, {*made.detail.partners, *partners(state)}, world.rulebook)
    return Seen(
        detail=without_hidden(made.detail, there),
        reasons=made.reasons,
        offered=offered(viewer, state, world.rulebook),
        actors=whoever(viewer, world.rulebook, names, called_first(state)),
        letters=messages,
        similar=at.kept(Similar).of(connection, state, names, steady),
        linked=linked(state, there),
    )


def offered(viewer: Caller, state: Incident, book: Rulebook, *, whatever_stands: bool = False) -> tuple[str, ...]:
    """The acts that the viewer's rights and the incident's state allow; `whatever_stands`: their rights alone."""
    acts = ((name, act) for name, act in ACTS.items() if whatever_stands or act.offered(state))
    about = about_incident(state, book)
    return tuple(name for name, act in acts if allowed(viewer, act.verb, about) == "yes")


def mark(value: Any) -> str:
    """Changes when the value does, and with nothing else: not with the time."""
    return sha256(msgspec.json.encode(value)).hexdigest()[:16]
