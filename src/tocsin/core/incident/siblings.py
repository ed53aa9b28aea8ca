"""A sibling keeps alerts that an incident has no room for: held while that one has somebody, else it stands alone."""

from msgspec.structs import replace

from tocsin.core.decider import Refused
from tocsin.core.ids import IncidentId
from tocsin.core.incident import commands as cmd
from tocsin.core.incident import events as ev
from tocsin.core.incident.functional import reenter
from tocsin.core.incident.hierarchical import at_once, plan
from tocsin.core.incident.state import Incident
from tocsin.core.incident.turn import Turn
from tocsin.core.instant import MINUTE, Duration
from tocsin.core.phrase import Phrase

JUDGED_AGAIN: Duration = 30 * MINUTE
"""How long a sibling is held before it is judged again whether the first still has somebody."""


def attended(first: Incident) -> bool:
    """Whether an incident is live and has somebody: an owner, people who are called or asked, or will be next."""
    planned = first.functional.due_at is not None
    return first.live and (first.owner is not None or planned or bool(first.rounds or first.requests))


def kept_beside(opened: ev.Opened, beside: cmd.Beside) -> ev.Opened:
    """How a sibling opens: as confidential as the first, and with no ladder, which waits until it stands for itself."""
    return replace(opened, ladder=(), confidential=opened.confidential or beside.confidential)


def hold(turn: Turn, first: IncidentId) -> None:
    """It pages nobody by itself until that is judged again."""
    turn.emit(ev.HeldBeside(at=turn.now, first=first, until=turn.now + JUDGED_AGAIN))


def hold_due(turn: Turn) -> None:
    """Held on where the first, by what is known of it now, still has somebody."""
    first = turn.state.sibling_of or IncidentId("")
    if first in turn.world.surroundings.attended:
        hold(turn, first)
    else:
        stand(turn, Phrase("sibling.unattended", {"incident": first}), beside=first)


def first_ended(turn: Turn, command: cmd.FirstEnded) -> Refused | None:
    """The first has ended and this one goes on: in its place, or beside another that does."""
    if not turn.state.live:
        return Refused("ended", f"it is {turn.state.status}")
    why = Phrase("sibling.first_ended", {"incident": turn.state.sibling_of or ""})
    if command.first == turn.state.id:
        stand(turn, why, siblings=command.siblings)
    elif turn.state.held_until is not None:
        hold(turn, command.first)
    elif turn.state.sibling_of is not None:
        stand(turn, why, beside=command.first)
    return None


def stand(turn: Turn, why: Phrase, *, beside: IncidentId | None = None, siblings: tuple[IncidentId, ...] = ()) -> None:
    """Held no longer: what of its ladders has not begun begins now, and the step that rested is entered afresh."""
    cursor, rested = turn.state.functional, turn.state.held_until is not None
    ladder = () if turn.state.hierarchical else plan(turn, turn.policy, turn.now)
    turn.emit(ev.Stood(at=turn.now, why=why, ladder=ladder, beside=beside, siblings=siblings))
    unbegun = cursor.position < 0 and not cursor.exhausted
    if (rested or unbegun) and turn.state.calling and not turn.resting:
        reenter(turn, why)
    at_once(turn)


def begun(state: Incident) -> bool:
    """Whether any ladder of it has ever begun: what was held all along has none that it could go on with."""
    return state.functional.position >= 0 or state.functional.exhausted or bool(state.hierarchical)
