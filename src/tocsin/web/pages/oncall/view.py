"""What the page shows: who is on now and until when, and of each schedule its chart, its table and its gaps."""

from collections.abc import Iterator, Mapping

from msgspec import Struct
from msgspec.structs import replace

from tocsin.access.about import about_schedule
from tocsin.access.permissions import allowed
from tocsin.core.ids import PersonId, ScheduleId
from tocsin.core.instant import DAY, Duration, Instant
from tocsin.core.oncall.coverage import shifts
from tocsin.core.oncall.handoff import next_handoff
from tocsin.core.oncall.override import Override
from tocsin.core.oncall.roster import roster
from tocsin.core.oncall.schedule import Schedule
from tocsin.core.world import World
from tocsin.lib import moments
from tocsin.lib.translate import text
from tocsin.web.layout.frame import Frame
from tocsin.web.pages.oncall.lanes import Bar, Lane, lanes
from tocsin.web.pages.oncall.saying import duty_reasons, listed, reasons
from tocsin.web.pages.oncall.window import Window
from tocsin.web.parts.words import Names, name_of, names_of

MOST = 40
"""Schedules that are drawn on one page; the others are named, and drawn by themselves."""

SOON: Duration = 35 * DAY
"""How far ahead the next hand-off is looked for."""


SWAPPED = ("offered", "accepted", "declined", "withdrawn", "over", "changed")
"""What the address of the page may say of a swap."""


class Now(Struct, frozen=True):
    """Who is on at this moment. `until` None: as far as anybody can see. `then` is who comes next, '' nobody new."""

    who: str
    people: tuple[PersonId, ...]
    until: Instant | None
    then: str
    why: tuple[str, ...]
    meant: bool


class Line(Struct, frozen=True):
    """One row of the table behind a chart."""

    bar: Bar
    id: str
    when: str
    who: str
    why: tuple[str, ...]
    mine: bool
    over: bool
    current: bool


class Strip(Struct, frozen=True):
    """One lane with its name; each bar with its words."""

    lane: Lane
    label: str
    bars: tuple[tuple[Bar, tuple[tuple[str, str], ...], str, bool], ...]


class Made(Struct, frozen=True):
    """An override that is not over, in words."""

    override: Override
    what: str
    when: str


class Chart(Struct, frozen=True):
    """One schedule as it is shown."""

    id: ScheduleId
    zone: str
    teams: tuple[str, ...]
    now: Now
    strips: tuple[Strip, ...]
    lines: tuple[Line, ...]
    gaps: tuple[str, ...]
    meant: tuple[int, Duration]
    overrides: tuple[Made, ...]
    editable: bool


class Notice(Struct, frozen=True):
    """What was done; the override that can be called off again."""

    text: str
    override: str = ""
    well: bool = True


class Viewing(Struct, frozen=True):
    """What all charts are made with."""

    frame: Frame
    world: World
    names: Names
    shown: Window

    @property
    def me(self) -> PersonId | None:
        """The reader."""
        return self.frame.viewer.person

    def stretch(self, start: Instant, end: Instant) -> str:
        """From when to when, on the reader's clock."""
        return moments.stretch(start, end, self.shown.zone, language=self.names.language)

    def text(self, key: str, **values: str) -> str:
        """A sentence of this page."""
        return text(f"web.oncall.{key}", values, self.names.language)


def charts(seen: Viewing, only: str = "") -> tuple[Chart, ...]:
    """All schedules, those first in which the reader has turns; or the one of that name."""
    schedules = seen.world.rulebook.schedules
    wanted = [schedules[ScheduleId(only)]] if only in schedules else list(schedules.values())
    ordered = sorted(wanted, key=lambda one: (not _mine(one, seen.me), one.id))
    return tuple(chart(one, seen) for one in ordered[:MOST])


def _mine(schedule: Schedule, me: PersonId | None) -> bool:
    return me is not None and any(me in rotation.people for rotation in schedule.rotations)


def chart(schedule: Schedule, seen: Viewing) -> Chart:
    """One schedule."""
    book, viewer = seen.world.rulebook, seen.frame.viewer
    found = lanes(schedule, seen.world, seen.shown)
    lines = tuple(_lines(schedule.id, found[0].bars, seen))
    meant = [bar for bar in found[0].bars if bar.kind == "meant"]
    return Chart(
        id=schedule.id,
        zone=schedule.timezone,
        teams=tuple(sorted(team.id for team in book.teams.values() if team.on_call == schedule.id)),
        now=now_on(schedule.id, seen),
        strips=tuple(_strip(lane, seen) for lane in found),
        lines=lines,
        gaps=tuple(_gap(line.bar, seen) for line in lines if line.bar.kind == "gap" and not line.over),
        meant=(len(meant), sum(bar.end - bar.start for bar in meant)),
        overrides=tuple(_made(schedule.id, seen)),
        editable=allowed(viewer, "override.edit", about_schedule(schedule.id, book)) == "yes",
    )


