"""In which order the members of an assigned team are called, and how the calls of the incident itself move that on.

Who had the last turn before it, and what else they have to do, is not known: where it matters who comes first, each of
them is supposed to. From then on a round robin goes on from whomever the incident has called, in this lap or the last.
"""

from collections.abc import Mapping
from typing import Protocol

from tocsin.core.catalogue.people import Team
from tocsin.core.catalogue.target import Target
from tocsin.core.ids import PersonId, TeamId
from tocsin.core.policy.policy import Policy
from tocsin.core.policy.run import SHORTEST_CALL
from tocsin.core.rulebook import Rulebook
from tocsin.core.steps import Ask, Inform
from tocsin.lab.verifier.finding import Path
from tocsin.lab.verifier.supposing import Supposed, Undecided
from tocsin.lab.verifier.timeline import Ground

People = tuple[PersonId, ...]


class Going(Protocol):
    """What an incident says of itself; `to_last`: it is asked who is called last."""

    ground: Ground
    supposed: Supposed
    policy: Policy
    escalations: list[tuple[Path, Ask | Inform]]
    team: TeamId
    called: People
    to_last: bool


class Order:
    """Whose turn it is in each team, for one incident.

    `_last` had the last turn of a team by a call of this incident; `_alike`: of those teams, which had one who stands
    for any of them. `_busy` have it in hand when something comes to be decided: that counts as work.
    """

    __slots__ = ("_alike", "_busy", "_last", "_one")

    def __init__(self, one: Going) -> None:
        self._one = one
        self._last: dict[TeamId, PersonId] = {}
        self._alike: set[TeamId] = set()
        self._busy: People = ()

    def settle(self) -> None:
        """Something else comes to be decided: what was called until now is known to all."""
        self._busy = self._one.called

    def called(self, people: People, any_of: Mapping[PersonId, People] | None = None) -> None:
        """These are called together, as a desk counts it; in place of each in `any_of` it might be another.

        None: whoever waited for their turn, as alike as those before them.
        """
        for team in self._one.ground.once(_ringed):
            own = [person for person in people if person in team.members]
            if not own or len(own) == len(team.members):
                continue
            self._last[team.id] = own[-1]
            if any_of is not None:
                (self._alike.add if own[-1] in any_of else self._alike.discard)(team.id)

    def of(self, name: TeamId | None, people: People, skills: tuple[str, ...]) -> tuple[People, People]:
        """Those who are there in the order in which they are called; and who might be first as well, all alike."""
        team = self._one.ground.world.rulebook.teams.get(name or "")
        if team is None or len(people) < 2:
            return people, ()
        wanted = set(skills)
        known = self._one.ground.world.rulebook.people
        able = {person: len(wanted & set(known[person].skills)) if wanted else 0 for person in people}
        return self._round(team, people, able) if team.assign == "round_robin" else self._any(team, people, able)

    def _round(self, team: Team, people: People, able: dict[PersonId, int]) -> tuple[People, People]:
        """One after the other, from the one after the last turn on; those who are able first."""
        ring = tuple(person for person in team.members if person in able)
        last = self._last.get(team.id)
        matters = (last is None or team.id in self._alike) and self._differ(team, people)
        if last is not None and not matters:
            start = team.members.index(last) + 1
            after = (*team.members[start:], *team.members[:start])
            order = _sorted([person for person in after if person in able], able)
            return order, _ablest(people, able) if team.id in self._alike else ()
        if not matters:
            return people, _ablest(people, able)
        orders: dict[People, PersonId] = {}
        for at, person in enumerate(ring):
            orders.setdefault(_sorted([*ring[at:], *ring[:at]], able), person)
        first = self._supposed(team, ring, tuple(orders.values()))
        return next(order for order, person in orders.items() if person == first), ()

    def _any(self, team: Team, people: People, able: dict[PersonId, int]) -> tuple[People, People]:
        """In an order that hangs on other work, or on what the report says: any, but for those who are able first."""
        order: list[PersonId] = []
        alike: People = ()
        rest = list(people)
        while rest:
            best = _ablest(tuple(rest), able)
            ring = tuple(person for person in team.members if person in best)
            if len(best) > 1 and (self._matters(best, order) if order else self._differ(team, best)):
                first = self._supposed(team, ring, ring)
            else:
                first, alike = best[0], alike if order else best
            if not order and first in ring:  # the others follow as in a ring, so that each of them is the last once
                at = ring.index(first)
                rest = [*ring[at:], *ring[:at], *(person for person in rest if person not in best)]
            order.append(first)
            rest.remove(first)
        return tuple(order), alike

    def _supposed(self, team: Team, ring: People, options: People) -> PersonId:
        if len(options) == 1:
            return options[0]
        busy = [person for person in ring if person in self._busy] if team.assign == "least_loaded" else []
        name = ":".join(("turn", team.id, ",".join(ring), *([",".join(busy)] if busy else [])))
        if name not in self._one.supposed:
            raise Undecided(name, options)
        return PersonId(str(self._one.supposed[name]))

    def _matters(self, people: People, before: list[PersonId]) -> bool:
        """Whether it matters who of them is called next: not where one before has been rung by then."""
        return len(set(map(self._rings, people))) > 1 and not any(map(self._prompt, before))

    def _differ(self, team: Team, people: People) -> bool:
        """Whether it matters who is first: whom a later step takes, how soon their ways ring, or whether at all."""
        one = self._one
        steps = (*one.policy.functional, *one.policy.hierarchical, *(step for _, step in one.escalations))
        if any(target.name == "team.next" for step in steps for target in step.targets):
            return True
        if len(set(map(self._rings, people))) > 1:
            return True
        delays = self._rings(people[0])
        if not one.to_last and delays == ((0, False), (0, False)):
            return False
        named = (target for step in one.policy.functional for target in step.targets)
        return any(self._may_name(target, team) for target in named)

    def _rings(self, person: PersonId) -> tuple[tuple[int | None, bool], ...]:
        ground = self._one.ground
        return tuple((ground.delay(person, loud, False), ground.mute(person, loud, False)) for loud in (True, False))

    def _prompt(self, person: PersonId) -> bool:
        """Whether they are rung before the next can be called."""
        return all(not mute and (delay or 0) < SHORTEST_CALL for delay, mute in self._rings(person))

    def _may_name(self, target: Target, team: Team) -> bool:
        """Whether it may name one of the team, and not the team as a whole."""
        book = self._one.ground.world.rulebook
        match target.kind:
            case "person":
                return target.name in team.members
            case "team":
                other = book.teams.get(TeamId(target.name))
                return target.name != team.id and other is not None and bool({*other.members} & {*team.members})
            case "channel":
                return False
            case "word":
                return target.name not in ("team", "team.all") or self._one.team != team.id
            case _:
                return True


def _ringed(book: Rulebook) -> tuple[Team, ...]:
    """Teams that take turns: whoever of them is called has had theirs, whatever names them."""
    return tuple(team for team in book.teams.values() if team.assign == "round_robin")


def _sorted(people: list[PersonId], able: dict[PersonId, int]) -> People:
    return tuple(sorted(people, key=lambda one: -able[one]))


def _ablest(people: People, able: dict[PersonId, int]) -> People:
    most = max(able[person] for person in people)
    return tuple(person for person in people if able[person] == most)
