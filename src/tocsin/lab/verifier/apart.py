"""When the hierarchical ladder may be walked apart from the functional one: nothing of that can bring it forward.

It can only by being exhausted, or by handing the incident to another team. A step that names somebody at every instant
keeps the ladder busy for its wait, so the waits of such steps are a time before which nothing is exhausted.
"""

from tocsin.core.catalogue.target import Target
from tocsin.core.instant import DAY, Duration, Instant
from tocsin.core.steps import FunctionalStep, HandOver
from tocsin.lab.verifier.standing import Setting
from tocsin.lab.verifier.timeline import Ground, Stand

BEYOND: Duration = 2 * DAY
"""How long after the last opening steps are looked at."""


class Apart:
    """What is known of steps over the whole time, for all settings that share them."""

    def __init__(self, ground: Ground, end: Instant) -> None:
        self.ground = ground
        self.end = end + BEYOND
        self._manned: dict[object, bool] = {}

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

    def _stays(self, setting: Setting) -> bool:
        """Whether the incident stays with its team."""
        handed = [step.targets[0] for step in setting.policy.functional if isinstance(step, HandOver)]
        return all(self.ground.owning_team(target, setting.team) in (None, setting.team) for target in handed)

    def _is_manned(self, setting: Setting, step: FunctionalStep) -> bool:
        """Whether it names somebody to whom something leads, at every instant."""
        key = (step.targets, step.hours is not None, setting.team, setting.service)
        if key not in self._manned:
            stand = Stand((setting.team, setting.service, (), ()))
            given = step.hours is not None
            self._manned[key] = any(self._always(target, stand, given) for target in step.targets)
        return self._manned[key]

    def _always(self, target: Target, stand: Stand, given: bool) -> bool:
        team = self.ground.world.rulebook.teams.get(stand[0])
        if target.name == "team.next" and (team is None or team.on_call is None):
            return False
        at = self.ground.start
        while at < self.end:
            group, until = self.ground.resolve(target, stand, given, (), at)
            if not any(map(self.ground.reachable, group.people)):
                return False
            if until is None:
                return True
            at = until
        return True


def _turns(ground: Ground, setting: Setting) -> bool:
    """Whether whom a rung names may hang on whom a step has called."""
    roles = ground.world.rulebook.roles
    named = [target for one in setting.policy.hierarchical for target in one.targets]
    named += ground.world.rulebook.last_resort
    for target in named:  # it grows while it is walked: roles within roles
        holders = roles[target.name].holders if target.kind == "role" and target.name in roles else ()
        named += [holder for holder in holders if holder not in named]
    return any(target.name in ("team.next", "stakeholders") for target in named)
