"""Simulations that go alike are played once: a tree of all that has happened so far, which each goes down and adds to.

All are played on one clock, as though they had begun at the same instant; their worlds say how far calendars and
rosters are ahead of it. What is done at a place of the tree is decided by what was done before, by what comes from
outside, by what became of the message that is handed over, and by what the world answered. Where these are the same, so
is all that follows: it is found and not done. Chance and worlds are asked as they would be without, in the same order.
"""

from collections.abc import Iterable
from heapq import heappop, heappush
from itertools import count
from typing import Any

from msgspec import Struct, field

from tocsin.core.calendar.hours import Hours
from tocsin.core.ids import PersonId, ScheduleId
from tocsin.core.instant import Instant, Period
from tocsin.core.oncall.roster import Roster
from tocsin.core.outgoing import Message
from tocsin.core.routing.criteria import CriteriaError, compile_condition
from tocsin.core.world import World
from tocsin.lab.behaviour import Acting, Fate, Happening
from tocsin.lab.simulator import Simulation, Transcript

WAYS = 32
"""Ways on from one place that are kept; the one that was of use last comes first."""

OUTSIDE = 8
"""Happenings that are kept of those that came at one place; chance brings others each time."""

MOST = 4_000
"""Places of a tree; then a new one is begun."""

_Question = tuple[str, tuple[Any, ...], object]
"""What the world was asked, with what, and its answer."""


def alike(world: World, more: bool) -> bool:
    """Whether what happens in a world can be shared: it cannot where a condition reads the calendar, nor where reports
    are counted by the minute after the first. `more`: others may come.
    """
    policies = (*world.rulebook.policies.values(), *world.pinned.values())
    steps = {step.when for policy in policies for step in (*policy.functional, *policy.hierarchical) if step.when}
    criteria = {one.when for one in world.rulebook.criteria}
    if any(world.conditions.reads(one, name) for one in steps | criteria for name in _CALENDAR):
        return False
    return not any(map(_counts, steps | criteria if more else steps))


_CALENDAR = ("calendar.hour", "calendar.weekday", "calendar.date")


def _counts(source: str) -> bool:
    try:
        return bool(compile_condition(source).durations)
    except CriteriaError:  # judged, it is an Error, at whatever time
        return False


class _Noting(World, frozen=True):
    """A world that notes what it is asked of its calendars and rosters; nothing else in it depends on the time."""

    noted: list[_Question] = field(default_factory=list)

    def roster(self, schedule: ScheduleId, at: Instant, by: int = 0) -> Roster:
        found = super().roster(schedule, at, by)
        self.noted.append(("roster", (schedule, at, by), found.people))
        return found

    def absent(self, person: PersonId, at: Instant) -> bool:
        found = super().absent(person, at)
        if self.facts.absences:
            self.noted.append(("absent", (person, at), found))
        return found

    def due(self, begin: Instant, period: Period, hours: Hours) -> Instant | None:
        found = super().due(begin, period, hours)
        self.noted.append(("due", (begin, period, hours), found))
        return found

    def is_open(self, at: Instant, hours: Hours) -> bool:
        found = super().is_open(at, hours)
        self.noted.append(("is_open", (at, hours), found))
        return found

    def next_opening(self, at: Instant, hours: Hours) -> Instant | None:
        found = super().next_opening(at, hours)
        self.noted.append(("next_opening", (at, hours), found))
        return found


def _noting(world: World) -> _Noting:
    """The same world, noting."""
    known = (world.rulebook, world.conditions, world.facts, world.surroundings, world.pinned)
    return _Noting(*known, rosters=world.rosters, asked=[], lasting=world.lasting, ahead=world.ahead)


class _Answers:
    """What one world says to what others were asked at the same place, each question put once.

    What is asked next hangs on nothing but the answers before, so that all who had the same ones were asked the same.
    """

    def __init__(self, world: World) -> None:
        self._world = world
        self._found: list[object] = []

    def same(self, asked: tuple[_Question, ...]) -> bool:
        """Whether it says the same to all of it."""
        found = self._found
        for number, (name, given, answer) in enumerate(asked):
            if number == len(found):
                said = getattr(self._world, name)(*given)
                found.append(said.people if name == "roster" else said)
            if found[number] != answer:
                return False
        return True


class _Given(Struct, frozen=True):
    """What has been drawn already: the fate of a message; what its reader does comes from outside."""

    drawn: Fate | None

    def fate(self, message: Message, at: Instant) -> Fate:
        if self.drawn is None:
            raise TypeError(f"nothing was drawn for {message.id} at {at}")
        return self.drawn

    def replies(self, message: Message, at: Instant) -> Iterable[Happening]:  # noqa: ARG002
        return ()


class _Way(Struct):
    """How it goes on from a place where the message has this fate and the world gives these answers.

    Where it leads is kept from the second time on, and then to the end: most of what chance brings never comes again.
    """

    fate: Fate | None
    asked: tuple[_Question, ...]
    place: "_Place | None" = None


