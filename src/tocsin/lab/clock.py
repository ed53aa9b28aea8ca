"""Times as stories and cases write them, one after the other: `+5m` from the start, civil, or instants with `Z`"""

from tocsin.core.calendar.civil import civil
from tocsin.core.calendar.zones import local
from tocsin.core.instant import Instant, calendar, parse_duration, parse_instant


class Clock:
    """Reads one time after the other; `start` is the first that it read."""

    def __init__(self, zone: str, start: Instant | None = None, now: Instant = 0) -> None:
        self.zone = zone
        self.start = start
        self.now = now

    def read(self, text: str) -> Instant:
        """`2026-01-06 02:14:00`, `02:14:05` on the day of the time before it, `+5m`, `2026-01-06T02:14:00Z`."""
        at = self.peek(text)
        if self.start is None:
            self.start = at
        self.now = at
        return at

    def peek(self, text: str) -> Instant:
        """The same, of a time that is only spoken of. ValueError where it is none."""
        text = text.strip()
        if text.startswith("+"):
            return (self.start or 0) + (0 if text == "+0" else parse_duration(text[1:]))
        if text.endswith("Z"):
            return calendar(parse_instant(text))
        try:
            return civil(text, self.zone, local(self.zone, self.now).day)
        except ValueError as problem:
            raise ValueError(f"{problem}, +5m, or an instant with Z") from None
