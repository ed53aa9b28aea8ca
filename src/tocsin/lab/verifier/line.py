"""One answer over time: worked out for a span when somebody first asks within it, and found by bisection after that."""

from bisect import bisect_right
from collections.abc import Callable
from typing import Any, Generic, TypeVar

from tocsin.core.instant import Instant

T = TypeVar("T")


class Line(Generic[T]):
    """One answer over time, worked out wherever anybody has asked; who has asked on the way of a walk is noted."""

    __slots__ = ("_ask", "_trail", "ends", "starts", "values")

    def __init__(self, ask: Callable[[Instant], tuple[T, Instant | None]], trail: "Trail") -> None:
        self._ask = ask
        self._trail = trail
        self.starts: list[Instant] = []
        self.ends: list[Instant | None] = []
        self.values: list[T] = []

    def at(self, at: Instant) -> tuple[T, Instant | None]:
        """The answer at `at`, and an instant before which it stays the same (None: for good)."""
        before = len(self._trail)
        value, end = self.look(at)
        del self._trail[before:]  # what it consulted on its way is in the answer, however that was found
        self._trail.append((self, at, end, value))
        return value, end

    def look(self, at: Instant) -> tuple[T, Instant | None]:
        """The same, for somebody who is not on a walk."""
        i = bisect_right(self.starts, at)
        if i:
            end = self.ends[i - 1]
            if end is None or at < end:
                return self.values[i - 1], end
        value, end = self._ask(at)
        self.starts.insert(i, at)
        self.ends.insert(i, end)
        self.values.insert(i, value)
        return value, end


Trail = list[tuple[Line[Any], Instant, Instant | None, Any]]
"""What has been asked: which timeline, when, until when its answer holds, and what that is."""
