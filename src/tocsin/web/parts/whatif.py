"""What if: something begins, people answer as told, and the rules play on; told line by line, with reasons."""

from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from tocsin.core.catalogue.priority import PRIORITIES, Priority
from tocsin.core.instant import DAY, HOUR, Duration, Instant
from tocsin.core.signal import Kind
from tocsin.core.world import World
from tocsin.lab.grammar import Complaint
from tocsin.lab.telling import Line
from tocsin.lab.verifier.told import opened
from tocsin.lab.whatif import WhatIf, simulate_one
from tocsin.web.parts.walltime import instant, written
from tocsin.web.parts.words import Names, name_of, spoken

KINDS: tuple[Kind, ...] = ("incident", "complaint", "security", "request")
MOST = 5_000
"""Things that a play does at most: a form must not keep the server busy."""

SHOWN = 400
"""Lines of a play that are shown."""

FURTHEST: Duration = 4_000 * DAY
"""As far away as a beginning may lie."""

LONGEST_ANSWERS = 4_000
HOURS = (1, 2, 4, 8, 24, 72)


class Asking(Struct, frozen=True):
    """What a form asks: `at` on the reader's clock ('' is now), `answers` in the language of answers."""

    service: str = ""
    priority: Priority = "P1"
    kind: Kind = "incident"
    at: str = ""
    answers: str = ""
    hours: int = 8


class Told(Struct, frozen=True):
    """One thing that happens, so long after the beginning; `late` where it was planned earlier."""

    at: Instant
    offset: Duration
    kind: str
    what: str
    why: str
    late: Duration


class Wrong(Struct, frozen=True):
    """What cannot be understood of the answers, or is only worth knowing (`note`)."""

    line: int
    column: int
    text: str
    hint: str
    note: bool


class Played(Struct, frozen=True):
    """What would happen. `reached` and `acknowledged` count from the beginning; None: never, in the time that was
    watched. `pages` are calls by person; `cut` says that more happens than is told. `opens` is its time in words, ''
    where nothing asked for one.
    """

    asking: Asking
    started: Instant
    opens: str
    until: Instant
    lines: tuple[Told, ...]
    wrong: tuple[Wrong, ...]
    reached: Duration | None
    acknowledged: Duration | None
    pages: tuple[tuple[str, int], ...]
    management: bool
    exhausted: bool
    cut: bool

    @property
    def usable(self) -> bool:
        """Whether anything was played at all."""
        return all(one.note for one in self.wrong)


def asking_of(form: Mapping[str, Any], services: Mapping[str, Any]) -> Asking:
    """The fields of a form or an address; what there is not is the first that there is."""
    told = {name: str(form.get(name, "")) for name in ("service", "priority", "kind", "at", "answers", "hours")}
    return Asking(
        service=told["service"] if told["service"] in services else next(iter(sorted(services)), ""),
        priority=next((one for one in PRIORITIES if one == told["priority"]), PRIORITIES[0]),
        kind=next((one for one in KINDS if one == told["kind"]), KINDS[0]),
        at=told["at"][:40],
        answers=told["answers"].replace("\r\n", "\n")[:LONGEST_ANSWERS],
        hours=next((one for one in HOURS if str(one) == told["hours"]), 8),
    )


def begins(asking: Asking, now: Instant, zone: str) -> Instant:
    """When it begins: now, where the field says nothing that is a time."""
    found = instant(asking.at, zone, ends=False) if asking.at else None
    return now if found is None or abs(found - now) > FURTHEST else found


def shown_at(asking: Asking, now: Instant, zone: str) -> str:
    """The time as its field has it."""
    return written(begins(asking, now, zone), zone)


def play(world: World, asking: Asking, now: Instant, zone: str, names: Names) -> Played:
    """Play it by the rules of that world. It takes up to a second or two: in a thread of its own."""
    start = begins(asking, now, zone)
    until = start + asking.hours * HOUR
    found = simulate_one(
        world, asking.service, asking.priority, asking.kind, start, asking.answers, until, names=names.people, most=MOST
    )
    return _played(found, asking, start, until, (zone, names))


def _played(found: WhatIf, asking: Asking, start: Instant, until: Instant, told: tuple[str, Names]) -> Played:
    zone, names = told
    measured = found.measured
    pages = sorted(measured.pages.items(), key=lambda one: (-one[1], one[0]))
    return Played(
        asking,
        start,
        opened(start, zone, names.language) if asking.at else "",
        until,
        tuple(_told(one, names) for one in found.lines[:SHOWN]),
        tuple(_wrong(one, names) for one in found.complaints),
        measured.reached,
        measured.acknowledged,
        tuple((name_of(person, names), n) for person, n in pages),
        measured.management,
        measured.exhausted,
        cut=not found.transcript.whole or len(found.lines) > SHOWN,
    )


def _told(one: Line, names: Names) -> Told:
    return Told(one.at, one.offset, one.kind, spoken(one.what, names), spoken(one.why, names), one.late)


def _wrong(one: Complaint, names: Names) -> Wrong:
    return Wrong(one.line, one.column, spoken(one.text, names), spoken(one.hint, names), one.note)


__all__ = ["HOURS", "KINDS", "Asking", "Played", "asking_of", "begins", "play", "shown_at"]
