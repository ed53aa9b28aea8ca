"""The arithmetic of openings that are walked together: instants that move with them or stand, and how far that holds.

A walk is made for one opening. Whatever it asks narrows `until`: up to there every later opening gets the same answers,
in the same order, so that it goes the same way. Instants are pairs: when it is for this opening, and whether an opening
d later has it d later (it moves) or at the same instant (it stands: doors open when they open).
"""

from tocsin.core.calendar import working
from tocsin.core.calendar.hours import Hours
from tocsin.core.instant import Instant, Period

Moment = tuple[Instant, bool]
"""When it is for the opening that is walked, and whether it moves with the opening."""


class Front:
    """One opening, and the openings after it that go the same way: all before `until`."""

    __slots__ = ("opening", "until")

    def __init__(self, opening: Instant, until: Instant) -> None:
        self.opening = opening
        self.until = until

    def holds_until(self, now: Moment, until: Instant | None) -> None:
        """Something that was asked at `now` has the same answer before `until`, and perhaps not at it."""
        if until is not None and now[1]:
            self._narrow(self.opening + until - now[0])

    def before(self, one: Moment, other: Moment) -> bool:
        """Whether `one` is earlier; openings for which the answer would be another are cut off."""
        apart = one[0] - other[0]
        if one[1] != other[1]:
            if one[1] and apart < 0:
                self._narrow(self.opening - apart)
            elif other[1] and apart >= 0:
                self._narrow(self.opening + apart + 1)
        return apart < 0

    def later(self, one: Moment, other: Moment) -> Moment:
        """The later of the two."""
        return other if self.before(one, other) else one

    def after(self, begin: Moment, period: Period, hours: Hours | None) -> Moment:
        """When `period` from `begin` is over, counted in those hours; as `Turn.after`."""
        if hours is None:
            return begin[0] + period.elapsed, begin[1]
        due = working.due(begin[0], period, hours)
        if due is None:
            self.holds_until(begin, working.stretch(begin[0], hours).end)
            return begin[0] + period.elapsed, begin[1]
        if not begin[1]:
            return due, False
        now = working.stretch(begin[0], hours)
        self.holds_until(begin, now.end)
        if not now.open:
            return due, False
        if due > begin[0]:
            closing = working.stretch(due - 1, hours).end
            self.holds_until((due, True), None if closing is None else closing + 1)
        return due, True

    def _narrow(self, until: Instant) -> None:
        self.until = min(self.until, until)
