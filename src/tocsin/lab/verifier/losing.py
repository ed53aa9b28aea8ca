"""What is left when one thing is missing: a person who is away, a method that has failed, a provider that is down.

Only where all who would be rung hang on it is anything walked again: else somebody else hears of it at the same moment.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterator
from itertools import chain

from msgspec.structs import replace

from tocsin.core.ids import HoursId, PersonId, PolicyId
from tocsin.core.instant import Instant
from tocsin.core.oncall.override import Absence
from tocsin.core.world import World
from tocsin.lab.verifier.apart import Apart
from tocsin.lab.verifier.exploring import Explored, Noted, keys
from tocsin.lab.verifier.opening import MOST
from tocsin.lab.verifier.ordering import People
from tocsin.lab.verifier.reach import Fall, Loss, Stretch, Worst
from tocsin.lab.verifier.repeating import Walks
from tocsin.lab.verifier.standing import Setting
from tocsin.lab.verifier.supposing import Supposed, Undecided, example, said
from tocsin.lab.verifier.timeline import Ground

ROUNDS = ("last_resort", "teams")
"""How the place of those begins whom only the rounds after exhaustion reach."""

LOOKS = 800
"""Walks to look for the opening that waits longest, shared by services and losses: more services have more losses."""


class Losses:
    """Grounds on which something is missing, each made when it is first asked about."""

    def __init__(self, ground: Ground, end: Instant) -> None:
        self.ground = ground
        self.end = end
        self._grounds: dict[tuple[Loss, str], Ground] = {}
        ways = ground.world.facts.methods
        self.methods = sorted({method for own in ways.values() for method in own})
        self._safes: dict[int, bool] = {}
        self._closings: dict[HoursId, Instant] = {}
        self._looks = max(LOOKS // max(len(ground.world.rulebook.services) ** 2, 1), 1)
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
                return None if told is None else self._of_this(ground, explored, (loss, name), told)
        self._kept.append(explored.way.responder)
        seen = _Seen()
        worst = self._found(ground, explored, some, seen)
        scope = scopes[0] if seen.ranked else scopes[1] if seen.weighed or len(some) < all_ else scopes[2]
        used = {one: explored.supposed.get(one) for one in seen.used}
        told = None if worst is None else (worst[0].start, _anew(explored, worst[1]), seen.whole)
        known.append((scope, used, told))
        return None if worst is None else _fall(explored, (loss, name), *worst, seen.whole)

    def _of_this(self, ground: Ground, explored: Explored, missing: tuple[Loss, str], told: "_Told") -> Fall:
        """What was found for openings that go the same way, played for this priority."""
        at, anew, whole = told
        supposed = {**explored.supposed, **anew}
        worst = next(iter(self._walks_on(ground, explored, supposed)[0].over(at, at + 1)))
        return _fall(explored, missing, worst, supposed, whole)

    def _found(self, ground: Ground, explored: Explored, some: list[Stretch], seen: "_Seen") -> "_Found | None":
        """The worst of all, whatever is supposed; looked for until it is sure that there is no worse."""
        worst: _Found | None = None
        waiting: list[Supposed] = [dict(explored.supposed)]
        ways = 0
        while waiting:
            supposed = waiting.pop()
            walks, noted = self._walks_on(ground, explored, supposed)
            try:
                one = self._longest(ground, walks, some, explored.opening.setting)
            except Undecided as question:
                seen.used.add(question.name)
                room = MOST - ways - len(waiting)
                options = question.options if room >= len(question.options) else question.options[-1:]
                seen.whole &= len(options) == len(question.options)
                waiting += [{**supposed, question.name: option} for option in options]
                continue
            finally:
                seen.add(walks, noted)
            ways += 1
            if one is None:
                continue
            seen.whole &= one[1]
            if worst is None or _length(one[0]) > _length(worst[0]):
                worst = one[0], supposed
            if one[0].at is None:
                seen.whole = True
                return worst
        return worst

    def _longest(
        self, ground: Ground, walks: Walks, some: list[Stretch], setting: Setting
    ) -> tuple[Stretch, bool] | None:
        """Of these openings the one that waits longest, and whether there can be no worse.

        Where there is too much to look through, some that are likely to wait long are looked at; in the largest
        rulebooks the first alone.
        """
        last = walks.made + self._looks
        worst: Stretch | None = None
        for one in chain.from_iterable(walks.over(*span) for span in _together(some)):
            worst = _worse(one, worst)
            if worst is None or (worst.at is not None and (walks.made < last or not self._safe(ground))):
                continue
            if worst.at is None:
                return worst, True
            for at in self._telling(some, setting) if self._looks > 1 else ():
                worst = _worse(next(iter(walks.over(at, at + 1))), worst) or worst
            return worst, False
        return None if worst is None else (worst, True)

    def _telling(self, some: list[Stretch], setting: Setting) -> Iterator[Instant]:
        """Openings that are likely to wait long: as with all there, and where the team closes for longest."""
        longest = max(some, key=lambda one: one.delay or 0)
        if longest.delay:
            yield longest.start
        team = self.ground.world.rulebook.teams.get(setting.team)
        if team is None or self.ground.hours(team.hours) is None:
            return
        if team.hours not in self._closings:
            self._closings[team.hours] = self._closing(team.hours)
        closing = self._closings[team.hours]
        at = bisect_right(some, closing, key=_start) - 1
        if at >= 0 and closing < some[at].end:
            yield closing

    def _closing(self, name: HoursId) -> Instant:
        """When those hours close for the longest time."""
        at, longest, found = self.ground.start, 0, self.ground.start
        while at < self.end:
            is_open, until = self.ground.open(name, at)
            if until is None:
                return found if is_open else at
            if not is_open and until - at > longest:
                longest, found = until - at, at
            at = until
        return found

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
    """What walks of a loss hung on; `whole`: no opening was left out."""

    def __init__(self) -> None:
        self.used: set[str] = set()
        self.ranked = self.weighed = False
        self.whole = True

    def add(self, walks: Walks, noted: Noted) -> None:
        self.used |= noted.used
        self.ranked |= walks.ranked
        self.weighed |= walks.weighed


_Found = tuple[Stretch, Supposed]
"""The worst, and what had to be supposed for it."""

_Told = tuple[Instant, Supposed, bool]
"""At which opening it is worst, what had to be supposed besides what its way supposes, and whether that is sure."""


def _anew(explored: Explored, supposed: Supposed) -> Supposed:
    return {name: value for name, value in supposed.items() if name not in explored.supposed}


def _fall(explored: Explored, missing: tuple[Loss, str], worst: Stretch, supposed: Supposed, whole: bool) -> Fall:
    anew = len(supposed) > len(explored.supposed)
    told = (*said(supposed), *example(supposed)) if anew else explored.way.assuming
    found = Worst(worst.start, worst.at, worst.people, worst.by, told)
    return Fall(*missing, found, worst.at is not None, whole, tuple(supposed.items()))


def _together(some: list[Stretch]) -> Iterator[tuple[Instant, Instant]]:
    """The spans that they fill, in order."""
    start = end = some[0].start
    for one in some:
        if one.start != end:
            yield start, end
            start = one.start
        end = one.end
    yield start, end


def _start(one: Stretch) -> Instant:
    return one.start


def _worse(one: Stretch, worst: Stretch | None) -> Stretch | None:
    """What is worse: with nobody left, or after a longer wait the rounds after exhaustion alone."""
    left = one.at is None or one.by[0] in ROUNDS
    return one if left and (worst is None or _length(one) > _length(worst)) else worst


def _length(one: Stretch) -> tuple[bool, int]:
    return one.at is None, one.delay or 0


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
