"""Why a target names somebody at an instant, or others in their place: rosters, absences, hours, holders, turns."""

from collections.abc import Iterable, Iterator

from tocsin.core.catalogue.target import Target
from tocsin.core.ids import PersonId, ScheduleId, TeamId
from tocsin.core.incident.calls import methods_of
from tocsin.core.incident.turn import Turn
from tocsin.core.incident.whom import Group, nominal, resolve
from tocsin.core.phrase import Phrase
from tocsin.core.steps import FunctionalStep, HierarchicalStep

Reasons = tuple[Phrase, ...]
Step = FunctionalStep | HierarchicalStep

_OF_A_TEAM = ("team", "team.next", "team.all")


def kept_out(turn: Turn, step: Step, person: PersonId) -> Reasons | None:
    """Why a step's targets do not reach that person now; None where none of them has to do with the person.

    Empty where one of them names the person, and a way leads there.
    """
    targets = [one for one in step.targets if concerns(turn, one, person)]
    if not targets:
        return None
    without = () if methods_of(turn, person) else (no_way(turn, person),)
    given, skills = step.hours is not None, getattr(step, "skills", ())
    groups = [(one, resolve(turn, one, given, skills)) for one in targets]
    if any(person in group.people for _, group in groups):
        return without
    if away := absence(turn, person):
        return (away, *without)
    return (*_distinct(phrase for one, group in groups for phrase in _instead(turn, one, group)), *without)


def concerns(turn: Turn, target: Target, person: PersonId) -> bool:
    """Whether a target could mean that person at some time: as a member, holder, participant or lead."""
    match target.kind:
        case "schedule":
            return person in _participants(turn, target.name)
        case "team":
            return _in_team(turn, TeamId(target.name), person)
        case "role":
            role = turn.world.rulebook.roles.get(target.name)
            return role is not None and any(concerns(turn, one, person) for one in role.holders)
        case "word" if target.name in _OF_A_TEAM:
            return _in_team(turn, turn.state.team, person)
        case "word" if target.name == "owner":
            return person == turn.state.owner or _in_team(turn, turn.state.team, person)
        case "word" if target.name == "stakeholders":
            service = turn.world.rulebook.services.get(turn.state.service or "")
            return service is not None and any(concerns(turn, one, person) for one in service.stakeholders)
        case "word" if target.name == "requester":
            return turn.state.signal is not None and turn.state.signal.reporter == person
        case _:
            return person in nominal(turn, target)


def _in_team(turn: Turn, name: TeamId, person: PersonId) -> bool:
    team = turn.world.rulebook.teams.get(name)
    if team is None:
        return False
    return person in team.members or (team.on_call is not None and person in _participants(turn, team.on_call))


def _participants(turn: Turn, name: str, depth: int = 20) -> frozenset[str]:
    """All who have a turn in a schedule, or were put into it."""
    schedule = turn.world.rulebook.schedules.get(name)
    if schedule is None or not depth:
        return frozenset()
    people = {person for layer in schedule.rotations for person in layer.people if person}
    people |= {one.person for one in turn.world.facts.overrides if one.schedule == name and one.mode != "remove"}
    followed = _participants(turn, schedule.follows, depth - 1) if schedule.follows is not None else frozenset()
    return followed | people


def _instead(turn: Turn, target: Target, group: Group) -> Iterator[Phrase]:
    """What the target names in place of the person it could mean."""
    if group.opens_at is not None:
        yield Phrase("lab.why.closed", {"target": str(target), "until": str(group.opens_at)})
        return
    if group.people:
        yield Phrase("lab.why.names", {"target": str(target), "people": ", ".join(group.people)})
    else:
        yield Phrase("lab.why.names_nobody", {"target": str(target)})
    if (schedule := schedule_of(turn, target)) is not None:
        found = turn.world.roster(schedule, turn.now, by=1 if target.name == "team.next" else 0)
        for duty in found.duties:
            yield from duty.why
        yield from found.why_not


def schedule_of(turn: Turn, target: Target) -> ScheduleId | None:
    """The schedule by which a target finds its people, if it does so by one."""
    if target.kind == "schedule":
        return ScheduleId(target.name)
    word = target.kind == "word" and target.name in ("team", "team.next", "owner")
    name = turn.state.team if word else TeamId(target.name) if target.kind == "team" else None
    team = turn.world.rulebook.teams.get(name) if name is not None else None
    return None if team is None else team.on_call


def named(turn: Turn, step: Step, person: PersonId) -> Reasons:
    """Why a step's targets reach that person now: which target, and by which turn, override or choice."""
    given, skills = step.hours is not None, getattr(step, "skills", ())
    return _distinct(
        phrase
        for target in step.targets
        if person in resolve(turn, target, given, skills).people
        for phrase in (Phrase("lab.why.named", {"target": str(target)}), *_by_schedule(turn, target, person))
    )


def _by_schedule(turn: Turn, target: Target, person: PersonId) -> Iterator[Phrase]:
    schedule = schedule_of(turn, target)
    if schedule is None:
        return
    found = turn.world.roster(schedule, turn.now, by=1 if target.name == "team.next" else 0)
    for duty in found.duties:
        if duty.person == person:
            yield from duty.why


def absence(turn: Turn, person: PersonId) -> Phrase | None:
    """That the person is away at that moment and until when, or gone from the rulebook."""
    if person not in turn.world.rulebook.people:
        return Phrase("lab.why.unknown_person", {"person": person})
    ends = [one.end for one in turn.world.facts.absences if one.person == person and one.start <= turn.now < one.end]
    return Phrase("lab.why.away", {"person": person, "until": str(max(ends))}) if ends else None


def no_way(turn: Turn, person: PersonId) -> Phrase:
    """Which ways there are, none of which leads to the person."""
    known = turn.world.facts.methods.get(person, {})
    if not known:
        return Phrase("lab.why.no_way", {"person": person})
    return Phrase("lab.why.ways_broken", {"person": person, "methods": ", ".join(known)})


def _distinct(phrases: Iterable[Phrase]) -> Reasons:
    found: list[Phrase] = []
    for one in phrases:
        if one not in found:
            found.append(one)
    return tuple(found)
