"""Calling one person: the contact ladder of a round, its rings in time, and what their failures lead to."""

from msgspec.structs import replace

from tocsin.core.ids import PersonId, RequestId
from tocsin.core.incident import events as ev
from tocsin.core.incident.state import Ring, Round
from tocsin.core.incident.turn import Turn
from tocsin.core.instant import Duration
from tocsin.core.outgoing import Lane, Purpose
from tocsin.core.phrase import Phrase
from tocsin.core.world import CHANNEL

VOICE = "voice"
"""The one method that news of an end never uses."""


def methods_of(turn: Turn, person: PersonId) -> tuple[str, ...]:
    """The methods that lead to a person and are not broken, verified ones first, then by name; a channel always has
    its own.
    """
    return turn.ever(("methods", person), _methods, person)


def _methods(turn: Turn, person: PersonId) -> tuple[str, ...]:
    known = turn.world.facts.methods.get(person)
    if known is None:
        return ("channel",) if person.startswith(CHANNEL) else ()
    whole = (method for method, state in known.items() if state != "broken")
    return tuple(sorted(whole, key=lambda method: (known[method] != "verified", method)))


def ladder_of(turn: Turn, person: PersonId, urgent: bool, at_once: bool = False) -> tuple[Ring, ...]:
    """The rings of a round that begins now; empty when no method leads to the person.

    Delays count from now; where the ways that would come first lead nowhere, the next entry comes now. A person whose
    ladder names only ways they do not have is called by whatever way they have. `at_once` takes every method now. A
    method rings once in a round, however often the ladder names it.
    """
    now = turn.now
    delays = turn.ever(("ladder", person, urgent, at_once), _delays, person, urgent, at_once)
    return tuple([Ring(method, now + delay) for method, delay in delays])


def _delays(turn: Turn, person: PersonId, urgent: bool, at_once: bool) -> tuple[tuple[str, Duration], ...]:
    """The methods of a ladder, and how long after its beginning each rings."""
    ways = methods_of(turn, person)
    own = turn.world.facts.contact.get(person, turn.world.rulebook.contact)
    named = own.urgent if urgent else own.routine
    entries = [] if at_once else sorted((one for one in named if one.method in ways), key=lambda one: one.after)
    if not entries:
        return tuple((method, 0) for method in ways)
    first = entries[0].after
    missed = first > min(one.after for one in named)
    delays: dict[str, Duration] = {}
    for one in entries:
        delays.setdefault(one.method, 0 if missed and one.after == first else one.after)
    return tuple(delays.items())


def reachable(turn: Turn, person: PersonId) -> bool:
    """Whether any method leads to the person."""
    return bool(turn.ever(("methods", person), _methods, person))


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
    """Begin a round to a person, or add the cause to the one that runs. False when nothing leads to them.

    What is louder than the round that runs takes its place; the last resort rings every way that has not rung yet.
    """
    loud = turn.urgent if urgent is None else urgent
    lane = _lane(turn, loud, last_resort)
    running = _running(turn, person, purpose, request)
    rings = ladder_of(turn, person, loud, last_resort)
    louder = running is not None and running.lane == "routine" != lane
    if running is not None and last_resort:
        rung = {one.method for one in running.rings if one.state != "waiting"}
        rings, louder = tuple(one for one in rings if one.method not in rung), True
    if running is not None and not (louder and rings):
        turn.emit(ev.CauseAdded(at=turn.now, round=running.number, cause=cause))
        return True
    if not rings:
        return False
    number = turn.state.round + 1
    begun = Round(number, person, purpose, lane, rings, (cause,), request, options)
    turn.emit(ev.Paged(at=turn.now, round=begun, instead=running.number if running is not None else 0))
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
    for one in turn.state.rounds:
        if one.number == number:
            return one
    return None


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
    """A method of a round failed or rang out: ring the next one now. Returns whom nothing leads to any more, if so."""
    one = round_of(turn, number)
    if one is None:
        return None
    states = {ring.state for ring in one.rings}
    if "waiting" in states:
        ring(turn, number, Phrase("ring.failed"), early=True)
        return None
    if states == {"broken"}:
        return _whatever_else(turn, one)
    if states <= {"broken", "failing"}:
        turn.emit(ev.Undelivered(at=turn.now, person=one.person, round=number))
    return None


def try_others(turn: Turn, person: PersonId, but: str) -> bool:
    """Page a person by every way except one; whether there is any."""
    rings = tuple(Ring(method, turn.now) for method in methods_of(turn, person) if method != but)
    if rings:
        lane = _lane(turn, turn.urgent, last_resort=False)
        cause = Phrase("page.bounced", {"method": but})
        turn.emit(ev.Paged(at=turn.now, round=Round(turn.state.round + 1, person, "page", lane, rings, (cause,))))
    return bool(rings)


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
