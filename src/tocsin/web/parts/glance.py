"""Incidents as pages beside the board show them: those that exist for the viewer, in a line each."""

from collections.abc import Iterable

from msgspec import Struct
from sqlalchemy import Connection

from tocsin.access.permissions import Caller, privy, sees
from tocsin.core.incident.state import Incident
from tocsin.core.instant import Instant
from tocsin.core.rulebook import Rulebook
from tocsin.engine.working import decode_state
from tocsin.store.contract import ENDED
from tocsin.store.queries import board
from tocsin.store.queries.board import LIVE, Filter
from tocsin.store.queries.states import states_of
from tocsin.web.parts.words import Names, name_of

SECRETS = 200
"""Of the confidential live ones so many are counted for those who may know of them."""


class Glance(Struct, frozen=True):
    """One of them. `over` is when it ended."""

    id: str
    title: str
    priority: str
    status: str
    owner: str
    since: Instant
    over: Instant | None
    confidential: bool


def glance(state: Incident, names: Names) -> Glance:
    """An incident in a line."""
    owner = name_of(state.owner, names) if state.owner else ""
    over = None if state.live else state.resolved_at
    return Glance(
        state.id, state.title, state.priority, state.status, owner, state.opened_at, over, state.confidential
    )  # fmt: skip


def existing(connection: Connection, ids: Iterable[str], viewer: Caller, book: Rulebook) -> list[Incident]:
    """Those of them that exist for the viewer, in that order."""
    wanted = list(ids)
    states = states_of(connection, wanted)
    found = (decode_state(states[id_]) for id_ in wanted if id_ in states)
    return [state for state in found if sees(viewer, state, book)]


def of_service(
    connection: Connection, service: str, viewer: Caller, book: Rulebook, most: int
) -> tuple[list[Incident], list[Incident]]:
    """The live incidents of a service, the worst first; and those that ended last."""
    found = []
    for statuses in (LIVE, ENDED):
        wanted = Filter(statuses, service=service, confidential=privy(viewer))
        rows, _ = board.board(connection, wanted, most, states=False)
        found.append(existing(connection, [row.id for row in rows], viewer, book))
    return found[0], found[1]


def secrets(connection: Connection, viewer: Caller, book: Rulebook) -> list[Incident]:
    """The live confidential incidents that exist for the viewer."""
    if not privy(viewer):
        return []
    rows = board.confidential(connection, LIVE, SECRETS)
    return existing(connection, [row.id for row in rows], viewer, book)
