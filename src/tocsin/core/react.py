"""One stream's facts become commands to another: what happens to an incident reaches the desk of its team."""

from msgspec import Struct

from tocsin.core.desk import state as desk
from tocsin.core.desk.state import Desk, desk_of
from tocsin.core.ids import PersonId
from tocsin.core.incident import events as ev
from tocsin.core.incident.state import Incident

DEPTH = 4
"""A fact that came about by so many reactions in a row causes no further one."""


class Reaction(Struct, frozen=True):
    """A command from one stream to another. `id` is made from the fact and the target, so that it is posted once.

    `cause` is the fact's own id, `stream:seq`; `depth` counts the reactions that led here, 1 for the first.
    """

    id: str
    stream: str
    command: desk.Command
    cause: str
    depth: int


Fact = ev.Event | desk.Event


def react(event: Fact, state: Incident | Desk, depth: int = 0) -> tuple[Reaction, ...]:
    """What `event` means for other streams; `state` is its own stream's just after it, `depth` that of its command.

    Most facts mean nothing to others. The same fact gives the same reactions, however often it is told.
    """
    if depth >= DEPTH or type(event) not in _HEARD:
        return ()
    cause = f"{state.id}:{state.seq}"
    posted = _of_incident(event, state) if isinstance(state, Incident) else _of_desk(event)
    return tuple([Reaction(f"{cause}>{stream}", stream, command, cause, depth + 1) for stream, command in posted])


Post = tuple[str, desk.Command]


CHANGES_HANDS = (
    ev.StepPassed,
    ev.Assigned,
    ev.Rescued,
    ev.Declined,
    ev.Unreachable,
    ev.Acknowledged,
    ev.AcknowledgementEnded,
    ev.Repoliced,
    ev.Reopened,
    ev.Undone,
)
"""Facts after which others may have the incident in hand, though nobody's turn has come."""

_HEARD = frozenset((ev.StepEntered, ev.Called, ev.HandedOver, ev.Resolved, *CHANGES_HANDS, desk.Borrowed))
"""Facts that can mean anything to others at all."""


def _of_incident(event: Fact, state: Incident) -> tuple[Post, ...]:
    here = desk_of(state.team)
    match event:
        case ev.StepEntered():
            return ((here, _engage(state, event.cursor.called)),)
        case ev.Called():
            return ((here, _engage(state, (event.person,))),)
        case ev.HandedOver():
            giver, taker = state.transfers[-1]
            came = desk.Receive(state.id, state.seq, giver, in_hand(state))
            return ((desk_of(giver), desk.PassOn(state.id, state.seq, taker)), (here, came))
        case ev.Undone() if event.left is not None:
            came = desk.Receive(state.id, state.seq, event.left, in_hand(state))
            return ((desk_of(event.left), desk.PassOn(state.id, state.seq, state.team)), (here, came))
        case ev.Resolved():
            return ((here, desk.Leave(state.id, state.seq)),)
        case _:
            return ((here, _engage(state)),) if isinstance(event, CHANGES_HANDS) else ()


def _engage(state: Incident, called: tuple[PersonId, ...] = ()) -> desk.Engage:
    return desk.Engage(state.id, state.seq, in_hand(state), called)


def in_hand(state: Incident) -> tuple[PersonId, ...]:
    """Whose work it is now: the owner's, else theirs who are being called."""
    return (state.owner,) if state.owner is not None else state.functional.called


def _of_desk(event: Fact) -> tuple[Post, ...]:
    if isinstance(event, desk.Borrowed):
        return ((desk_of(event.team), desk.TakeTurn(event.person)),)
    return ()
