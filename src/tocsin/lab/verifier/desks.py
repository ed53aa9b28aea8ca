"""The desks of a case that is played: whose turn it is once the incident itself has called somebody."""

from msgspec.structs import replace

from tocsin.core.desk.decide import DESK, surroundings
from tocsin.core.desk.decide import decide as decided
from tocsin.core.desk.state import Desk
from tocsin.core.incident.decide import Facts
from tocsin.core.react import Reaction, react
from tocsin.core.world import World


class Desks:
    """What the teams know of other work; `world` is what the next decision may consult."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._before = world
        self._desks: dict[str, Desk] = {}
        self._assigning = any(team.assign != "everyone" for team in world.rulebook.teams.values())

    def hear(self, facts: Facts) -> None:
        """What has happened to the incident."""
        if not self._assigning:
            return
        for event, state in facts:
            for one in react(event, state):
                self._take(one, state.at)
        known = surroundings(self._desks.values(), self._before.surroundings)
        self.world = replace(self._before, surroundings=known)

    def _take(self, reaction: Reaction, at: int) -> None:
        desk = self._desks.get(reaction.stream) or DESK.initial(reaction.stream)
        for event in decided(desk, reaction.command, self._before, at):
            desk = self._desks[reaction.stream] = DESK.evolve(desk, event)
            for further in react(event, desk, reaction.depth):
                self._take(further, at)
