"""Gaps of a schedule that its own week does not have: something else than the rotation has torn them.

That nobody is on then is exact, and so are the ends. What tore it is concluded: hours repeat by the week, whoever has
the turn, and clocks of two zones are out of step for less than four weeks; so what is closed now and open at the same
time of the week four weeks away was closed by a clock or a holiday. A gap that is there every week was meant.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from functools import lru_cache
from weakref import WeakKeyDictionary

from msgspec import Struct

from tocsin.core.calendar.hours import Hours
from tocsin.core.calendar.zones import first_instant, format_day, local, local_time, start_of, transitions
from tocsin.core.ids import ScheduleId
from tocsin.core.instant import DAY, Duration, Instant, Span
from tocsin.core.oncall.coverage import Shift, shifts
from tocsin.core.oncall.schedule import Rotation
from tocsin.core.phrase import Phrase
from tocsin.lab.verifier.case import Case
from tocsin.lab.verifier.finding import Counterexample
from tocsin.lab.verifier.reach import Row, Stretch
from tocsin.lab.verifier.spans import common, joined
from tocsin.lab.verifier.wording import lasting, listed, wall

FOUR_WEEKS: Duration = 28 * DAY
"""Whole weeks, and longer than clocks of two continents are out of step."""

_LAID_OUT: WeakKeyDictionary[Case, dict[ScheduleId, tuple[Shift, ...]]] = WeakKeyDictionary()


class Torn(Struct, frozen=True):
    """A gap in closed layers at a time of the week at which somebody is on four weeks before or after it."""

    gap: Shift
    zone: str
    clocks: bool
    holiday: str = ""


def laid_out(case: Case, schedule: ScheduleId) -> tuple[Shift, ...]:
    """The shifts of a schedule over the time of the case."""
    known = _LAID_OUT.setdefault(case, {})
    if schedule not in known:
        book = case.rulebook
        known[schedule] = shifts(schedule, case.start, case.end, book.schedules, book.hours, case.facts)
    return known[schedule]


def torn(case: Case, schedule: ScheduleId) -> Iterator[Torn]:
    """Every such gap, with what tore it: clocks that changed, or a holiday of the hours that restrict a layer."""
    layers = _layers(case, schedule)
    zones = frozenset({zone for zone, _ in layers})
    home = case.rulebook.schedules[schedule].timezone
    for gap in laid_out(case, schedule):
        if not (gap.gap and {phrase.key for phrase in gap.why} == {"oncall.closed"}):
            continue
        holidays = tuple(_holidays(case, schedule, gap, layers))
        yield from holidays
        moved = not holidays and any(_moved(zone, gap.start) for zone in zones)
        if moved and _elsewhere_covered(case, schedule, gap, home):
            yield Torn(gap, home, clocks=True)


def _holidays(case: Case, schedule: ScheduleId, gap: Shift, layers: list[tuple[str, frozenset[str]]]) -> Iterator[Torn]:
    """What holidays have torn, day by day: a gap that begins in the evening before and ends on Monday holds more."""
    home = case.rulebook.schedules[schedule].timezone
    closed: dict[str, list[Span]] = {}
    for zone, holidays in layers:
        for day in range(local(zone, gap.start).day, local(zone, gap.end - 1).day + 1):
            if (name := format_day(day)) in holidays:
                closed.setdefault(name, []).append(Span(start_of(zone, day), start_of(zone, day + 1)))
    usual = joined(_usual(case, schedule, gap, home)) if closed else ()
    for name, spans in sorted(closed.items()):
        for part in common(joined(spans), usual):
            yield Torn(Shift(part.start, part.end, (), gap.why), home, clocks=False, holiday=name)


def _usual(case: Case, schedule: ScheduleId, gap: Shift, zone: str) -> Iterator[Span]:
    """What of a gap is at times of the week at which somebody is on four weeks before or after it."""
    known = laid_out(case, schedule)
    for weeks in (-FOUR_WEEKS, FOUR_WEEKS):
        start, end = (first_instant(zone, local_time(zone, at) + weeks) for at in (gap.start, gap.end))
        for one in known[bisect_right(known, start, key=_end) : bisect_left(known, end, key=_start)]:
            back = [first_instant(zone, local_time(zone, at) - weeks) for at in (one.start, one.end)]
            part = Span(max(back[0], gap.start), min(back[1], gap.end))
            if not one.gap and part.start < part.end:
                yield part


def _start(shift: Shift) -> Instant:
    return shift.start


def _end(shift: Shift) -> Instant:
    return shift.end


def example(case: Case, schedule: ScheduleId, one: Torn) -> Counterexample | None:
    """Whom what opens then reaches, and whom four weeks away; nothing where no proof was made."""
    book = case.rulebook
    teams = {team.id for team in book.teams.values() if team.on_call == schedule}
    rows = case.made.every if case.made is not None else ()
    row = next((row for row in rows if book.services.get(row.service, book.unrouted).team in teams), None)
    usual = next(
        (at for at in (one.gap.start - FOUR_WEEKS, one.gap.start + FOUR_WEEKS) if case.start <= at < case.end), None
    )
    if row is None or usual is None:
        return None
    values = {"then": _heard(row, one.gap.start), "usual": _heard(row, usual), "day": wall(usual, one.zone)}
    told = Phrase("lab.check.torn.case", values)
    then = _stretch(row, one.gap.start).reached_at(one.gap.start)
    assuming = (*case.proof.assuming, *row.ways[0].assuming)
    return Counterexample(row.service, row.priority, row.kind, one.gap.start, one.zone, told, then, assuming)


def _stretch(row: Row, at: Instant) -> Stretch:
    return next(one for one in row.ways[0].responder if one.start <= at < one.end)


def _heard(row: Row, at: Instant) -> str:
    """`dana (0s)`; a dash where nobody ever is."""
    one = _stretch(row, at)
    heard = one.reached_at(at)
    return "-" if heard is None else f"{listed(one.people)} ({lasting(heard - at)})"


def _layers(case: Case, schedule: ScheduleId) -> list[tuple[str, frozenset[str]]]:
    """Of each restricted layer the zone of its hours, with their holidays; and the schedule's own zone."""
    known = case.rulebook.schedules[schedule]
    only = [hours for one in known.rotations if (hours := _hours(case, one)) is not None]
    return [(known.timezone, frozenset()), *((one.timezone, one.holidays) for one in only)]


def _hours(case: Case, rotation: Rotation) -> Hours | None:
    return None if rotation.only is None else case.rulebook.hours.get(rotation.only)


def _elsewhere_covered(case: Case, schedule: ScheduleId, gap: Shift, zone: str) -> bool:
    """Whether somebody is on at the same time of the week four weeks before or after, but for days with a change."""
    middle = local_time(zone, gap.start + (gap.end - gap.start) // 2)
    others = [first_instant(zone, middle + shift) for shift in (-FOUR_WEEKS, FOUR_WEEKS)]
    inside = [at for at in others if case.start <= at < case.end and not transitions(zone, at - DAY, at + DAY)]
    return bool(inside) and any(_covered(case, schedule, at) for at in inside)


def _covered(case: Case, schedule: ScheduleId, at: Instant) -> bool:
    return bool(case.world.roster(schedule, at).duties)


@lru_cache(4096)
def _moved(zone: str, at: Instant) -> bool:
    """Whether that zone's clock changes within four weeks around."""
    return bool(transitions(zone, at - FOUR_WEEKS, at + FOUR_WEEKS))
