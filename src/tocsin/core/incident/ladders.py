"""Both ladders of an incident as a picture: what each step did, where the cursors stand, what is planned, for whom."""

from collections.abc import Iterable
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from tocsin.core.catalogue.target import Target
from tocsin.core.ids import PersonId
from tocsin.core.incident import events as ev
from tocsin.core.incident.preview import Next
from tocsin.core.incident.state import Incident
from tocsin.core.incident.turn import Turn
from tocsin.core.incident.whom import everybody
from tocsin.core.instant import Instant, Period
from tocsin.core.policy.policy import Policy
from tocsin.core.steps import FunctionalStep, Step
from tocsin.core.world import World

StepState = Literal["done", "current", "coming", "passed", "skipped", "unmatched", "resting"]
"""`passed` over: nobody there. `skipped` for an acknowledgement. `resting`: comes only if the acknowledgement ends."""


class Drawn(Struct, frozen=True):
    """One step. `at` is when it happened or will (UTC microseconds; None: not in sight), `who` it reached or will.

    `wait` is how long a functional step waits, `after` when a hierarchical one comes, counted from the ladder's start.
    """

    index: int
    kind: str
    targets: tuple[Target, ...]
    state: StepState
    at: Instant | None = None
    who: tuple[PersonId, ...] = ()
    wait: Period | None = None
    after: Period | None = None
    when: str | None = None


class Ladders(Struct, frozen=True):
    """`lap` of `laps` counts from 1; `exhausted` means that rescue rounds have begun, `rescue` how many there were."""

    functional: tuple[Drawn, ...]
    hierarchical: tuple[Drawn, ...]
    lap: int
    laps: int
    exhausted: bool
    rescue: int


def draw(state: Incident, world: World, past: Iterable[ev.Event], ahead: Iterable[Next]) -> Ladders:
    """The picture, from the incident, its facts so far and what is foreseen (as much of it as was looked at)."""
    policy = world.policy(state.policy, state.digest)
    cursor = state.functional
    done, coming = _Seen(past), _Seen(event for one in ahead for event in one.facts)
    functional = (_functional(state, i, step, done, coming) for i, step in enumerate(policy.functional))
    hierarchical = (_hierarchical(state, policy, i, done, coming) for i in range(len(policy.hierarchical)))
    return Ladders(
        functional=tuple(_named(one, state, world) for one in functional),
        hierarchical=tuple(_named(one, state, world) for one in hierarchical),
        lap=min(cursor.lap, policy.repeat) + 1,
        laps=policy.repeat + 1,
        exhausted=cursor.exhausted,
        rescue=cursor.rescue,
    )


class _Seen:
    """Of a run of facts: when each step was entered or fired, and whom it reached."""

    def __init__(self, events: Iterable[ev.Event]) -> None:
        self.entered: dict[tuple[int, int], tuple[Instant, tuple[PersonId, ...]]] = {}
        self.passed: set[tuple[int, int]] = set()
        self.fired: dict[int, tuple[Instant, tuple[PersonId, ...]]] = {}
        rung: int | None = None
        for event in events:
            rung = self._take(event, rung)

    def _take(self, event: ev.Event, rung: int | None) -> int | None:
        """Note one fact; the rung to which the facts after it belong."""
        match event:
            case ev.StepEntered():
                place = (event.cursor.position, event.cursor.lap)
                self.entered.setdefault(place, (event.at, event.cursor.called))
                self.passed.discard(place)
            case ev.StepPassed():
                self.passed.add((event.position, event.lap))
            case ev.Reopened() if not event.flap:
                self.__init__(())  # type: ignore[misc]  # both ladders start afresh
            case ev.RungFired():
                self.fired.setdefault(event.index, (event.at, ()))
                return event.index
            case ev.Informed() if rung is not None:
                self._reach(rung, event.people)
            case ev.Asked() if rung is not None:
                self._reach(rung, event.request.current)
            case ev.Paged():
                return rung
            case _:
                return None
        return rung

    def _reach(self, rung: int, people: tuple[PersonId, ...]) -> None:
        at, known = self.fired[rung]
        self.fired[rung] = (at, tuple(dict.fromkeys((*known, *people))))


def _functional(state: Incident, index: int, step: FunctionalStep, done: _Seen, coming: _Seen) -> Drawn:
    cursor = state.functional
    place = (index, cursor.lap)
    kind: StepState = "coming" if state.calling else "resting"
    at, who = coming.entered.get(place, (None, ()))
    if index <= cursor.position or cursor.exhausted:
        at, who = done.entered.get(place, (None, ()))
        kind = "passed" if at is None else "done"
    if index == cursor.position and not cursor.exhausted and state.live:
        at, who, kind = cursor.entered_at, cursor.called or who, "current" if state.calling else "resting"
    return Drawn(index, _kind(step), step.targets, kind, at, who, wait=step.wait, when=step.when)


def _hierarchical(state: Incident, policy: Policy, index: int, done: _Seen, coming: _Seen) -> Drawn:
    step = policy.hierarchical[index]
    blank = Drawn(index, _kind(step), step.targets, "coming", after=step.after, when=step.when)
    if index >= len(state.hierarchical):
        return blank
    rung = state.hierarchical[index]
    states: dict[str, StepState] = {"planned": "coming", "fired": "done"}
    at, who = (done if rung.state == "fired" else coming).fired.get(index, (rung.at, ()))
    known = states.get(rung.state, "skipped" if rung.state == "skipped" else "unmatched")
    return Drawn(index, blank.kind, step.targets, known, at, who, after=step.after, when=step.when)


def _named(one: Drawn, state: Incident, world: World) -> Drawn:
    """A step beyond what was foreseen names those whom its targets mean at its time, as far as that is known."""
    if one.who or one.state not in ("coming", "resting"):
        return one
    turn = Turn(state, world, one.at if one.at is not None else state.at)
    return replace(one, who=everybody(turn, one.targets, hours_given=True))


def _kind(step: Step) -> str:
    return str(step.__struct_config__.tag)
