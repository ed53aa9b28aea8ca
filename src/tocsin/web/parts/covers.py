"""Schedules laid out over the days to come, and remembered: who is on when, for pages that ask about many."""

from collections.abc import Iterator

from tocsin.core.ids import PersonId, ScheduleId
from tocsin.core.instant import DAY, HOUR, Duration, Instant
from tocsin.core.oncall.coverage import Shift, shifts
from tocsin.core.world import World
from tocsin.web.layout.kept import Kept

AHEAD: Duration = 14 * DAY


class Covers:
    """Lays schedules out, and remembers it for an hour at most."""

    def __init__(self) -> None:
        self._known: Kept[tuple[str, Instant], tuple[World, tuple[Shift, ...]]] = Kept(500)

    def of(self, schedule: ScheduleId, world: World, now: Instant) -> tuple[Shift, ...]:
        """Its shifts from this hour on."""
        start = now - now % HOUR
        known = self._known.get((schedule, start))
        if known is None or known[0] is not world:
            book = world.rulebook
            laid = shifts(schedule, start, start + AHEAD, book.schedules, book.hours, world.facts)
            known = self._known.put((schedule, start), (world, laid))
        return known[1]

    def held_by(self, person: PersonId, world: World, now: Instant) -> Iterator[tuple[ScheduleId, Shift]]:
        """The shifts of somebody in the days to come, by schedule."""
        for schedule in sorted(world.rulebook.schedules):
            name = ScheduleId(schedule)
            yield from ((name, one) for one in self.of(name, world, now) if person in one.people and one.end > now)
