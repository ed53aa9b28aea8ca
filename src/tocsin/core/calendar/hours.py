"""A named set of working hours: a week of opening spans in one zone, less the holidays."""

from msgspec import Struct

from tocsin.core.ids import HoursId
from tocsin.core.instant import Duration

Opening = tuple[int, int]
"""Minutes after local midnight, half-open: (480, 1080) is 08:00-18:00; an end of 1440 is the day's end."""


class Hours(Struct, frozen=True):
    """`week` holds seven days, Monday first, each a sorted tuple of openings that do not overlap.

    `holidays` are plain local days, `YYYY-MM-DD`, on which it stays closed. `day` is the nominal working day in
    microseconds, by default the longest weekday. An opening over midnight is written as two.
    """

    id: HoursId
    timezone: str
    week: tuple[tuple[Opening, ...], ...]
    day: Duration
    holidays: frozenset[str] = frozenset()
