"""What can still be taken back of what was just done, and for how long: the values of the bar that offers it."""

from collections.abc import Iterable, Sequence

from msgspec import Struct
from sqlalchemy import Connection

from tocsin.access.permissions import Caller, sees
from tocsin.core.ids import PersonId
from tocsin.core.incident.state import Incident
from tocsin.core.incident.undoing import UNDO_WITHIN
from tocsin.core.instant import SECOND, Instant
from tocsin.core.world import World
from tocsin.engine.working import decode_state
from tocsin.store.queries.states import events_of, state_of
from tocsin.web.here import Here
from tocsin.web.layout.frame import Frame
from tocsin.web.parts.acting import speaks_for

UNDOABLE = ("acknowledge", "take-over", "accept", "resolve", "reassign", "snooze", "pending")
"""The acts of a page that can be taken back."""

MOST = 200
"""Acts of one bar."""

LOOKED_AT = 200
"""Facts after an act that are looked at: more come in half a minute to nobody."""


class Deed(Struct, frozen=True):
    """An act by the seq of its last fact."""

    incident: str
    seq: int


class Undoable(Struct, frozen=True):
    """`deeds` as the form sends them; `left` whole seconds, of all of them the fewest."""

    deeds: str
    left: int


def deeds_of(text: str) -> list[Deed]:
    """`INC-1:8.INC-2:5`, as an address or a form says it; what cannot be meant is left out."""
    pairs = (one.partition(":") for one in text.split(".")[:MOST])
    return [Deed(id_, int(seq)) for id_, _, seq in pairs if seq.isascii() and seq.isdigit() and len(seq) < 10]


def told(deeds: Iterable[Deed]) -> str:
    """The same as text."""
    return ".".join(f"{one.incident}:{one.seq}" for one in deeds)


class Done(Struct, frozen=True):
    """What became of a deed: who did it, when, and how its incident stands now."""

    by: PersonId
    at: Instant
    state: Incident


def done_by(connection: Connection, deed: Deed, viewer: Caller, world: World) -> Done | None:
    """Who did it, and when; None where the viewer sees nothing of it, or it was not theirs."""
    body = state_of(connection, deed.incident)
    state = None if body is None else decode_state(body)
    if state is None or deed.seq < 1 or not sees(viewer, state, world.rulebook):
        return None
    first = next(events_of(connection, deed.incident, deed.seq - 1, 1), None)
    if first is None or first.actor not in world.rulebook.people:
        return None
    by = PersonId(first.actor)
    theirs = by == viewer.person if viewer.person is not None else speaks_for(viewer, by, world.rulebook)
    return Done(by, first.at, state) if theirs else None


def undoable(at: Here, frame: Frame, deeds: Sequence[Deed]) -> Undoable | None:
    """What of it whoever looks can still take back; None where that is nothing."""
    left = at.read(lambda connection: _left(connection, at, frame, deeds)) if deeds else {}
    return Undoable(told(left), min(left.values())) if left else None


def _left(connection: Connection, at: Here, frame: Frame, deeds: Sequence[Deed]) -> dict[Deed, int]:
    left, world = {}, at.site.worlds.world()
    for deed in deeds:
        found = done_by(connection, deed, frame.viewer, world)
        rest = 0 if found is None else (found.at + UNDO_WITHIN - frame.now) // SECOND
        if rest > 0 and not _undone(connection, deed):
            left[deed] = rest
    return left


def _undone(connection: Connection, deed: Deed) -> bool:
    return any(one.type == "undone" for one in events_of(connection, deed.incident, deed.seq, LOOKED_AT))
