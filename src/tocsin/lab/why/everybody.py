"""Of an incident as a whole: whom each round called and for what cause, and what kept others from a call"""

from collections.abc import Sequence

from msgspec import Struct

from tocsin.core.ids import PersonId
from tocsin.core.incident import events as ev
from tocsin.core.incident.telling import tell
from tocsin.core.instant import Instant
from tocsin.core.phrase import Phrase
from tocsin.lab.why.answer import Line

_KEPT_BACK = (
    ev.StepPassed,
    ev.RungSkipped,
    ev.RungUnmatched,
    ev.Unreachable,
    ev.Undelivered,
    ev.Suspended,
    ev.Snoozed,
    ev.FlappingBegan,
    ev.Found,
)
"""Facts that explain why somebody was not called, or not yet."""


class Round(Struct, frozen=True):
    """A round of calling: whom, what for, and the cause that came last."""

    at: Instant
    person: PersonId
    purpose: str
    cause: Phrase


def called(past: Sequence[ev.Event]) -> tuple[Round, ...]:
    """All rounds, in order."""
    rounds = ((event.at, event.round) for event in past if isinstance(event, ev.Paged))
    return tuple(Round(at, one.person, one.purpose, one.causes[-1]) for at, one in rounds)


def kept_back(past: Sequence[ev.Event]) -> tuple[Line, ...]:
    """What explains why somebody was not called, in order."""
    told = ((event.at, tell(event)) for event in past if keeps_back(event))
    return tuple(Line(at, "kept_out", one.what, (one.why,) if one.why else ()) for at, one in told)


def keeps_back(event: ev.Event) -> bool:
    """Whether it is such a fact; a step that calls nobody is one too."""
    return isinstance(event, _KEPT_BACK) or (isinstance(event, ev.StepEntered) and not event.cursor.called)
