"""Who works on it: acknowledging, the lease that asks again, and what goes on when nobody does."""

from msgspec.structs import replace

from tocsin.core.catalogue.priority import Priority, at_least
from tocsin.core.decider import Refused
from tocsin.core.ids import PersonId
from tocsin.core.incident import commands as cmd
from tocsin.core.incident import events as ev
from tocsin.core.incident.calls import call
from tocsin.core.incident.functional import go_on, reenter, still_to_come
from tocsin.core.incident.hierarchical import after_acknowledgement
from tocsin.core.incident.soft import HOLDS, confirms, counts_from, critical, window
from tocsin.core.incident.state import Lease, Request
from tocsin.core.incident.turn import Turn
from tocsin.core.instant import HOUR, MINUTE, Duration, Instant, Period
from tocsin.core.phrase import Phrase

LEASES: dict[Priority, Duration] = {"P1": 30 * MINUTE, "P2": HOUR, "P3": 4 * HOUR}
"""How long an acknowledgement holds where the policy says nothing; else one working day."""

LONGEST_ETA = 4
"""An ETA moves the end of a lease by so many leases at most."""


def acknowledge(turn: Turn, command: cmd.Acknowledge) -> Refused | None:
    """Become the owner where there is none; otherwise be one more who has seen it, or renew one's own lease.

    Whoever is offered it accepts by this. A source names no owner: it suspends.
    """
    person = PersonId(command.by)
    state = turn.state
    if not state.live:
        return _late(turn, command.by, "acknowledge")
    if person.startswith("source:"):
        suspend(turn, person)
    elif state.owner == person:
        if not command.soft or turn.now >= counts_from(state):
            turn.emit(ev.Renewed(at=turn.now, by=person, lease=_lease(turn, command.eta)))
    elif state.owner is None or _offered(turn, person) is not None:
        _own(turn, person, command.eta, soft=command.soft)
    elif command.seen is not None and command.seen < state.moved:
        return _late(turn, command.by, "acknowledge")
    else:
        _join(turn, person)
    return None


def take_over(turn: Turn, command: cmd.TakeOver) -> Refused | None:
    """Become the owner, whoever was."""
    if not turn.state.live:
        return _late(turn, command.by, "take_over")
    _own(turn, PersonId(command.by), command.eta)
    return None


def unacknowledge(turn: Turn, command: cmd.Unacknowledge) -> Refused | None:
    """Nobody works on it any more."""
    if turn.state.status != "acknowledged":
        return Refused("not_acknowledged", f"nobody has acknowledged it: it is {turn.state.status}")
    ended(turn, command.by, Phrase("ack.given_up", {"reason": command.reason}))
    return None


def suspend(turn: Turn, source: str) -> None:
    """The source says that somebody acknowledged there: functional steps rest for one lease, without an owner."""
    if turn.state.owner is None and turn.state.suspended_until is None:
        turn.emit(ev.Suspended(at=turn.now, source=source, until=_over(turn)))


def lease_due(turn: Turn) -> None:
    """The lease is over: ask the owner; unanswered, nobody works on it any more."""
    lease = turn.state.lease
    soft = lease is not None and lease.soft
    if lease is not None and lease.asked_until is None:
        ask_again(turn, Phrase("ack.confirm_soft" if soft else "ack.still_on_it"))
    else:
        ended(turn, "", Phrase("ack.unconfirmed" if soft else "ack.lapsed"))


def ask_again(turn: Turn, why: Phrase) -> None:
    """Ask the owner "still on it?", with 10 minutes to say so (P1: 5); routinely from P3 on, whatever is urgent."""
    turn.emit(ev.LeaseAsked(at=turn.now, until=turn.now + window(turn.state)))
    if turn.state.owner is not None:
        loud = turn.urgent and at_least(turn.state.priority, "P2")
        call(turn, turn.state.owner, "still_on_it", why, urgent=loud)


def ended(turn: Turn, by: str, why: Phrase) -> None:
    """Open again: the current step is entered afresh, and what was passed over because of it fires.

    After one that was never confirmed the next step is entered: else a machine could hold the ladder where it stands.
    """
    soft = turn.state.lease is not None and turn.state.lease.soft
    turn.emit(ev.AcknowledgementEnded(at=turn.now, by=by, why=why))
    if not turn.resting:
        (go_on if soft else reenter)(turn, Phrase("step.unconfirmed" if soft else "step.afresh"))
    after_acknowledgement(turn)


