"""A schedule as lanes of bars: who is on in the end, what was overridden, each layer by itself, and who is away."""

from collections.abc import Iterable, Iterator
from typing import Literal

from msgspec import Struct

from tocsin.core.ids import PersonId, ScheduleId
from tocsin.core.instant import Instant
from tocsin.core.oncall.coverage import Shift, shifts
from tocsin.core.oncall.override import Facts, Override
from tocsin.core.oncall.schedule import Schedule
from tocsin.core.rulebook import Rulebook
from tocsin.core.world import World
from tocsin.web.pages.oncall.window import Window

TONES = 5
"""Colours of bars; who comes after whom has another one."""

WIDTHS = (30, 36, 42, 50, 60, 75, 90)
"""Widths of a chart in rem, between the narrowest that is shown and the widest, at which words begin to have room."""

EDGE, LETTER = 0.9, 0.55
"""Rem that the edges of a bar take, and no more than that each letter."""

Kind = Literal["on", "gap", "meant", "override", "away"]


class Bar(Struct, frozen=True):
    """Somebody's hours in one lane. `x` and `width` are per cent; `number` counts the bars of the lane from 0."""

    number: int
    kind: Kind
    start: Instant
    end: Instant
    people: tuple[PersonId, ...]
    x: float
    width: float
    tone: int
    shift: Shift | None = None
    override: Override | None = None

    def holds(self, words: str) -> int | None:
        """The width of the chart from which on it holds those words; None where it never does."""
        return next((rem for rem in WIDTHS if rem * self.width / 100 >= EDGE + LETTER * len(words)), None)


class Lane(Struct, frozen=True):
    """One row of a chart; `name` says which: final, overrides, layer, follows, away (of one `person`)."""

    name: str
    bars: tuple[Bar, ...]
    layer: int = 0
    person: PersonId = PersonId("")


def lanes(schedule: Schedule, world: World, shown: Window) -> tuple[Lane, ...]:
    """From the outcome down to what it is made of, so that what stands above wins."""
    book, facts = world.rulebook, world.facts
    everybody = _everybody(schedule, book)
    laid_out = shifts(schedule.id, shown.start, shown.end, book.schedules, book.hours, facts)
    made = [Lane("final", tuple(_on(laid_out, everybody, shown)))]
    overrides = [one for one in facts.overrides if one.schedule == schedule.id]
    made.append(Lane("overrides", tuple(_overrides(overrides, everybody, shown))))
    made += _layers(schedule, book, everybody, shown)
    made += (Lane("away", tuple(_away(facts, one, everybody, shown)), person=one) for one in everybody)
    return tuple(lane for lane in made if lane.bars or lane.name in ("final", "layer", "follows"))


def _everybody(schedule: Schedule, book: Rulebook) -> tuple[PersonId, ...]:
    """Who ever has a turn in it, those of whom it follows included."""
    known, seen = schedule, set[str]()
    while known.follows is not None and known.follows in book.schedules and known.id not in seen:
        seen.add(known.id)
        known = book.schedules[known.follows]
    turns = (person for rotation in known.rotations for person in rotation.people if person)
    return tuple(dict.fromkeys(turns))


def _layers(schedule: Schedule, book: Rulebook, everybody: tuple[PersonId, ...], shown: Window) -> Iterator[Lane]:
    """Each layer as if it were alone, the topmost first; what it follows, where it has none of its own."""
    if schedule.follows is not None:
        plain = shifts(schedule.id, shown.start, shown.end, book.schedules, book.hours, Facts())
        yield Lane("follows", tuple(_on(plain, everybody, shown)))
    for layer in range(len(schedule.rotations), 0, -1):
        alone = Schedule(ScheduleId("alone"), schedule.timezone, (schedule.rotations[layer - 1],))
        turns = shifts(alone.id, shown.start, shown.end, {alone.id: alone}, book.hours, Facts())
        bars = tuple(bar for bar in _on(turns, everybody, shown) if bar.people)
        yield Lane("layer", bars, layer)


def _on(laid_out: Iterable[Shift], everybody: tuple[PersonId, ...], shown: Window) -> Iterator[Bar]:
    for number, one in enumerate(laid_out):
        kind: Kind = "on" if one.people else "meant" if one.deliberate else "gap"
        yield _bar(number, kind, one.start, one.end, one.people, everybody, shown, shift=one)


def _overrides(overrides: Iterable[Override], everybody: tuple[PersonId, ...], shown: Window) -> Iterator[Bar]:
    within = (one for one in overrides if one.start < shown.end and shown.start < one.end)
    for number, one in enumerate(within):
        yield _bar(number, "override", one.start, one.end, (one.person,), everybody, shown, override=one)


def _away(facts: Facts, person: PersonId, everybody: tuple[PersonId, ...], shown: Window) -> Iterator[Bar]:
    mine = (one for one in facts.absences if one.person == person)
    within = (one for one in mine if one.start < shown.end and shown.start < one.end)
    for number, one in enumerate(within):
        yield _bar(number, "away", one.start, one.end, (person,), everybody, shown)


def _bar(
    number: int, kind: Kind, start: Instant, end: Instant, people: tuple[PersonId, ...],
    everybody: tuple[PersonId, ...], shown: Window, shift: Shift | None = None, override: Override | None = None,
) -> Bar:  # fmt: skip
    x = shown.at(start)
    tone = everybody.index(people[0]) % TONES if people and people[0] in everybody else TONES - 1
    return Bar(number, kind, start, end, people, x, round(shown.at(end) - x, 4), tone, shift, override)
