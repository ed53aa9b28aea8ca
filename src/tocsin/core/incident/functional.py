"""The functional ladder: entering steps, calling whom they name, passing over those that reach nobody."""

from collections.abc import Sequence

from msgspec.structs import replace

from tocsin.core.catalogue.priority import at_least
from tocsin.core.ids import PersonId
from tocsin.core.incident import events as ev
from tocsin.core.incident.calls import call, reachable
from tocsin.core.incident.offers import offer
from tocsin.core.incident.rescue import rescue
from tocsin.core.incident.state import Cursor
from tocsin.core.incident.turn import Turn
from tocsin.core.incident.whom import Group, owning_team_of, resolve
from tocsin.core.instant import Instant
from tocsin.core.phrase import Phrase
from tocsin.core.policy.run import next_step, spacing, steps_left
from tocsin.core.steps import FunctionalStep, HandOver


def advance(turn: Turn, why: Phrase) -> None:
    """Enter the next step that reaches somebody; when none is left the ladder is exhausted and rescue begins."""
    cursor = turn.state.functional
    at: tuple[int, int] | None = (cursor.position, cursor.lap)
    while at is not None:
        at = next_step(turn.policy, *at)
        if at is not None and enter(turn, *at, why):
            return
    _exhaust(turn)


def enter(turn: Turn, position: int, lap: int, why: Phrase) -> bool:
    """Enter one step: page whom it names and wait. False when it was passed over."""
    step = turn.policy.functional[position]
    if not turn.holds(step.when):
        return _pass(turn, position, lap, Phrase("step.unmatched", {"when": step.when or ""}), unmatched=True)
    if isinstance(step, HandOver) and _hand_over(turn, step):
        return True
    groups = [resolve(turn, target, step.hours is not None, step.skills) for target in step.targets]
    if _waits_for_opening(turn, groups):
        _shut(turn, position, lap, groups)
        return True
    now, queue = _split(turn, groups)
    if not now:
        named = any(group.people for group in groups)
        return _pass(turn, position, lap, Phrase("step.unreachable" if named else "step.empty"))
    _begin(turn, step, _cursor(turn, step, (position, lap), now, queue), why)
    return True


def reenter(turn: Turn, why: Phrase) -> None:
    """Enter the current step afresh: an acknowledgement or a snooze has ended."""
    cursor = turn.state.functional
    if cursor.exhausted or cursor.position < 0:
        cursor = replace(cursor, position=max(cursor.position, 0), lap=cursor.lap)
    if not turn.policy.functional or not enter(turn, cursor.position, cursor.lap, why):
        advance(turn, why)


def step_due(turn: Turn) -> None:
    """The wait of the current step is over."""
    cursor = turn.state.functional
    if cursor.shut:
        reenter(turn, Phrase("step.opened"))
    elif cursor.exhausted:
        rescue(turn)
    elif not turn.state.calling:
        _advance_acknowledged(turn)
    else:
        advance(turn, Phrase("step.time"))


def call_next(turn: Turn) -> None:
    """The next member of an assigned team: the one before did not answer."""
    cursor = turn.state.functional
    for person in cursor.queue:
        rest = cursor.queue[cursor.queue.index(person) + 1 :]
        turn.emit(ev.Called(at=turn.now, person=person, call_at=turn.now + cursor.spacing if rest else None))
        if call(turn, person, "page", Phrase("page.in_turn")):
            return
        turn.emit(ev.Unreachable(at=turn.now, person=person, round=0))
    if not turn.state.functional.called:
        advance(turn, Phrase("step.unreachable"))


def lost(turn: Turn, person: PersonId) -> None:
    """Nothing leads to somebody whom the current step called: the next one now."""
    cursor = turn.state.functional
    if not turn.state.calling or cursor.exhausted or cursor.called or turn.state.snoozed_until is not None:
        return
    if cursor.queue:
        call_next(turn)
    elif cursor.position >= 0:
        advance(turn, Phrase("step.lost", {"person": person}))


def still_to_come(turn: Turn) -> Instant | None:
    """When, acknowledged or not, a step comes that only a resolution stops; None where this lap has none."""
    return _still(turn, turn.state.functional.position, turn.state.functional.due_at)


def _still(turn: Turn, position: int, at: Instant | None) -> Instant | None:
    for _, step in steps_left(turn.policy, position):
        if at is None or step.unless == "resolved":
            return at
        at = turn.after(step.wait, turn.hours(step.hours), at)
    return None


