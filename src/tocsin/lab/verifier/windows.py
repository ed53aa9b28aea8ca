"""Windows on the wall clock of a zone: those that come again by a rule are folded into one."""

from collections.abc import Iterable, Iterator

from msgspec import Struct

from tocsin.core.calendar.zones import EPOCH_DAY, first_instant, last_instant, local_time, offset_at, weekday
from tocsin.core.instant import DAY, Duration, Span

FEWEST = 3
"""So many and more are told as one."""

LONGEST = 8
"""Rules of so many weeks or days are looked for."""


class Windows(Struct, frozen=True):
    """One window, or several from the same time of day for as long on the clock.

    `weekdays` (0 is Monday): they come on each such day from the first to the last one, of every `weeks`-th week, which
    begins on Monday; without any, and `days`: on every so-many-th day. `clear`: the times on the clock stand for one
    instant each; of a doubled hour they do not, nor across a change of the clock.
    """

    spans: tuple[Span, ...]
    weekdays: tuple[int, ...] = ()
    clear: bool = True
    weeks: int = 1
    days: int = 0


_Dated = dict[int, Span]
"""Windows by the day on which they begin, in order."""


def folded(spans: Iterable[Span], zone: str) -> tuple[Windows, ...]:
    """In the order of their first ones."""
    shapes: dict[tuple[Duration, Duration], _Dated] = {}
    found: list[Windows] = []
    for one in spans:
        if not _clear(one, zone):
            found.append(Windows((one,), clear=False))
            continue
        begin, end = local_time(zone, one.start), local_time(zone, one.end)
        shapes.setdefault((begin % DAY, end - begin), {})[begin // DAY + EPOCH_DAY] = one
    for same in shapes.values():
        shortest: list[Windows] = min(_rules(same), key=len)
        found += shortest
    return tuple(sorted(found, key=lambda one: one.spans[0].start))


def _rules(dated: _Dated) -> Iterator[list[Windows]]:
    """Ways to tell them: by weekdays of every week or of every second and so on, or by a number of days."""
    for weeks in range(1, LONGEST + 1):
        phases: dict[int, _Dated] = {}
        for day, span in dated.items():
            phases.setdefault(_week(day) % weeks, {})[day] = span
        yield [one for phase in phases.values() for one in _of_weeks(phase, weeks)]
    for days in range(2, LONGEST + 1):
        apart: dict[int, _Dated] = {}
        for day, span in dated.items():
            apart.setdefault(day % days, {})[day] = span
        yield [one for phase in apart.values() for one in _told(phase, (), days, days=days)]


def _of_weeks(dated: _Dated, weeks: int) -> list[Windows]:
    """All weekdays that occur together, or each by itself: whichever is shorter."""
    on = tuple(sorted({weekday(day) for day in dated}))
    together = _told(dated, on, 7 * weeks, weeks=weeks)
    if len(on) == 1:
        return together
    each = ({day: span for day, span in dated.items() if weekday(day) == one} for one in on)
    alone = [one for part in each for one in _told(part, (weekday(next(iter(part))),), 7 * weeks, weeks=weeks)]
    return min(together, alone, key=len)


def _told(dated: _Dated, on: tuple[int, ...], step: int, *, weeks: int = 1, days: int = 0) -> list[Windows]:
    """Cut where one is missing; what is left that is too short for a rule is told one by one."""
    found: list[Windows] = []
    run: list[int] = []
    for day in [*dated, None]:
        if day is not None and (not run or day == (run[-1] + step if days else _following(run[-1], on, step))):
            run.append(day)
            continue
        spans = tuple(dated[one] for one in run)
        if len(run) >= FEWEST and (days or len(run) > len(on)):
            found.append(Windows(spans, () if days else on, weeks=weeks, days=days))
        else:
            found += [Windows((span,)) for span in spans]
        run = [] if day is None else [day]
    return found


def _following(day: int, on: tuple[int, ...], step: int) -> int:
    """The next such weekday, in the same week or in the next that counts."""
    later = [one for one in on if one > weekday(day)]
    return day - weekday(day) + (later[0] if later else step + on[0])


def _week(day: int) -> int:
    """Weeks that begin on Monday, counted on."""
    return (day - weekday(day)) // 7


def _clear(one: Span, zone: str) -> bool:
    same = offset_at(zone, one.start) == offset_at(zone, one.end)
    return same and all(_once(zone, local_time(zone, at)) for at in (one.start, one.end))


def _once(zone: str, shown: int) -> bool:
    """Whether the clock shows that time once only."""
    return first_instant(zone, shown) == last_instant(zone, shown)
