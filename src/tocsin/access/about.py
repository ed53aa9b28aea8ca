"""What a permission is about: whose an object is, whom it concerns, and whether it is confidential."""

from msgspec import Struct

from tocsin.core.ids import PersonId, ScheduleId, ServiceId, TeamId
from tocsin.core.incident.knowing import auditors, concerned
from tocsin.core.incident.state import Incident
from tocsin.core.rulebook import Rulebook


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
    readers = frozenset(auditors(rulebook)) if state.confidential else frozenset()
    return About(frozenset((state.team,)), frozenset(concerned(state)), readers, state.confidential, state.id)


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
