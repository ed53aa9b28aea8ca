"""Asks and decisions: put to whoever the step names, then to deputies, then up, until somebody answers."""

from collections.abc import Iterator

from msgspec.structs import replace

from tocsin.core.catalogue.priority import Priority, at_least
from tocsin.core.catalogue.target import Target
from tocsin.core.ids import HoursId, PersonId, RequestId, TeamId
from tocsin.core.incident import events as ev
from tocsin.core.incident.calls import call
from tocsin.core.incident.state import Request
from tocsin.core.incident.turn import Turn
from tocsin.core.incident.whom import last_resort, lead_of, manager_of, nominal, owning_team_of, resolve, there
from tocsin.core.instant import HOUR, MINUTE, Duration, Instant, Period
from tocsin.core.phrase import Phrase
from tocsin.core.policy.run import counted
from tocsin.core.steps.contract import Question
from tocsin.core.world import CHANNEL

WITHIN: dict[Priority, Duration] = {"P1": 10 * MINUTE, "P2": 30 * MINUTE}
"""The time to answer where the step names none; 4 h in the step's hours for the other priorities."""

RESCUE: dict[Priority, Duration] = {"P1": 15 * MINUTE, "P2": 30 * MINUTE, "P3": 2 * HOUR}
"""The distance of further tries once a question has gone round the last resort."""


def ask(turn: Turn, question: Question, why: Phrase) -> bool:
    """Put a question; whether it reached anybody. It always ends at somebody, if need be at the last resort."""
    within, hours = _within(turn, question)
    blank = Request(
        id=RequestId(f"r{turn.state.request + 1}"),
        purpose="decide" if question.options else "ask",
        text=Phrase("decide.question", {"text": question.text}) if question.options else Phrase("ask.seen"),
        deadline=turn.now,
        within=within,
        current=(),
        asked=(),
        hours=hours,
        options=question.options,
        default=question.default,
    )
    request = _first_asked(turn, blank, question)
    turn.emit(ev.Asked(at=turn.now, request=request))
    _page(turn, request, why)
    return bool(request.current)


def request_due(turn: Turn, name: str) -> None:
    """Nobody has answered in time: the default where one is named, else the one above."""
    request = turn.state.request_of(name)
    if request is None:
        return
    if request.default is not None:
        answered = ev.Answered(at=turn.now, request=request.id, by="", option=request.default, default=True)
        turn.emit(answered)
        return
    climb(turn, request, Phrase("climb.unanswered"))


def climb(turn: Turn, request: Request, why: Phrase) -> None:
    """Put it to the one above those asked; to a deputy first when those asked could not be reached or cannot."""
    deputies = () if why.key == "climb.unanswered" else request.deputies
    further = _next_asked(turn, replace(request, deputies=deputies, climbs=request.climbs + 1))
    turn.emit(ev.Climbed(at=turn.now, request=further, why=why))
    _page(turn, further, why)


def lost_one(turn: Turn, name: str, why: Phrase) -> None:
    """One of those asked cannot, or nothing leads to them: when none of them is left, the next at once; once
    everybody has been asked it stays until its deadline, for whoever declines by a program would be asked for ever.
    """
    request = turn.state.request_of(name)
    if request is not None and not request.current and not _gone_round(turn, request):
        climb(turn, request, why)


def above(turn: Turn, request: Request) -> Iterator[PersonId]:
    """Who is above those asked last, nearest first: for a schedule or team its lead, then managers all the way up."""
    team = _team_behind(turn, request.origin)
    lead = lead_of(turn, team) if team else None
    level = list(request.current or request.asked[-1:])
    if lead is not None:
        level = [lead]
        yield lead
    for _ in range(len(turn.world.rulebook.people)):
        managers = (manager_of(turn, person) for person in level)
        level = list(dict.fromkeys(one for one in managers if one is not None))
        if not level:
            return
        yield from level


def _within(turn: Turn, question: Question) -> tuple[Duration, HoursId | None]:
    """The counted time to answer, and the hours in which it counts."""
    own = question.within
    if own is None:
        urgent = WITHIN.get(turn.state.priority)
        return (4 * HOUR, question.hours) if urgent is None else (urgent, None)
    return counted(own, turn.hours(question.hours)), question.hours


