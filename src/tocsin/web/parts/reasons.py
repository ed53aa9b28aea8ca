"""Why was I paged, why was nobody: what the lab's "why" says of an incident as a whole, in the reader's words."""

from collections.abc import Sequence

from msgspec import Struct

from tocsin.core.ids import PersonId
from tocsin.core.incident import events as ev
from tocsin.core.instant import Instant
from tocsin.lab.why.everybody import called, kept_back
from tocsin.web.parts.words import Names, name_of, spoken

MOST = 40
"""Reasons of each kind; the latest."""


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
    rounds = [
        Reason(one.at, name_of(one.person, names), one.purpose, "", spoken(one.cause, names), one.person == reader)
        for one in called(past)[::-1][:MOST]
    ]
    kept = [
        Reason(one.at, "", "", spoken(one.what, names), " ".join(spoken(why, names) for why in one.why))
        for one in kept_back(past)[::-1][:MOST]
    ]
    return Reasons(tuple(rounds), tuple(kept))
