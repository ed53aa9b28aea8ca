"""Which policies come into use for which teams, and whom their steps name over the time that is proved.

Nothing is sampled: the live rules are asked, once for each span over which their answer holds.
"""

from collections.abc import Iterable, Iterator
from weakref import WeakKeyDictionary

from msgspec import Struct

from tocsin.core.catalogue.priority import PRIORITIES, Priority
from tocsin.core.catalogue.target import Target
from tocsin.core.ids import HoursId, PersonId, PolicyId, ScheduleId, ServiceId, TeamId
from tocsin.core.instant import Duration, Instant
from tocsin.core.policy.policy import Policy
from tocsin.core.rulebook import Rulebook
from tocsin.core.steps import FunctionalStep, HandOver, HierarchicalStep
from tocsin.lab.verifier.case import Case
from tocsin.lab.verifier.finding import Path
from tocsin.lab.verifier.timeline import Ground, Stand

_GROUNDS: WeakKeyDictionary[Case, Ground] = WeakKeyDictionary()


class Use(Struct, frozen=True):
    """Incidents of `team` may open under `policy`; `service` is one of those (None: what names no known service)."""

    policy: PolicyId
    team: TeamId
    service: ServiceId | None


class UsedStep(Struct, frozen=True):
    """One step of a policy in use, with the team that owns the incident when it comes."""

    use: Use
    where: Path
    number: int
    step: FunctionalStep | HierarchicalStep
    team: TeamId


class Spell(Struct, frozen=True):
    """The same people throughout [start, end), perhaps nobody."""

    start: Instant
    end: Instant
    people: tuple[PersonId, ...]

    @property
    def length(self) -> Duration:
        """How long it lasts, in microseconds."""
        return self.end - self.start


def uses(case: Case) -> tuple[Use, ...]:
    """Each policy with each team that may own an incident under it, once."""
    book = case.rulebook
    found: dict[tuple[PolicyId, TeamId], Use] = {}
    homes = [(service.policy, service.team, service.id) for service in book.services.values()]
    raised = [one.then.policy for one in book.criteria if one.then.policy is not None]
    elsewhere = [(policy, team, service) for policy in raised for _, team, service in homes]
    default = book.unrouted
    everywhere = [(policy, default.team, None) for policy in raised]
    for policy, team, service in (*homes, (default.policy, default.team, None), *elsewhere, *everywhere):
        if policy in book.policies and team in book.teams:
            found.setdefault((policy, team), Use(policy, team, service))
    return tuple(found.values())


def opens_at(case: Case, use: Use) -> tuple[Priority, ...]:
    """The priorities at which it may open: what names no known service is as bad at least as `unrouted` says."""
    mildest = case.rulebook.unrouted.priority if use.service is None else PRIORITIES[-1]
    return PRIORITIES[: PRIORITIES.index(mildest) + 1]


def functional(case: Case, use: Use) -> Iterator[UsedStep]:
    """The functional steps of a use in their order, each with the team that owns the incident once it is entered."""
    team = use.team
    for number, step in enumerate(_policy(case, use).functional):
        if isinstance(step, HandOver):
            team = ground(case).owning_team(step.targets[0], team) or team
        yield UsedStep(use, ("policies", use.policy, "functional", str(number)), number, step, team)


def hierarchical(case: Case, use: Use) -> Iterator[UsedStep]:
    """The hierarchical steps of a use; what they name is relative to the team that it opened with."""
    for number, step in enumerate(_policy(case, use).hierarchical):
        yield UsedStep(use, ("policies", use.policy, "hierarchical", str(number)), number, step, use.team)


def spells(case: Case, one: UsedStep, start: Instant | None = None) -> Iterator[Spell]:
    """Whom a step names over time, as far as something leads to them; closed teams are empty."""
    at = case.start if start is None else start
    while at < case.end:
        people: dict[PersonId, None] = {}
        until = case.end
        for target in one.step.targets:
            named, end = _named(case, one, target, at)
            people |= dict.fromkeys(named)
            until = until if end is None else min(until, end)
        yield Spell(at, until, tuple(person for person in people if ground(case).reachable(person)))
        at = until


