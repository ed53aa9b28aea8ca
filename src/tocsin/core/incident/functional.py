"""The functional ladder: entering steps, calling whom they name, passing over those that reach nobody."""

from collections.abc import Sequence
from functools import lru_cache, partial

from msgspec import Struct
from msgspec.structs import replace

from tocsin.core.catalogue.people import Assign
from tocsin.core.catalogue.priority import at_least
from tocsin.core.catalogue.target import Target
from tocsin.core.ids import PersonId
from tocsin.core.incident import events as ev
from tocsin.core.incident.calls import call, reachable
from tocsin.core.incident.offers import offer
from tocsin.core.incident.rescue import rescue
from tocsin.core.incident.state import Cursor
from tocsin.core.incident.turn import Turn
from tocsin.core.incident.whom import Group, last_resort, owning_team_of, resolve, there
from tocsin.core.instant import Instant, Period
from tocsin.core.phrase import Phrase
from tocsin.core.policy.run import counted, next_step, spacing, steps_left
from tocsin.core.steps import FunctionalStep, HandOver


def advance(turn: Turn, why: Phrase, after: int | None = None) -> None:
    """Enter the next step that reaches somebody; when none is left the ladder is exhausted and rescue begins.

    A whole lap that reaches nobody would reach nobody again at the same moment: the laps that are left are not walked.
    """
    cursor, policy = turn.state.functional, turn.policy
    position, lap = cursor.position if after is None else after, cursor.lap
    for _ in policy.functional:
        following = next_step(policy, position, lap)
        if following is None:
            break
        position, lap = following
        if enter(turn, position, lap, why):
            return
    _exhaust(turn)


class _Place(Struct, frozen=True, gc=False):
    """Where a step stands, and where the ladder goes on if an acknowledgement ends that does not stop this step."""

    position: int
    lap: int
    resume: int | None = None


def enter(turn: Turn, position: int, lap: int, why: Phrase, resume: int | None = None) -> bool:
    """Enter one step: page whom it names and wait. False when it was passed over."""
    step = turn.policy.functional[position]
    if step.when is not None and not turn.holds(step.when):
        return _pass(turn, position, lap, Phrase("step.unmatched", {"when": step.when}), unmatched=True)
    at = _Place(position, lap, resume)
    if isinstance(step, HandOver) and _hand_over(turn, step, at, why):
        return True
    return _call(turn, step, at, why)


def enter_for(turn: Turn, target: Target, why: Phrase) -> bool:
    """Enter the current step afresh, with `target` in place of those whom it names. False where that reaches nobody."""
    cursor, steps = turn.state.functional, turn.policy.functional
    if not 0 <= cursor.position < len(steps):
        return False
    step = replace(steps[cursor.position], targets=(target,))
    return _call(turn, step, _Place(cursor.position, cursor.lap), why, passing=False)


def _call(turn: Turn, step: FunctionalStep, at: _Place, why: Phrase, passing: bool = True) -> bool:
    groups = [resolve(turn, target, step.hours is not None, step.skills) for target in step.targets]
    if _waits_for_opening(turn, groups):
        _shut(turn, at, groups)
        return True
    now, queue, chosen = _split(turn, groups)
    if not now:
        return passing and _pass(turn, at.position, at.lap, _why_nobody(turn, groups))
    _begin(turn, step, _cursor(turn, step, at, now, queue), why, chosen)
    return True


def reenter(turn: Turn, why: Phrase) -> None:
    """Enter the current step afresh: an acknowledgement or a snooze has ended.

    Steps that came during an acknowledgement do not count: what it stopped has not been done.
    """
    cursor = turn.state.functional
    position = max(cursor.position if cursor.resume is None else cursor.resume, 0)
    if position >= len(turn.policy.functional) or not enter(turn, position, cursor.lap, why):
        advance(turn, why)


def go_on(turn: Turn, why: Phrase) -> None:
    """The step after the one that an acknowledgement stopped, or the next round: that one's people had their time."""
    cursor = turn.state.functional
    if cursor.exhausted:
        rescue(turn)
    else:
        advance(turn, why, cursor.resume)


def step_due(turn: Turn) -> None:
    """The wait of the current step is over."""
    cursor = turn.state.functional
    if not turn.state.calling:
        _advance_acknowledged(turn)
    elif cursor.shut:
        reenter(turn, Phrase("step.opened"))
    elif cursor.exhausted:
        rescue(turn)
    else:
        advance(turn, Phrase("step.time"))


