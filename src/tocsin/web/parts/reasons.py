"""Why was I paged, why was nobody: whom each round called and for what cause, and what kept others from a call."""

from collections.abc import Sequence

from msgspec import Struct

from tocsin.core.ids import PersonId
from tocsin.core.incident import events as ev
from tocsin.core.incident.telling import tell
from tocsin.core.instant import Instant
from tocsin.web.parts.words import Names, name_of, spoken

MOST = 40
"""Reasons of each kind; the latest."""

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


class Reason(Struct, frozen=True):
    """At that time somebody was called, or nobody was: what happened, and why. `mine`: the reader was."""

    at: Instant
    who: str
    purpose: str
    what: str
    why: str
    mine: bool = False


class Reasons(Struct, frozen=True):
    """The newest first. `called` were reached out to, `kept_back` says why others were not."""

    called: tuple[Reason, ...]
    kept_back: tuple[Reason, ...]


def reasons(past: Sequence[ev.Event], names: Names, reader: PersonId | None) -> Reasons:
    """From all its facts, `reader` being who asks."""
    called = [_called(event, names, reader) for event in past if isinstance(event, ev.Paged)]
    kept_back = [_kept_back(event, names) for event in past if _keeps_back(event)]
    return Reasons(tuple(called[::-1][:MOST]), tuple(kept_back[::-1][:MOST]))


def _called(event: ev.Paged, names: Names, reader: PersonId | None) -> Reason:
    one = event.round
    return Reason(
        event.at, name_of(one.person, names), one.purpose, "", spoken(one.causes[-1], names), one.person == reader
    )  # fmt: skip


def _keeps_back(event: ev.Event) -> bool:
    return isinstance(event, _KEPT_BACK) or (isinstance(event, ev.StepEntered) and not event.cursor.called)


def _kept_back(event: ev.Event, names: Names) -> Reason:
    told = tell(event)
    return Reason(event.at, "", "", spoken(told.what, names), spoken(told.why, names))