def rejudge(turn: Turn) -> None:
    """A raised priority: the first step of this lap that was passed over and now holds is entered now."""
    cursor = turn.state.functional
    if not turn.state.calling or turn.state.snoozed_until is not None:
        return
    for position in sorted(cursor.passed):
        holds = turn.holds(turn.policy.functional[position].when)
        if holds and enter(turn, position, cursor.lap, Phrase("step.raised", {"priority": turn.state.priority})):
            return


def _advance_acknowledged(turn: Turn) -> None:
    """Only steps that a resolution alone stops are entered while somebody works on it."""
    cursor = turn.state.functional
    for position, step in steps_left(turn.policy, cursor.position):
        if step.unless == "resolved" and enter(turn, position, cursor.lap, Phrase("step.time")):
            return
    turn.emit(ev.StepEntered(at=turn.now, cursor=replace(cursor, due_at=None), why=Phrase("step.acknowledged")))


def _pass(turn: Turn, position: int, lap: int, why: Phrase, unmatched: bool = False) -> bool:
    turn.emit(ev.StepPassed(at=turn.now, position=position, lap=lap, why=why, unmatched=unmatched))
    return False


def _hand_over(turn: Turn, step: HandOver) -> bool:
    """Move it to the step's team; True when that is an offer, because a person owns it already."""
    team = owning_team_of(turn, step.targets[0])
    if team is None or team == turn.state.team:
        return False
    if turn.state.owner is not None:
        return offer(turn, step.targets[0], Phrase("handover.step"))
    turn.emit(ev.HandedOver(at=turn.now, team=team, by="", why=Phrase("handover.step")))
    return False


def _waits_for_opening(turn: Turn, groups: Sequence[Group]) -> bool:
    """P3 to P5 wait for a closed team's opening when the step names nobody else."""
    if at_least(turn.state.priority, "P2") or any(group.people for group in groups):
        return False
    return any(group.opens_at is not None for group in groups)


def _shut(turn: Turn, position: int, lap: int, groups: Sequence[Group]) -> None:
    opens = min(group.opens_at for group in groups if group.opens_at is not None)
    cursor = Cursor(position, lap, turn.now, max(opens, turn.now + 1), shut=True, passed=_passed(turn, lap))
    turn.emit(ev.StepEntered(at=turn.now, cursor=cursor, why=Phrase("step.shut")))


def _passed(turn: Turn, lap: int) -> tuple[int, ...]:
    return turn.state.functional.passed if turn.state.functional.lap == lap else ()


def _split(turn: Turn, groups: Sequence[Group]) -> tuple[tuple[PersonId, ...], tuple[PersonId, ...]]:
    """Whom to call now, and who waits for their turn; only those to whom something leads."""
    now: dict[PersonId, None] = {}
    queue: dict[PersonId, None] = {}
    for group in groups:
        people = [person for person in group.people if reachable(turn, person)]
        first = people[:1] if group.in_turn else people
        now.update(dict.fromkeys(first))
        queue.update(dict.fromkeys(people[len(first) :]))
    return tuple(now), tuple(one for one in queue if one not in now)


def _cursor(
    turn: Turn, step: FunctionalStep, at: tuple[int, int], now: tuple[PersonId, ...], queue: tuple[PersonId, ...]
) -> Cursor:
    position, lap = at
    due_at: Instant | None = turn.after(step.wait, turn.hours(step.hours))
    share = spacing((due_at or turn.now) - turn.now, len(queue) + 1)
    if not turn.state.calling:
        queue, due_at = (), _still(turn, position, due_at)
    return Cursor(
        position=position,
        lap=lap,
        entered_at=turn.now,
        due_at=due_at,
        called=now,
        queue=queue,
        call_at=turn.now + share if queue else None,
        spacing=share,
        need=max(step.need, turn.state.functional.need if turn.state.acknowledged_by else 1),
        passed=_passed(turn, lap),
    )


def _begin(turn: Turn, step: FunctionalStep, cursor: Cursor, why: Phrase) -> None:
    turn.emit(ev.StepEntered(at=turn.now, cursor=cursor, why=why))
    urgent = None if step.urgency is None else step.urgency == "urgent"
    cause = Phrase("page.step", {"step": str(cursor.position + 1), "lap": str(cursor.lap + 1)})
    for person in cursor.called:
        if turn.state.flap.quiet_at is None or person not in turn.state.carried:
            call(turn, person, "page", cause, urgent=urgent)


def _exhaust(turn: Turn) -> None:
    if not turn.state.calling:
        return
    turn.emit(ev.Exhausted(at=turn.now))
    rescue(turn)
