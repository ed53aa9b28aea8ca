"""Why somebody was or was not reached: each time a step could have named them, and what kept them out of it."""

from collections.abc import Callable, Iterator, Sequence
from itertools import islice

from msgspec import Struct

from tocsin.core.ids import PersonId
from tocsin.core.incident import events as ev
from tocsin.core.incident.evolve import evolve, initial
from tocsin.core.incident.knowing import cleared
from tocsin.core.incident.preview import Next, foresee
from tocsin.core.incident.state import Incident
from tocsin.core.incident.telling import tell
from tocsin.core.incident.turn import Turn
from tocsin.core.instant import Instant
from tocsin.core.phrase import Phrase
from tocsin.core.world import World
from tocsin.lab.why.answer import Kind, Line
from tocsin.lab.why.letters import Letters
from tocsin.lab.why.naming import Step, concerns, kept_out

Worlds = Callable[[Instant], World]
"""The world as it was known then: its rulebook, and what had been entered by then."""

AHEAD = 40
"""So many things that would happen by themselves are looked through for the person."""


class Told(Struct, frozen=True):
    """The lines about one person, their messages, and how the incident stood at the end."""

    lines: tuple[Line, ...]
    letters: Letters
    state: Incident


def told(incident: str, past: Sequence[ev.Event], worlds: Worlds, person: PersonId) -> Told:
    """From all facts of an incident up to the instant that is asked about."""
    walk = _Walk(incident, past, worlds, person)
    for index, event in enumerate(past):
        walk.take(index, event)
    return Told(tuple(walk.lines), walk.letters, walk.state)


class _Walk:
    """The incident's life once more, with one person in mind."""

    def __init__(self, incident: str, past: Sequence[ev.Event], worlds: Worlds, person: PersonId) -> None:
        self.state = initial(incident)
        self.lines: list[Line] = []
        self.letters = Letters(person)
        self._past, self._worlds, self._person = past, worlds, person
        self._rounds: dict[int, PersonId] = {}

    def take(self, index: int, event: ev.Event) -> None:
        """One fact."""
        before, self.state = self.state, evolve(self.state, event)
        if isinstance(event, ev.Paged):
            self._rounds[event.round.number] = event.round.person
        self.letters.take(event, self.state)
        if self._is_about(event):
            sentence = tell(event)
            kind: Kind = "called" if isinstance(event, ev.Paged) else "fact"
            self._say(event.at, kind, sentence.what, *((sentence.why,) if sentence.why else ()))
        self.lines += self._passed_by(index, event, before)

    def _say(self, at: Instant, kind: Kind, what: Phrase, *why: Phrase) -> None:
        self.lines.append(Line(at, kind, what, why))

    def _is_about(self, event: ev.Event) -> bool:
        match event:
            case ev.Paged():
                return event.round.person == self._person
            case ev.Rang() | ev.CauseAdded():
                return self._rounds.get(event.round) == self._person
            case ev.Delivery():
                return False  # it stands with its message
            case ev.Unreachable() | ev.Undelivered() | ev.Called() | ev.Assigned():
                return event.person == self._person
            case _:
                return getattr(event, "by", None) == self._person

    def _passed_by(self, index: int, event: ev.Event, before: Incident) -> Iterator[Line]:
        """What kept the person out where this fact calls others, or nobody."""
        match event:
            case ev.StepEntered() if self._person in event.cursor.called and event.cursor.due_at is not None:
                return
            case ev.StepEntered() if event.why.key != "step.acknowledged":
                yield from self._entered(event)
            case ev.StepPassed():
                why = (event.why,) if event.unmatched else ()
                yield from self._step(event.at, self._functional(event.position), event.position, before, why)
            case ev.RungUnmatched() | ev.RungSkipped():
                yield from self._rung(event, before)
            case ev.RungFired() if not self._reaches(index):
                yield from self._step(event.at, self._hierarchical(event.index), event.index, self.state, (), "rung")
            case ev.Rescued() if self._person not in event.people and event.people:
                yield from self._others(event.at, Phrase("lab.why.rescue", {"people": ", ".join(event.people)}))
            case ev.Assigned() if event.person != self._person:
                yield from self._others(event.at, tell(event).what)
            case _:
                return

    def _entered(self, event: ev.StepEntered) -> Iterator[Line]:
        cursor = event.cursor
        step = self._functional(cursor.position)
        what = Phrase("lab.why.step", {"step": str(cursor.position + 1), "lap": str(cursor.lap + 1)})
        if self._person in cursor.queue:
            first = Phrase("lab.why.in_turn", {"people": ", ".join(cursor.called), "until": str(cursor.call_at or 0)})
            yield Line(event.at, "kept_out", what, (*((event.chosen,) if event.chosen else ()), first))
        else:
            chosen = (event.chosen,) if event.chosen else ()
            yield from self._step(event.at, step, cursor.position, self.state, (), lap=cursor.lap, chosen=chosen)

    def _rung(self, event: ev.RungUnmatched | ev.RungSkipped, before: Incident) -> Iterator[Line]:
        step = self._hierarchical(event.index)
        if isinstance(event, ev.RungSkipped):
            why = (Phrase("lab.why.acknowledged", {"by": before.owner or "", "since": str(_acknowledged_at(before))}),)
        else:
            why = (Phrase("step.unmatched", {"when": (step.when if step else None) or ""}),)
        yield from self._step(event.at, step, event.index, before, why, "rung")

    def _step(
        self,
        at: Instant,
        step: Step | None,
        index: int,
        state: Incident,
        why: tuple[Phrase, ...],
        kind: str = "step",
        lap: int = 0,
        chosen: tuple[Phrase, ...] = (),
    ) -> Iterator[Line]:
        """A line, where the step could have named the person: `why` where that is known, else what kept them out."""
        if step is None:
            return
        turn = self._turn(at, state)
        found = kept_out(turn, step, self._person)
        if found is None:
            return
        if not why and not found and self._person in state.acknowledged_by:
            return
        what = Phrase(f"lab.why.{kind}", {"step": str(index + 1), "lap": str(lap + 1)})
        yield Line(at, "kept_out", what, why or (*chosen, *found) or (Phrase("lab.why.called_already"),))

    def _others(self, at: Instant, what: Phrase) -> Iterator[Line]:
        """Others were called outside the ladders; worth a word to whom the ladders could name."""
        turn = self._turn(at, self.state)
        if any(concerns(turn, one, self._person) for step in turn.policy.functional for one in step.targets):
            yield Line(at, "kept_out", what)

    def _reaches(self, index: int) -> bool:
        """Whether what follows from a management step at once reaches the person."""
        at = self._past[index].at
        for event in self._past[index + 1 :]:
            if event.at != at or isinstance(event, ev.RungFired):
                return False
            if isinstance(event, ev.Paged) and event.round.person == self._person:
                return True
            if isinstance(event, ev.CauseAdded) and self._rounds.get(event.round) == self._person:
                return True
        return False

    def _turn(self, at: Instant, state: Incident) -> Turn:
        return Turn(state, self._worlds(at), at)

    def _functional(self, position: int) -> Step | None:
        steps = self._turn(self.state.at, self.state).policy.functional
        return steps[position] if 0 <= position < len(steps) else None

    def _hierarchical(self, index: int) -> Step | None:
        steps = self._turn(self.state.at, self.state).policy.hierarchical
        return steps[index] if index < len(steps) else None


