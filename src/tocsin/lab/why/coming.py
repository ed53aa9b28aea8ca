"""Why the next step is what it is: from which instant its wait runs, in which hours, and why it reaches those."""

from collections.abc import Iterator

from tocsin.core.calendar import working
from tocsin.core.calendar.hours import Hours
from tocsin.core.ids import HoursId, PersonId
from tocsin.core.incident import events as ev
from tocsin.core.incident.due import Timer, timers
from tocsin.core.incident.evolve import evolve
from tocsin.core.incident.preview import Next, preview
from tocsin.core.incident.state import Incident
from tocsin.core.incident.turn import Turn
from tocsin.core.instant import Instant, format_duration
from tocsin.core.phrase import Phrase
from tocsin.core.world import World
from tocsin.lab.why.answer import Coming, Reached
from tocsin.lab.why.naming import named

CLOSINGS = 20
"""So many closings of a wait are named."""


def coming(state: Incident, world: World, at: Instant) -> Coming | None:
    """What happens next by itself after `at`, with its reasons; None when nothing ever will."""
    found = preview(state, world, at)
    if found is None:
        return None
    turn = Turn(state, world, at)
    running = [one for one in timers(state) if one.at <= found.at]
    last = max((one.at for one in running), default=found.at)
    why = [phrase for one in running if one.at == last for phrase in _why_then(turn, one)]
    if last < found.at:
        why.append(Phrase("lab.why.then.passing", {"then": str(found.at)}))
    return Coming(found.at, found.what, tuple(why), tuple(_whom(found, state, world)))


def _why_then(turn: Turn, timer: Timer) -> Iterator[Phrase]:
    state = turn.state
    match timer.kind:
        case "step":
            yield from _step(turn, timer.at)
        case "rung":
            yield from _rung(turn, int(timer.key), timer.at)
        case "call":
            yield from _call(turn, timer.at)
        case "ring":
            yield from _ring(state, int(timer.key))
        case "lease" if state.lease is not None:
            lease = state.lease
            as_usual = lease.ends_at - lease.since == lease.length  # else an estimate or working hours moved its end
            key = "lease_asked" if lease.asked_until is not None else "lease" if as_usual else "lease_until"
            values = {"person": state.owner or "", "since": str(lease.since), "length": format_duration(lease.length)}
            values |= {"until": str(lease.ends_at)} if key == "lease_until" else {}
            yield Phrase(f"lab.why.then.{key}", values)
        case "request":
            one = state.request_of(timer.key)
            if one is not None:
                yield Phrase("lab.why.then.request", {"people": ", ".join(one.current), "until": str(one.deadline)})
                yield from _closings(turn, one.hours, state.at, timer.at)
        case "pending" if state.pending is not None:
            yield Phrase("lab.why.then.pending", {"reason": state.pending.reason})
        case _:
            yield Phrase(f"lab.why.then.{timer.kind}", {"until": str(timer.at)})


def _call(turn: Turn, at: Instant) -> Iterator[Phrase]:
    cursor, steps = turn.state.functional, turn.policy.functional
    yield Phrase("lab.why.then.call", {"length": format_duration(cursor.spacing)})
    if 0 <= cursor.position < len(steps):
        yield from _closings(turn, steps[cursor.position].hours, turn.now, at)


def _step(turn: Turn, at: Instant) -> Iterator[Phrase]:
    cursor, steps = turn.state.functional, turn.policy.functional
    if cursor.exhausted:
        yield Phrase("lab.why.then.rescue", {"round": str(cursor.rescue + 1), "since": str(cursor.entered_at)})
    elif cursor.shut:
        yield Phrase("lab.why.then.opening", {"step": str(cursor.position + 1), "until": str(at)})
    elif 0 <= cursor.position < len(steps):
        step = steps[cursor.position]
        values = {"step": str(cursor.position + 1), "length": str(step.wait), "since": str(cursor.entered_at)}
        yield Phrase("lab.why.then.step", values)
        yield from _closings(turn, step.hours, cursor.entered_at, at)


def _rung(turn: Turn, index: int, at: Instant) -> Iterator[Phrase]:
    steps, start = turn.policy.hierarchical, turn.state.ladder_start
    if index >= len(steps):
        return
    step = steps[index]
    values = {"step": str(index + 1), "length": str(step.after), "since": str(start)}
    yield Phrase("lab.why.then.rung", values)
    yield from _closings(turn, step.hours, start, at)
    if turn.after(step.after, turn.hours(step.hours), start) != at:
        yield Phrase("lab.why.then.replanned", {"until": str(at)})


def _ring(state: Incident, number: int) -> Iterator[Phrase]:
    for one in state.rounds:
        if one.number == number:
            methods = ", ".join(ring.method for ring in one.rings if ring.state == "waiting")
            yield Phrase("lab.why.then.ring", {"person": one.person, "methods": methods})


def _closings(turn: Turn, name: HoursId | None, start: Instant, end: Instant) -> Iterator[Phrase]:
    """In which hours a wait is counted, and every time that they are closed meanwhile."""
    hours = turn.hours(name)
    if hours is None or name is None:
        return
    yield Phrase("lab.why.then.hours", {"hours": name})
    yield from (Phrase("lab.why.then.closed", {"since": str(a), "until": str(b)}) for a, b in _shut(hours, start, end))


def _shut(hours: Hours, start: Instant, end: Instant) -> Iterator[tuple[Instant, Instant]]:
    at = start
    for number, span in enumerate(working.openings(start, end, hours)):
        if number >= CLOSINGS:
            return
        if span.start > at:
            yield at, span.start
        at = span.end
    if at < end:
        yield at, end


def _whom(found: Next, state: Incident, world: World) -> Iterator[Reached]:
    """Each of those whom it reaches, and by which target of which step."""
    why: dict[PersonId, list[Phrase]] = {one: [] for one in found.who}
    rung: int | None = None
    for event in found.facts:
        state = evolve(state, event)
        turn = Turn(state, world, event.at)
        rung = event.index if isinstance(event, ev.RungFired) else rung
        for person, reasons in _reasons(turn, event, rung):
            why.setdefault(person, []).extend(one for one in reasons if one not in why.get(person, ()))
    yield from (Reached(person, tuple(why[person])) for person in found.who)


def _reasons(turn: Turn, event: ev.Event, rung: int | None) -> Iterator[tuple[PersonId, tuple[Phrase, ...]]]:
    match event:
        case ev.StepEntered() if 0 <= event.cursor.position < len(turn.policy.functional):
            step = turn.policy.functional[event.cursor.position]
            for person in event.cursor.called:
                chosen = (event.chosen,) if event.chosen is not None else ()
                yield person, (*named(turn, step, person), *chosen)
        case ev.Informed() if rung is not None and rung < len(turn.policy.hierarchical):
            for person in event.people:
                yield person, named(turn, turn.policy.hierarchical[rung], person)
        case ev.Asked() if rung is not None and rung < len(turn.policy.hierarchical):
            for person in event.request.current:
                yield person, named(turn, turn.policy.hierarchical[rung], person)
        case ev.Climbed():
            yield from ((person, (event.why,)) for person in event.request.current)
        case ev.Rescued():
            yield from ((person, (event.why,)) for person in event.people)
        case ev.Paged():
            yield event.round.person, (event.round.causes[-1],)
        case _:
            return
