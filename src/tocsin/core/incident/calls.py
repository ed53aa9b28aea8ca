"""Calling one person: the contact ladder of a round, its rings in time, and what their failures lead to."""

from msgspec.structs import replace

from tocsin.core.catalogue.people import Entry
from tocsin.core.ids import PersonId, RequestId
from tocsin.core.incident import events as ev
from tocsin.core.incident.state import Ring, Round
from tocsin.core.incident.turn import Turn
from tocsin.core.outgoing import Lane, Purpose
from tocsin.core.phrase import Phrase

VOICE = "voice"
"""The one method that news of an end never uses."""


def methods_of(turn: Turn, person: PersonId) -> tuple[str, ...]:
    """The methods that lead to a person and are not broken, verified ones first."""
    known = turn.world.facts.methods.get(person, {})
    return tuple(sorted((m for m, state in known.items() if state != "broken"), key=lambda m: known[m] != "verified"))


def ladder_of(turn: Turn, person: PersonId, urgent: bool, at_once: bool = False) -> tuple[Ring, ...]:
    """The rings of a round that begins now; empty when no method leads to the person.

    A person whose ladder names only ways they do not have is called by whatever way they have. `at_once` takes every
    method now.
    """
    ways = methods_of(turn, person)
    own = turn.world.facts.contact.get(person, turn.world.rulebook.contact)
    entries = [one for one in (own.urgent if urgent else own.routine) if one.method in ways]
    if at_once or not entries:
        entries = [Entry(method) for method in ways]
    earliest = min((one.after for one in entries), default=0)
    return tuple(Ring(one.method, turn.now + one.after - earliest) for one in entries)


def reachable(turn: Turn, person: PersonId) -> bool:
    """Whether any method leads to the person."""
    return bool(methods_of(turn, person))


def call(
    turn: Turn,
    person: PersonId,
    purpose: Purpose,
    cause: Phrase,
    *,
    urgent: bool | None = None,
    request: RequestId = RequestId(""),
    options: tuple[str, ...] = (),
    last_resort: bool = False,
) -> bool:
    """Begin a round to a person, or add the cause to the one that runs. False when nothing leads to them."""
    loud = turn.urgent if urgent is None else urgent
    running = _running(turn, person, purpose, request)
    if running is not None:
        turn.emit(ev.CauseAdded(at=turn.now, round=running.number, cause=cause))
        return True
    rings = ladder_of(turn, person, loud, last_resort)
    if not rings:
        return False
    number = turn.state.round + 1
    lane = _lane(turn, loud, last_resort)
    turn.emit(ev.Paged(at=turn.now, round=Round(number, person, purpose, lane, rings, (cause,), request, options)))
    return True


def _lane(turn: Turn, urgent: bool, last_resort: bool) -> Lane:
    if last_resort:
        return "last_resort"
    if not urgent:
        return "routine"
    return "urgent_p1" if turn.state.priority == "P1" else "urgent"


def _running(turn: Turn, person: PersonId, purpose: Purpose, request: RequestId) -> Round | None:
    """The round that is still on its way to this person for the same purpose."""
    for one in turn.state.rounds:
        same = (one.person, one.purpose, one.request) == (person, purpose, request)
        if same and any(ring.state in ("waiting", "ringing", "failing") for ring in one.rings):
            return one
    return None


def round_of(turn: Turn, number: int) -> Round | None:
    """The running round of that number."""
    return next((one for one in turn.state.rounds if one.number == number), None)


def ring(turn: Turn, number: int, why: Phrase, early: bool = False) -> None:
    """Ring what is due of a round; `early` takes the next entry now, with all of the same delay."""
    one = round_of(turn, number)
    waiting = [ring for ring in one.rings if ring.state == "waiting"] if one else []
    if not waiting:
        return
    until = max(turn.now, min(ring.at for ring in waiting)) if early else turn.now
    methods = tuple(ring.method for ring in waiting if ring.at <= until)
    if methods:
        turn.emit(ev.Rang(at=turn.now, round=number, methods=methods, why=why))


def after_failure(turn: Turn, number: int) -> PersonId | None:
    """A method of a round has failed: ring the next one now. Returns whom nothing leads to any more, if so."""
    one = round_of(turn, number)
    if one is None:
        return None
    states = {ring.state for ring in one.rings}
    if "waiting" in states:
        if not states & {"ringing", "sent"}:
            ring(turn, number, Phrase("ring.failed"), early=True)
        return None
    if states == {"broken"}:
        return _whatever_else(turn, one)
    if states <= {"broken", "failing"}:
        turn.emit(ev.Undelivered(at=turn.now, person=one.person, round=number))
    return None


def _whatever_else(turn: Turn, one: Round) -> PersonId | None:
    """All ways of the ladder are broken: try a way that the ladder did not name, else the person is unreachable."""
    tried = {ring.method for ring in one.rings}
    rest = [method for method in methods_of(turn, one.person) if method not in tried]
    if not rest:
        turn.emit(ev.Unreachable(at=turn.now, person=one.person, round=one.number))
        return one.person
    again = replace(one, number=turn.state.round + 1, rings=tuple(Ring(method, turn.now) for method in rest))
    turn.emit(ev.Paged(at=turn.now, round=again, instead=one.number))
    return None
