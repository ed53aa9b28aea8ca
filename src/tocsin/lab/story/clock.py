"""Times as stories write them: civil, in the rulebook's zone; a time alone is on the day of the time before it."""

from tocsin.core.calendar.zones import EPOCH_DAY, first_instant, local, parse_day
from tocsin.core.instant import DAY, Instant, parse_duration, parse_instant


class Clock:
    """Reads one time after the other; `start` is the first that it read."""

    def __init__(self, zone: str, start: Instant | None = None, now: Instant = 0) -> None:
        self.zone = zone
        self.start = start
        self.now = now

    def read(self, text: str) -> Instant:
        """`2026-01-06 02:14:00`, `02:14:05`, `+5m` (from the start) or `2026-01-06T02:14:00Z`. ValueError if none."""
        at = self.peek(text)
        if self.start is None:
            self.start = at
        self.now = at
        return at

    def peek(self, text: str) -> Instant:
        """The same, of a time that is only spoken of."""
        text = text.strip()
        if text.startswith("+"):
            return (self.start or 0) + parse_duration(text[1:])
        if text.endswith("Z"):
            return parse_instant(text)
        day, _, hands = text.rpartition(" ")
        ordinal = parse_day(day) if day else local(self.zone, self.now).day
        hour, minute, *second = hands.split(":")
        seconds = int(hour) * 3600 + int(minute) * 60 + float(second[0] if second else 0)
        return first_instant(self.zone, (ordinal - EPOCH_DAY) * DAY + round(seconds * 1_000_000))
