"""A provider that fails again and again is left alone for a while, then probed by one message at a time."""

from typing import Literal

from tocsin.core.instant import SECOND, Duration, Instant

OPENS_AFTER = 5
"""Passing failures in a row."""

PROBE_EVERY: Duration = 10 * SECOND

Verdict = Literal["go", "probe", "wait"]


class Breaker:
    """Of one method. Instants are those of the steady clock."""

    def __init__(self) -> None:
        self._failures = 0
        self._probe_at: Instant | None = None
        self._probing = False

    @property
    def open(self) -> bool:
        """Whether the provider is taken to be down."""
        return self._probe_at is not None

    @property
    def level(self) -> float:
        """For the metric: 0 closed, 1 open, 0.5 while it is probed."""
        if self._probe_at is None:
            return 0.0
        return 0.5 if self._probing else 1.0

    def ask(self, now: Instant) -> Verdict:
        """Whether a message may be tried now; of many asking at probe time only one goes."""
        if self._probe_at is None:
            return "go"
        if self._probing or now < self._probe_at:
            return "wait"
        self._probing = True
        return "probe"

    def not_tried(self) -> None:
        """What was to go did not: the next one may probe."""
        self._probing = False

    def succeeded(self) -> bool:
        """It answered; True when that ends an outage."""
        was_open = self.open
        self._failures, self._probe_at, self._probing = 0, None, False
        return was_open

    def failed(self, now: Instant) -> bool:
        """It failed for now; True when that begins an outage."""
        self._failures += 1
        began = not self.open and self._failures >= OPENS_AFTER
        if self.open or began:
            self._probe_at = now + PROBE_EVERY
        self._probing = False
        return began
