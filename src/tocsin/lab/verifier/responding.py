"""The functional ladder while nobody acts: steps entered and passed over, laps, exhaustion and its rounds.

The rules themselves are `core.incident.functional` and `core.incident.rescue`; this walks many openings at once.
"""

from tocsin.core.ids import PersonId
from tocsin.core.incident import whom
from tocsin.core.incident.rescue import ROUNDS, SHORTEST
from tocsin.core.instant import Period
from tocsin.core.policy.run import counted, next_step, spacing
from tocsin.core.steps import FunctionalStep, HandOver
from tocsin.core.world import CHANNEL
from tocsin.lab.verifier.front import Moment
from tocsin.lab.verifier.management import fire_next
from tocsin.lab.verifier.rescuing import human_comes
from tocsin.lab.verifier.standing import Standing


def advance(one: Standing) -> None:
    """Enter the next step that reaches somebody; when none is left, the ladder is exhausted."""
    position, lap = one.position, one.lap
    for _ in one.policy.functional:
        following = next_step(one.policy, position, lap)
        if following is None:
            break
        position, lap = following
        if _enter(one, position, lap):
            return
    one.exhausted, one.queue, one.call_at = True, (), None
    rescue(one)


def step_due(one: Standing) -> None:
    """The wait of the current step is over, or its team opens."""
    if one.exhausted:
        rescue(one)
    elif not one.shut or not _enter(one, max(one.position, 0), one.lap):
        advance(one)


def call_next(one: Standing) -> None:
    """The next member of an assigned team: the one before did not answer."""
    step = one.policy.functional[one.position]
    queue = one.queue
    then = one.after(Period(time=one.spacing), one.hours(step.hours))
    for index, person in enumerate(queue):
        one.queue = one.queue[1:]
        one.called = (*one.called, person)
        one.order.called((person,))
        one.call_at = None if index + 1 == len(queue) else then
        if one.there(person):
            _page(one, step, person, (person,))
            return
        one.called = tuple(each for each in one.called if each != person)
    if not one.called:
        advance(one)


def rescue(one: Standing) -> None:
    """One round after exhaustion: management, then the team and its lead, then the last resort, one at a time."""
    distance = _distance(one)
    one.ranked |= one.stage > 0
    if one.stage == 0 and fire_next(one):
        one.stage, one.called, one.due = 1, (), distance
        return
    if one.stage <= 1 and _team(one):
        one.stage, one.due = 2, distance
        return
    _last_resort(one, max(one.stage, 2), distance)


def _enter(one: Standing, position: int, lap: int) -> bool:
    step = one.policy.functional[position]
    if not one.holds(step.when, f"functional.{position}"):
        return _pass(one, position, lap)
    if isinstance(step, HandOver):
        one.handed = one.handed or one.now
        one.team = one.ground.owning_team(step.targets[0], one.team) or one.team
    groups = [one.resolve(target, step.hours is not None, step.skills) for target in step.targets]
    opens = [group.opens_at for group in groups if group.opens_at is not None]
    one.weighed |= bool(opens)
    if opens and not one.severe and not any(group.people for group in groups):
        _stand(one, position, lap)
        one.due, one.shut = (min(opens), False), True
        return True
    now, queue, any_of = _split(one, groups, step.skills) if not one.blind else _called(groups)
    if not now:
        return _pass(one, position, lap)
    _begin(one, step, position, lap, () if one.blind else now, queue)
    one.order.called(one.called, any_of)
    for person in one.called:
        _page(one, step, person, any_of.get(person, ()))
    return True


def _pass(one: Standing, position: int, lap: int) -> bool:
    _stand(one, position, lap)
    return False


def _stand(one: Standing, position: int, lap: int) -> None:
    one.tried = tuple(dict.fromkeys((*one.tried, *one.called))) if one.lap == lap else ()
    one.position, one.lap = position, lap
    one.called, one.queue, one.call_at, one.due, one.shut = (), (), None, None, False


Split = tuple[tuple[PersonId, ...], tuple[PersonId, ...], dict[PersonId, tuple[PersonId, ...]]]


