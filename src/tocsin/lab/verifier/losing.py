"""What is left when one thing is missing: a person who is away, a method that has failed, a provider that is down.

Only where all who would be rung hang on it is anything walked again: else somebody else hears of it at the same moment.
"""

from collections.abc import Callable, Iterator

from msgspec.structs import replace

from tocsin.core.ids import PersonId, PolicyId
from tocsin.core.instant import Instant, Span
from tocsin.core.oncall.override import Absence
from tocsin.core.world import World
from tocsin.lab.verifier.apart import Apart
from tocsin.lab.verifier.exploring import Explored, Noted, keys
from tocsin.lab.verifier.opening import MOST
from tocsin.lab.verifier.ordering import People
from tocsin.lab.verifier.reach import Fall, Loss, Stretch, Worst
from tocsin.lab.verifier.repeating import Walks
from tocsin.lab.verifier.spans import joined
from tocsin.lab.verifier.standing import Setting
from tocsin.lab.verifier.supposing import Supposed, Undecided, example, said
from tocsin.lab.verifier.timeline import Ground

ROUNDS = ("last_resort", "teams")
"""How the place of those begins whom only the rounds after exhaustion reach."""


class Losses:
    """Grounds on which something is missing, each made when it is first asked about."""

    def __init__(self, ground: Ground, end: Instant) -> None:
        self.ground = ground
        self.end = end
        self._grounds: dict[tuple[Loss, str], Ground] = {}
        ways = ground.world.facts.methods
        self.methods = sorted({method for own in ways.values() for method in own})
        self._safes: dict[int, bool] = {}
        self._known: dict[tuple[int, Loss, str], list[tuple[object, dict[str, bool | str | None], _Told | None]]] = {}
        self._walks: dict[object, tuple[Walks, Noted]] = {}
        self._aparts: dict[Ground, Apart] = {}
        self._kept: list[object] = []

    def falls(self, explored: Explored) -> tuple[Fall, ...]:
        """Every loss after which nobody is reached, or by the rounds after exhaustion alone; worst first."""
        found = [fall for one in self._losses(explored) if (fall := self._worst(explored, *one)) is not None]
        return tuple(sorted(found, key=_gravity))

    def _losses(self, explored: Explored) -> Iterator[tuple[Loss, str, list[Stretch]]]:
        line = [one for one in explored.way.responder if one.at is not None and one.by[0] not in ROUNDS]
        alone: dict[str, list[Stretch]] = {}
        for one in line:
            if not one.any_of and (len(one.people) == 1 or self._mixed(one)):
                for person in one.people:
                    alone.setdefault(person, []).append(one)
        yield from (("person", person, some) for person, some in alone.items())
        for method in self.methods:
            if some := _where(line, lambda *people, method=method: self._may_lack(method, *people)):
                yield "method", method, some
            down = self.without("provider", method)
            if some := _where(line, lambda *people, down=down: _may_wait(down, *people)):
                yield "provider", method, some

    def _mixed(self, one: Stretch) -> bool:
        """Whether several are rung by several targets, of which one may take its people from another's turns.

        Of one target's people each is named for themselves: without one, the others are rung at that very moment. So
        are the others of an assigned team. There nothing need be tried.
        """
        if one.by[0] != "policies" or one.by[2] != "functional":
            return True
        targets = self.ground.world.rulebook.policies[PolicyId(one.by[1])].functional[int(one.by[3])].targets
        return len(targets) > 1 and any(target.kind != "person" for target in targets)

    def _may_lack(self, method: str, people: People, any_of: People) -> bool:
        return all(self._only(person, method) for person in any_of or people)

    def _only(self, person: PersonId, method: str) -> bool:
        """Whether nothing else leads to them."""
        ways = self.ground.world.facts.methods.get(person, {})
        return {name for name, state in ways.items() if state != "broken"} <= {method}

    def without(self, loss: Loss, name: str) -> Ground:
        """The same ground with that missing."""
        if (loss, name) not in self._grounds:
            world = self.ground.world
            if loss != "provider":
                world = _away(world, PersonId(name)) if loss == "person" else _broken(world, name)
            outage, away = (name if loss == one else "" for one in ("provider", "person"))
            self._grounds[loss, name] = Ground(world, self.ground.start, outage, away)
        return self._grounds[loss, name]

    def _worst(self, explored: Explored, loss: Loss, name: str, some: list[Stretch]) -> Fall | None:
        some, all_ = self._in_doubt(explored.opening.setting, loss, name, some), len(some)
        if not some:
            return None
        ground = self.without(loss, name)
        known = self._known.setdefault((id(explored.way.responder), loss, name), [])
        scopes = keys(self.ground, explored.opening)
        for scope, used, told in known:
            if scope in scopes and all(explored.supposed.get(one) == value for one, value in used.items()):
                return None if told is None else self._of_this(ground, explored, loss, name, told)
        self._kept.append(explored.way.responder)
        seen = _Seen()
        worst = self._found(ground, explored, some, seen)
        scope = scopes[0] if seen.ranked else scopes[1] if seen.weighed or len(some) < all_ else scopes[2]
        used = {one: explored.supposed.get(one) for one in seen.used}
        known.append((scope, used, None if worst is None else (worst[0].start, _anew(explored, worst[1]))))
        return None if worst is None else _fall(explored, loss, name, *worst)

    def _of_this(self, ground: Ground, explored: Explored, loss: Loss, name: str, told: "_Told") -> Fall:
        """What was found for openings that go the same way, played for this priority."""
        at, anew = told
        supposed = {**explored.supposed, **anew}
        worst = next(iter(self._walks_on(ground, explored, supposed)[0].over(at, at + 1)))
        return _fall(explored, loss, name, worst, supposed)

    def _found(
        self, ground: Ground, explored: Explored, some: list[Stretch], seen: "_Seen"
    ) -> tuple[Stretch, Supposed] | None:
        """One of the worst kind, with what was supposed for it; whatever is supposed, until there can be no worse."""
        worst: tuple[Stretch, Supposed] | None = None
        waiting: list[Supposed] = [dict(explored.supposed)]
        ways = 0
        while waiting:
            supposed = waiting.pop()
            walks, noted = self._walks_on(ground, explored, supposed)
            try:
                one = self._one(ground, walks, some)
            except Undecided as question:
                seen.used.add(question.name)
                room = MOST - ways - len(waiting)
                options = question.options if room >= len(question.options) else question.options[-1:]
                waiting += [{**supposed, question.name: option} for option in options]
                continue
            finally:
                seen.add(walks, noted)
            ways += 1
            if one is not None and (worst is None or one.at is None):
                worst = one, supposed
            if worst is not None and (worst[0].at is None or self._safe(ground)):
                return worst
        return worst

    def _one(self, ground: Ground, walks: Walks, some: list[Stretch]) -> Stretch | None:
        """Of these openings one that leaves nobody; else one that leaves the rounds after exhaustion alone."""
        worst: Stretch | None = None
        for span in joined(Span(one.start, one.end) for one in some):
            for one in walks.over(span.start, span.end):
                if one.at is None or (one.by[0] in ROUNDS and worst is None):
                    worst = one
                    if one.at is None or self._safe(ground):
                        return one
        return worst

    def _walks_on(self, ground: Ground, explored: Explored, supposed: Supposed) -> tuple[Walks, Noted]:
        key = (ground, explored.opening.key, tuple(sorted(supposed.items())))
        if key not in self._walks:
            noted = Noted(supposed)
            self._walks[key] = Walks(ground, explored.opening.setting, noted, "responder", self.end), noted
        return self._walks[key]

    def _in_doubt(self, setting: Setting, loss: Loss, name: str, some: list[Stretch]) -> list[Stretch]:
        """Those of which it is not sure that a step rings somebody all the same, so that they have to be walked."""
        without = PersonId(name) if loss == "person" else None
        ground = self.ground if without else self.without(loss, name)
        apart = self._aparts.setdefault(ground, Apart(ground, self.end))
        if apart.rings(setting, without):
            return []
        sure = apart.rings_then(setting, some, without)
        return [one for one, rings in zip(some, sure, strict=True) if not rings]

    def _safe(self, ground: Ground) -> bool:
        """Whether one of the last resort is there at any time and hears of it: then nobody is left with nobody."""
        if id(ground) not in self._safes:
            absences = {one.person for one in ground.world.facts.absences}
            named = [PersonId(one.name) for one in ground.world.rulebook.last_resort if one.kind == "person"]
            self._safes[id(ground)] = any(
                one in ground.world.rulebook.people and one not in absences and ground.reachable(one)
                and not ground.mute(one, True, True)
                for one in named
            ) and not any(one.kind == "channel" for one in ground.world.rulebook.last_resort)  # fmt: skip
        return self._safes[id(ground)]


