"""Whom a step may ever name, read off the rulebook: everybody whom it could mean at some time, away or not."""

from collections.abc import Iterable, Iterator

from tocsin.core.catalogue.people import ContactLadder
from tocsin.core.catalogue.target import Target
from tocsin.core.ids import PersonId, PolicyId, TeamId
from tocsin.core.instant import Duration
from tocsin.core.policy.policy import Policy
from tocsin.core.rulebook import Rulebook
from tocsin.core.steps import FunctionalStep, HandOver
from tocsin.lab.verifier.case import Case

People = frozenset[PersonId]
NOBODY: People = frozenset()


def teams_under(rulebook: Rulebook) -> dict[PolicyId, tuple[TeamId, ...]]:
    """The policies that something leads to, and the teams that may own an incident under each when it opens."""
    found: dict[PolicyId, dict[TeamId, None]] = {}
    for service in rulebook.services.values():
        found.setdefault(service.policy, {})[service.team] = None
    found.setdefault(rulebook.unrouted.policy, {})[rulebook.unrouted.team] = None
    everywhere = {service.team: None for service in rulebook.services.values()} | {rulebook.unrouted.team: None}
    for criterion in rulebook.criteria:
        if criterion.then.policy is not None:
            found.setdefault(criterion.then.policy, {}).update(everywhere)
    return {policy: tuple(teams) for policy, teams in found.items() if policy in rulebook.policies}


def walk(policy: Policy, team: TeamId, rulebook: Rulebook) -> Iterator[tuple[int, FunctionalStep, TeamId]]:
    """The functional steps in order, each with the team that owns the incident once it is entered."""
    for number, step in enumerate(policy.functional):
        if isinstance(step, HandOver):
            team = _behind(step.targets[0], team, rulebook)
        yield number, step, team


def all_of(targets: Iterable[Target], team: TeamId, case: Case) -> People:
    """Everybody whom any of the targets could mean."""
    return NOBODY.union(*(one_of(target, team, case) for target in targets))


def one_of(target: Target, team: TeamId, case: Case) -> People:
    """Everybody whom a target could mean while that team owns the incident; a channel is nobody."""
    book = case.rulebook
    match target.kind:
        case "person":
            return frozenset({PersonId(target.name)})
        case "schedule":
            return on_schedule(target.name, case)
        case "team":
            return of_team(target.name, case)
        case "role":
            role = book.roles.get(target.name)
            return NOBODY if role is None else all_of(role.holders, team, case)
        case "manager":
            return frozenset(_above(_owners(team, case), int(target.name), book))
        case "word":
            return _word(target.name, team, case)
        case _:
            return NOBODY


def of_team(name: str, case: Case) -> People:
    """Who is called for a team: whoever has turns on its schedule, or its members where it has none."""
    team = case.rulebook.teams.get(name)
    if team is None:
        return NOBODY
    return frozenset(team.members) if team.on_call is None else on_schedule(team.on_call, case)


def on_schedule(name: str, case: Case) -> People:
    """Everybody who ever has a turn on a schedule, by rotation or by override."""
    people: set[PersonId] = set()
    seen: set[str] = set()
    schedule = case.rulebook.schedules.get(name)
    while schedule is not None and schedule.id not in seen:
        seen.add(schedule.id)
        people |= {person for rotation in schedule.rotations for person in rotation.people if person}
        schedule = case.rulebook.schedules.get(schedule.follows or "")
    people |= {one.person for one in case.facts.overrides if one.schedule in seen and one.mode != "remove"}
    return frozenset(people)


def contact_of(person: PersonId, case: Case) -> ContactLadder:
    """How somebody is reached: their own ladder, else the rulebook's."""
    return case.facts.contact.get(person, case.rulebook.contact)


def last_ring(person: PersonId, urgent: bool, case: Case) -> Duration:
    """When the last way of somebody's ladder rings, from the start of a round; ways that they lack do not count."""
    ladder = contact_of(person, case)
    known = case.facts.methods.get(person)
    entries = ladder.urgent if urgent else ladder.routine
    kept = [one.after for one in entries if known is None or known.get(one.method, "broken") != "broken"]
    return max(kept, default=0)


def _behind(target: Target, team: TeamId, book: Rulebook) -> TeamId:
    """The team to which a hand-over gives the incident; the same where the target belongs to none."""
    if target.kind == "team":
        return TeamId(target.name)
    for other in book.teams.values():
        if target.kind == "person" and target.name in (*other.members, other.lead):
            return other.id
        if target.kind == "schedule" and target.name == other.on_call:
            return other.id
    return team


def _owners(team: TeamId, case: Case) -> People:
    """Who may own an incident of that team, or stands for it: its responders and its lead."""
    known = case.rulebook.teams.get(team)
    lead = frozenset() if known is None or known.lead is None else frozenset({known.lead})
    return of_team(team, case) | lead


def _above(people: Iterable[PersonId], levels: int, book: Rulebook) -> Iterator[PersonId]:
    for person in people:
        above: PersonId | None = person
        for _ in range(levels):
            known = book.people.get(above) if above is not None else None
            above = None if known is None else known.manager
        if above is not None:
            yield above


def _word(word: str, team: TeamId, case: Case) -> People:
    known = case.rulebook.teams.get(team)
    if known is None:
        return NOBODY
    match word:
        case "team" | "team.next" | "owner":
            return of_team(team, case)
        case "team.all":
            return frozenset(known.members)
        case "team.lead":
            return frozenset() if known.lead is None else frozenset({known.lead})
        case "stakeholders":
            services = [one for one in case.rulebook.services.values() if one.team == team]
            return NOBODY.union(*(all_of(one.stakeholders, team, case) for one in services))
        case _:
            return NOBODY
