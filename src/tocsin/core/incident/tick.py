"""Time passes: every timer that has run out is served, the earliest first."""

from typing import Literal, assert_never

from tocsin.core.decider import Refused
from tocsin.core.incident import ending, overlays
from tocsin.core.incident import events as ev
from tocsin.core.incident.asking import request_due
from tocsin.core.incident.calls import ring
from tocsin.core.incident.due import Timer, next_timer
from tocsin.core.incident.functional import call_next, reenter, step_due
from tocsin.core.incident.hierarchical import rung_due
from tocsin.core.incident.offers import pass_on
from tocsin.core.incident.ownership import lease_due
from tocsin.core.incident.siblings import hold_due
from tocsin.core.incident.turn import Turn
from tocsin.core.phrase import Phrase

MOST = 200
"""Timers served by one tick; what is left is due at once and served by the next."""


def tick(turn: Turn) -> Refused | None:
    """Serve what is due. A tick before anything is due does nothing."""
    for _ in range(MOST):
        timer = next_timer(turn.state)
        if timer is None or timer.at > turn.now:
            return None
        turn.planned = timer.at
        _serve(turn, timer)
        turn.planned = None
    return None


def _serve(turn: Turn, timer: Timer) -> None:
    match timer.kind:
        case "step":
            step_due(turn)
        case "rung":
            rung_due(turn, int(timer.key))
        case "ring":
            ring(turn, int(timer.key), Phrase("ring.time"))
        case "call":
            call_next(turn)
        case "lease":
            lease_due(turn)
        case "request":
            _request(turn, timer.key)
        case "snooze":
            overlays.snooze_due(turn)
        case "pending":
            overlays.pending_due(turn)
        case "suspension":
            _suspension_due(turn)
        case "quiet" | "close" | "hold":
            _whole(turn, timer.kind)
        case _:
            assert_never(timer.kind)


def _whole(turn: Turn, kind: Literal["quiet", "close", "hold"]) -> None:
    """Timers of the incident as a whole: whether it is over, and whether it goes on resting beside another."""
    match kind:
        case "quiet":
            ending.quiet(turn)
        case "close":
            turn.emit(ev.Closed(at=turn.now, by=""))
        case "hold":
            hold_due(turn)


def _request(turn: Turn, name: str) -> None:
    request = turn.state.request_of(name)
    if request is not None and request.purpose == "offer":
        pass_on(turn, request, Phrase("offer.unanswered"))
    else:
        request_due(turn, name)


def _suspension_due(turn: Turn) -> None:
    turn.emit(ev.SuspensionEnded(at=turn.now))
    if turn.state.calling and not turn.resting:
        reenter(turn, Phrase("step.suspension_over"))
