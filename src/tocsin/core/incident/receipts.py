"""What became of a message: recorded, and where it failed, the next method, person or step at once."""

from tocsin.core.decider import Refused
from tocsin.core.ids import PersonId
from tocsin.core.incident import commands as cmd
from tocsin.core.incident import events as ev
from tocsin.core.incident.asking import lost_one
from tocsin.core.incident.calls import after_failure, round_of, try_others
from tocsin.core.incident.functional import lost
from tocsin.core.incident.offers import pass_on
from tocsin.core.incident.state import RingState, Round
from tocsin.core.incident.turn import Turn
from tocsin.core.phrase import Phrase


def receipt(turn: Turn, command: cmd.Receipt) -> Refused | None:
    """Record an outcome. A provider that took it stops nothing; a failure moves this person's ladder on, once."""
    if turn.state.status == "new":
        return Refused("unknown", "there is no such incident")
    if command.outcome == "sent" or not turn.state.live:
        turn.emit(_delivery(turn, command))
        return None
    one = round_of(turn, command.round)
    before = _ring_state(one, command.method)
    turn.emit(_delivery(turn, command))
    if one is None:
        _bounced(turn, command)
    elif before != _ring_state(round_of(turn, one.number) or one, command.method) and after_failure(turn, one.number):
        gone(turn, one)
    return None


def _delivery(turn: Turn, command: cmd.Receipt) -> ev.Delivery:
    """The fact. A page that arrives after the end is answered with the news of the end."""
    person = PersonId(command.person)
    told = command.method in turn.state.carried.get(person, ())
    return ev.Delivery(
        at=turn.now,
        message=command.message,
        round=command.round,
        person=person,
        method=command.method,
        outcome=command.outcome,
        detail=command.detail,
        after_end=command.outcome == "sent" and command.round > 0 and not turn.state.live and not told,
    )


def _ring_state(one: Round | None, method: str) -> RingState | None:
    return next((ring.state for ring in one.rings if ring.method == method), None) if one else None


def _bounced(turn: Turn, command: cmd.Receipt) -> None:
    """Accepted first and returned later, when the round was over: whoever is still being called is tried otherwise."""
    person = PersonId(command.person)
    waiting = person in turn.state.functional.called and turn.state.calling and not turn.resting
    if command.outcome != "permanent" or not waiting or any(one.person == person for one in turn.state.rounds):
        return
    if not try_others(turn, person, command.method):
        turn.emit(ev.Unreachable(at=turn.now, person=person, round=0))
        lost(turn)


def gone(turn: Turn, one: Round) -> None:
    """Nothing leads to somebody any more: the next one, where somebody has to answer."""
    request = turn.state.request_of(one.request)
    if request is not None and request.purpose == "offer":
        pass_on(turn, request, Phrase("offer.unreachable"))
    elif request is not None:
        lost_one(turn, request.id, Phrase("climb.unreachable"))
    elif one.purpose == "page":
        lost(turn)