def _acknowledged_at(state: Incident) -> Instant:
    return state.lease.since if state.lease is not None else state.at


def ahead(state: Incident, world: World, at: Instant, person: PersonId) -> Iterator[Line]:
    """What keeps the person out at that moment, and when they would be reached if nobody acted."""
    yield from (Line(at, "kept_out", one) for one in _standing(state))
    if state.confidential and person not in cleared(state, world.rulebook):
        yield Line(at, "fact", Phrase("lab.why.not_cleared", {"person": person, "team": state.team}))
    for one in islice(foresee(state, world, at), AHEAD):
        if person in one.who:
            yield Line(one.at, "coming", Phrase("lab.why.coming", {"person": person}), _causes(one, person, state))
            return
    if state.live:
        yield Line(at, "kept_out", Phrase("lab.why.not_coming", {"person": person, "n": str(AHEAD)}))


def _causes(found: Next, person: PersonId, state: Incident) -> tuple[Phrase, ...]:
    """For what that instant reaches the person."""
    running = {one.number for one in state.rounds if one.person == person}
    causes = []
    for event in found.facts:
        if isinstance(event, ev.Paged) and event.round.person == person:
            causes.append(event.round.causes[-1])
        elif isinstance(event, ev.CauseAdded) and event.round in running:
            causes.append(event.cause)
    return tuple(causes) or (found.what,)


def _standing(state: Incident) -> Iterator[Phrase]:
    """What of the incident's state makes steps rest, or has ended them."""
    if state.status == "acknowledged" and state.owner is not None:
        yield Phrase("lab.why.acknowledged", {"by": state.owner, "since": str(_acknowledged_at(state))})
    if state.status in ("resolved", "closed"):
        yield Phrase("lab.why.ended", {"since": str(state.resolved_at or state.at)})
    for key, until in (
        ("snoozed", state.snoozed_until),
        ("suspended", state.suspended_until),
        ("held", state.held_until),
    ):
        if until is not None and state.live:
            beside = {"incident": state.sibling_of or ""} if key == "held" else {}
            yield Phrase(f"lab.why.{key}", {"until": str(until), **beside})
    if state.flap.quiet_at is not None and state.live:
        yield Phrase("lab.why.flapping", {"until": str(state.flap.quiet_at)})