class _Place:
    """A simulation as it stands; it is never gone on with, but from."""

    __slots__ = ("_outside", "_whole", "at", "message", "played", "ways")

    def __init__(self, played: Simulation) -> None:
        coming = played.coming()
        self.played = played
        self.at: Instant | None = None if coming is None else coming[0]
        self.message: Message | None = None if coming is None else coming[1]
        self.ways: list[_Way] = []
        self._outside: list[tuple[Happening, list[_Way]]] = []
        self._whole: Transcript | None = None

    def whole(self) -> Transcript:
        """The transcript of those who have come to their end here."""
        if self._whole is None:
            self._whole = self.played.transcript()
        return self._whole

    def after(self, happening: Happening) -> list[_Way]:
        """The ways on where that happens."""
        outside = self._outside
        for number, (known, ways) in enumerate(outside):
            if known is happening or known == happening:
                if number:
                    outside.insert(0, outside.pop(number))
                return ways
        outside.insert(0, (happening, []))
        del outside[OUTSIDE:]
        return outside[0][1]


class Sharing:
    """Simulations that end at one instant, or when `most` things were done.

    Their worlds may differ in `ahead` alone, and in when people are away.
    """

    def __init__(self, world: World, until: Instant, most: int) -> None:
        self.until = until
        self.most = most
        self._begin = Simulation(world, _Given(None))
        self._plant()

    def _plant(self) -> None:
        self._root = _Place(self._begin)
        self._places = 1

    def play(self, world: World, happenings: Iterable[Happening], behaviour: Acting) -> Transcript:
        """As `lab.simulator.play`."""
        if self._places >= MOST:
            self._plant()
        return _Run(self, world, happenings, behaviour).play(self._root)

    def grown(self, played: Simulation) -> _Place:
        """One more place."""
        self._places += 1
        return _Place(played)


class _Run:
    """One simulation on its way down the tree, and on by itself where nobody has been."""

    def __init__(self, tree: Sharing, world: World, happenings: Iterable[Happening], behaviour: Acting) -> None:
        self._tree = tree
        self._world = world
        self._behaviour = behaviour
        self._serial = count()
        self._outside: list[tuple[Instant, int, Happening]] = []
        self._expect(happenings)
        self._noting: _Noting | None = None
        self._second = False

    def play(self, place: _Place) -> Transcript:
        """From a place to the end."""
        outside, until, most = self._outside, self._tree.until, self._tree.most
        for done in range(most):
            at, happening = place.at, None
            if outside and (at is None or outside[0][0] < at):
                at, _, happening = outside[0]
            if at is None or at > until:
                return place.whole()
            following = self._on(place, at) if happening is None else self._happens(place, happening)
            if isinstance(following, Simulation):
                return self._alone(following, most - done - 1)
            place = following
        return self._alone(place.played.fork(self._world, self._behaviour), 0)

    def _on(self, place: _Place, at: Instant) -> "_Place | Simulation":
        """What is next on the agenda is done."""
        message = place.message
        fate = None if message is None else self._behaviour.fate(message, at)
        following = self._way(place, place.ways, None, fate)
        if message is not None and fate is not None and fate.outcome == "sent":
            self._expect(self._behaviour.replies(message, at))
        return following

    def _happens(self, place: _Place, happening: Happening) -> "_Place | Simulation":
        heappop(self._outside)
        return self._way(place, place.after(happening), happening, None)

    def _expect(self, happenings: Iterable[Happening]) -> None:
        for one in happenings:
            heappush(self._outside, (one.at, next(self._serial), one))

    def _way(
        self, place: _Place, ways: list[_Way], happening: Happening | None, fate: Fate | None
    ) -> "_Place | Simulation":
        """The place to which it leads; a simulation that has gone on from there where nobody went this way before."""
        answers: _Answers | None = None
        for number, way in enumerate(ways):
            if way.fate is not fate and way.fate != fate:
                continue
            if way.asked:
                answers = answers or _Answers(self._world)
            if answers is None or answers.same(way.asked):
                if number:
                    ways.insert(0, ways.pop(number))
                if way.place is None:
                    self._second = True
                    way.place = self._tree.grown(self._done(place, happening, fate)[0])
                return way.place
        played, asked = self._done(place, happening, fate)
        following = self._tree.grown(played) if self._second else None
        ways.insert(0, _Way(fate, asked, following))
        del ways[WAYS:]
        return following or played

    def _done(
        self, place: _Place, happening: Happening | None, fate: Fate | None
    ) -> tuple[Simulation, tuple[_Question, ...]]:
        """What comes next at a place, and what the world was asked meanwhile."""
        if self._noting is None:
            self._noting = _noting(self._world)
        self._noting.noted.clear()
        self._noting.asked.clear()  # whoever comes to this place is to be asked the same, whatever else they were asked
        played = place.played.fork(self._noting, _Given(fate))
        if happening is not None:
            played.expect((happening,))
        played.step()
        return played, tuple(self._noting.noted)

    def _alone(self, played: Simulation, most: int) -> Transcript:
        played.behaviour = self._behaviour
        played.expect([one for _, _, one in sorted(self._outside)])
        return played.transcript(played.run(self._tree.until, most))
