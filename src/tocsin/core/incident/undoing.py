"""Taking back one's own act within half a minute: everything stands, and every timer runs, as if it had never been."""

from collections.abc import Sequence

from tocsin.core.decider import Refused
from tocsin.core.ids import PersonId
from tocsin.core.incident import commands as cmd
from tocsin.core.incident import events as ev
from tocsin.core.incident.calls import after_failure, round_of
from tocsin.core.incident.events_undo import Kind, difference
from tocsin.core.incident.functional import reenter, rejudge
from tocsin.core.incident.ownership import confirm_after_raise
from tocsin.core.incident.receipts import gone
from tocsin.core.incident.turn import Turn
from tocsin.core.incident.without import Without
from tocsin.core.instant import SECOND, Duration
from tocsin.core.phrase import Phrase

UNDO_WITHIN: Duration = 30 * SECOND
"""How long one's own act can be taken back."""

BY_REASSIGNING = ("reassign.by", "reassign.unreachable")
"""The reasons that only giving it to somebody else records."""

LAST = (
    *(ev.Acknowledged, ev.Renewed, ev.Resolved, ev.Snoozed, ev.Pended, ev.Noted, ev.Late, ev.Undone),
    *(ev.Posted, ev.Linked, ev.Unlinked),
)
"""Facts with which a decision ends: what its author did at the same instant after them is another act."""

HARMLESS = (ev.Noted, ev.Late, ev.Answered, ev.Posted, ev.Linked, ev.Unlinked)
"""What somebody may do after an act without keeping it from being taken back."""


def undo(turn: Turn, command: cmd.Undo) -> Refused | None:
    """Take it back, unless that is too late, another's, or would overturn what somebody has done since."""
    past = command.past
    if len(past) != turn.state.seq:
        raise ValueError(f"an undo needs all {turn.state.seq} facts and was given {len(past)}")
    span = _span(command)
    kind = kind_of(past[span.start : span.stop])
    if kind is None or not is_somebody(turn, command.by):
        return Refused("nothing_to_undo", f"{command.by} has done nothing here that can be taken back")
    act = past[span.stop - 1]
    if act.by != command.by:
        return Refused("not_yours", f"{act.by} did that: only they can take it back")
    if any(isinstance(one.event, ev.Undone) and one.event.last == span.stop for one in past[span.stop :]):
        return Refused("undone", "it was taken back already")
    if turn.now - act.event.at > UNDO_WITHIN:
        return Refused("too_late", f"that was more than {UNDO_WITHIN // SECOND} seconds ago")
    return _overtaken(turn, past[span.stop :]) or _take_back(turn, command, span, kind)


def _span(command: cmd.Undo) -> range:
    """The facts of the act, as indices: what the same author put at the same instant, in one go."""
    past = command.past
    last = _last(command) if command.act is None else command.act - 1
    if not 0 <= last < len(past):
        return range(0)
    mine = (past[last].by, past[last].event.at)
    first = last
    while first and (past[first - 1].by, past[first - 1].event.at) == mine and not _ends(past[first - 1]):
        first -= 1
    while last + 1 < len(past) and (past[last + 1].by, past[last + 1].event.at) == mine and not _ends(past[last]):
        last += 1
    return range(first, last + 1)


def _ends(one: cmd.Past) -> bool:
    return isinstance(one.event, LAST)


def _last(command: cmd.Undo) -> int:
    """The last fact of that author's, up to what was seen, which by itself can be taken back or has been."""
    upto = len(command.past) if command.seen is None else min(command.seen, len(command.past))
    for index in range(upto - 1, -1, -1):
        one = command.past[index]
        if one.by == command.by and kind_of([one]) is not None:
            return index
    return -1


def kind_of(facts: Sequence[cmd.Past]) -> Kind | None:
    """Which act these facts of one author are, as far as it can be taken back."""
    if not facts or any(isinstance(one.event, ev.Prioritised) for one in facts):
        return None
    return next((kind for one in facts if (kind := _kind(one.event)) is not None), None)


def _kind(event: ev.Event) -> Kind | None:
    match event:
        case ev.Acknowledged() | ev.Renewed():
            return "acknowledge"
        case ev.Resolved():
            return "resolve"
        case ev.Snoozed():
            return "snooze"
        case ev.Pended():
            return "pend"
        case ev.Assigned():
            return "reassign"
        case ev.HandedOver() | ev.StepEntered():
            return "reassign" if event.why.key in BY_REASSIGNING else None
        case ev.Asked():
            return "reassign" if event.request.text.key in BY_REASSIGNING else None
        case _:
            return None


def _overtaken(turn: Turn, since: Sequence[cmd.Past]) -> Refused | None:
    """What has happened since that must not be overturned."""
    for one in since:
        if is_somebody(turn, one.by) and not isinstance(one.event, HARMLESS):
            return Refused("overtaken", f"{one.by} has acted on it since: nothing was taken back")
        if isinstance(one.event, ev.Succeeded):
            return Refused("overtaken", f"{one.event.by} goes on in its place: nothing was taken back")
        if isinstance(one.event, ev.Ignored) and one.event.why.key == "signal.ended":
            return Refused("overtaken", "its source has said since that it is over: reopen it if it is not")
    return None


def is_somebody(turn: Turn, by: str) -> bool:
    """Whether that author is a person or acts for one: neither time, nor a receipt, nor a source."""
    return by in turn.world.rulebook.people or by.startswith(("token:", "account:"))


def _take_back(turn: Turn, command: cmd.Undo, span: range, kind: Kind) -> Refused | None:
    without = Without(turn, command.past, span)
    if without.lapsed:
        return Refused("overtaken", "it has lapsed by itself since: nothing was taken back")
    then, now = without.state, turn.state
    turn.emit(
        ev.Undone(
            at=turn.now,
            by=command.by,
            act=kind,
            first=span.start + 1,
            last=span.stop,
            before=difference(now, then),
            called=tuple(without.called),
            requests=tuple(without.requests),
            told=_told(command, without, span, kind, tuple(now.carried)),
            again=without.again,
            left=now.team if now.team != then.team else None,
        )
    )
    _go_on(turn, without)
    return None


def _told(
    command: cmd.Undo, without: Without, span: range, kind: Kind, carried: tuple[str, ...]
) -> tuple[PersonId, ...]:
    """Who has heard of the act, but for its author: by a word about it, or by a call that came of it."""
    acts = [one.event for one in command.past[span.start : span.stop]]
    taken = any(isinstance(one, ev.Acknowledged) and one.settled and one.lease is not None for one in acts)
    heard = carried if taken or kind == "resolve" else tuple(without.reached)
    return tuple(PersonId(person) for person in heard if person != command.by)


def _go_on(turn: Turn, without: Without) -> None:
    """What happened since the act, and would have led further without it, does so now."""
    if not turn.state.live:
        return
    for number in without.failed:
        one = round_of(turn, number)
        if one is not None and after_failure(turn, number):
            gone(turn, one)
    confirm_after_raise(turn)
    if not turn.state.calling or turn.resting:
        return
    if without.woken or turn.state.functional.due_at is None:
        reenter(turn, Phrase("step.undone"))
    elif without.raised:
        rejudge(turn)
