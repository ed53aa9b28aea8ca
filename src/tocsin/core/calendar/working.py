"""Time counted in working hours: when something is due, how much has passed, and when the doors open and close.

An opening starts at the first occurrence of its local time and ends at the last one of its end (see `zones`); what two
openings share is counted once. `None` for hours, and hours with the id `always`, never close: there counted time is
elapsed time. Questions look ten years ahead (and back); what does not happen within them is answered by None.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from functools import lru_cache

from msgspec import Struct

from tocsin.core.calendar import zones
from tocsin.core.calendar.hours import Hours
from tocsin.core.ids import ALWAYS
from tocsin.core.instant import DAY, Duration, Instant, Period, Span

HORIZON: Duration = 3660 * DAY
"""How far ahead `due`, `next_opening` and `next_closing` look: a little over ten years."""

_BLOCK: Duration = 512 * DAY
"""The openings of that much time are laid out together; nearly every question is answered from one or two blocks."""


class Stretch(Struct, frozen=True):
    """The longest span around an instant in which the hours are open all the time, or closed all the time.

    `start` or `end` is None where nothing changes within ten years on that side.
    """

    open: bool
    start: Instant | None
    end: Instant | None


class _Block(Struct, frozen=True):
    """The openings within one block, disjoint and in order, and the time counted before each of them."""

    starts: tuple[Instant, ...]
    ends: tuple[Instant, ...]
    before: tuple[Duration, ...]
    total: Duration

    def counted(self, at: Instant) -> Duration:
        """The time counted in this block up to `at`."""
        i = bisect_right(self.starts, at) - 1
        return 0 if i < 0 else self.before[i] + min(at, self.ends[i]) - self.starts[i]

    def reach(self, counted: Duration) -> Instant:
        """The first instant by which that much was counted; 0 < counted <= total."""
        i = bisect_left(self.before, counted) - 1
        return self.starts[i] + counted - self.before[i]


def due(start: Instant, period: Period, hours: Hours | None) -> Instant | None:
    """When `period` has been counted from `start`, or None beyond ten years.

    What ends exactly at closing is due at closing; a start outside the hours, or a period of nothing, waits for the
    next opening. A period's days are nominal working days (`hours.day`), under `always` 24 h.
    """
    if hours is None or hours.id == ALWAYS:
        return start + period.elapsed
    left = period.days * hours.day + period.time
    if left <= 0:
        return next_opening(start, hours)
    first = start // _BLOCK
    left += _block(hours, first).counted(start)
    for number in _ahead(start):
        block = _block(hours, number)
        if left <= block.total:
            at = block.reach(left)
            return at if at - start <= HORIZON else None
        left -= block.total
    return None


def elapsed(start: Instant, end: Instant, hours: Hours | None) -> Duration:
    """The time counted between two instants, in microseconds; nothing when `end` is not after `start`."""
    if end <= start:
        return 0
    if hours is None or hours.id == ALWAYS:
        return end - start
    first, last = start // _BLOCK, end // _BLOCK
    whole = sum(_block(hours, number).total for number in range(first, last))
    return whole + _block(hours, last).counted(end) - _block(hours, first).counted(start)


def is_open(at: Instant, hours: Hours | None) -> bool:
    """Whether the hours are open; at the instant of closing they are not."""
    if hours is None or hours.id == ALWAYS:
        return True
    block = _block(hours, at // _BLOCK)
    i = bisect_right(block.starts, at) - 1
    return i >= 0 and at < block.ends[i]


def next_opening(at: Instant, hours: Hours | None) -> Instant | None:
    """The first instant, `at` or later, at which the hours are open; None when they stay closed for ten years."""
    if hours is None or hours.id == ALWAYS:
        return at
    for number in _ahead(at):
        block = _block(hours, number)
        i = bisect_right(block.ends, at)
        if i < len(block.ends):
            return max(at, block.starts[i])
    return None


def next_closing(at: Instant, hours: Hours | None) -> Instant | None:
    """The first instant after `at` at which open hours close; None when that does not happen within ten years."""
    opening = next_opening(at, hours)
    return None if opening is None else stretch(opening, hours).end


def openings(start: Instant, end: Instant, hours: Hours | None) -> Iterator[Span]:
    """Every longest open span within [start, end), cut to it, in order."""
    if hours is None or hours.id == ALWAYS:
        return iter([Span(start, end)] if start < end else [])
    cut = (
        Span(max(span.start, start), min(span.end, end))
        for span in _spans(hours, range(start // _BLOCK, end // _BLOCK + 1))
        if max(span.start, start) < min(span.end, end)
    )
    return _joined(cut)


def stretch(at: Instant, hours: Hours | None) -> Stretch:
    """Whether the hours are open at `at`, since when and until when."""
    if hours is None or hours.id == ALWAYS:
        return Stretch(True, None, None)
    if is_open(at, hours):
        return Stretch(True, _opened(at, hours), _closes(at, hours))
    return Stretch(False, _closed(at, hours), next_opening(at, hours))


def _closes(at: Instant, hours: Hours) -> Instant | None:
    number = at // _BLOCK
    block = _block(hours, number)
    closes = block.ends[bisect_right(block.starts, at) - 1]
    while closes == (number + 1) * _BLOCK and closes - at < HORIZON:
        number += 1
        after = _block(hours, number)
        if after.starts[:1] != (closes,):
            return closes
        closes = after.ends[0]
    return closes if closes - at < HORIZON else None


def _opened(at: Instant, hours: Hours) -> Instant | None:
    number = at // _BLOCK
    block = _block(hours, number)
    opened = block.starts[bisect_right(block.starts, at) - 1]
    while opened == number * _BLOCK and at - opened < HORIZON:
        number -= 1
        before = _block(hours, number)
        if before.ends[-1:] != (opened,):
            return opened
        opened = before.starts[-1]
    return opened if at - opened < HORIZON else None


def _closed(at: Instant, hours: Hours) -> Instant | None:
    number = at // _BLOCK
    while (number + 1) * _BLOCK > at - HORIZON:
        block = _block(hours, number)
        i = bisect_right(block.ends, at) - 1
        if i >= 0:
            return block.ends[i]
        number -= 1
    return None


def _ahead(at: Instant) -> range:
    """The blocks from the one of `at` on, as far as the horizon."""
    return range(at // _BLOCK, (at + HORIZON) // _BLOCK + 1)


def _spans(hours: Hours, numbers: Iterable[int]) -> Iterator[Span]:
    for number in numbers:
        block = _block(hours, number)
        yield from map(Span, block.starts, block.ends)


def _joined(spans: Iterable[Span]) -> Iterator[Span]:
    """Spans in order of their starts, with those that touch or overlap made one."""
    held: Span | None = None
    for span in spans:
        if held is None:
            held = span
        elif span.start <= held.end:
            held = Span(held.start, max(held.end, span.end))
        else:
            yield held
            held = span
    if held is not None:
        yield held


@lru_cache(maxsize=1024)
def _block(hours: Hours, number: int) -> _Block:
    lower, upper = number * _BLOCK, (number + 1) * _BLOCK
    within = (span for span in _days(hours, lower, upper) if span.end > lower and span.start < upper)
    spans = [Span(max(span.start, lower), min(span.end, upper)) for span in _joined(within)]
    before, total = [], 0
    for span in spans:
        before.append(total)
        total += span.end - span.start
    return _Block(tuple(s.start for s in spans), tuple(s.end for s in spans), tuple(before), total)


def _days(hours: Hours, lower: Instant, upper: Instant) -> Iterator[Span]:
    """The openings of every local day that can touch [lower, upper), each cut off where a gap swallows it."""
    closed = frozenset(zones.parse_day(day) for day in hours.holidays)
    zone = hours.timezone
    for day in range(lower // DAY + zones.EPOCH_DAY - 2, upper // DAY + zones.EPOCH_DAY + 3):
        if day in closed:
            continue
        for opening, closing in hours.week[zones.weekday(day)]:
            start, end = zones.start_of(zone, day, opening), zones.end_of(zone, day, closing)
            if start < end:
                yield Span(start, end)
