"""A clock that runs like the machine's, ahead of it: what was seeded for later becomes due now."""

from tocsin.core.instant import Duration, Instant
from tocsin.engine.clock import SystemClock


class AheadClock(SystemClock):
    """The machine's own, moved by `ahead` microseconds."""

    def __init__(self, ahead: Duration) -> None:
        self.ahead = ahead

    def now(self) -> Instant:
        """Civil time, moved."""
        return super().now() + self.ahead


def ahead_of(instant: Instant) -> Duration:
    """How far a clock must be ahead to read `instant` now."""
    return instant - SystemClock().now()
