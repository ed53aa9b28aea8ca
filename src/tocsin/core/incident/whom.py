"""Targets resolved to people, at the moment of paging and never before."""

from collections.abc import Iterable, Iterator

from msgspec import Struct

from tocsin.core.catalogue.people import Assign, Team
from tocsin.core.catalogue.target import Target
from tocsin.core.ids import PersonId, ScheduleId, TeamId
from tocsin.core.incident.calls import reachable
from tocsin.core.incident.turn import Turn
from tocsin.core.instant import Instant


class Group(Struct, frozen=True, gc=False):
    """Whom one target names now. `opens_at`: its team is closed until then.

    Unless `assign` is `everyone` they are called one after the other, in the order that it gave them; `team` is theirs.
    """

    people: tuple[PersonId, ...]
    assign: Assign = "everyone"
    opens_at: Instant | None = None
    team: TeamId | None = None


NOBODY = Group(())


def last_resort(turn: Turn, start: int) -> tuple[PersonId, ...]:
    """Everybody of the last resort to whom something leads, each once, beginning with the `start`-th.

    Those who are away are among them only when nobody is left who is not.
    """
    targets = turn.world.rulebook.last_resort
    there = [one for one in everybody(turn, targets, hours_given=True) if reachable(turn, one)]
    people = there or [one for target in targets for one in nominal(turn, target) if reachable(turn, one)]
    people = list(dict.fromkeys(people))
    first = start % len(people) if people else 0
    return tuple(people[first:] + people[:first])


def nominal(turn: Turn, target: Target) -> Iterator[PersonId]:
    """Whom a target means, away or not: who stands above them is asked in their place."""
    if target.kind == "person":
        yield PersonId(target.name)
    elif target.kind == "manager":
        yield from _managers(turn, int(target.name))
    elif target.kind == "team" and target.name in turn.world.rulebook.teams:
        yield from turn.world.rulebook.teams[target.name].members
    elif target.kind == "role" and target.name in turn.world.rulebook.roles:
        for holder in turn.world.rulebook.roles[target.name].holders:
            yield from nominal(turn, holder)
    elif target.name == "owner" and turn.state.owner is not None:
        yield turn.state.owner
    elif target.name == "team.lead" and (lead := lead_of(turn, turn.state.team)) is not None:
        yield lead


def there(turn: Turn, people: Iterable[PersonId]) -> tuple[PersonId, ...]:
    """Those of them who are present and to whom something leads."""
    return tuple(one for one in people if reachable(turn, one) and not turn.world.absent(one, turn.now))


def resolve(turn: Turn, target: Target, hours_given: bool = False, skills: tuple[str, ...] = ()) -> Group:
    """Whom `target` names at this moment; people who are away are never among them.

    A team outside its hours is empty, unless the step gives hours of its own (`hours_given`). `skills` put those who
    have them first and never leave anybody out.
    """
    match target.kind:
        case "person":
            person = PersonId(target.name)
            return NOBODY if turn.world.absent(person, turn.now) else Group((person,))
        case "channel":
            return Group((PersonId(f"channel:{target.name}"),))
        case "schedule":
            return _scheduled(turn, ScheduleId(target.name))
        case "team":
            return _team(turn, TeamId(target.name), hours_given, skills)
        case "role":
            return _role(turn, target.name, hours_given)
        case "manager":
            return _present(turn, _managers(turn, int(target.name)))
        case _:
            return _word(turn, target.name, hours_given, skills)


def everybody(turn: Turn, targets: Iterable[Target], hours_given: bool = False) -> tuple[PersonId, ...]:
    """All whom `targets` name, each once, in order."""
    people = (person for target in targets for person in resolve(turn, target, hours_given).people)
    return tuple(dict.fromkeys(people))


def owning_team_of(turn: Turn, target: Target) -> TeamId | None:
    """The team that a hand-over to `target` gives the incident to, or None where the target belongs to none.

    A person belongs to the team of which they are a member, else to the one that they lead.
    """
    teams = turn.world.rulebook.teams
    if target.kind == "word":
        return turn.state.team
    if target.kind == "team":
        return TeamId(target.name) if target.name in teams else None
    for team in teams.values():
        if target.kind == "person" and target.name in team.members:
            return team.id
        if target.kind == "schedule" and target.name == team.on_call:
            return team.id
    led = (team.id for team in teams.values() if target.kind == "person" and target.name == team.lead)
    return next(led, None)


def lead_of(turn: Turn, team: TeamId) -> PersonId | None:
    """The team's lead, present or not."""
    known = turn.world.rulebook.teams.get(team)
    return None if known is None else known.lead


def manager_of(turn: Turn, person: PersonId) -> PersonId | None:
    """The next one up."""
    known = turn.world.rulebook.people.get(person)
    return None if known is None else known.manager


def members(turn: Turn, team: TeamId) -> tuple[PersonId, ...]:
    """All members who are present."""
    known = turn.world.rulebook.teams.get(team)
    return () if known is None else _present(turn, known.members).people


def responders(turn: Turn, team: TeamId, by: int = 0) -> tuple[PersonId, ...]:
    """Who is called for a team: its on-call, or its members where it has no schedule. `by` takes the next turn."""
    known = turn.world.rulebook.teams.get(team)
    if known is None:
        return ()
    if known.on_call is None:
        return _next_members(turn, known) if by else _present(turn, known.members).people
    return _scheduled(turn, known.on_call, by).people


