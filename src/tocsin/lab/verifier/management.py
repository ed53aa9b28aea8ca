"""The hierarchical ladder while nobody acts: rungs by time or brought forward, and questions that climb.

The rules themselves are `core.incident.hierarchical` and `core.incident.asking`; this walks many openings at once.
"""

from msgspec.structs import replace

from tocsin.core.incident.asking import RESCUE
from tocsin.core.instant import Period
from tocsin.core.steps import HierarchicalStep, Inform
from tocsin.core.steps.contract import Question as Put
from tocsin.core.steps.contract import Tell
from tocsin.core.world import CHANNEL
from tocsin.lab.verifier.finding import Path
from tocsin.lab.verifier.front import Moment
from tocsin.lab.verifier.rescuing import human_comes
from tocsin.lab.verifier.standing import Question, Standing


def plan(one: Standing) -> None:
    """Plan the rungs at the opening."""
    one.rungs = [one.after(step.after, one.hours(step.hours)) for step in one.policy.hierarchical]


def at_once(one: Standing) -> None:
    """Rungs that are planned for the very moment of opening."""
    for index in range(len(one.rungs)):
        planned = one.rungs[index]
        if planned is not None and not one.front.before(one.now, planned):
            rung_due(one, index)


def rung_due(one: Standing, index: int) -> None:
    """A rung's time has come; where it reaches nobody the next comes at once."""
    step = one.policy.hierarchical[index]
    if not one.holds(step.when, f"hierarchical.{index}"):
        one.rungs[index] = None
        return
    if not isinstance(step, Inform):
        one.weighed |= any(one.ground.may_shut(target, one.stand) for target in step.targets)
    opens = None if one.severe else _opening(one, step)
    if opens is not None:
        one.rungs[index] = opens
    elif not _fire(one, index, step):
        fire_next(one)


def fire_next(one: Standing) -> bool:
    """The next unfired rung, before its time; whether one reached anybody."""
    for index, step in enumerate(one.policy.hierarchical):
        if one.rungs[index] is None:
            continue
        if one.holds(step.when, f"hierarchical.{index}") and _fire(one, index, step):
            return True
    return False


def perform(one: Standing, step: HierarchicalStep, by: Path) -> bool:
    """Carry out a step's moves; whether anybody was reached."""
    reached = False
    for move in step.moves():
        if isinstance(move, Tell):
            reached |= _inform(one, move, by)
        elif isinstance(move, Put):
            reached |= _ask(one, move, by)
    return reached


def question_due(one: Standing, waiting: Question) -> None:
    """Nobody has answered in time: the default, else whoever is above."""
    number = int(waiting.request.id[1:])
    one.ranked = True
    if waiting.request.default is not None:
        one.withdraw(number)
        one.questions.remove(waiting)
        return
    answer = one.ground.climbed(waiting.request, one.stand, one.priority, one.now[0])
    one.known(answer)
    put = answer[0]
    one.withdraw(number)
    waiting.request = put.request
    waiting.deadline = _deadline(one, waiting, put.spaced)
    _page(one, waiting)
    if put.spaced and not put.request.current:
        _skip(one, waiting)


def _skip(one: Standing, waiting: Question) -> None:
    """A question that has gone round a last resort in which nobody is goes on when that changes, or never."""
    people, until = one.ground.last_resort(one.stand, one.now[0])
    one.front.holds_until(one.now, until)
    if not all(person.startswith(CHANNEL) for person in people):
        return
    comes = human_comes(one)
    length = RESCUE.get(one.priority)
    if comes is None:
        one.questions.remove(waiting)
    elif length is not None and one.hours(waiting.request.hours) is None and waiting.request.within <= length:
        more = one.rounds_until(length, comes) - 1
        waiting.request = replace(waiting.request, rescue=waiting.request.rescue + more)
        waiting.deadline = (one.now[0] + (more + 1) * length, one.now[1])


def _opening(one: Standing, step: HierarchicalStep) -> Moment | None:
    """When the closed teams that a question is for open; None where it names anybody else, or hours of its own."""
    if isinstance(step, Inform) or step.hours is not None:
        return None
    groups = [one.resolve(target, False, ()) for target in step.targets]
    opens = [group.opens_at for group in groups if group.opens_at is not None]
    if not opens or any(group.people for group in groups):
        return None
    return min(opens), False


def _fire(one: Standing, index: int, step: HierarchicalStep) -> bool:
    one.rungs[index] = None
    return perform(one, step, ("policies", one.policy.id, "hierarchical", str(index)))


def _inform(one: Standing, move: Tell, by: Path) -> bool:
    answer = one.ground.everybody(move.targets, one.stand, True, one.now[0])
    one.known(answer)
    told = [person for person in answer[0] if one.call(person, "inform", by, loud=False)]
    return bool(told)


def _ask(one: Standing, move: Put, by: Path) -> bool:
    one.weighed |= any(one.ground.may_shut(target, one.stand) for target in move.targets)
    answer = one.ground.asked(move, one.stand, one.priority, one.now[0])
    one.known(answer)
    one.asked += 1
    put = answer[0]
    waiting = Question(replace(put.request, id=f"r{one.asked}"), one.now, by)
    waiting.deadline = _deadline(one, waiting, put.spaced)
    one.questions.append(waiting)
    _page(one, waiting)
    return bool(put.request.current)


def _page(one: Standing, waiting: Question) -> None:
    request = waiting.request
    for person in request.current:
        last = request.rescue > 0
        purpose = request.purpose
        one.call(person, purpose, waiting.by, loud=one.urgent, request=int(request.id[1:]), at_once=last)


def _deadline(one: Standing, waiting: Question, spaced: bool) -> Moment:
    """The time to answer; where a question has gone round the last resort, at least the distance of its rounds."""
    request = waiting.request
    deadline = one.after(Period(time=request.within), one.hours(request.hours))
    if not spaced:
        return deadline
    length = RESCUE.get(one.priority)
    distance = one.working_day() if length is None else (one.now[0] + length, one.now[1])
    return one.front.later(deadline, distance)
