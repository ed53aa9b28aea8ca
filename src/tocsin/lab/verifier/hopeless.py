"""Lines on which nobody is ever rung, for nothing leads to any of whom they may name: known without a walk.

A rulebook that is only begun has no ways to anybody yet, and every ladder in it would be walked to its end.
"""

from collections.abc import Iterable, Iterator

from tocsin.core.catalogue.target import Target
from tocsin.core.ids import PersonId, ScheduleId, TeamId
from tocsin.core.instant import Instant
from tocsin.core.policy.policy import Policy
from tocsin.core.steps import HandOver, Step
from tocsin.lab.verifier.content import reads
from tocsin.lab.verifier.front import Front
from tocsin.lab.verifier.reach import Stretch
from tocsin.lab.verifier.repeating import Swept
from tocsin.lab.verifier.standing import Setting
from tocsin.lab.verifier.supposing import Asking, Supposed, Undecided, judged
from tocsin.lab.verifier.timeline import Ground
from tocsin.lab.verifier.walk import Asked


class Hopeless:
    """What is known of people and of settings on one ground, at whatever time."""

    def __init__(self, ground: Ground) -> None:
        self.ground = ground
        self._deaf: dict[PersonId, bool] = {}

    def line(self, setting: Setting, supposed: Supposed, asked: Asked, end: Instant, blind: bool) -> Swept | None:
        """The line of a setting on which nobody can be rung; None where anybody might, or more has to be supposed."""
        named = _Naming(self.ground, setting)
        managing = dict.fromkeys(("management", "apart"), named.managers)
        people = {"last": named.called, "responder": named.responders, "first": named.anybody, **managing}.get(asked)
        if people is None or not all(map(self._is_deaf, people())):
            return None
        if (not blind and named.takes_turns()) or not self._is_settled(named, supposed):
            return None
        ranked = bool(setting.criteria) or any(reads(when).priority for _, when in named.conditions())
        return Swept((Stretch(self.ground.start, end, None, False, (), ()),), ranked, bool(setting.criteria))

    def _is_deaf(self, person: PersonId) -> bool:
        """Whether no round of any kind ever rings them."""
        if person not in self._deaf:
            ground = self.ground
            kinds = ((person, loud, at_once) for loud in (True, False) for at_once in (True, False))
            self._deaf[person] = not ground.reachable(person) or all(ground.mute(*kind) for kind in kinds)
        return self._deaf[person]

    def _is_settled(self, named: "_Naming", supposed: Supposed) -> bool:
        """Whether every condition that a walk may come to is decided by what is known and supposed, at any time."""
        setting, start = named.setting, self.ground.start
        content = [(site, when) for site, when in named.conditions() if reads(when).content]
        if content and (setting.criteria or any(reads(when).timed for _, when in content)):
            return False
        try:
            for site, when in content:
                for team in named.owners:
                    asking = Asking(setting.priority, setting.kind, setting.service, team)
                    judged(self.ground, when, site, asking, supposed, Front(start, start + 1), (start, True))
        except Undecided:
            return False
        return True


