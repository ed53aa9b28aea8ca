"""What comes after an exhausted ladder: management, the team and its lead, the last resort, until a human acts."""

from tocsin.core.catalogue.priority import Priority
from tocsin.core.ids import PersonId
from tocsin.core.incident import events as ev
from tocsin.core.incident.calls import call
from tocsin.core.incident.hierarchical import fire_next
from tocsin.core.incident.turn import Turn
from tocsin.core.incident.whom import last_resort, lead_of, members, there
from tocsin.core.instant import HOUR, MINUTE, Duration, Instant
from tocsin.core.phrase import Phrase

ROUNDS: dict[Priority, Duration] = {"P1": 15 * MINUTE, "P2": 30 * MINUTE, "P3": 2 * HOUR}
"""The distance of rounds where the policy names none; P4 and P5 take one working day."""

SHORTEST: Duration = MINUTE
"""Rounds never come faster, whatever a policy says."""


def rescue(turn: Turn) -> None:
    """One round. A stage that reaches nobody gives way to the next at once; the next round is always planned."""
    cursor = turn.state.functional
    next_at = _next_at(turn)
    stage = cursor.stage
    if stage == 0 and _management(turn, next_at):
        return
    if stage <= 1 and _team(turn, next_at):
        return
    _last_resort(turn, max(stage, 2), next_at)


def _next_at(turn: Turn) -> Instant:
    own = turn.policy.exhausted
    if own is None:
        return turn.by_priority(ROUNDS, turn.working_day())
    return max(turn.after(own.every, turn.hours(own.hours)), turn.now + SHORTEST)


def _rescued(turn: Turn, stage: int, next_at: Instant, people: tuple[PersonId, ...], why: str) -> None:
    number = turn.state.functional.rescue + 1
    event = ev.Rescued(at=turn.now, round=number, stage=stage, next_at=next_at, people=people, why=Phrase(why))
    turn.emit(event)


def _management(turn: Turn, next_at: Instant) -> bool:
    """The next unfired hierarchical step, now."""
    if not fire_next(turn, Phrase("rung.exhausted")):
        return False
    _rescued(turn, 1, next_at, (), "rescue.management")
    return True


def _team(turn: Turn, next_at: Instant) -> bool:
    lead = lead_of(turn, turn.state.team)
    everybody = dict.fromkeys((*members(turn, turn.state.team), *([lead] if lead else [])))
    people = tuple(one for one in there(turn, everybody) if one not in turn.state.acknowledged_by)
    return _call_all(turn, people, 2, next_at, "rescue.team")


def _call_all(turn: Turn, people: tuple[PersonId, ...], stage: int, next_at: Instant, why: str) -> bool:
    if not people:
        return False
    _rescued(turn, stage, next_at, people, why)
    for person in people:
        call(turn, person, "page", Phrase(why), last_resort=stage > 2)
    return True


def _last_resort(turn: Turn, stage: int, next_at: Instant) -> None:
    """One person a round, by all methods, in turn; nobody reachable is a finding, and it is tried again."""
    people = last_resort(turn, stage - 2)[:1]
    if not _call_all(turn, people, stage + 1, next_at, "rescue.last_resort"):
        _rescued(turn, stage, next_at, (), "rescue.nobody")
        turn.find(Phrase("finding.nobody_reachable"))
