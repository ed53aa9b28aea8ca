"""When the hierarchical ladder may be walked apart from the functional one: nothing of that can bring it forward.

It can only by being exhausted, or by handing the incident to another team. A step that names somebody at every instant
keeps the ladder busy for its wait, so the waits of such steps are a time before which nothing is exhausted.
"""

from tocsin.core.catalogue.target import Target
from tocsin.core.ids import HoursId, PersonId, TeamId
from tocsin.core.instant import DAY, Duration, Instant
from tocsin.core.steps import FunctionalStep, HandOver
from tocsin.core.world import CHANNEL
from tocsin.lab.verifier.reach import Stretch
from tocsin.lab.verifier.standing import Setting
from tocsin.lab.verifier.timeline import Ground, Stand
from tocsin.lab.verifier.walk import PATIENCE

BEYOND: Duration = 2 * DAY
"""How long after the last opening steps are looked at."""


class Apart:
    """What is known of steps over the whole time, for all settings that share them."""

    def __init__(self, ground: Ground, end: Instant) -> None:
        self.ground = ground
        self.end = end + BEYOND
        self._manned: dict[object, bool] = {}
        self._prompts: dict[bool, bool] = {}
        self._longest: dict[HoursId, Duration] = {}

    def busy(self, setting: Setting) -> Duration:
        """A time after any opening before which the ladder is not exhausted; 0 where nothing is sure."""
        policy = setting.policy
        if setting.criteria or setting.escalations or not self._stays(setting) or _turns(self.ground, setting):
            return 0
        sure = [step for step in policy.functional if step.when is None and self._is_manned(setting, step)]
        if not sure:
            return 0
        # a lap that is walked has all its steps; how many laps there are, the next to come makes sure of
        return min(sum(step.wait.time for step in sure) * (policy.repeat + 1), BEYOND)

    def blind(self, setting: Setting) -> bool:
        """Whether it is all the same to management whom steps call, if only they call anybody."""
        if setting.criteria or setting.escalations or not self._stays(setting) or _turns(self.ground, setting):
            return False
        return all(self._plain(each, setting.team) for step in setting.policy.functional for each in step.targets)

    def _plain(self, target: Target, team: TeamId) -> bool:
        """Whether all whom it names are called at once, and that hangs on nobody called before."""
        if target.kind not in ("word", "team"):
            return target.kind != "role"
        if target.name in ("team.all", "team.lead"):
            return True
        if target.kind == "word" and target.name not in ("team", "team.next"):
            return False
        known = self.ground.world.rulebook.teams.get(target.name if target.kind == "team" else team)
        if known is None or known.on_call is not None:
            return True
        return known.assign == "everyone" and target.name != "team.next"

    def covers(self, setting: Setting, one: Stretch, busy: Duration) -> bool:
        """Whether management hears of those openings as if there were no functional ladder, which is busy so long."""
        if one.delay is None or one.delay > busy:
            return False
        return one.delay < busy or self._fires_then(setting, one, busy)

    def _fires_then(self, setting: Setting, one: Stretch, busy: Duration) -> bool:
        """Whether what the exhaustion at that very moment brings forward is what comes by itself."""
        steps = setting.policy.hierarchical
        times = [step.after.elapsed for step in steps]
        stand = Stand((setting.team, setting.service, (), ()))
        plain = all(step.when is None and step.hours is None for step in steps) and times == sorted(set(times))
        waits = setting.priority > "P2" and any(self.ground.may_shut(each, stand) for s in steps for each in s.targets)
        own = one.by[:3] == ("policies", setting.policy.id, "hierarchical") and times[int(one.by[3])] == busy
        prompt = (self._prompt(each, loud) for each in one.any_of or one.people for loud in (True, False))
        return plain and not waits and own and all(prompt)

    def rings(self, setting: Setting, without: PersonId | None = None) -> bool:
        """Whether the functional ladder surely rings somebody before it can be exhausted, whenever it opens.

        And whether it does `without` somebody: seen only where nobody would take their place.
        """
        steps = setting.policy.functional
        doors = self._doors(setting)
        if setting.criteria or doors is None or not self._stays(setting):
            return False
        waits = not _severe(setting)
        closed = max((self._closed(name) for name in doors), default=0) if waits else 0
        if sum(step.wait.elapsed + closed for step in steps) > PATIENCE:
            return False
        return self._has_prompt(setting, waits, without)

    def rings_then(self, setting: Setting, openings: list[Stretch], without: PersonId | None = None) -> list[bool]:
        """Of each whether a step surely rings somebody at the very moment at which it opens.

        Where all doors are open then, steps are passed over in no time until one names somebody; and whom it names is
        rung at once where anybody would be.
        """
        doors = self._doors(setting)
        sure = doors is not None and not setting.criteria and self._stays(setting)
        if doors is None or not (sure and self._all_prompt(setting) and self._has_prompt(setting, True, without)):
            return [False] * len(openings)
        return [all(self._open_over(name, one) for name in doors) for one in openings]

    def _has_prompt(self, setting: Setting, opened: bool, without: PersonId | None) -> bool:
        """Whether any step names at every instant somebody who is rung then; `opened`: as if its doors were open."""
        loud = self._loud(setting)
        return any(
            step.when is None and self._is_manned(setting, step, loud, opened, without)
            for step in reversed(setting.policy.functional)
        )

    def _all_prompt(self, setting: Setting) -> bool:
        """Whether a step rings at once whomever it names, and names no channel."""
        holders = (each for role in self.ground.world.rulebook.roles.values() for each in role.holders)
        named = (each for step in setting.policy.functional for each in step.targets)
        return all(map(self._everybody, self._loud(setting))) and all(
            each.kind != "channel" for each in (*named, *holders)
        )

    def _everybody(self, loud: bool) -> bool:
        """Whether such a round rings when it begins, whomever it is for."""
        if loud not in self._prompts:
            people = filter(self.ground.reachable, map(PersonId, self.ground.world.rulebook.people))
            self._prompts[loud] = all(self._prompt(one, loud) for one in people)
        return self._prompts[loud]

    def _open_over(self, name: HoursId, one: Stretch) -> bool:
        is_open, until = self.ground.open(name, one.start)
        return is_open and (until is None or one.end <= until)

    def _loud(self, setting: Setting) -> frozenset[bool]:
        """How urgent its steps call: what waits for its provider is joined by a step that is no louder."""
        urgent = setting.priority in self.ground.world.rulebook.priorities.urgent
        named = (step.urgency for step in setting.policy.functional)
        return frozenset(urgent if one is None else one == "urgent" for one in named)

    def _doors(self, setting: Setting) -> frozenset[HoursId] | None:
        """The hours that shut any step: one at most, so that when they open all is open; None where it may be else."""
        stand = Stand((setting.team, setting.service, (), ()))
        found: set[HoursId] = set()
        for step in setting.policy.functional:
            for target in step.targets:
                name = self.ground.shutting(target, stand)
                if step.hours is not None or (name is None and self.ground.may_shut(target, stand)):
                    return None
                found |= {name} if name is not None else set()
        return frozenset(found) if len(found) < 2 else None

    def _closed(self, name: HoursId) -> Duration:
        """The longest time that those hours are closed."""
        if name not in self._longest:
            self._longest[name] = self._longest_of(name)
        return self._longest[name]

    def _longest_of(self, name: HoursId) -> Duration:
        at, longest = self.ground.start, 0
        while at < self.end + PATIENCE:
            is_open, until = self.ground.open(name, at)
            if until is None:
                return longest if is_open else PATIENCE
            longest = longest if is_open else max(longest, until - at)
            at = until
        return longest

    def _stays(self, setting: Setting) -> bool:
        """Whether the incident stays with its team."""
        handed = [step.targets[0] for step in setting.policy.functional if isinstance(step, HandOver)]
        return all(self.ground.owning_team(target, setting.team) in (None, setting.team) for target in handed)

    def _is_manned(
        self,
        setting: Setting,
        step: FunctionalStep,
        loud: frozenset[bool] = frozenset(),
        opened: bool = False,
        without: PersonId | None = None,
    ) -> bool:
        """Whether it names somebody to whom something leads, at every instant; and rings them then, as `loud` as any.

        `opened`: its doors count as open. Where it would wait for them, it is entered again when they open.
        """
        given = step.hours is not None or opened
        key = (step.targets, given, setting.team, setting.service, loud, without)
        if key not in self._manned:
            stand = Stand((setting.team, setting.service, (), ()))
            self._manned[key] = any(
                self._always(target, stand, given, loud, without)
                for target in step.targets
                if without is None or self._only_lacks(target, stand)
            )
        return self._manned[key]

    def _always(
        self, target: Target, stand: Stand, given: bool, loud: frozenset[bool], without: PersonId | None
    ) -> bool:
        if self.ground.by_turns((target,), stand):
            return False
        at, end = self.ground.start, self.end + (PATIENCE if loud else 0)
        while at < end:
            group, until = self.ground.resolve(target, stand, given, (), at)
            people = [one for one in group.people if one != without and self.ground.reachable(one)]
            if not people or not all(self._prompt(one, each) for one in people for each in loud):
                return False
            if until is None:
                return True
            at = until
        return True

    def _only_lacks(self, target: Target, stand: Stand) -> bool:
        """Whether one who is away is missing among those whom it names, and nothing else is different."""
        if target.kind == "word" and target.name == "team.all":
            return True
        name = stand[0] if (target.kind, target.name) == ("word", "team") else target.name
        team = self.ground.world.rulebook.teams.get(name) if target.kind in ("word", "team") else None
        return target.kind == "person" or (team is not None and team.on_call is None and team.assign == "everyone")

    def _prompt(self, person: PersonId, loud: bool) -> bool:
        """Whether such a round rings them when it begins."""
        ground = self.ground
        here = not person.startswith(CHANNEL)
        return here and ground.delay(person, loud, False) == 0 and not ground.mute(person, loud, False)


def _severe(setting: Setting) -> bool:
    return setting.priority <= "P2"


def _turns(ground: Ground, setting: Setting) -> bool:
    """Whether whom a rung names may hang on whom a step has called."""
    roles = ground.world.rulebook.roles
    named = [target for one in setting.policy.hierarchical for target in one.targets]
    named += ground.world.rulebook.last_resort
    for target in named:  # it grows while it is walked: roles within roles
        holders = roles[target.name].holders if target.kind == "role" and target.name in roles else ()
        named += [holder for holder in holders if holder not in named]
    return any(target.name in ("team.next", "stakeholders") for target in named)
