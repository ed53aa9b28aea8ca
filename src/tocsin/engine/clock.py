"""The only file that reads the time. Everybody else is told what time it is."""

import time
from typing import Protocol

from tocsin.core.instant import SECOND, Duration, Instant


class Clock(Protocol):
    """Two readings: civil time, which may step, and a steady one for waiting."""

    def now(self) -> Instant:
        """Microseconds since 1970 in UTC."""

    def steady(self) -> Duration:
        """Microseconds since some fixed moment; never steps, never goes back."""


class SystemClock:
    """The machine's own clocks."""

    def now(self) -> Instant:
        """Civil time, from the operating system."""
        return time.time_ns() // 1_000

    def steady(self) -> Duration:
        """Monotonic time."""
        return time.monotonic_ns() // 1_000


class VirtualClock:
    """A clock that stands still until it is told to go on; for stepping an engine through simulated time."""

    def __init__(self, now: Instant) -> None:
        self._now = now
        self._start = now

    def now(self) -> Instant:
        """Where it stands."""
        return self._now

    def steady(self) -> Duration:
        """How far it has gone."""
        return self._now - self._start

    def advance_to(self, instant: Instant) -> None:
        """Go on to `instant`; never back."""
        self._now = max(self._now, instant)


class Stepped:
    """Notices when civil time jumped against steady time; jumps beyond `tolerance` are worth a line in the log."""

    def __init__(self, clock: Clock, tolerance: Duration = 2 * SECOND) -> None:
        self._clock = clock
        self._tolerance = tolerance
        self._offset = clock.now() - clock.steady()

    def by(self) -> Duration:
        """How far civil time has jumped since the last look: 0 when it has not."""
        offset = self._clock.now() - self._clock.steady()
        jump = offset - self._offset
        self._offset = offset
        return jump if abs(jump) > self._tolerance else 0