def _holders(turn: Turn, targets: tuple[Target, ...]) -> Iterator[Target]:
    """The targets in the order in which they are tried, a role's holders one by one."""
    for target in targets:
        role = turn.world.rulebook.roles.get(target.name) if target.kind == "role" else None
        if role is None:
            yield target
        else:
            yield from _holders(turn, role.holders)


def _first_asked(turn: Turn, request: Request, question: Question) -> Request:
    """Of each target of a list its first holder who can be reached; the holders after them are deputies."""
    found: list[PersonId] = []
    deputies: list[Target] = []
    for target in question.targets:
        request, people, rest = _first_of(turn, request, list(_holders(turn, (target,))), question.hours is not None)
        found += people
        deputies += rest
    request = replace(request, deputies=tuple(deputies))
    return _asked(turn, request, tuple(dict.fromkeys(found))) if found else _upwards(turn, request)


def _next_asked(turn: Turn, request: Request) -> Request:
    """The request with the next people who can be reached: deputies, then those above, then the last resort."""
    further, people, rest = _first_of(turn, request, list(request.deputies), request.hours is not None)
    further = replace(further, deputies=tuple(rest))
    return _asked(turn, further, people) if people else _upwards(turn, further)


def _first_of(
    turn: Turn, request: Request, line: list[Target], hours_given: bool
) -> tuple[Request, tuple[PersonId, ...], list[Target]]:
    """The first target of `line` that leads to people who can be asked; then who those are and what is left of it."""
    for number, target in enumerate(line, start=1):
        always = hours_given or not at_least(turn.state.priority, "P2")
        people = _fresh(turn, request, resolve(turn, target, always).people)
        request = replace(request, origin=target)
        if people:
            return request, people, line[number:]
        passed = (one for one in nominal(turn, target) if one not in request.asked)
        request = replace(request, asked=(*request.asked, *passed))
    return request, (), []


def _upwards(turn: Turn, request: Request) -> Request:
    """The next one above who can be reached, else the last resort."""
    for person in above(turn, request):
        if _fresh(turn, request, (person,)):
            return _asked(turn, replace(request, origin=None), (person,))
        request = replace(request, asked=(*request.asked, person))
    return _rescued(turn, request)


def _fresh(turn: Turn, request: Request, people: tuple[PersonId, ...]) -> tuple[PersonId, ...]:
    """Those who have not been asked yet and can be; a channel cannot answer."""
    return tuple(one for one in there(turn, people) if one not in request.asked and not one.startswith(CHANNEL))


def _asked(turn: Turn, request: Request, people: tuple[PersonId, ...]) -> Request:
    asked = tuple(dict.fromkeys((*request.asked, *people)))
    return replace(request, current=people, asked=asked, deadline=_deadline(turn, request))


def _deadline(turn: Turn, request: Request) -> Instant:
    return turn.after(Period(time=request.within), turn.hours(request.hours))


def _rescued(turn: Turn, request: Request) -> Request:
    """Nobody is above: the last resort, one at a time; once it has gone round, at the distance of rescue rounds."""
    people = _rescuers(turn, request)
    fresh = [one for one in people if one not in request.asked]
    chosen = tuple((fresh or people)[:1])
    deadline = _deadline(turn, request)
    if not fresh:
        deadline = max(deadline, turn.by_priority(RESCUE, turn.working_day()))
    asked = tuple(dict.fromkeys((*request.asked, *chosen)))
    return replace(request, current=chosen, asked=asked, origin=None, rescue=request.rescue + 1, deadline=deadline)


def _gone_round(turn: Turn, request: Request) -> bool:
    """The last resort is being asked, and there is nobody in it who has not been."""
    return request.rescue > 0 and all(one in request.asked for one in _rescuers(turn, request))


def _rescuers(turn: Turn, request: Request) -> list[PersonId]:
    """Whoever of the last resort can answer, in the order in which it is their turn."""
    return [one for one in last_resort(turn, request.rescue) if not one.startswith(CHANNEL)]


def _team_behind(turn: Turn, target: Target | None) -> TeamId | None:
    """The team whose lead is above whoever answered for it; None where a person was asked."""
    if target is None or target.kind not in ("team", "schedule", "word"):
        return None
    if target.kind == "word":
        return turn.state.team if target.name in ("team", "team.next", "team.all") else None
    return owning_team_of(turn, target)


def _page(turn: Turn, request: Request, why: Phrase) -> None:
    for person in request.current:
        last = request.rescue > 0
        call(turn, person, request.purpose, why, request=request.id, options=request.options, last_resort=last)
