"""When somebody is on call, over all schedules and with the reason; when they are away, and what that leaves open."""

from collections.abc import Mapping
from typing import Any

from msgspec import Struct
from uuid_utils import uuid7

from tocsin.core.ids import PersonId
from tocsin.core.instant import DAY, SECOND, Instant
from tocsin.core.oncall.override import Absence
from tocsin.core.oncall.turns import Instead, instead_of, turns_of
from tocsin.core.world import World
from tocsin.web.pages.oncall.saying import reasons
from tocsin.web.parts.walltime import instant
from tocsin.web.parts.words import Names, names_of, plainly

BACK, AHEAD = 35 * DAY, 42 * DAY
"""How far a turn that lasts now is followed back, and how far ahead turns are shown."""

LONGEST, FURTHEST = 400 * DAY, 800 * DAY
"""How long somebody may be away, and how far ahead it can be said."""

SHOWN = 12


class TurnView(Struct, frozen=True):
    """One turn; `now` while it lasts."""

    schedule: str
    name: str
    start: Instant
    end: Instant
    why: tuple[str, ...]
    now: bool


class Duty(Struct, frozen=True):
    """The turns of the coming weeks, the first ones; `more` come after those. `absences` are not over."""

    turns: tuple[TurnView, ...]
    more: int
    absences: tuple[Absence, ...]

    @property
    def current(self) -> tuple[TurnView, ...]:
        """Those that last now."""
        return tuple(one for one in self.turns if one.now)

    @property
    def coming(self) -> TurnView | None:
        """The next one, for somebody who is not on."""
        return next((one for one in self.turns if not one.now), None)

    @property
    def next_on(self) -> Instant | None:
        """When the first begins."""
        return self.turns[0].start if self.turns else None


class StepIn(Struct, frozen=True):
    """A part of a turn while they are away: who is on, in words; '' for nobody."""

    schedule: str
    name: str
    start: Instant
    end: Instant
    who: str


class Leave(Struct, frozen=True):
    """What the form of an absence holds, and what is wrong with it: '', `time`, `order`, `long` or `over`."""

    start: str = ""
    end: str = ""
    wrong: str = ""
    absence: Absence | None = None


def duty_of(person: PersonId, world: World, names: Names, now: Instant) -> Duty:
    """From now on."""
    book, known = world.rulebook, world.facts
    found = turns_of(person, now, now + AHEAD, book.schedules, book.hours, known)
    views = tuple(
        TurnView(
            one.schedule, plainly(one.schedule), one.start, one.end, reasons(one.why, known, names), one.start <= now
        )
        for one in found
    )
    away = tuple(one for one in known.absences if one.person == person and one.end > now)
    return Duty(views[:SHOWN], max(len(views) - SHOWN, 0), tuple(sorted(away, key=lambda one: one.start)))


def leave_of(form: Mapping[str, Any], person: PersonId, zone: str, now: Instant) -> Leave:
    """The absence that a form means: whole minutes of the reader's clock; a day alone is from its beginning to its end.

    One that began earlier begins now.
    """
    start, end = (str(form.get(name, "")).strip()[:40] for name in ("start", "end"))
    begins, ends = instant(start, zone, ends=False), instant(end, zone, ends=True)
    if begins is None or ends is None:
        return Leave(start, end, "time")
    begins = max(begins, now - now % SECOND)
    if ends <= now:
        return Leave(start, end, "over")
    if ends <= begins:
        return Leave(start, end, "order")
    if ends - begins > LONGEST or begins - now > FURTHEST:
        return Leave(start, end, "long")
    return Leave(start, end, "", Absence(str(uuid7()), person, begins, ends))


def step_in(absence: Absence, world: World, names: Names) -> tuple[StepIn, ...]:
    """What it does to the turns that they have in that time."""
    book = world.rulebook
    found = instead_of(absence, book.schedules, book.hours, world.facts)
    return tuple(_step_in(one, names) for one in found)


def _step_in(one: Instead, names: Names) -> StepIn:
    who = ", ".join(names_of(one.people, names))
    return StepIn(one.schedule, plainly(one.schedule), one.start, one.end, who)
