"""Facts about calling people, applied: the functional cursor, the hierarchical rungs, and rounds of paging."""

from collections.abc import Callable, Iterable
from typing import assert_never

from msgspec.structs import replace

from tocsin.core.ids import PersonId
from tocsin.core.incident import events_calls as ev
from tocsin.core.incident.state import Cursor, Incident, Request, Ring, RingState, Round, Rung
from tocsin.core.instant import Instant


def functional(state: Incident, event: ev.FunctionalEvent) -> Incident:
    """A fact about the functional ladder."""
    cursor = state.functional
    match event:
        case ev.StepEntered():
            return replace(state, functional=event.cursor, held_until=None)
        case ev.StepPassed():
            known = cursor.passed if cursor.lap == event.lap else ()
            passed = (*known, event.position) if event.unmatched else known
            tried = cursor.tried_by(event.lap)
            beyond = Cursor(event.position, event.lap, event.at, need=cursor.need, passed=passed, tried=tried)
            return replace(state, functional=beyond)
        case ev.Called():
            queue = tuple(one for one in cursor.queue if one != event.person)
            called = (*cursor.called, event.person)
            return replace(state, functional=replace(cursor, queue=queue, called=called, call_at=event.call_at))
        case ev.Exhausted():
            return replace(state, functional=replace(cursor, exhausted=True, due_at=event.at, call_at=None, queue=()))
        case ev.Rescued():
            rescued = replace(cursor, rescue=event.round, stage=event.stage, due_at=event.next_at, called=event.people)
            return replace(state, functional=rescued, held_until=None)
        case ev.Assigned():
            alone = replace(cursor, due_at=event.until, called=(event.person,), queue=(), call_at=None)
            return replace(state, functional=alone, held_until=None)
        case _:
            assert_never(event)


def hierarchical(state: Incident, event: ev.HierarchicalEvent) -> Incident:
    """A fact about the hierarchical ladder."""
    match event:
        case ev.RungFired():
            return _rung(state, event.index, Rung(event.at, "fired"))
        case ev.RungSkipped():
            return _rung(state, event.index, Rung(state.hierarchical[event.index].at, "skipped"))
        case ev.RungUnmatched():
            return _rung(state, event.index, Rung(state.hierarchical[event.index].at, "unmatched"))
        case ev.Replanned():
            plan = {int(index): at for index, at in event.plan.items()}
            rungs = (Rung(plan[i]) if i in plan else rung for i, rung in enumerate(state.hierarchical))
            return replace(state, hierarchical=tuple(rungs))
        case ev.Informed():
            informed = dict.fromkeys((*state.informed, *event.people, *map(PersonId, event.channels)))
            return replace(state, informed=tuple(informed))
        case _:
            assert_never(event)


def _rung(state: Incident, index: int, rung: Rung) -> Incident:
    rungs = list(state.hierarchical)
    rungs[index] = rung
    return replace(state, hierarchical=tuple(rungs))


def paging(state: Incident, event: ev.PagingEvent) -> Incident:
    """A fact about calling one person."""
    match event:
        case ev.Delivery():  # first, for most facts are of this kind
            return _delivered(state, event)
        case ev.Paged():
            begun = _begun(event.round, event.at)
            ended = event.instead
            others = [one for one in state.rounds if one.number != ended] if ended else state.rounds
            return replace(state, rounds=(*others, begun), round=event.round.number)
        case ev.CauseAdded():
            return _each(state, event.round, lambda one: replace(one, causes=(*one.causes, event.cause)[-10:]))
        case ev.Rang():
            return _each(state, event.round, lambda one: _ring(one, event.methods, event.at))
        case ev.Unreachable():
            return _unreachable(state, event)
        case ev.Undelivered():
            return state
        case _:
            assert_never(event)


def _unreachable(state: Incident, event: ev.Unreachable) -> Incident:
    """The round is over; whoever was to answer by it is not counted any more."""
    ended = next((one for one in state.rounds if one.number == event.round), None)
    if ended is None or ended.purpose == "page":
        called = tuple(one for one in state.functional.called if one != event.person)
        state = replace(state, functional=replace(state.functional, called=called))
    if ended is None:
        return state
    rounds = tuple(one for one in state.rounds if one is not ended)
    return replace(state, rounds=rounds, requests=without(state.requests, ended.request, event.person))


def without(requests: tuple[Request, ...], request: str, person: PersonId) -> tuple[Request, ...]:
    """The open requests, with that person not asked any more by that one."""
    return tuple(
        replace(one, current=tuple(asked for asked in one.current if asked != person)) if one.id == request else one
        for one in requests
    )


def _each(state: Incident, number: int, change: Callable[[Round], Round]) -> Incident:
    rounds = tuple(change(one) if one.number == number else one for one in state.rounds)
    return replace(state, rounds=rounds)


def _begun(one: Round, at: Instant) -> Round:
    """A round that begins: what comes at once is on its way."""
    rings = [Ring(ring.method, ring.at, "ringing") if ring.at <= at else ring for ring in one.rings]
    return replace(one, rings=tuple(rings))


def _ring(one: Round, methods: Iterable[str], at: Instant) -> Round:
    """The round with these methods rung; one that comes before its time was planned for now."""
    chosen = set(methods)
    rings = (Ring(ring.method, min(ring.at, at), "ringing") if ring.method in chosen else ring for ring in one.rings)
    return replace(one, rings=tuple(rings))


_AFTER: dict[str, RingState] = {"sent": "sent", "passing": "failing", "permanent": "broken", "rung_out": "unanswered"}


def _delivered(state: Incident, event: ev.Delivery) -> Incident:
    if state.rounds:
        marked = [
            _marked(one, event) if one.number == event.round and one.person == event.person else one
            for one in state.rounds
        ]
        state = replace(state, rounds=tuple([one for one in marked if not _finished(one)]))
    if event.outcome != "sent":
        return state
    known = state.carried.get(event.person, ())
    if event.method in known:
        return state
    return replace(state, carried={**state.carried, event.person: (*known, event.method)})


def _marked(one: Round, event: ev.Delivery) -> Round:
    """The round with what became of that method."""
    rings = [_outcome(ring, event) if ring.method == event.method else ring for ring in one.rings]
    return replace(one, rings=tuple(rings))


def _outcome(ring: Ring, event: ev.Delivery) -> Ring:
    """What has not rung yet has no outcome; a passing failure undoes none that is known."""
    open_to_it = ring.state in ("ringing", "failing") or (event.outcome != "passing" and ring.state != "waiting")
    return replace(ring, state=_AFTER[event.outcome]) if open_to_it else ring


def _finished(one: Round) -> bool:
    """Everything rang and at least one way leads there; a round whose ways all broke is ended by Unreachable."""
    states = {ring.state for ring in one.rings}
    return states <= {"sent", "unanswered", "broken"} and states != {"broken"}
