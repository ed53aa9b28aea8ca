"""What facts say besides: when messages were due, which had not left yet, and which steps gave way."""

from collections.abc import Sequence

from msgspec import Struct

from tocsin.core.incident import events as ev
from tocsin.core.incident.evolve import evolve, initial
from tocsin.core.incident.outgoing import outgoing, withdrawn
from tocsin.core.instant import Instant
from tocsin.core.outgoing import Message


class Past(Struct, frozen=True):
    """One fact, and who put the command that it followed from."""

    event: ev.Event
    by: str = ""


def dues(incident: str, past: Sequence[Past]) -> dict[str, Instant]:
    """When each message was meant to leave, by its id."""
    state = initial(incident)
    found: dict[str, Instant] = {}
    for one in past:
        state = evolve(state, one.event)
        found |= {message.id: message.due_at for message in outgoing(one.event, state)}
    return found


def on_their_way(incident: str, past: Sequence[Past]) -> int:
    """How many messages were due by the last fact and had neither gone out nor been withdrawn."""
    state, waiting = initial(incident), dict[str, Message]()
    for one in past:
        state = evolve(state, one.event)
        for needless in withdrawn(one.event, state):
            waiting = {name: message for name, message in waiting.items() if not needless.means(message)}
        waiting |= {message.id: message for message in outgoing(one.event, state)}
        if isinstance(one.event, ev.Delivery) and one.event.outcome != "passing":
            waiting.pop(one.event.message, None)
    return sum(message.due_at <= past[-1].event.at for message in waiting.values())


def missed(incident: str, past: Sequence[Past]) -> set[int]:
    """Management's steps that gave way to a later one fired before its time: no fact tells that they did not apply."""
    state = initial(incident)
    found: set[int] = set()
    for one in past:
        event = one.event
        if isinstance(event, ev.RungFired) and event.why.key in _BEFORE_ITS_TIME and state.status == "open":
            found |= {n for n, rung in enumerate(state.hierarchical[: event.index]) if rung.state == "planned"}
        state = evolve(state, event)
    return found


_BEFORE_ITS_TIME = frozenset({"rung.empty", "rung.exhausted", "escalate.by"})
