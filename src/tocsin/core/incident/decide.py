"""The rule of the product: a state, a command, what may be consulted and the time give the facts that follow."""

from typing import assert_never

from tocsin.core.decider import Refused
from tocsin.core.incident import commands as cmd
from tocsin.core.incident import (
    ending,
    linking,
    overlays,
    ownership,
    raising,
    receipts,
    siblings,
    signals,
    transfers,
    updates,
)
from tocsin.core.incident import events as ev
from tocsin.core.incident.state import Incident
from tocsin.core.incident.tick import tick
from tocsin.core.incident.turn import Turn
from tocsin.core.incident.undoing import undo
from tocsin.core.instant import Instant
from tocsin.core.world import World

Decision = tuple[ev.Event, ...] | Refused
"""Facts in order, perhaps none; or a refusal with its reason."""

Facts = tuple[tuple[ev.Event, Incident], ...]
"""Facts in order, each with the incident just after it."""

_JUDGED_STALE = frozenset(
    (
        *(cmd.Resolve, cmd.Escalate, cmd.SetPriority, cmd.Reassign, cmd.Snooze, cmd.Pend, cmd.Close, cmd.Reopen),
        cmd.PostUpdate,
    )
)
"""Commands that must not act on something that has meanwhile changed: 409, with what changed."""

_ONLY_LIVE = frozenset((cmd.Escalate, cmd.Reassign, cmd.Snooze, cmd.Pend, cmd.SetPriority, cmd.Unacknowledge))


def decide(state: Incident, command: cmd.Command, world: World, now: Instant) -> Decision:
    """The facts that follow from `command`, or why it is refused. Deterministic; nothing else is consulted.

    `now` is UTC microseconds; the incident's own now is never before its last event. Raises nothing of its own: what
    it raises is a defect, and the caller sets that command aside.
    """
    facts = decided(state, command, world, now)
    return facts if isinstance(facts, Refused) else tuple(event for event, _ in facts)


def decided(state: Incident, command: cmd.Command, world: World, now: Instant) -> Facts | Refused:
    """As `decide`, each fact with the state just after it, for callers that would otherwise evolve it again."""
    turn = Turn(state, world, now)
    if isinstance(command, cmd.Report):
        refused = signals.report(turn, command)
    elif isinstance(command, cmd.Tick):
        refused = tick(turn)
    elif isinstance(command, cmd.Receipt):
        refused = receipts.receipt(turn, command)
    elif isinstance(command, cmd.Overflow):
        refused = signals.overflow(turn, command)
    elif isinstance(command, cmd.FirstEnded):
        refused = siblings.first_ended(turn, command)
    else:
        refused = _cannot(state, command) or _act(turn, command)
        ownership.confirmed(turn, command, command.by)
    return tuple(turn.facts) if refused is None else refused


def _cannot(state: Incident, command: cmd.Command) -> Refused | None:
    """Refusals that are the same for many commands."""
    if state.status == "new":
        return Refused("unknown", "there is no such incident")
    if type(command) in _ONLY_LIVE and not state.live:
        return Refused("ended", f"it is {state.status}")
    seen = getattr(command, "seen", None) if type(command) in _JUDGED_STALE else None
    if seen is not None and seen < state.moved:
        owner = f", owner {state.owner}" if state.owner else ""
        return Refused("stale", f"it has changed since you looked: {state.status}, {state.priority}{owner}")
    return None


def _act(turn: Turn, command: "PersonCommand") -> Refused | None:
    match command:
        case cmd.Acknowledge():
            return ownership.acknowledge(turn, command)
        case cmd.Resolve():
            return ending.resolve(turn, command)
        case cmd.TakeOver():
            return ownership.take_over(turn, command)
        case cmd.Unacknowledge():
            return ownership.unacknowledge(turn, command)
        case cmd.Answer():
            return answer(turn, command)
        case cmd.Accept():
            return transfers.accept(turn, command)
        case cmd.Decline():
            return transfers.decline(turn, command)
        case cmd.Reopen():
            return ending.reopen(turn, command)
        case cmd.Close():
            return ending.close(turn, command)
        case cmd.Reassign():
            return transfers.reassign(turn, command)
        case cmd.SetPriority():
            return raising.set_priority(turn, command)
        case _:
            return _overlay(turn, command)


def _overlay(turn: Turn, command: "Overlay") -> Refused | None:
    match command:
        case cmd.PostUpdate():
            return updates.post_update(turn, command)
        case cmd.Link():
            return linking.link(turn, command)
        case cmd.Unlink():
            return linking.unlink(turn, command)
        case cmd.Undo():
            return undo(turn, command)
        case cmd.Escalate():
            return overlays.escalate(turn, command)
        case cmd.Snooze():
            return overlays.snooze(turn, command)
        case cmd.Pend():
            return overlays.pend(turn, command)
        case cmd.Note():
            return overlays.note(turn, command)
        case _:
            assert_never(command)


def answer(turn: Turn, command: cmd.Answer) -> Refused | None:
    """Stop one request; owner and status stay. A late or repeated answer is recorded."""
    request = turn.state.request_of(command.request)
    if request is None:
        turn.emit(ev.Late(at=turn.now, by=command.by, command="answer"))
        return None
    if request.purpose == "offer":
        return Refused("invalid", f"{request.id} is an offer: accept or decline it")
    if request.purpose == "decide" and command.option not in request.options:
        return Refused("invalid", f"choose one of: {', '.join(request.options)}")
    if request.purpose == "decide" and command.by not in request.asked:
        return Refused("not_asked", f"{command.by} may not decide {request.id}: asked are {', '.join(request.asked)}")
    turn.emit(ev.Answered(at=turn.now, request=request.id, by=command.by, option=command.option, text=command.text))
    return None


Overlay = cmd.Escalate | cmd.Snooze | cmd.Pend | cmd.Note | cmd.PostUpdate | cmd.Link | cmd.Unlink | cmd.Undo
"""What lies over the rules or beside them."""

PersonCommand = (
    cmd.Acknowledge
    | cmd.TakeOver
    | cmd.Unacknowledge
    | cmd.Answer
    | cmd.Accept
    | cmd.Decline
    | cmd.Resolve
    | cmd.Reopen
    | cmd.Close
    | cmd.Reassign
    | cmd.SetPriority
    | Overlay
)
"""What people put to an incident, as against signals, ticks and receipts."""
