"""What became of a message: recorded, and where it failed, the next method, person or step at once."""

from tocsin.core.decider import Refused
from tocsin.core.ids import PersonId
from tocsin.core.incident import commands as cmd
from tocsin.core.incident import events as ev
from tocsin.core.incident.asking import unreachable
from tocsin.core.incident.calls import after_failure, round_of
from tocsin.core.incident.functional import lost
from tocsin.core.incident.offers import pass_on
from tocsin.core.incident.turn import Turn
from tocsin.core.phrase import Phrase


def receipt(turn: Turn, command: cmd.Receipt) -> Refused | None:
    """Record an outcome. A provider that took it stops nothing; a failure moves this person's ladder on."""
    one = round_of(turn, command.round)
    turn.emit(
        ev.Delivery(
            at=turn.now,
            message=command.message,
            round=command.round,
            person=PersonId(command.person),
            method=command.method,
            outcome=command.outcome,
            detail=command.detail,
        )
    )
    if command.outcome == "sent" or one is None or not turn.state.live:
        return None
    gone = after_failure(turn, command.round)
    if gone is None:
        return None
    if one.request:
        _request_lost(turn, one.request, gone)
    elif one.purpose == "page":
        lost(turn, gone)
    return None


def _request_lost(turn: Turn, name: str, person: PersonId) -> None:
    request = turn.state.request_of(name)
    if request is not None and request.purpose == "offer":
        pass_on(turn, request, Phrase("offer.unreachable"))
    else:
        unreachable(turn, name, person)
