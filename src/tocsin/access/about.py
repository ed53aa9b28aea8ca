"""What a permission is about: whose an object is, whom it concerns, and whether it is confidential."""

from collections.abc import Iterator

from msgspec import Struct

from tocsin.core.ids import PersonId, ScheduleId, ServiceId, TeamId
from tocsin.core.incident.state import Incident
from tocsin.core.rulebook import Rulebook

AUDITORS = "security-audit"
"""The team or role of the rulebook whose people may know of every confidential incident, as the role here may."""


class About(Struct, frozen=True):
    """The facts of one object that decide who may do what with it.

    `teams` own it; `people` are those whom it pages, asks or names, or whose it is; `readers` may know of it besides,
    though it is none of theirs. `id` is an incident's, for those who have broken the glass.
    """

    teams: frozenset[TeamId] = frozenset()
    people: frozenset[str] = frozenset()
    readers: frozenset[str] = frozenset()
    confidential: bool = False
    id: str = ""


def about_incident(state: Incident, rulebook: Rulebook) -> About:
    """An incident: its team's; it concerns whom it paged, asked or named, and who owns or acknowledged it."""
    readers = frozenset(_auditors(rulebook)) if state.confidential else frozenset()
    return About(frozenset((state.team,)), frozenset(_named(state)), readers, state.confidential, state.id)


def _named(state: Incident) -> Iterator[PersonId]:
    yield from (PersonId(person) for person in state.carried)
    yield from state.acknowledged_by
    yield from (one.person for one in state.rounds)
    yield from (person for request in state.requests for person in request.asked)
    if state.owner is not None:
        yield state.owner


def _auditors(rulebook: Rulebook) -> Iterator[str]:
    team, role = rulebook.teams.get(AUDITORS), rulebook.roles.get(AUDITORS)
    if team is not None:
        yield from (*team.members, *((team.lead,) if team.lead else ()))
    yield from (one.name for one in (role.holders if role else ()) if one.kind == "person")


def about_person(person: str, rulebook: Rulebook) -> About:
    """A person and what belongs to them: contacts, absences. It is their own, and in the care of their teams."""
    return About(teams_of(person, rulebook), frozenset((person,)))


def about_schedule(schedule: str, rulebook: Rulebook) -> About:
    """A schedule and its overrides: it belongs to the teams that are on call by it."""
    wanted = ScheduleId(schedule)
    return About(frozenset(team.id for team in rulebook.teams.values() if team.on_call == wanted))


def about_service(service: str, rulebook: Rulebook) -> About:
    """A service: its team's."""
    known = rulebook.services.get(ServiceId(service))
    return About() if known is None else About(frozenset((known.team,)))


def teams_of(person: str | None, rulebook: Rulebook) -> frozenset[TeamId]:
    """The teams that somebody is a member or the lead of."""
    if person is None:
        return frozenset()
    wanted = PersonId(person)
    return frozenset(team.id for team in rulebook.teams.values() if wanted in team.members or wanted == team.lead)