def ever(case: Case, one: UsedStep) -> frozenset[PersonId]:
    """Everybody whom a step names at some time."""
    return frozenset(person for spell in spells(case, one) for person in spell.people)


def called_on(case: Case) -> tuple[ScheduleId, ...]:
    """The schedules by which somebody is called: those of teams and of steps, of roles, and what they follow."""
    book = case.rulebook
    found: dict[ScheduleId, None] = {}
    for use in uses(case):
        for one in (*functional(case, use), *hierarchical(case, use)):
            found |= dict.fromkeys(_schedules(book, one.step.targets, one.team))
    found |= dict.fromkeys(_schedules(book, book.last_resort, book.unrouted.team))
    return tuple(name for name in found if name in book.schedules)


def hours_in_use(case: Case) -> tuple[HoursId, ...]:
    """The hours of teams and steps in use."""
    found: dict[HoursId, None] = {}
    for use in uses(case):
        found[case.rulebook.teams[use.team].hours] = None
        for one in (*functional(case, use), *hierarchical(case, use)):
            found |= {case.rulebook.teams[one.team].hours: None}
            found |= {} if one.step.hours is None else {one.step.hours: None}
    return tuple(name for name in found if name in case.rulebook.hours)


def names_people(case: Case) -> tuple[PersonId, ...]:
    """Everybody whom a step in use, a team or the last resort may call, whether anything leads to them or not."""
    book = case.rulebook
    found: dict[PersonId, None] = {}
    targets = [(one.step.targets, one.team) for use in uses(case) for one in
               (*functional(case, use), *hierarchical(case, use))]  # fmt: skip
    for named, team in (*targets, (book.last_resort, book.unrouted.team)):
        for target in _written_out(book, named):
            found |= dict.fromkeys([PersonId(target.name)] if target.kind == "person" else ())
            found |= dict.fromkeys(_of_team(book, target, team))
        for schedule in _schedules(book, named, team):
            found |= dict.fromkeys(_on(book, schedule))
    return tuple(found)


def _written_out(book: Rulebook, targets: Iterable[Target]) -> Iterator[Target]:
    """The targets, roles as their holders; roles in a circle have been refused."""
    for target in targets:
        role = book.roles.get(target.name) if target.kind == "role" else None
        if role is None:
            yield target
        else:
            yield from _written_out(book, role.holders)


def _of_team(book: Rulebook, target: Target, team: TeamId) -> tuple[PersonId, ...]:
    name = target.name if target.kind == "team" else team if target.kind == "word" else ""
    known = book.teams.get(name)
    if known is None or target.name in ("stakeholders", "requester"):
        return ()
    if target.name == "team.lead":
        return () if known.lead is None else (known.lead,)
    return known.members if known.on_call is None or target.name == "team.all" else ()


def _schedules(book: Rulebook, targets: Iterable[Target], team: TeamId) -> Iterator[ScheduleId]:
    for target in _written_out(book, targets):
        name = target.name if target.kind == "team" else team if target.kind == "word" else ""
        known = book.teams.get(name)
        on_call = ScheduleId(target.name) if target.kind == "schedule" else None
        if known is not None and target.name not in ("team.lead", "team.all", "stakeholders", "requester"):
            on_call = known.on_call
        if on_call is not None:
            yield on_call


def _on(book: Rulebook, schedule: ScheduleId) -> Iterator[PersonId]:
    known = book.schedules.get(schedule)
    for _ in book.schedules:
        if known is None or known.follows is None:
            break
        known = book.schedules.get(known.follows)
    for rotation in known.rotations if known is not None else ():
        yield from (person for person in rotation.people if person)


def ground(case: Case) -> Ground:
    """The answers of the live rules over the time of this case, kept for all checks."""
    if case not in _GROUNDS:
        _GROUNDS[case] = Ground(case.world, case.start)
    return _GROUNDS[case]


def _named(case: Case, one: UsedStep, target: Target, at: Instant) -> tuple[tuple[PersonId, ...], Instant | None]:
    stand = Stand((one.team, one.use.service, (), ()))
    skills = getattr(one.step, "skills", ())
    group, until = ground(case).resolve(target, stand, one.step.hours is not None, skills, at)
    return group.people, until


def _policy(case: Case, use: Use) -> Policy:
    return case.rulebook.policies[use.policy]
