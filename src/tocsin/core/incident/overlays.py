"""Snooze, pending, notes, and a ladder moved by hand."""

from tocsin.core.catalogue.priority import Priority
from tocsin.core.decider import Refused
from tocsin.core.incident import commands as cmd
from tocsin.core.incident import events as ev
from tocsin.core.incident.asking import ask
from tocsin.core.incident.calls import call
from tocsin.core.incident.functional import advance
from tocsin.core.incident.hierarchical import fire_next
from tocsin.core.incident.offers import offer
from tocsin.core.incident.raising import rouse, wake
from tocsin.core.incident.rescue import rescue
from tocsin.core.incident.turn import Turn
from tocsin.core.incident.whom import everybody, there
from tocsin.core.instant import DAY, HOUR, MINUTE, Duration, Instant, format_duration
from tocsin.core.phrase import Phrase
from tocsin.core.steps.contract import Question

DEFAULTS: dict[Priority, Duration] = {"P1": 30 * MINUTE, "P2": 4 * HOUR}
"""How long a snooze or a wait lasts where nobody says; else one working day."""


def snooze(turn: Turn, command: cmd.Snooze) -> Refused | None:
    """Functional steps and pages rest until then; hierarchical steps do not."""
    until = _default(turn) if command.until is None else command.until
    refused = _too_long(turn, until)
    if refused is None:
        turn.emit(ev.Snoozed(at=turn.now, by=command.by, until=until))
    return refused


def pend(turn: Turn, command: cmd.Pend) -> Refused | None:
    """It waits for somebody outside; that is looked at again."""
    review_at = _default(turn) if command.review_at is None else command.review_at
    refused = _too_long(turn, review_at)
    if refused is None:
        turn.emit(ev.Pended(at=turn.now, by=command.by, reason=command.reason, review_at=review_at))
    return refused


def _longest(turn: Turn) -> Duration:
    return DAY if turn.state.priority == "P1" else 7 * DAY


def _default(turn: Turn) -> Instant:
    return min(turn.by_priority(DEFAULTS, turn.working_day()), turn.now + _longest(turn))


def _too_long(turn: Turn, until: Instant) -> Refused | None:
    longest = _longest(turn)
    if until <= turn.now:
        return Refused("invalid", "that time has passed: give one in the future")
    if until - turn.now > longest:
        return Refused("invalid", f"at most {format_duration(longest)} for {turn.state.priority}")
    return None


def snooze_due(turn: Turn) -> None:
    """The snooze is over."""
    wake(turn, Phrase("snooze.over"))


def pending_due(turn: Turn) -> None:
    """Time to look at it again: the owner is told; an unowned one is on its ladder anyway."""
    turn.emit(ev.PendingEnded(at=turn.now, why=Phrase("pending.over")))
    if turn.state.owner is not None:
        call(turn, turn.state.owner, "inform", Phrase("pending.over"), urgent=False)


def note(turn: Turn, command: cmd.Note) -> Refused | None:
    """Keep a note; its text is stored apart."""
    turn.emit(ev.Noted(at=turn.now, by=command.by, text=command.text))
    return None


def escalate(turn: Turn, command: cmd.Escalate) -> Refused | None:
    """Move a ladder forward now; with a target, reach that target instead of the ladder's next step."""
    why = Phrase("escalate.by", {"by": command.by, "reason": command.reason})
    if command.ladder == "functional":
        return _functional(turn, command, why)
    if command.target is not None:
        ask(turn, Question((command.target,)), why)
        return None
    if not fire_next(turn, why, by_hand=True):
        return Refused("nothing_left", "no hierarchical step is left that applies: name a target")
    return None


def _functional(turn: Turn, command: cmd.Escalate, why: Phrase) -> Refused | None:
    target = command.target
    rouse(turn, why)
    if target is None:
        return _forward(turn, why)
    if turn.state.owner is not None and target.kind in ("team", "schedule"):
        offer(turn, target, why)
        return None
    people = there(turn, everybody(turn, (target,), hours_given=True))
    if not people:
        return Refused("nobody", f"{target} leads to nobody who can be reached now")
    for person in people:
        call(turn, person, "page", why)
    return None


def _forward(turn: Turn, why: Phrase) -> Refused | None:
    """The next step now, or the next round of an exhausted ladder."""
    if turn.state.functional.exhausted and turn.state.calling:
        rescue(turn)
    else:
        advance(turn, why)
    if any(isinstance(one, ev.StepEntered | ev.Rescued) for one in turn.events):
        return None
    return Refused("nothing_left", "no functional step is left that reaches anybody: name a target")