class _Naming:
    """Whom an incident of a setting may call, at any time and whichever team has it by then; rather some too many."""

    def __init__(self, ground: Ground, setting: Setting) -> None:
        self.ground = ground
        self.setting = setting
        book = ground.world.rulebook
        raised = [one.then for _, one, _ in setting.criteria]
        self._policies: list[Policy] = [setting.policy, *(book.policies[one.policy] for one in raised if one.policy)]
        escalations = [*(step for _, step in setting.escalations), *(one.escalate for one in raised if one.escalate)]
        self._working = [step for policy in self._policies for step in policy.functional]
        self._managing: list[Step] = [step for policy in self._policies for step in policy.hierarchical]
        self._managing += escalations
        handed = (step.targets[0] for step in self._working if isinstance(step, HandOver))
        owners = (setting.team, *(ground.owning_team(target, setting.team) for target in handed))
        self.owners = tuple(dict.fromkeys(team for team in owners if team is not None))

    def conditions(self) -> Iterator[tuple[str, str]]:
        """Of all steps, with the place at which they are asked."""
        for policy in self._policies:
            for ladder, steps in (("functional", policy.functional), ("hierarchical", policy.hierarchical)):
                for index, step in enumerate(steps):
                    if step.when is not None:
                        yield f"{ladder}.{index}", step.when

    def people(self, asked: Asked) -> Iterator[PersonId]:
        """Whom a call that is asked about may be for."""
        rungs = {"last": self.called, "responder": self.responders, "first": self.anybody}
        return rungs.get(asked, self.managers)()

    def called(self) -> Iterator[PersonId]:
        """Whom steps of the functional ladder call."""
        return self._people(_targets(self._working))

    def responders(self) -> Iterator[PersonId]:
        """Whom anything calls to work on it: steps, and the rounds after exhaustion."""
        yield from self.called()
        for team in self.owners:
            yield from self._team(team)
            yield from self._lead(team, set())
        yield from self._people(self.ground.world.rulebook.last_resort)

    def managers(self) -> Iterator[PersonId]:
        """Whom the hierarchical ladder informs and asks, and all above them to whom questions climb."""
        targets = (*_targets(self._managing), *self.ground.world.rulebook.last_resort)
        seen: set[PersonId] = set()
        for person in self._people(targets):
            yield from self._upwards(person, seen)
        for team in self._touched(targets):
            yield from self._lead(team, seen)

    def anybody(self) -> Iterator[PersonId]:
        """All of them."""
        yield from self.responders()
        yield from self.managers()

    def takes_turns(self) -> bool:
        """Whether it may have to be supposed whose turn it is in a team that a step calls one by one."""
        teams = self.ground.world.rulebook.teams
        assigned = (team for name in self._touched(_targets(self._working)) if (team := teams.get(name)) is not None)
        return any(
            team.on_call is None and team.assign != "everyone" and sum(map(self.ground.reachable, team.members)) > 1
            for team in assigned
        )

    def _flat(self, targets: Iterable[Target]) -> Iterator[Target]:
        """Each target once, with a role's holders and a service's own people in their place."""
        book, seen = self.ground.world.rulebook, set()
        waiting = list(targets)
        for target in waiting:  # it grows while it is walked: roles within roles
            if target in seen:
                continue
            seen.add(target)
            yield target
            if target.kind == "role" and target.name in book.roles:
                waiting += book.roles[target.name].holders
            elif target.name == "stakeholders":
                service = book.services.get(self.setting.service or "")
                waiting += service.stakeholders if service is not None else ()

    def _people(self, targets: Iterable[Target]) -> Iterator[PersonId]:
        for target in self._flat(targets):
            if target.kind == "person":
                yield PersonId(target.name)
            elif target.kind == "schedule":
                yield from self._scheduled(ScheduleId(target.name))
            elif target.kind == "team":
                yield from self._team(TeamId(target.name))
            elif target.kind == "manager" or target.name == "team.lead":
                for team in self.owners:
                    yield from self._lead(team, set())
            elif target.kind == "word" and target.name != "stakeholders":
                for team in self.owners:
                    yield from self._team(team)

    def _team(self, name: TeamId) -> Iterator[PersonId]:
        team = self.ground.world.rulebook.teams.get(name)
        if team is not None:
            yield from team.members
            if team.on_call is not None:
                yield from self._scheduled(team.on_call)

    def _scheduled(self, name: ScheduleId) -> Iterator[PersonId]:
        """All who may ever be on call there, by its turns, those that it follows, or by an override of any schedule."""
        schedules = self.ground.world.rulebook.schedules
        seen: set[ScheduleId] = set()
        following: ScheduleId | None = name
        while following is not None and following in schedules and following not in seen:
            seen.add(following)
            schedule = schedules[following]
            yield from (person for one in schedule.rotations for person in one.people)
            following = schedule.follows
        yield from (one.person for one in self.ground.world.facts.overrides)

    def _touched(self, targets: Iterable[Target]) -> Iterator[TeamId]:
        """The teams behind targets: whose turn it may be, and whose leads stand above those who are asked."""
        for target in self._flat(targets):
            team = self.ground.owning_team(target, self.setting.team) if target.kind != "person" else None
            yield from self.owners if target.kind == "word" else () if team is None else (team,)

    def _lead(self, name: TeamId, seen: set[PersonId]) -> Iterator[PersonId]:
        """Who leads a team, and all above them."""
        team = self.ground.world.rulebook.teams.get(name)
        if team is not None and team.lead is not None:
            yield from self._upwards(team.lead, seen)

    def _upwards(self, person: PersonId, seen: set[PersonId]) -> Iterator[PersonId]:
        people = self.ground.world.rulebook.people
        above: PersonId | None = person
        while above is not None and above not in seen:
            seen.add(above)
            yield above
            above = people[above].manager if above in people else None


def _targets(steps: Iterable[Step]) -> Iterator[Target]:
    return (target for step in steps for target in step.targets)
