"""Transfers: offered, not thrown. The giver owns it until somebody accepts."""

from collections.abc import Iterator

from msgspec.structs import replace

from tocsin.core.catalogue.priority import Priority
from tocsin.core.catalogue.target import Target
from tocsin.core.ids import PersonId, RequestId, RoleId, TeamId
from tocsin.core.incident import events as ev
from tocsin.core.incident.asking import ask
from tocsin.core.incident.calls import call
from tocsin.core.incident.state import Request
from tocsin.core.incident.turn import Turn
from tocsin.core.incident.whom import lead_of, owning_team_of, resolve, responders, there
from tocsin.core.instant import MINUTE, Duration, Instant
from tocsin.core.phrase import Phrase
from tocsin.core.steps.contract import Question

WITHIN: dict[Priority, Duration] = {"P1": 5 * MINUTE, "P2": 15 * MINUTE}
"""The time to accept an offer; one working hour for the other priorities."""

DUTY = RoleId("duty-manager")
"""The role that is asked when two teams pass an incident to and fro; the last resort where there is no such role."""

PING_PONG = 3
"""So many transfers between the same two teams are one too many."""


def offer(turn: Turn, target: Target, reason: Phrase) -> None:
    """Offer the incident to a team or a person; where nobody of it can be reached, to whoever comes after them."""
    team = owning_team_of(turn, target) or turn.state.team
    named = there(turn, resolve(turn, target, hours_given=True).people)
    people = tuple(one for one in named or there(turn, responders(turn, team)) if one != turn.state.owner)[:1]
    deadline = _deadline(turn, team)
    request = Request(
        id=RequestId(f"r{turn.state.request + 1}"),
        purpose="offer",
        text=reason,
        deadline=deadline,
        within=deadline - turn.now,
        current=people,
        asked=people,
        origin=target,
        team=team,
        giver=turn.state.owner,
    )
    turn.emit(ev.Asked(at=turn.now, request=request))
    if people:
        call(turn, people[0], "offer", reason, request=request.id, options=("accept", "decline"))
        watch_ping_pong(turn, team)
    else:
        pass_on(turn, request, Phrase("offer.unreachable"))


def pass_on(turn: Turn, request: Request, why: Phrase) -> None:
    """Declined or unanswered: the receiving team's next on-call, its lead, then back to the giver."""
    for person in _candidates(turn, request):
        if person not in (*request.asked, request.giver, turn.state.owner) and there(turn, (person,)):
            deadline = _deadline(turn, request.team or turn.state.team)
            further = replace(request, current=(person,), asked=(*request.asked, person), deadline=deadline)
            turn.emit(ev.Climbed(at=turn.now, request=further, why=why))
            call(turn, person, "offer", why, request=request.id, options=("accept", "decline"))
            return
    give_back(turn, request)


def give_back(turn: Turn, request: Request) -> None:
    """Nobody took it: it stays with the giver, whose lead is asked, or who is above a giver who is the lead."""
    turn.emit(ev.RequestEnded(at=turn.now, request=request.id, why=Phrase("offer.returned")))
    if turn.state.owner is not None:
        call(turn, turn.state.owner, "page", Phrase("offer.returned"))
    leads = request.giver == lead_of(turn, turn.state.team)
    above = Target("manager", "1") if leads else Target("word", "team.lead")
    ask(turn, Question((above,)), Phrase("offer.returned"))


def watch_ping_pong(turn: Turn, team: TeamId) -> None:
    """The third transfer between the same two teams asks the duty role."""
    pair = {turn.state.team, team}
    between = sum(1 for one in turn.state.transfers if set(one) == pair)
    if len(pair) == 2 and between + 1 >= PING_PONG:
        known = DUTY in turn.world.rulebook.roles
        targets = (Target("role", DUTY),) if known else turn.world.rulebook.last_resort
        ask(turn, Question(targets), Phrase("ask.ping_pong", {"teams": ", ".join(sorted(pair))}))


def _deadline(turn: Turn, team: TeamId) -> Instant:
    """A working hour is one of the receiving team's: it is they who are to accept."""
    return turn.by_priority(WITHIN, turn.working_hour(team))


def _candidates(turn: Turn, request: Request) -> Iterator[PersonId]:
    team = request.team or turn.state.team
    if len(request.asked) <= 1:
        yield from (*responders(turn, team), *responders(turn, team, by=1))
    lead = lead_of(turn, team)
    if lead is not None:
        yield lead
