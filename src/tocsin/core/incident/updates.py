"""News that a person writes for those who are informed: whom it tells, resolved at that moment, each once.

It changes nothing and calls nobody: each update is a message of its own, so that none is merged with what is on its
way, and it can be written when all is over, too.
"""

from collections.abc import Iterator

from tocsin.core.catalogue.target import Target
from tocsin.core.decider import Refused
from tocsin.core.ids import PersonId
from tocsin.core.incident import commands as cmd
from tocsin.core.incident import events as ev
from tocsin.core.incident.calls import VOICE, ladder_of
from tocsin.core.incident.knowing import cleared
from tocsin.core.incident.turn import Turn
from tocsin.core.incident.whom import everybody, there
from tocsin.core.phrase import Phrase
from tocsin.core.world import CHANNEL

STAKEHOLDERS = (Target("word", "stakeholders"), Target("word", "requester"))


def post_update(turn: Turn, command: cmd.PostUpdate) -> Refused | None:
    """Tell them; where nobody can be told the fact says why, and the news is kept all the same."""
    if turn.state.status == "closed":
        return Refused("ended", "it is closed: nobody is told of it any more")
    meant = [person for person in dict.fromkeys(_meant(turn)) if person != command.by]
    ways = {person: _ways(turn, person) for person in _who_may_know(turn, meant)}
    told = {person: methods for person, methods in ways.items() if methods}
    turn.emit(ev.Posted(at=turn.now, by=command.by, text=command.text, told=told, why=_why(turn, told)))
    return None


def _meant(turn: Turn) -> Iterator[PersonId]:
    """Stakeholders and requester, who was informed so far, and whom the policy promises news."""
    updates = turn.policy.updates
    yield from everybody(turn, (*STAKEHOLDERS, *(updates.targets if updates else ())), hours_given=True)
    yield from there(turn, turn.state.informed)


def _who_may_know(turn: Turn, people: list[PersonId]) -> list[PersonId]:
    """All of them; where it is confidential those who know of it already, for nobody knows who reads a channel."""
    if not turn.state.confidential:
        return people
    known = cleared(turn.state, turn.world.rulebook)
    return [person for person in people if person in known and not person.startswith(CHANNEL)]


def _ways(turn: Turn, person: PersonId) -> tuple[str, ...]:
    """The methods by which routine news comes first; by voice only where nothing else leads to them."""
    rings = ladder_of(turn, person, urgent=False)
    first = min((ring.at for ring in rings), default=turn.now)
    methods = tuple(ring.method for ring in rings if ring.at == first)
    return tuple(one for one in methods if one != VOICE) or methods


def _why(turn: Turn, told: dict[PersonId, tuple[str, ...]]) -> Phrase | None:
    """What is to be mended where it reached nobody."""
    if told:
        return None
    service = turn.world.rulebook.services.get(turn.state.service or "")
    named = (service and service.stakeholders) or turn.policy.updates or turn.state.informed
    reporter = turn.state.signal.reporter if turn.state.signal else ""
    if not named and reporter not in turn.world.rulebook.people:
        return Phrase("update.for_nobody")
    return Phrase("update.not_cleared" if turn.state.confidential else "update.unreachable")
