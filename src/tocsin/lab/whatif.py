"""What if: one incident of a service, priority and kind, opening at an instant, with people answering as told."""

from collections.abc import Mapping

from msgspec import Struct
from msgspec.structs import replace

from tocsin.core.catalogue.priority import Priority
from tocsin.core.instant import DAY, Instant
from tocsin.core.phrase import Phrase
from tocsin.core.rulebook import Rulebook
from tocsin.core.signal import Kind, Signal
from tocsin.core.world import World
from tocsin.lab.answers import Answers, read
from tocsin.lab.grammar import Complaint
from tocsin.lab.meant import Scene
from tocsin.lab.measure import Measured, measure, zones_of
from tocsin.lab.simulator import Transcript, play
from tocsin.lab.telling import Line, told

LONGEST = 31 * DAY
"""How long an incident is watched at most."""

MOST = 100_000
"""Things that happen before a story is cut short, where nothing else is said."""


class WhatIf(Struct, frozen=True):
    """What would happen. Where a complaint is no note nothing was played, and `lines` is empty.

    `lines` hold phrases with people's ids; whoever shows them puts names and the reader's language in.
    """

    scene: Scene
    answers: Answers
    transcript: Transcript
    lines: tuple[Line, ...]
    measured: Measured

    @property
    def complaints(self) -> tuple[Complaint, ...]:
        """What is wrong with the answers, and what is only worth knowing of them."""
        return self.answers.complaints


def simulate_one(
    world: World,
    service: str,
    priority: Priority,
    kind: Kind,
    at: Instant,
    answers: str = "",
    until: Instant | None = None,
    *,
    names: Mapping[str, str] | None = None,
    zones: Mapping[str, str] | None = None,
    most: int = MOST,
) -> WhatIf:
    """Play one incident: `service` breaks at `at` with that priority; it is watched to `until` (8 hours by default).

    `world` is only read, so that the live one can be given. `names` lets answers name people as people do; `zones` are
    theirs, for what counts as night. Takes milliseconds; at most `LONGEST` is played, whatever `until` is, and
    `most` things happen; where that cuts it short the last line says so.
    """
    adjusted, severity = with_severity(world, priority)
    title = f"{service or 'something'} is down"
    signal = Signal(key="what-if", action="trigger", title=title, severity=severity, kind=kind, service=service)
    end = at + DAY // 3 if until is None else until
    return simulate(Scene(adjusted, at, end, signal, names=names or {}), answers, zones, most)


def simulate(scene: Scene, answers: str = "", zones: Mapping[str, str] | None = None, most: int = MOST) -> WhatIf:
    """Play one incident that a signal opens."""
    world = Answers().world(scene.world)
    scene = replace(scene, world=world, until=min(max(scene.until, scene.at), scene.at + LONGEST))
    said = read(answers, scene)
    if not said.usable:
        return WhatIf(scene, said, Transcript((), (), (), {}, {}), (), Measured(scene.at))
    happenings = (*scene.opening(), *said.happenings)
    transcript = play(said.world(world), happenings, scene.until, said.behaviour, most)
    home = world.rulebook.timezone
    measured = measure(transcript, scene.at, {**zones_of(world.rulebook), **(zones or {})}, home)
    return WhatIf(scene, said, transcript, (*told(transcript, scene.at), *_cut(transcript, scene.at)), measured)


def _cut(transcript: Transcript, opened: Instant) -> tuple[Line, ...]:
    """A line that says that more would have happened, where it was not played."""
    if transcript.whole or not transcript.told:
        return ()
    last = transcript.told[-1]
    return (Line(last.event.at, last.event.at - opened, last.stream, "cut", Phrase("lab.simulate.cut")),)


def with_severity(world: World, priority: Priority) -> tuple[World, str]:
    """A sender's word that is worth that priority; where the rulebook has none, one is made up for this one question.

    Criteria may raise it from there, as they would of a signal.
    """
    rules = world.rulebook.priorities
    words = sorted(word for word, worth in rules.severity.items() if worth == priority and word != "else")
    if words:
        return world, words[0]
    if rules.severity["else"] == priority:
        return world, ""
    made = replace(rules, severity={**rules.severity, priority.lower(): priority})
    return _with_rulebook(world, replace(world.rulebook, priorities=made)), priority.lower()


def _with_rulebook(world: World, rulebook: Rulebook) -> World:
    return World(rulebook, world.conditions, world.facts, world.surroundings, world.pinned)
