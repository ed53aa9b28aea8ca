"""From facts and deliveries to the kit's lines, which know no names of facts."""

from collections.abc import Iterable, Iterator, Sequence

from tocsin.core.incident import events as ev
from tocsin.core.incident.evolve import evolve, initial
from tocsin.core.incident.state import Incident
from tocsin.core.instant import Instant
from tocsin.core.outgoing import Message
from tocsin.lab.kit.lines import MESSAGES, Line


def standing(incident: int, events: Iterable[ev.Event]) -> Iterator[Line]:
    """How an incident stands after each instant at which that changed."""
    state, before, at = initial(f"INC-{incident}"), _stands(initial("")), 0
    for event in events:
        if event.at != at:
            yield from _changes(incident, at, before, _stands(state))
            before, at = _stands(state), event.at
        state = evolve(state, event)
    yield from _changes(incident, at, before, _stands(state))


def _stands(state: Incident) -> dict[str, str]:
    return {
        "status": state.status,
        "owner": state.owner or "nobody",
        "priority": state.priority if state.status != "new" else "",
        "team": state.team,
        "policy": state.policy,
        "confidential": "yes" if state.confidential else "no",
    }


def _changes(incident: int, at: Instant, before: dict[str, str], after: dict[str, str]) -> Iterator[Line]:
    for name, value in after.items():
        if value != before[name]:
            yield Line(at, incident, name, value)


def arrivals(number: dict[str, int], sent: Sequence[tuple[Message, Instant]]) -> Iterator[Line]:
    """Whatever reached somebody; `number` knows incidents by their id."""
    for message, at in sent:
        kind = message.purpose.replace("_", "-")
        if message.incident in number and kind in MESSAGES:
            yield Line(at, number[message.incident], kind, message.to, message.method)
