"""What an incident is linked with, as far as it exists for whoever asks: a hidden one is neither shown nor counted."""

from collections.abc import Iterable

from sqlalchemy import Connection

from tocsin.access.permissions import Caller, sees
from tocsin.core.incident import events as ev
from tocsin.core.incident.state import Incident
from tocsin.core.rulebook import Rulebook
from tocsin.engine.working import decode_state
from tocsin.store.queries.states import states_of


def existing(connection: Connection, caller: Caller, ids: Iterable[str], rulebook: Rulebook) -> dict[str, Incident]:
    """Of those incidents the ones that exist for the caller."""
    wanted = frozenset(ids)
    states = ((id_, decode_state(body)) for id_, body in states_of(connection, wanted).items()) if wanted else ()
    return {id_: state for id_, state in states if state.status != "new" and sees(caller, state, rulebook)}


def partner(event: ev.Event) -> str:
    """The other incident of which a fact speaks, '' where it speaks of none: of a problem, or of this one alone."""
    if isinstance(event, ev.Linked):
        return "" if event.relation == "problem" else event.to
    return event.to if isinstance(event, ev.Unlinked) and not event.problem else ""


def partners(state: Incident) -> tuple[str, ...]:
    """The other incidents that it is linked with."""
    return tuple(one.to for one in state.linked if one.relation != "problem")


def hidden(connection: Connection, caller: Caller, facts: Iterable[ev.Event], rulebook: Rulebook) -> frozenset[str]:
    """The other incidents of which these facts speak and that do not exist for the caller: such facts are not told."""
    others = {other for event in facts if (other := partner(event))}
    return frozenset(others - existing(connection, caller, others, rulebook).keys())