def confirmed(turn: Turn, command: cmd.Command, by: str) -> None:
    """The owner of what is not confirmed yet has done something that only they could do."""
    lease = turn.state.lease
    if lease is not None and lease.soft and turn.state.owner == by and turn.state.live and confirms(command):
        turn.emit(ev.Renewed(at=turn.now, by=PersonId(by), lease=_lease(turn, None)))


def take(turn: Turn, request: Request, person: PersonId, soft: bool) -> None:
    """An offer is accepted: the team changes, the taker owns it with a new lease."""
    _own(turn, person, None, request, soft)


def _offered(turn: Turn, person: PersonId) -> Request | None:
    """The open offer to that person."""
    for one in turn.state.requests:
        if one.purpose == "offer" and person in one.asked:
            return one
    return None


def _own(
    turn: Turn, person: PersonId, eta: Instant | None, accepted: Request | None = None, soft: bool = False
) -> None:
    """The new owner, each with a new lease; an offer to them is accepted by it, and ends."""
    request = accepted or _offered(turn, person)
    if request is not None:
        turn.emit(ev.Answered(at=turn.now, request=request.id, by=person, option="accept"))
        if request.team is not None and request.team != turn.state.team:
            turn.emit(ev.HandedOver(at=turn.now, team=request.team, by=person, why=request.text))
    if person != turn.state.owner:
        _end_offers(turn)
    lease, settled = _lease(turn, eta, soft), _settles(turn, person)
    next_at = still_to_come(turn) if settled else None
    turn.emit(ev.Acknowledged(at=turn.now, by=person, lease=lease, settled=settled, next_at=next_at))


def _end_offers(turn: Turn) -> None:
    """What the owner before has offered is theirs to give no more."""
    for one in turn.state.requests:
        if one.purpose == "offer":
            turn.emit(ev.RequestEnded(at=turn.now, request=one.id, why=Phrase("offer.moot")))


def _settles(turn: Turn, person: PersonId) -> bool:
    """Whether with this person as many have acknowledged as the step needs."""
    cursor = turn.state.functional
    return cursor.exhausted or len({*turn.state.acknowledged_by, person}) >= cursor.need


def _join(turn: Turn, person: PersonId) -> None:
    """One more acknowledges: where several are needed they may be enough now; the owner stays."""
    settled = _settles(turn, person)
    next_at = still_to_come(turn) if turn.state.calling else turn.state.functional.due_at
    turn.emit(ev.Acknowledged(at=turn.now, by=person, lease=None, settled=settled, next_at=next_at))


def _over(turn: Turn, leases: int = 1) -> Instant:
    """When so many leases that begin now are over; days are working days of the owning team."""
    own = turn.policy.acknowledged_for.get(turn.state.priority)
    if own is not None:
        longer = Period(days=own.days * leases, time=own.time * leases)
        return turn.after(longer, turn.team_hours() if own.days else None)
    usual = LEASES.get(turn.state.priority)
    return turn.working_day(leases) if usual is None else turn.now + usual * leases


def _lease(turn: Turn, eta: Instant | None, soft: bool = False) -> Lease:
    over = _over(turn)
    if soft and critical(turn.state):
        return Lease(turn.now, min(over, turn.now + HOLDS), over - turn.now, turn.state.priority, soft=True)
    ends_at = over if eta is None else min(max(eta, turn.now + MINUTE), _over(turn, LONGEST_ETA))
    return Lease(turn.now, ends_at, over - turn.now, turn.state.priority)


def _late(turn: Turn, by: str, command: str) -> Refused | None:
    turn.emit(ev.Late(at=turn.now, by=by, command=command))
    return None


def confirm_after_raise(turn: Turn) -> None:
    """An acknowledgement given at a lower priority is asked to confirm, and its lease is that of the new one."""
    lease = turn.state.lease
    if turn.state.status != "acknowledged" or lease is None or lease.priority <= turn.state.priority:
        return
    shorter = replace(lease, priority=turn.state.priority)
    if turn.state.owner is not None:
        turn.emit(ev.Renewed(at=turn.now, by=turn.state.owner, lease=shorter))
    ask_again(turn, Phrase("ack.confirm_raised", {"priority": turn.state.priority}))
