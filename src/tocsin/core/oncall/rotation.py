"""Turns of one rotation: which turn is on at an instant, and when each one begins, by the clock on the wall.

Every turn, hourly ones too, begins at a wall-clock time of the schedule's zone: a twelve-hour shift from 08:00 stays
one from 08:00 in summer and in winter. A hand-off is one instant (`zones.first_instant`); a turn ends where the next
begins, so that a rotation has neither gap nor overlap. A turn whose whole time the clock skipped has no length, and
nobody is on it.
"""

from datetime import date
from functools import lru_cache

from msgspec import Struct

from tocsin.core.calendar import zones
from tocsin.core.ids import PersonId
from tocsin.core.instant import DAY, HOUR, MINUTE, Duration, Instant
from tocsin.core.oncall.schedule import Rotation

_STEP: dict[str, Duration] = {"hourly": HOUR, "daily": DAY, "weekly": 7 * DAY}


class Turn(Struct, frozen=True):
    """The turn `number` (the first is 0) lasts from `start` to `end`; `person` is '' where it is a deliberate gap."""

    number: int
    person: PersonId
    start: Instant
    end: Instant


class _Grid(Struct, frozen=True):
    """Where hand-offs stand on the wall clock: `step` microseconds apart, or `months` where that is not constant."""

    zone: str
    first: zones.LocalTime
    step: Duration
    months: int
    monthday: int
    ends: Instant | None

    def begins(self, number: int) -> Instant:
        """When the turn of that number begins."""
        if self.months:
            return zones.first_instant(self.zone, self._monthly(number))
        return zones.first_instant(self.zone, self.first + number * self.step)

    def at(self, at: Instant) -> tuple[int, Instant, Instant]:
        """The turn that is on at `at`, its begin and its end; its number is negative before the first."""
        local = zones.local_time(self.zone, at)
        number = self._month_of(local) if self.months else (local - self.first) // self.step
        start, end = self.begins(number), self.begins(number + 1)
        while end <= at:
            number, start, end = number + 1, end, self.begins(number + 2)
        while start > at:
            number, start, end = number - 1, self.begins(number - 1), start
        return number, start, end

    def _monthly(self, number: int) -> zones.LocalTime:
        first = _date(self.first)
        year, month = divmod(first.year * 12 + first.month - 1 + number * self.months, 12)
        day = date(year, month + 1, 1).toordinal() + self.monthday - 1
        return (day - zones.EPOCH_DAY) * DAY + self.first % DAY

    def _month_of(self, local: zones.LocalTime) -> int:
        first, now = _date(self.first), _date(local)
        return ((now.year - first.year) * 12 + now.month - first.month) // self.months


def turn_at(rotation: Rotation, zone: str, at: Instant) -> Turn | None:
    """The turn that is on at `at`, or None before the rotation starts and after it ends."""
    grid = _grid(rotation, zone)
    if grid.ends is not None and at >= grid.ends:
        return None
    number, start, end = grid.at(at)
    return _turn(rotation, grid, number, start, end) if number >= 0 else None


def turn(rotation: Rotation, zone: str, number: int) -> Turn:
    """The turn of that number, 0 or more; the last one is cut where the rotation ends, later ones have no length."""
    grid = _grid(rotation, zone)
    return _turn(rotation, grid, number, grid.begins(number), grid.begins(number + 1))


def _turn(rotation: Rotation, grid: _Grid, number: int, start: Instant, end: Instant) -> Turn:
    if grid.ends is not None:
        start, end = min(start, grid.ends), min(end, grid.ends)
    return Turn(number, rotation.people[number % len(rotation.people)], start, end)


def first_handoff(rotation: Rotation, zone: str) -> Instant:
    """When the first turn begins: the first hand-off on the day of `starts` or after it."""
    return _grid(rotation, zone).begins(0)


def last_end(rotation: Rotation, zone: str) -> Instant | None:
    """When the rotation ends for good, or None: at the midnight that begins the day `ends`."""
    return _grid(rotation, zone).ends


@lru_cache(maxsize=1024)
def _grid(rotation: Rotation, zone: str) -> _Grid:
    day = zones.parse_day(rotation.starts)
    monthday = 0
    if rotation.turn == "weekly" and rotation.weekday is not None:
        day += (rotation.weekday - zones.weekday(day)) % 7
    if rotation.turn == "monthly":
        monthday = rotation.monthday or min(date.fromordinal(day).day, 28)
        day = _on_monthday(day, monthday)
    first = (day - zones.EPOCH_DAY) * DAY + rotation.minute * MINUTE
    step = 0 if monthday else _STEP[rotation.turn] * rotation.every
    ends = None if rotation.ends is None else zones.end_of(zone, zones.parse_day(rotation.ends))
    return _Grid(zone, first, step, rotation.every if monthday else 0, monthday, ends)


def _on_monthday(day: zones.LocalDay, monthday: int) -> zones.LocalDay:
    """The first day with that number in its month, `day` or later."""
    start = date.fromordinal(day)
    months = start.year * 12 + start.month - 1 + (start.day > monthday)
    return date(months // 12, months % 12 + 1, monthday).toordinal()


def _date(local: zones.LocalTime) -> date:
    return date.fromordinal(local // DAY + zones.EPOCH_DAY)
