"""A changed priority: a raise ends a snooze, re-judges both ladders and asks an earlier acknowledgement to confirm."""

from collections.abc import Iterator

from tocsin.core.catalogue.priority import Priority, worst
from tocsin.core.decider import Refused
from tocsin.core.incident import commands as cmd
from tocsin.core.incident import events as ev
from tocsin.core.incident.functional import reenter, rejudge
from tocsin.core.incident.hierarchical import after_raise, held_back
from tocsin.core.incident.ownership import confirm_after_raise
from tocsin.core.incident.turn import Turn
from tocsin.core.phrase import Phrase


def set_priority(turn: Turn, command: cmd.SetPriority) -> Refused | None:
    """A person's judgement. Lowering fires and cancels nothing."""
    priority = worst(command.priority, *_asked(turn)) if command.rated else command.priority
    if priority != turn.state.priority:
        change(turn, priority, command.by, Phrase("priority.by", {"by": command.by, "reason": command.reason}))
    return None


def _asked(turn: Turn) -> Iterator[Priority]:
    """What the criteria that have applied ask for."""
    for one in turn.world.rulebook.criteria:
        if one.name in turn.state.criteria and one.then.priority is not None:
            yield one.then.priority


def change(turn: Turn, priority: Priority, by: str, why: Phrase) -> None:
    """Set the priority; where that is a raise, everything it makes eligible begins now."""
    before = turn.state.priority
    held = held_back(turn) if priority < before else frozenset()
    turn.emit(ev.Prioritised(at=turn.now, priority=priority, by=by, why=why))
    if priority >= before:
        return
    rested = turn.resting
    rouse(turn, Phrase("snooze.raised"))
    after_raise(turn, held)
    if rested and turn.state.calling and not turn.resting:
        reenter(turn, Phrase("snooze.raised"))
    rejudge(turn)
    confirm_after_raise(turn)


def rouse(turn: Turn, why: Phrase) -> None:
    """Functional steps rest no longer: neither snoozed nor acknowledged at the source."""
    if turn.state.snoozed_until is not None:
        turn.emit(ev.SnoozeEnded(at=turn.now, why=why))
    if turn.state.suspended_until is not None:
        turn.emit(ev.SuspensionEnded(at=turn.now))


def wake(turn: Turn, why: Phrase) -> None:
    """End a snooze, if there is one: the current step is entered afresh where nobody works on it."""
    if turn.state.snoozed_until is None:
        return
    turn.emit(ev.SnoozeEnded(at=turn.now, why=why))
    if turn.state.calling and not turn.resting:
        reenter(turn, why)