class _Seen:
    """What walks of a loss hung on."""

    def __init__(self) -> None:
        self.used: set[str] = set()
        self.ranked = self.weighed = False

    def add(self, walks: Walks, noted: Noted) -> None:
        self.used |= noted.used
        self.ranked |= walks.ranked
        self.weighed |= walks.weighed


_Told = tuple[Instant, Supposed]
"""At which opening it is worst, and what had to be supposed for it besides what its way supposes."""


def _anew(explored: Explored, supposed: Supposed) -> Supposed:
    return {name: value for name, value in supposed.items() if name not in explored.supposed}


def _fall(explored: Explored, loss: Loss, name: str, worst: Stretch, supposed: Supposed) -> Fall:
    anew = len(supposed) > len(explored.supposed)
    told = (*said(supposed), *example(supposed)) if anew else explored.way.assuming
    found = Worst(worst.start, worst.at, worst.people, worst.by, told)
    return Fall(loss, name, found, worst.at is not None, tuple(supposed.items()))


def _where(line: list[Stretch], hangs: Callable[[People, People], bool]) -> list[Stretch]:
    alike = {(one.people, one.any_of) for one in line}
    hanging = {each for each in alike if hangs(*each)}
    return [one for one in line if (one.people, one.any_of) in hanging] if hanging else []


def _may_wait(ground: Ground, people: People, any_of: People) -> bool:
    """Whether all who are rung first may wait for their provider: of those in turn one is enough."""
    turns = not any_of or any(_mute(ground, person) for person in any_of)
    return turns and all(_mute(ground, person) for person in people if person not in any_of)


def _mute(ground: Ground, person: PersonId) -> bool:
    return ground.mute(person, True, False) or ground.mute(person, False, False)


def _gravity(fall: Fall) -> tuple[bool, int, str, str]:
    return fall.worst.at is not None, -(fall.worst.delay or 0), fall.loss, fall.name


def _away(world: World, person: PersonId) -> World:
    always = Absence("loss", person, -(2**62), 2**62)
    facts = replace(world.facts, absences=(*world.facts.absences, always))
    return World(world.rulebook, world.conditions, facts, world.surroundings)


def _broken(world: World, method: str) -> World:
    ways = {
        person: {name: "broken" if name == method else state for name, state in own.items()}
        for person, own in world.facts.methods.items()
    }
    return World(world.rulebook, world.conditions, replace(world.facts, methods=ways), world.surroundings)
