"""Giving it to somebody else, taking what is offered, and saying "I cannot"."""

from tocsin.core.decider import Refused
from tocsin.core.ids import PersonId, RequestId
from tocsin.core.incident import commands as cmd
from tocsin.core.incident import events as ev
from tocsin.core.incident.asking import lost_one
from tocsin.core.incident.calls import call
from tocsin.core.incident.functional import enter_for, lost, reenter
from tocsin.core.incident.offers import offer, pass_on, watch_ping_pong
from tocsin.core.incident.ownership import ended, take
from tocsin.core.incident.raising import rouse
from tocsin.core.incident.state import Request
from tocsin.core.incident.turn import Turn
from tocsin.core.incident.whom import owning_team_of, there
from tocsin.core.instant import MINUTE, Instant
from tocsin.core.phrase import Phrase

NO_STEP_LEFT = 15 * MINUTE
"""How long somebody is given who was assigned by hand where no step says how long."""


def reassign(turn: Turn, command: cmd.Reassign) -> Refused | None:
    """Give it to a team or a person; an offer where somebody owns it."""
    known = command.target.kind in ("person", "team", "schedule") and owning_team_of(turn, command.target)
    if not known and command.target.kind != "person":
        return Refused("invalid", f"{command.target} is no team, schedule or person that could take it")
    if command.target.kind == "person" and command.target.name not in turn.world.rulebook.people:
        return Refused("invalid", f"there is no person {command.target.name}")
    if command.target.kind == "person" and command.target.name == turn.state.owner:
        return Refused("invalid", f"{command.target.name} owns it already")
    reason = Phrase("reassign.by", {"by": command.by, "reason": command.reason})
    if turn.state.owner is not None:
        offer(turn, command.target, reason)
        return None
    _move(turn, command, reason)
    return None


def _move(turn: Turn, command: cmd.Reassign, reason: Phrase) -> None:
    """Nobody owns it: it moves at once, and whoever is named is called."""
    rouse(turn, reason)
    team = owning_team_of(turn, command.target)
    if team is not None and team != turn.state.team:
        watch_ping_pong(turn, team)
        turn.emit(ev.HandedOver(at=turn.now, team=team, by=command.by, why=reason))
    if command.target.kind != "person":
        if not enter_for(turn, command.target, reason):
            reenter(turn, reason)
        return
    person = PersonId(command.target.name)
    if not there(turn, (person,)):
        reenter(turn, Phrase("reassign.unreachable", {"person": person}))
        return
    turn.emit(ev.Assigned(at=turn.now, person=person, until=_wait(turn), by=command.by))
    call(turn, person, "page", reason)


def _wait(turn: Turn) -> Instant:
    """The current step's wait, from now."""
    cursor, steps = turn.state.functional, turn.policy.functional
    if cursor.exhausted or not 0 <= cursor.position < len(steps):
        return turn.now + NO_STEP_LEFT
    step = steps[cursor.position]
    return turn.after(step.wait, turn.hours(step.hours))


def accept(turn: Turn, command: cmd.Accept) -> Refused | None:
    """Take what was offered: the team changes, the taker owns it with a new lease."""
    request = turn.state.request_of(command.request)
    if not turn.state.live:
        turn.emit(ev.Late(at=turn.now, by=command.by, command="accept"))
        return None
    if request is None or request.purpose != "offer":
        return Refused("unknown_request", f"no open offer {command.request}; it was taken, given back or never made")
    if command.by not in request.asked:
        return Refused("not_asked", f"{command.request} was not offered to {command.by}")
    take(turn, request, PersonId(command.by), command.soft)
    return None


def decline(turn: Turn, command: cmd.Decline) -> Refused | None:
    """I cannot: the next at once, for an offer, a question or a page."""
    person = PersonId(command.by)
    if not command.request:
        return _decline_page(turn, person)
    request = turn.state.request_of(command.request)
    if not turn.state.live:
        turn.emit(ev.Late(at=turn.now, by=command.by, command="decline"))
        return None
    if request is None or person not in request.current:
        return Refused("unknown_request", f"{command.request} is not waiting for {command.by}")
    turn.emit(ev.Declined(at=turn.now, request=request.id, by=person))
    _next(turn, request)
    return None


def _next(turn: Turn, request: Request) -> None:
    if request.purpose == "offer":
        pass_on(turn, request, Phrase("offer.declined"))
    else:
        lost_one(turn, request.id, Phrase("climb.declined"))


def _decline_page(turn: Turn, person: PersonId) -> Refused | None:
    """Whoever is called stops being called; where the step counts on them, the next comes now.

    An owner who is asked "still on it?" and is not gives it up.
    """
    state = turn.state
    if person == state.owner and state.lease is not None and state.lease.asked_until is not None:
        ended(turn, person, Phrase("ack.declined"))
        return None
    counted_on = person in state.functional.called and state.calling
    if not counted_on and not any((one.person, one.purpose) == (person, "page") for one in state.rounds):
        return Refused("not_asked", f"{person} is not being called now")
    turn.emit(ev.Declined(at=turn.now, request=RequestId(""), by=person))
    if counted_on:
        lost(turn)
    return None
