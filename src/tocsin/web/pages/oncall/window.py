"""What part of time is shown: a week or a month of the reader's own days, short and long ones as they are."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Literal

from msgspec import Struct

from tocsin.core.calendar import zones
from tocsin.core.instant import HOUR, Duration, Instant

View = Literal["week", "month"]

EARLIEST, LATEST = date(1990, 1, 1), date(2190, 1, 1)
"""Days before and after are no days that anybody looks for."""


class Day(Struct, frozen=True):
    """One day of the reader's; `length` is 23 or 25 hours where the clock jumps."""

    date: date
    start: Instant
    length: Duration

    @property
    def odd(self) -> bool:
        """Whether it has other than 24 hours."""
        return self.length != 24 * HOUR


class Window(Struct, frozen=True):
    """The days of a week (from Monday) or a month that hold `day`, in `zone`."""

    view: View
    day: date
    zone: str
    days: tuple[Day, ...]

    @property
    def start(self) -> Instant:
        """When the first day begins."""
        return self.days[0].start

    @property
    def end(self) -> Instant:
        """When the last day is over."""
        return self.days[-1].start + self.days[-1].length

    def at(self, instant: Instant) -> float:
        """Where an instant stands, from 0 to 100, cut at both ends."""
        whole = (instant - self.start) * 100 / (self.end - self.start)
        return round(min(max(whole, 0.0), 100.0), 4)

    def address(self, view: str = "", day: date | None = None) -> str:
        """The address of the page that shows another part."""
        return f"/oncall?view={view or self.view}&day={day or self.day}"

    @property
    def before(self) -> date:
        """A day of the part before."""
        return self.days[0].date - timedelta(days=1)

    @property
    def after(self) -> date:
        """A day of the next part."""
        return self.days[-1].date + timedelta(days=1)


def window(query: Mapping[str, str], zone: str, now: Instant) -> Window:
    """What a query asks for; this week, where it does not say or what it says is no day."""
    today = date.fromordinal(zones.local(zone, now).day)
    day = _day(query.get("day", ""), today)
    view: View = "month" if query.get("view") == "month" else "week"
    first = day.replace(day=1) if view == "month" else day - timedelta(days=day.weekday())
    after = (first + timedelta(days=31)).replace(day=1) if view == "month" else first + timedelta(days=7)
    numbers = range(first.toordinal(), after.toordinal())
    return Window(view, day, zone, tuple(_shown(zone, number) for number in numbers))


def _day(text: str, today: date) -> date:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return today
    return found if EARLIEST <= found <= LATEST else today


def _shown(zone: str, number: int) -> Day:
    start = zones.start_of(zone, number)
    return Day(date.fromordinal(number), start, zones.start_of(zone, number + 1) - start)