def call_next(turn: Turn) -> None:
    """The next member of an assigned team: the one before did not answer."""
    cursor = turn.state.functional
    step = turn.policy.functional[cursor.position] if cursor.position < len(turn.policy.functional) else None
    then = turn.after(Period(time=cursor.spacing), turn.hours(step.hours if step else None))
    for index, person in enumerate(cursor.queue):
        last = index + 1 == len(cursor.queue)
        turn.emit(ev.Called(at=turn.now, person=person, call_at=None if last else then))
        if there(turn, (person,)):
            call(turn, person, "page", Phrase("page.in_turn"), urgent=_loud(step))
            return
        turn.emit(ev.Unreachable(at=turn.now, person=person, round=0))
    if not turn.state.functional.called:
        advance(turn, Phrase("step.unreachable"))


def lost(turn: Turn) -> None:
    """Somebody whom the current step called cannot, or nothing leads to them: the next one now.

    A step that waits for an opening goes on waiting. In the rounds after exhaustion the last resort is gone through
    once like this; then their distance holds.
    """
    cursor = turn.state.functional
    if not turn.state.calling or turn.resting:
        return
    if cursor.queue:
        call_next(turn)
    elif cursor.called:
        return
    elif cursor.shut:
        reenter(turn, Phrase("step.lost"))
    elif not cursor.exhausted:
        advance(turn, Phrase("step.lost"))
    elif cursor.stage <= 2 + len(last_resort(turn, 0)):
        rescue(turn)


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
    """A raised priority: the first step of this lap that was passed over and now holds is entered now.

    Where the ladder is exhausted the next round comes now, for those after it keep the distance of the new priority.
    """
    cursor, steps = turn.state.functional, turn.policy.functional
    why = Phrase("step.raised", {"priority": turn.state.priority})
    if not turn.state.calling or turn.resting:
        return
    for position in sorted(cursor.passed):
        if position < len(steps) and turn.holds(steps[position].when) and enter(turn, position, cursor.lap, why):
            return
    if turn.state.functional is not cursor:
        advance(turn, why)
    elif cursor.shut and at_least(turn.state.priority, "P2"):
        reenter(turn, why)
    elif cursor.exhausted:
        rescue(turn)


def _advance_acknowledged(turn: Turn) -> None:
    """Only steps that a resolution alone stops are entered while somebody works on it."""
    cursor = turn.state.functional
    resume = cursor.position if cursor.resume is None else cursor.resume
    if not cursor.exhausted:
        for position, step in steps_left(turn.policy, cursor.position):
            if step.unless == "resolved" and enter(turn, position, cursor.lap, Phrase("step.time"), resume):
                return
    turn.emit(ev.StepEntered(at=turn.now, cursor=replace(cursor, due_at=None), why=Phrase("step.acknowledged")))


def _pass(turn: Turn, position: int, lap: int, why: Phrase, unmatched: bool = False) -> bool:
    turn.emit(ev.StepPassed(at=turn.now, position=position, lap=lap, why=why, unmatched=unmatched))
    return False


def _hand_over(turn: Turn, step: HandOver, at: _Place, why: Phrase) -> bool:
    """Move it to the step's team; True when that is an offer, because a person owns it already."""
    team = owning_team_of(turn, step.targets[0])
    if team is None or team == turn.state.team:
        return False
    if turn.state.owner is not None:
        turn.emit(ev.StepEntered(at=turn.now, cursor=_cursor(turn, step, at, (), ()), why=why))
        offer(turn, step.targets[0], Phrase("handover.step"))
        return True
    turn.emit(ev.HandedOver(at=turn.now, team=team, by="", why=Phrase("handover.step")))
    return False


def _waits_for_opening(turn: Turn, groups: Sequence[Group]) -> bool:
    """P3 to P5 wait for a closed team's opening when the step names nobody else."""
    if at_least(turn.state.priority, "P2") or any(group.people for group in groups):
        return False
    return any(group.opens_at is not None for group in groups)


def _shut(turn: Turn, at: _Place, groups: Sequence[Group]) -> None:
    opens = min(group.opens_at for group in groups if group.opens_at is not None)
    passed, tried = _of_lap(turn, at)
    due_at = max(opens, turn.now + 1)
    cursor = Cursor(at.position, at.lap, turn.now, due_at, passed=passed, tried=tried, resume=at.resume, shut=True)
    turn.emit(ev.StepEntered(at=turn.now, cursor=cursor, why=Phrase("step.shut")))


