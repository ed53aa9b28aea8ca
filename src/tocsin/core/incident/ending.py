"""Resolved, firing again, flapping, closed: how an incident ends, and how it does not."""

from tocsin.core.decider import Refused
from tocsin.core.ids import SourceId
from tocsin.core.incident import commands as cmd
from tocsin.core.incident import events as ev
from tocsin.core.incident.calls import call
from tocsin.core.incident.functional import advance, reenter
from tocsin.core.incident.hierarchical import at_once, plan
from tocsin.core.incident.siblings import begun
from tocsin.core.incident.turn import Turn
from tocsin.core.instant import DAY, HOUR, MINUTE, Duration, Instant
from tocsin.core.phrase import Phrase

FLAP_WINDOW: Duration = 10 * MINUTE
"""A trigger this soon after a resolve is the same incident."""

FLAPPING_AT = 2
"""Reopenings within the last hour that make the third cycle: from then on it flaps."""

CLOSE_AFTER: Duration = 3 * DAY
"""A resolved incident is closed after this; a complaint after five working days."""

COMPLAINT_DAYS = 5


def resolve(turn: Turn, command: cmd.Resolve) -> Refused | None:
    """A person says that it is over."""
    if not turn.state.live:
        return Refused("ended", f"it is {turn.state.status} already")
    why = Phrase("resolve.by", {"by": command.by, "reason": command.reason})
    turn.emit(ev.Resolved(at=turn.now, by=command.by, why=why, close_at=_close_at(turn)))
    return None


def resolve_by_source(turn: Turn, by: str) -> None:
    """Every alert has ended. While it flaps that is only noted."""
    if turn.state.flap.quiet_at is None:
        turn.emit(ev.Resolved(at=turn.now, by=by, why=Phrase("resolve.source"), close_at=_close_at(turn)))


def _close_at(turn: Turn) -> Instant:
    return turn.working_day(COMPLAINT_DAYS) if turn.state.kind == "complaint" else turn.now + CLOSE_AFTER


def reopen_by_signal(turn: Turn, source: SourceId) -> None:
    """Firing again within the window: everything stands as it stood, moved on by the time between."""
    shift = turn.now - (turn.state.resolved_at or turn.now)
    turn.emit(ev.Reopened(at=turn.now, by=f"source:{source}", flap=True, shift=shift))
    recent = sum(1 for at in turn.state.flap.reopened if at > turn.now - HOUR)
    if recent >= FLAPPING_AT:
        turn.emit(ev.FlappingBegan(at=turn.now, quiet_at=turn.now + FLAP_WINDOW))


def page_again(turn: Turn, cause: Phrase, but: str = "") -> None:
    """One page, to whoever has it or is being called; a step whose time passed while it rested is entered afresh.

    What is held beside another incident, and nobody has, pages nobody.
    """
    owner, cursor = turn.state.owner, turn.state.functional
    if owner is None and turn.state.held_until is not None:
        return
    if owner is None and cursor.due_at is not None and cursor.due_at <= turn.now:
        reenter(turn, cause)
        return
    for person in (owner,) if owner else cursor.called:
        if person != but:
            call(turn, person, "page", cause)


def reopen(turn: Turn, command: cmd.Reopen) -> Refused | None:
    """A person says that it is not over: within the flap window it stands as it stood, later the ladders begin anew."""
    if turn.state.live:
        return Refused("live", f"it is {turn.state.status}: there is nothing to reopen")
    if turn.state.status == "closed":
        return Refused("ended", "it is closed and never reopens: report it anew")
    why = Phrase("step.reopened", {"reason": command.reason})
    shift = turn.now - (turn.state.resolved_at or turn.now)
    if shift <= FLAP_WINDOW and begun(turn.state):
        turn.emit(ev.Reopened(at=turn.now, by=command.by, flap=True, shift=shift))
        page_again(turn, why, but=command.by)
        return None
    ladder = plan(turn, turn.policy, turn.now)
    turn.emit(ev.Reopened(at=turn.now, by=command.by, flap=False, ladder=ladder))
    advance(turn, why)
    at_once(turn)
    return None


def close(turn: Turn, command: cmd.Close) -> Refused | None:
    """Final; only what is resolved can be closed."""
    if turn.state.status != "resolved":
        return Refused("live", f"it is {turn.state.status}: resolve it first")
    turn.emit(ev.Closed(at=turn.now, by=command.by))
    return None


def still_flapping(turn: Turn) -> None:
    """A change while it flaps: the quiet starts over."""
    quiet_at = turn.now + FLAP_WINDOW
    if turn.state.flap.quiet_at is not None and turn.state.flap.quiet_at < quiet_at:
        turn.emit(ev.FlappingWent(at=turn.now, quiet_at=quiet_at))


def quiet(turn: Turn) -> None:
    """A flapping source was quiet for the window: resolved if that is how it left it, else an ordinary incident."""
    turn.emit(ev.FlappingEnded(at=turn.now))
    if not turn.state.firing:
        turn.emit(ev.Resolved(at=turn.now, by="", why=Phrase("resolve.quiet"), close_at=_close_at(turn)))
