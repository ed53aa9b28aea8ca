"""What an expression may speak of: each name with its type and meaning, and how it is read from the facts at hand."""

from collections.abc import Callable
from typing import Any, Literal

from msgspec import Struct

from tocsin.core.calendar.zones import Local, format_day, local
from tocsin.core.catalogue.priority import Priority
from tocsin.core.instant import MINUTE, Duration, Instant
from tocsin.core.signal import Signal

Type = Literal["text", "number", "flag", "texts by name", "priority"]

LARGEST = 2**63 - 1
"""Numbers in an expression are 64 bit; a sender's larger claim counts as this."""

LONGEST = 4096
"""Characters of one text that an expression sees, so that none can be made to eat the memory."""

TEXT_OF_SIGNAL = "signal.text"
"""The name of the one fact that no state keeps: a condition that reads it must be asked at every signal."""


def _never(_hours: str) -> bool:
    return False


def _none(_within: Duration) -> int:
    return 0


class Context(Struct, frozen=True, gc=False):
    """The facts that one judgement may consult; all have a neutral default, so a missing one never is an error.

    `opened_at` and `now` are UTC microseconds; `timezone` is the zone of `calendar`; `in_hours` tells whether hours of
    that id are open now; `reports` counts the reports of this incident within that duration before now.
    """

    signal: Signal
    source: str = ""
    priority: Priority = "P5"
    status: str = "open"
    service: str = ""
    team: str = ""
    opened_at: Instant = 0
    alerts: int = 0
    reopened: int = 0
    now: Instant = 0
    timezone: str = "UTC"
    in_hours: Callable[[str], bool] = _never
    reports: Callable[[Duration], int] = _none

    @property
    def local(self) -> Local:
        """Now as civil time in `timezone`; ValueError for a zone that does not exist."""
        return local(self.timezone, self.now)


class Name(Struct, frozen=True):
    """One name of the vocabulary. `read` gives the plain value an expression sees, a table as pairs: it is hashed."""

    name: str
    type: Type
    meaning: str
    read: Callable[[Context], Any]


WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def _whole(number: int) -> int:
    return min(max(number, -LARGEST), LARGEST)


def _labels(context: Context) -> tuple[tuple[str, str], ...]:
    return tuple([(name, value[:LONGEST]) for name, value in context.signal.labels.items()])


def _age(context: Context) -> int:
    return max(context.now - context.opened_at, 0) // MINUTE


NAMES: tuple[Name, ...] = (
    Name("signal.source", "text", "the source's id", lambda c: c.source),
    Name("signal.service", "text", "the service that the signal names", lambda c: c.signal.service),
    Name("signal.severity", "text", "the sender's claim, lower-cased", lambda c: c.signal.severity),
    Name("signal.kind", "text", "incident, complaint, security or request", lambda c: c.signal.kind),
    Name("signal.action", "text", "trigger, acknowledge or resolve", lambda c: c.signal.action),
    Name("signal.key", "text", "what identifies the incident at its source", lambda c: c.signal.key),
    Name("signal.title", "text", "the headline", lambda c: c.signal.title[:LONGEST]),
    Name("signal.text", "text", "the description; its first 4,096 characters", lambda c: c.signal.text[:LONGEST]),
    Name("signal.labels", "texts by name", "the labels; a missing one reads as ''", _labels),
    Name("signal.reported_by", "text", "tool or person", lambda c: c.signal.reported_by),
    Name("signal.reporter", "text", "who reported it, where known", lambda c: c.signal.reporter),
    Name("signal.affected_users", "number", "how many users it concerns", lambda c: _whole(c.signal.affected_users)),
    Name("signal.wants_escalation", "flag", "the reporter asks for a manager", lambda c: c.signal.wants_escalation),
    Name("signal.raw", "flag", "it could not be parsed", lambda c: c.signal.raw),
    Name("incident.priority", "priority", "P1 to P5; compare with at_least(P2)", lambda c: int(c.priority[1:])),
    Name("incident.status", "text", "open, acknowledged, resolved or closed", lambda c: c.status),
    Name("incident.service", "text", "the service it concerns", lambda c: c.service),
    Name("incident.team", "text", "the owning team", lambda c: c.team),
    Name("incident.age_minutes", "number", "whole minutes since it was opened", _age),
    Name("incident.alerts", "number", "how many alerts it has", lambda c: c.alerts),
    Name("incident.reopened", "number", "how often it was reopened", lambda c: c.reopened),
    Name("calendar.weekday", "text", "mon to sun, in the rulebook's zone", lambda c: WEEKDAYS[c.local.weekday]),
    Name("calendar.hour", "number", "0 to 23, in the rulebook's zone", lambda c: c.local.minute // 60),
    Name("calendar.date", "text", "YYYY-MM-DD, in the rulebook's zone", lambda c: format_day(c.local.day)),
)

FUNCTIONS: tuple[tuple[str, str], ...] = (
    ("at_least(P2)", "the incident's priority is P2 or worse"),
    ("reports('10m')", "how many reports of this incident came in that time before now"),
    ("in_hours('office')", "whether those hours are open now"),
    ("P1, P2, P3, P4, P5", "the priorities; equal to each other or in a list of them, never less or more"),
)
"""The functions and constants, with their meaning, for the reference."""