def now_on(schedule: ScheduleId, seen: Viewing) -> Now:
    """Who is on call in it at this moment, until when, and who is next."""
    book, facts, at = seen.world.rulebook, seen.world.facts, seen.frame.now
    found = roster(schedule, at, book.schedules, book.hours, facts)
    turn = next_handoff(schedule, at, book.schedules, book.hours, facts, within=SOON)
    after = () if turn is None else (*turn.staying, *turn.joining)
    told = duty_reasons(found.duties, facts, seen.names) if found.duties else reasons(found.why_not, facts, seen.names)
    return Now(
        who=listed(found.people, seen.names),
        people=found.people,
        until=None if turn is None else turn.at,
        then="" if turn is None else listed(after, seen.names) or seen.text("nobody"),
        why=told,
        meant=not found.people and _meant(schedule, seen),
    )


def _meant(schedule: ScheduleId, seen: Viewing) -> bool:
    book, at = seen.world.rulebook, seen.frame.now
    return shifts(schedule, at, at + 1, book.schedules, book.hours, seen.world.facts)[0].deliberate


def _lines(schedule: str, bars: tuple[Bar, ...], seen: Viewing) -> Iterator[Line]:
    for bar in bars:
        why = () if bar.shift is None else bar.shift.why
        yield Line(
            bar,
            f"{schedule}-{bar.number}",
            seen.stretch(bar.start, bar.end),
            listed(bar.people, seen.names) or seen.text("nobody"),
            reasons(why, seen.world.facts, seen.names),
            seen.me in bar.people,
            bar.end <= seen.frame.now,
            bar.start <= seen.frame.now < bar.end,
        )


def _gap(bar: Bar, seen: Viewing) -> str:
    begin, end = (seen.stretch(at, at).rpartition(" – ")[0] for at in (bar.start, bar.end))
    return seen.text("gap", start=begin, end=end)


def _strip(lane: Lane, seen: Viewing) -> Strip:
    label = seen.text(f"lane.{lane.name}", n=str(lane.layer), person=name_of(lane.person, seen.names))
    return Strip(lane, label, tuple((bar, *_words(bar, seen), seen.me in bar.people) for bar in lane.bars))


def _words(bar: Bar, seen: Viewing) -> tuple[tuple[tuple[str, str], ...], str]:
    """What stands in a bar, and what is said of it."""
    who = listed(bar.people, seen.names) or seen.text("nobody")
    told = who if bar.override is None else what(bar.override, seen)
    first = ", ".join(name.partition(" ")[0] for name in names_of(bar.people, seen.names))
    return tuple(_fitting(bar, who, first)), f"{told}, {seen.stretch(bar.start, bar.end)}"


def _fitting(bar: Bar, *words: str) -> Iterator[tuple[str, str]]:
    """The longest of these words that each width of the chart has room for, with its classes: no word is ever cut."""
    below: int | None = None
    for one in words:
        width = bar.holds(one) if one else None
        if width is not None and (below is None or width < below):
            yield one, f"from-{width}" if below is None else f"from-{width} to-{below}"
            below = width


def _made(schedule: ScheduleId, seen: Viewing) -> Iterator[Made]:
    for one in seen.world.facts.overrides:
        if one.schedule == schedule and one.end > seen.frame.now:
            yield Made(one, what(one, seen), seen.stretch(one.start, one.end))


def what(override: Override, seen: Viewing) -> str:
    """`Ann instead of Ben`; where the same people would have been on all through, by their names."""
    people = {"person": name_of(override.person, seen.names), "of": name_of(override.of or "", seen.names)}
    if override.mode != "replace" or override.of is not None:
        return seen.text(f"what.{override.mode if override.mode != 'replace' else 'of'}", **people)
    book, known = seen.world.rulebook, seen.world.facts
    without = replace(known, overrides=tuple(one for one in known.overrides if one.id != override.id))
    before = shifts(override.schedule, override.start, override.end, book.schedules, book.hours, without)
    if len(before) > 1:
        return seen.text("what.all", **people)
    return seen.text("what.of", **people | {"of": listed(before[0].people, seen.names) or seen.text("nobody")})


def notice(query: Mapping[str, str], seen: Viewing) -> Notice | None:
    """What was just done, as the address says it: an id, and nothing else that anybody could write there."""
    if query.get("swap") in SWAPPED:
        return Notice(seen.text(f"swap.now.{query['swap']}"), well=query["swap"] not in ("over", "changed"))
    if "off" in query:
        return Notice(seen.text("off_now"))
    made = next((one for one in seen.world.facts.overrides if one.id == query.get("made")), None)
    if made is None:
        return None
    when = seen.stretch(made.start, made.end)
    return Notice(seen.text("made_now", what=what(made, seen), when=when), made.id)