def _of_lap(turn: Turn, at: _Place) -> tuple[tuple[int, ...], tuple[PersonId, ...]]:
    """What a cursor that has just come to a step keeps of its lap: the steps that were passed over, but for that one,
    and the people who were tried.
    """
    before = turn.state.functional
    passed = before.passed if before.lap == at.lap else ()
    if at.position in passed:
        passed = tuple(one for one in passed if one != at.position)
    return passed, before.tried_by(at.lap)


def _why_nobody(turn: Turn, groups: Sequence[Group]) -> Phrase:
    people = [person for group in groups for person in group.people]
    if not people:
        return Phrase("step.empty")
    return Phrase("step.unreachable" if any(map(partial(_wanted, turn), people)) else "step.acknowledged_by_all")


def _wanted(turn: Turn, person: PersonId) -> bool:
    """Not one who has acknowledged, where the step needs more people than have."""
    return not turn.state.calling or person not in turn.state.acknowledged_by


_Split = tuple[tuple[PersonId, ...], tuple[PersonId, ...], Phrase | None]


def _split(turn: Turn, groups: Sequence[Group]) -> _Split:
    """Whom to call now, who waits for their turn, and why these first; only those to whom something leads."""
    now: list[PersonId] = []
    queue: list[PersonId] = []
    chosen: Phrase | None = None
    enough = turn.state.acknowledged_by if turn.state.calling else ()
    for group in groups:
        people = [person for person in group.people if person not in enough and reachable(turn, person)]
        if group.assign == "everyone":
            now += people
            continue
        if chosen is None and len(people) > 1:
            chosen = _chosen(turn, group.assign, people)
        now += people[:1]
        queue += people[1:]
    called = tuple(dict.fromkeys(now))
    return called, tuple([one for one in dict.fromkeys(queue) if one not in called]) if queue else (), chosen


def _chosen(turn: Turn, assign: Assign, people: Sequence[PersonId]) -> Phrase:
    """Why the first of them is called first, in the numbers of today."""
    loads = [str(turn.world.surroundings.load.get(person, 0)) for person in people]
    counts = {"load": loads[0], "loads": ", ".join(loads)} if assign == "least_loaded" else {}
    return Phrase(f"chosen.{assign}", {"person": people[0], **counts})


def _cursor(
    turn: Turn, step: FunctionalStep, at: _Place, now: tuple[PersonId, ...], queue: tuple[PersonId, ...]
) -> Cursor:
    hours = turn.hours(step.hours)
    due_at: Instant | None = turn.after(step.wait, hours)
    share = spacing(counted(step.wait, hours), len(queue) + 1)
    state = turn.state
    if not state.calling:
        queue, due_at = (), _still(turn, at.position, due_at)
    passed, tried = _of_lap(turn, at)
    return Cursor(
        at.position,
        at.lap,
        turn.now,
        due_at,
        called=now,
        queue=queue,
        call_at=turn.after(Period(time=share), hours) if queue else None,
        spacing=share,
        passed=passed,
        tried=tried,
        resume=at.resume,
        need=max(step.need, state.functional.need if state.acknowledged_by else 1),
    )


def _begin(turn: Turn, step: FunctionalStep, cursor: Cursor, why: Phrase, chosen: Phrase | None) -> None:
    turn.emit(ev.StepEntered(at=turn.now, cursor=cursor, why=why, chosen=chosen))
    cause = _cause(cursor.position, cursor.lap)
    for person in cursor.called:
        if turn.state.flap.quiet_at is None or person not in turn.state.carried:
            call(turn, person, "page", cause, urgent=_loud(step))


@lru_cache(maxsize=1024)
def _cause(position: int, lap: int) -> Phrase:
    """Why a step calls somebody, in the numbers that people count by."""
    return Phrase("page.step", {"step": str(position + 1), "lap": str(lap + 1)})


def _loud(step: FunctionalStep | None) -> bool | None:
    """As the step says; None leaves it to the priority."""
    return None if step is None or step.urgency is None else step.urgency == "urgent"


def _exhaust(turn: Turn) -> None:
    if not turn.state.calling:
        return
    turn.emit(ev.Exhausted(at=turn.now))
    rescue(turn)