def _called(groups: list[whom.Group]) -> Split:
    """The same where it does not matter whom."""
    return next((group.people for group in groups if group.people), ()), (), {}


def _split(one: Standing, groups: list[whom.Group], skills: tuple[str, ...]) -> Split:
    """Whom to call now, who waits for their turn, and in whose place each of the first might be another."""
    now: dict[PersonId, None] = {}
    queue: dict[PersonId, None] = {}
    any_of: dict[PersonId, tuple[PersonId, ...]] = {}
    for group in groups:
        people = tuple(person for person in group.people if one.ground.reachable(person))
        if group.assign == "everyone":
            now.update(dict.fromkeys(people))
            continue
        ordered, alike = one.order.of(group.team, people, skills)
        now.update(dict.fromkeys(ordered[:1]))
        queue.update(dict.fromkeys(ordered[1:]))
        if len(alike) > 1:
            any_of[ordered[0]] = alike
    return tuple(now), tuple(person for person in queue if person not in now), any_of


def _begin(
    one: Standing, step: FunctionalStep, position: int, lap: int, now: tuple[PersonId, ...], queue: tuple[PersonId, ...]
) -> None:
    hours = one.hours(step.hours)
    _stand(one, position, lap)
    one.due = one.after(step.wait, hours)
    one.spacing = spacing(counted(step.wait, hours), len(queue) + 1)
    one.called, one.queue = now, queue
    one.call_at = one.after(Period(time=one.spacing), hours) if queue else None


def _page(one: Standing, step: FunctionalStep, person: PersonId, any_of: tuple[PersonId, ...]) -> None:
    loud = one.urgent if step.urgency is None else step.urgency == "urgent"
    by = ("policies", one.policy.id, "functional", str(one.position))
    if not one.call(person, "page", by, loud=loud) or (person, "page", 0) not in one.calls:
        return
    call = one.calls[person, "page", 0]
    call.any_of = call.any_of or any_of
    if one.lap == 0 and (one.last is None or not one.front.before(call.at, one.last.at)):
        one.last = call


def _distance(one: Standing) -> Moment:
    """When the next round comes."""
    own = one.policy.exhausted
    if own is None:
        length = ROUNDS.get(one.priority)
        return one.working_day() if length is None else (one.now[0] + length, one.now[1])
    soonest = (one.now[0] + SHORTEST, one.now[1])
    return one.front.later(one.after(own.every, one.hours(own.hours)), soonest)


def _team(one: Standing) -> bool:
    """The owning team and its lead; whether anybody of them is there."""
    team = one.ground.world.rulebook.teams.get(one.team)
    if team is None:
        return False
    everybody = dict.fromkeys((*team.members, *([team.lead] if team.lead else [])))
    people = tuple(person for person in everybody if one.there(person))
    for person in people:
        one.call(person, "page", ("teams", team.id), loud=one.urgent)
    if people:
        one.called = people
    return bool(people)


def _last_resort(one: Standing, stage: int, distance: Moment) -> None:
    """One person a round, in turn, by all methods; where there is never anybody, nothing more comes of it."""
    answer = one.ground.last_resort(one.stand, one.now[0])
    one.known(answer)
    people = answer[0]
    first = (stage - 2) % len(people) if people else 0
    one.stage, one.due, one.called = stage, distance, people[first : first + 1]
    if people:
        one.stage = stage + 1
        one.call(people[first], "page", ("last_resort",), loud=one.urgent, at_once=True)
    if all(person.startswith(CHANNEL) for person in people):
        _skip(one, distance)


def _skip(one: Standing, distance: Moment) -> None:
    """Rounds that reach no human are not walked one by one: the next that may is the first after one has come."""
    own = one.policy.exhausted
    comes = human_comes(one)
    if comes is None:
        one.due = None
    elif (own is None and one.priority in ROUNDS) or (own is not None and one.hours(own.hours) is None):
        length = distance[0] - one.now[0]
        more = one.rounds_until(length, comes) - 1
        one.due = (distance[0] + more * length, distance[1])
        one.stage += more if one.called else 0
