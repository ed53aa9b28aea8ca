"""Responders as they tend to be: seeded chance decides who notices what, how soon they act, and which provider fails.

The defaults are a sober guess, and each can be replaced by what an organisation has measured of its own:

- `chance` 0.8: of ten calls to somebody on duty two find them driving, in a shower, or with the phone in another room.
  It is drawn once a round of calling, for whoever is not there hears the fourth method as little as the first.
- `notices`: given that they are there, a ringing phone is noticed nearly always, a text or a push mostly, a mail only
  by whoever sits before it; at night (22 to 6 on their own clock) what does not ring wakes hardly anybody.
- `ack_median` 4 minutes, log-normal with a spread of 0.8: half within 4 minutes, one in ten after more than 11. Times
  to react are skewed like that wherever they are measured: none is negative, and a few are very long.
- `resolve_median` 45 minutes after the acknowledgement, likewise, with a spread of 1.
- `down` 0.01: each provider is in trouble for three and a half days a year; half of its outages last half an hour.
"""

from collections.abc import Iterable, Iterator, Mapping
from random import Random

from msgspec import Struct, field
from msgspec.structs import replace

from tocsin.core.ids import IncidentId, PersonId, RequestId
from tocsin.core.incident import commands as cmd
from tocsin.core.instant import DAY, MINUTE, Duration, Instant
from tocsin.core.outgoing import Message
from tocsin.core.world import World
from tocsin.lab.answers import Answers, read
from tocsin.lab.behaviour import Behaviour, Fate, Happening, Put, Trouble
from tocsin.lab.meant import METHODS, Scene
from tocsin.lab.measure import CALLS, Measured, at_night, measure, zones_of
from tocsin.lab.sharing import Sharing, alike
from tocsin.lab.simulator import Transcript, play

BY_DAY = {"voice": 0.95, "push": 0.85, "sms": 0.8, "email": 0.5}
BY_NIGHT = {"voice": 0.85, "push": 0.5, "sms": 0.4, "email": 0.03}
OTHER_METHOD = 0.5
YEAR: Duration = 365 * DAY
MOST = 20_000
"""Things that happen in one run at most: by odd rules it might go on without end."""


class Habits(Struct, frozen=True):
    """What is assumed of everybody; see the module for why. Chances are between 0 and 1, medians are durations."""

    chance: float = 0.8
    by_day: Mapping[str, float] = field(default_factory=lambda: dict(BY_DAY))
    by_night: Mapping[str, float] = field(default_factory=lambda: dict(BY_NIGHT))
    ack_median: Duration = 4 * MINUTE
    ack_spread: float = 0.8
    resolve_median: Duration = 45 * MINUTE
    resolve_spread: float = 1.0
    down: Mapping[str, float] = field(default_factory=lambda: dict.fromkeys(METHODS, 0.01))
    down_median: Duration = 30 * MINUTE
    down_spread: float = 1.0


class Study(Struct, frozen=True):
    """What is tried many times. Run `i` is decided by `seed` and `i` alone, in whatever process it is run.

    Openings are spread evenly over the year from `scene.at` on, or all `at_once`.
    """

    scene: Scene
    runs: int
    seed: int
    habits: Habits = Habits()
    answers: str = ""
    at_once: bool = False
    zones: Mapping[str, str] = {}


def run(study: Study, numbers: Iterable[int]) -> Iterator[Measured]:
    """Those runs of a study, one after the other. Its answers must be usable."""
    zones = _zones(study)
    for one in played(study, numbers):
        yield measure(one.transcript, one.opened, zones, zones[""], one.ahead)


class Played(Struct, frozen=True):
    """One run, which really opened so much later as its transcript says: `ahead`."""

    transcript: Transcript
    opened: Instant
    ahead: Duration = 0


def played(study: Study, numbers: Iterable[int], together: bool = True) -> Iterator[Played]:
    """Those runs; `together`, what goes alike is played once where that can be, and what comes of it is the same."""
    scene = study.scene
    world = Answers().world(scene.world)
    first = read(study.answers, scene) if study.answers else Answers(undated=True)
    can = together and first.undated and alike(world, bool(first.happenings))
    return (_together if can else _one_by_one)(study, world, first, numbers)


def _zones(study: Study) -> dict[str, str]:
    """In whose zone everybody sleeps; '' is everybody else."""
    book = study.scene.world.rulebook
    return {"": book.timezone, **zones_of(book), **study.zones}