def _present(turn: Turn, people: Iterable[PersonId]) -> Group:
    absent, now = turn.world.absent, turn.now
    return Group(tuple([one for one in people if not absent(one, now)]))


def _scheduled(turn: Turn, schedule: ScheduleId, by: int = 0) -> Group:
    return turn.once(("on call", schedule, by), _on_call, schedule, by)


def _on_call(turn: Turn, schedule: ScheduleId, by: int) -> Group:
    if schedule not in turn.world.rulebook.schedules:
        return NOBODY
    duties = turn.world.roster(schedule, turn.now, by).duties
    return _present(turn, (duty.person for duty in duties))


def _role(turn: Turn, name: str, hours_given: bool) -> Group:
    """The first holder who is there and can be reached."""
    role = turn.world.rulebook.roles.get(name)
    for holder in role.holders if role else ():
        group = resolve(turn, holder, hours_given)
        if there(turn, group.people):
            return group
    return NOBODY


def _managers(turn: Turn, levels: int) -> list[PersonId]:
    """`levels` above the owner, else above the team's lead."""
    owner = turn.state.owner
    person = owner if owner in turn.world.rulebook.people else lead_of(turn, turn.state.team)
    for _ in range(levels):
        person = None if person is None else manager_of(turn, person)
    return [] if person is None else [person]


def _word(turn: Turn, word: str, hours_given: bool, skills: tuple[str, ...]) -> Group:
    team = turn.state.team
    match word:
        case "team":
            return _team(turn, team, hours_given, skills)
        case "team.next":
            return _shut(turn, team, hours_given) or Group(responders(turn, team, by=1))
        case "team.all":
            return _shut(turn, team, hours_given) or Group(members(turn, team))
        case "team.lead":
            lead = lead_of(turn, team)
            return NOBODY if lead is None else _present(turn, [lead])
        case "owner":
            owner = _present(turn, [turn.state.owner] if turn.state.owner else [])
            return owner if owner.people else Group(responders(turn, team))
        case "stakeholders":
            service = turn.world.rulebook.services.get(turn.state.service or "")
            return Group(everybody(turn, service.stakeholders if service else ()))
        case _:
            reporter = PersonId(turn.state.signal.reporter if turn.state.signal else "")
            return _present(turn, [reporter])


def _shut(turn: Turn, team: TeamId, hours_given: bool) -> Group | None:
    """Nobody, until it opens, when the team is closed now."""
    known = turn.world.rulebook.teams.get(team)
    hours = None if known is None or hours_given else turn.hours(known.hours)
    if hours is None or turn.world.is_open(turn.now, hours):
        return None
    return Group((), opens_at=turn.world.next_opening(turn.now, hours))


def _team(turn: Turn, name: TeamId, hours_given: bool, skills: tuple[str, ...]) -> Group:
    team = turn.world.rulebook.teams.get(name)
    if team is None:
        return NOBODY
    if team.on_call is None and team.assign != "everyone":  # whose turn it is depends on other work
        return _called(turn, team, hours_given, skills)
    return turn.once(("team", name, hours_given, skills), _called, team, hours_given, skills)


def _called(turn: Turn, team: Team, hours_given: bool, skills: tuple[str, ...]) -> Group:
    shut = _shut(turn, team.id, hours_given)
    if shut is not None:
        return shut
    if team.on_call is not None:
        return Group(_skilled(turn, responders(turn, team.id), skills))
    assign = "skilled" if skills and team.assign != "everyone" else team.assign
    return Group(_skilled(turn, _in_order(turn, team), skills), assign, team=team.id)


def _in_order(turn: Turn, team: Team) -> tuple[PersonId, ...]:
    """A team's members in the order in which `assign` calls them."""
    people = _present(turn, team.members).people
    if team.assign == "least_loaded":
        load = turn.world.surroundings.load
        return tuple(sorted(people, key=lambda one: load.get(one, 0)))
    if team.assign == "round_robin":
        return _present(turn, _after(team.members, turn.world.surroundings.turns.get(team.id))).people
    if team.assign == "skilled":
        return _skilled(turn, people, tuple((turn.state.signal.labels if turn.state.signal else {}).values()))
    return people


def _after(people: tuple[PersonId, ...], last: PersonId | None) -> tuple[PersonId, ...]:
    """The ring of people, beginning after the last one who had a turn."""
    if last not in people:
        return people
    start = people.index(last) + 1
    return people[start:] + people[:start]


def _next_members(turn: Turn, team: Team) -> tuple[PersonId, ...]:
    """The first member whom this lap's steps have not tried, else the first who is not being called."""
    people, cursor = _present(turn, team.members).people, turn.state.functional
    others = [one for one in people if one not in cursor.called]
    fresh = [one for one in others if one not in cursor.tried]
    return tuple((fresh or others or list(people))[:1])


def _skilled(turn: Turn, people: tuple[PersonId, ...], skills: tuple[str, ...]) -> tuple[PersonId, ...]:
    if not skills:
        return people
    known, wanted = turn.world.rulebook.people, set(skills)
    return tuple(sorted(people, key=lambda one: -len(wanted & set(known[one].skills))))
