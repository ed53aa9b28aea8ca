"""One pure table: which role may do what; and who may know of a confidential incident."""

from collections.abc import Iterator
from typing import Literal

from msgspec import Struct

from tocsin.core.ids import PersonId
from tocsin.core.incident.state import Incident
from tocsin.core.rulebook import Rulebook

Role = Literal["viewer", "responder", "manager", "admin"]
ROLES: tuple[Role, ...] = ("viewer", "responder", "manager", "admin")
"""Each may do what those before it may."""

Verb = Literal[
    "incident.read",
    "oncall.read",
    "rulebook.read",
    "metrics.read",
    "incident.report",
    "incident.acknowledge",
    "incident.answer",
    "incident.resolve",
    "incident.escalate",
    "incident.reassign",
    "incident.snooze",
    "incident.note",
    "outbox.read",
    "incident.priority",
    "incident.close",
    "health.read",
    "rulebook.apply",
    "tokens.manage",
]

LEAST: dict[Verb, Role] = {
    "incident.read": "viewer",
    "oncall.read": "viewer",
    "rulebook.read": "viewer",
    "metrics.read": "viewer",
    "incident.report": "responder",
    "incident.acknowledge": "responder",
    "incident.answer": "responder",
    "incident.resolve": "responder",
    "incident.escalate": "responder",
    "incident.reassign": "responder",
    "incident.snooze": "responder",
    "incident.note": "responder",
    "outbox.read": "responder",
    "incident.priority": "manager",
    "incident.close": "manager",
    "health.read": "manager",
    "rulebook.apply": "admin",
    "tokens.manage": "admin",
}
"""The least role for each verb."""

AUDITORS = "security-audit"
"""The team or role that may know of every confidential incident."""


class Caller(Struct, frozen=True):
    """Whoever asks: a token by its name, or a person who is signed in."""

    name: str
    role: Role
    person: PersonId | None = None

    @property
    def by(self) -> str:
        """How events name them."""
        return self.person or f"token:{self.name}"


def may(role: Role, verb: Verb) -> bool:
    """Whether a role is enough for a verb."""
    return ROLES.index(role) >= ROLES.index(LEAST[verb])


def sees(caller: Caller, state: Incident, rulebook: Rulebook) -> bool:
    """Whether an incident exists for the caller; a confidential one only for those it concerns, admins or not."""
    if not state.confidential:
        return True
    return caller.person is not None and caller.person in set(concerned(state, rulebook))


def concerned(state: Incident, rulebook: Rulebook) -> Iterator[PersonId]:
    """Who was paged, asked or named by it, the owning team and its lead, and the auditors."""
    yield from (PersonId(person) for person in state.carried)
    yield from state.acknowledged_by
    yield from (one.person for one in state.rounds)
    yield from (person for request in state.requests for person in request.asked)
    if state.owner is not None:
        yield state.owner
    for name in (state.team, AUDITORS):
        team = rulebook.teams.get(name)
        if team is not None:
            yield from (*team.members, *((team.lead,) if team.lead else ()))
    auditors = rulebook.roles.get(AUDITORS)
    yield from (PersonId(one.name) for one in (auditors.holders if auditors else ()) if one.kind == "person")
