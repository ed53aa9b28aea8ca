"""Who knows of an incident by what it is: those whom it called, asked or told, whoever had it, and the owning team."""

from collections.abc import Iterator

from tocsin.core.ids import PersonId
from tocsin.core.incident.state import Incident
from tocsin.core.rulebook import Rulebook

AUDITORS = "security-audit"
"""The team or role of the rulebook whose people may know of every confidential incident, as the role here may."""


def concerned(state: Incident) -> Iterator[PersonId]:
    """Whom it has reached, calls or asks, and who owns or acknowledged it."""
    yield from (PersonId(person) for person in state.carried)
    yield from state.acknowledged_by
    yield from (one.person for one in state.rounds)
    yield from (person for request in state.requests for person in request.asked)
    if state.owner is not None:
        yield state.owner


def auditors(rulebook: Rulebook) -> Iterator[str]:
    """Those who may know of everything that is confidential."""
    team, role = rulebook.teams.get(AUDITORS), rulebook.roles.get(AUDITORS)
    if team is not None:
        yield from (*team.members, *((team.lead,) if team.lead else ()))
    yield from (one.name for one in (role.holders if role else ()) if one.kind == "person")


def cleared(state: Incident, rulebook: Rulebook) -> frozenset[str]:
    """The people who may know of it where it is confidential."""
    team = rulebook.teams.get(state.team)
    own = () if team is None else (*team.members, *((team.lead,) if team.lead else ()))
    return frozenset((*concerned(state), *own, *auditors(rulebook)))