def _drawn(study: Study, numbers: Iterable[int]) -> Iterator[tuple[Random, Instant]]:
    """What decides each run, and when it opens."""
    at = study.scene.at
    for number in numbers:
        chance = Random(f"{study.seed}:{number}")  # noqa: S311  chance that can be repeated is what is wanted
        yield chance, at if study.at_once else at + int((number + chance.random()) * YEAR / study.runs)


def _one_by_one(study: Study, world: World, first: Answers, numbers: Iterable[int]) -> Iterator[Played]:
    """Each in its own time."""
    scene, zones = study.scene, _zones(study)
    for chance, at in _drawn(study, numbers):
        here = Scene(world, at, at + scene.until - scene.at, scene.signal, scene.source, scene.names)
        said = first.moved(at - scene.at) if first.undated else read(study.answers, here)
        crowd = Crowd(study.habits, chance, said, zones, at)
        there = said.world(world) if said.absences else world
        yield Played(play(there, (*here.opening(), *said.happenings), here.until, crowd, MOST), at)


def _together(study: Study, world: World, first: Answers, numbers: Iterable[int]) -> Iterator[Played]:
    """All as though they opened when the first may."""
    scene, zones = study.scene, _zones(study)
    happenings = (*scene.opening(), *first.happenings)
    sharing = Sharing(world, scene.until, MOST)
    for chance, at in _drawn(study, numbers):
        ahead = at - scene.at
        crowd = Crowd(study.habits, chance, first, zones, scene.at, ahead)
        there = first.moved(ahead).world(world) if first.absences else world
        yield Played(sharing.play(replace(there, ahead=ahead, asked=[]), happenings, crowd), scene.at, ahead)


class Crowd:
    """How everybody behaves in one run: as the answers say of those they settle, by chance otherwise.

    Their clocks are so much `ahead` of the run's.
    """

    def __init__(
        self,
        habits: Habits,
        chance: Random,
        said: Answers,
        zones: Mapping[str, str],
        opened: Instant,
        ahead: Duration = 0,
    ) -> None:
        self.habits = habits
        self.chance = chance
        self.settled = said.settled
        self.zones = zones
        self.ahead = ahead
        troubles = (*said.behaviour.troubles, *self._outages(opened))
        self.behaviour = Behaviour(troubles, said.behaviour.habits)
        self._there: dict[tuple[str, int, str], bool] = {}

    def fate(self, message: Message, at: Instant) -> Fate:
        """As the providers that are down in this run make it."""
        return self.behaviour.fate(message, at)

    def replies(self, message: Message, at: Instant) -> Iterable[Happening]:
        """What its reader does, if they are there and notice it."""
        if message.to in self.settled:
            return self.behaviour.replies(message, at)
        if message.purpose not in CALLS or message.method == "channel" or not self._notices(message, at):
            return ()
        return tuple(self._acts(message, at + self._lasting(self.habits.ack_median, self.habits.ack_spread)))

    def _notices(self, message: Message, at: Instant) -> bool:
        call = (message.incident, message.round, message.to)
        if call not in self._there:
            self._there[call] = self.chance.random() < self.habits.chance
        night = at_night(at + self.ahead, self.zones.get(message.to, self.zones[""]))
        likely = self.habits.by_night if night else self.habits.by_day
        return self.chance.random() < likely.get(message.method, OTHER_METHOD) and self._there[call]

    def _acts(self, message: Message, at: Instant) -> Iterator[Happening]:
        by, incident = PersonId(message.to), message.incident
        yield _put(at, incident, self._answer(message, by), f"{message.round}.{by}.{message.purpose}")
        if message.purpose == "page":
            over = at + self._lasting(self.habits.resolve_median, self.habits.resolve_spread)
            yield _put(over, incident, cmd.Resolve(by), "resolve")

    def _answer(self, message: Message, by: PersonId) -> cmd.Command:
        request = message.request or RequestId("")
        match message.purpose:
            case "ask" | "decide":
                return cmd.Answer(by, request, self.chance.choice(message.options) if message.options else "")
            case "offer":
                return cmd.Accept(by, request)
            case _:
                return cmd.Acknowledge(by)

    def _outages(self, opened: Instant) -> Iterator[Trouble]:
        for method, likely in sorted(self.habits.down.items()):
            if self.chance.random() < likely:
                lasting = self._lasting(self.habits.down_median, self.habits.down_spread)
                yield Trouble("passing", opened, opened + lasting, method)

    def _lasting(self, median: Duration, spread: float) -> Duration:
        return max(round(median * self.chance.lognormvariate(0.0, spread)), 1)


def _put(at: Instant, incident: IncidentId, command: cmd.Command, once: str) -> Happening:
    return Happening(at, Put(incident, command, f"{incident}.{once}"))
