"""The walk of one incident while nobody acts, for all openings that go the same way."""

from collections.abc import Callable
from functools import partial

from tocsin.core.catalogue.priority import worst
from tocsin.core.instant import DAY, Duration
from tocsin.lab.verifier.finding import Path
from tocsin.lab.verifier.front import Moment
from tocsin.lab.verifier.management import at_once, perform, plan, question_due, rung_due
from tocsin.lab.verifier.reach import Rung, Stretch
from tocsin.lab.verifier.responding import advance, call_next, step_due
from tocsin.lab.verifier.standing import Call, Standing
from tocsin.lab.verifier.supposing import Asking, judged

Asked = Rung | str
"""A rung of reach, or `last`: the last whom the first lap of the functional ladder calls; or `handed`: when that comes
to a hand-over first, and nobody; or `apart`: management as if there were no functional ladder; or one of `later`:
`functional:2`, `hierarchical:3`, whom that step calls, and `exhausted`, whom the rounds after all steps do.
"""

OF_FIRST_LAP = ("last", "handed")
"""What is asked of the first lap alone."""

PATIENCE: Duration = 40 * DAY
"""Whoever hears of it later than this after the opening is not taken to be reached: a proof never claims too much."""

_CHOSEN: dict[str, Callable[[Call], bool]] = {
    "first": lambda _: True,
    "responder": lambda call: call.purpose == "page",
    "management": lambda call: call.purpose != "page",
    "apart": lambda call: call.purpose != "page",
    "exhausted": lambda call: call.by[0] in ("teams", "last_resort"),
}

_Timer = tuple[Moment, Callable[[Standing], None]]


def walked(
    one: Standing, asked: Asked, chosen: Callable[[Call], bool] | None = None, patience: Duration = PATIENCE
) -> Stretch:
    """The stretch that begins with the opening of its front. Undecided where something would have to be supposed.

    Of all calls that are looked at only those that are `chosen` count.
    """
    front = one.front
    one.to_last, one.again = asked == "last", ":" in asked or asked == "exhausted"
    _open(one, asked)
    if asked in OF_FIRST_LAP:
        calls = _first_lap(one, asked)
    elif ":" in asked:
        calls = _of_step(one, asked)
    else:
        calls = _until_rung(one, chosen or _CHOSEN[asked], asked, patience)
    if asked == "handed":
        at, moves = one.handed or (None, False)
        return Stretch(front.opening, front.until, at, moves, (), ())
    if not calls:
        return Stretch(front.opening, front.until, None, False, (), ())
    any_of = next((call.any_of for call in calls if call.any_of), ())
    people = tuple(dict.fromkeys(call.person for call in calls))
    at, moves = calls[0].at
    return Stretch(front.opening, front.until, at, moves, people, calls[0].by, any_of if len(any_of) > 1 else ())


def _open(one: Standing, asked: Asked) -> None:
    raise_(one)
    plan(one)
    if asked != "apart":
        advance(one)
    at_once(one)
    for by, step in one.escalations:
        perform(one, step, by)


def raise_(one: Standing) -> None:
    """Criteria that time decides, and those that apply beside them."""
    setting = one.setting
    asking = Asking(setting.priority, setting.kind, setting.service, setting.team)
    named = None
    for path, criterion, sure in setting.criteria:
        site = ".".join(path)
        applies = sure or judged(one.ground, criterion.when, site, asking, one.supposed, one.front, one.now) is True
        if not applies:
            continue
        then = criterion.then
        named = named or then.policy
        one.priority = worst(one.priority, then.priority or one.priority)
        if then.escalate is not None:
            one.escalations.append((path, then.escalate))
    one.policy = one.ground.world.rulebook.policies.get(named or "", one.policy)


def _until_rung(one: Standing, chosen: Callable[[Call], bool], asked: Asked, patience: Duration) -> list[Call]:
    while (timer := _next(one, asked)) is not None and timer[0][0] - one.front.opening <= patience:
        rung = one.earliest(chosen)
        if rung and one.front.before(rung[0].at, timer[0]):
            return rung
        _serve(one, timer)
    return one.earliest(chosen)


def _first_lap(one: Standing, asked: Asked) -> list[Call]:
    """Walk the functional ladder until its first lap is over, or what is asked is known."""
    while one.lap == 0 and not one.exhausted and (asked == "last" or one.handed is None):
        timer = _next(one, asked)
        if timer is None:
            break
        _serve(one, timer)
    return [one.last] if one.last is not None else []


def _serve(one: Standing, timer: _Timer) -> None:
    one.now = timer[0]
    one.order.settle()
    timer[1](one)


def _of_step(one: Standing, asked: Asked) -> list[Call]:
    """Whom a step calls before anybody else; one of the functional ladder in its first lap."""
    ladder, _, number = asked.partition(":")
    by = ("policies", one.policy.id, ladder, str(int(number) - 1))
    coming, timers = (_entering, "last") if ladder == "functional" else (_firing, "management")
    while coming(one, int(number) - 1, by):
        timer = _next(one, timers)
        if timer is None or timer[0][0] - one.front.opening > PATIENCE:
            break
        found = one.earliest(lambda call: call.by == by)
        if found and one.front.before(found[0].at, timer[0]):
            return found
        _serve(one, timer)
    return one.earliest(lambda call: call.by == by)


def _entering(one: Standing, index: int, _: Path) -> bool:
    return one.lap == 0 and not one.exhausted and one.position <= index


def _firing(one: Standing, index: int, by: Path) -> bool:
    """Whether that rung is planned, or its question climbs."""
    planned = index < len(one.rungs) and one.rungs[index] is not None
    return planned or any(waiting.by == by for waiting in one.questions)


def _next(one: Standing, asked: Asked) -> _Timer | None:
    """The timer that runs out first; of equal ones the first here, as `due.timers` orders them."""
    timers: list[_Timer] = []
    if one.call_at is not None and one.queue:
        timers.append((one.call_at, call_next))
    if one.due is not None:
        timers.append((one.due, step_due))
    rungs = enumerate(one.rungs if asked not in OF_FIRST_LAP else ())
    timers += [(at, partial(rung_due, index=index)) for index, at in rungs if at is not None]
    if asked in ("first", "management", "apart"):
        timers += [(waiting.deadline, partial(question_due, waiting=waiting)) for waiting in one.questions]
    if asked in ("management", "apart") and not one.questions and not any(at is not None for at in one.rungs):
        return None
    first: _Timer | None = None
    for timer in timers:
        if first is None or one.front.before(timer[0], first[0]):
            first = timer
    return first
