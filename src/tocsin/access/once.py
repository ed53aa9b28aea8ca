"""What may be shown once: states and challenges that were used are remembered until they could not be good any more."""

from collections import OrderedDict

from tocsin.core.instant import MINUTE, Duration, Instant

KEPT: Duration = 15 * MINUTE
"""Longer than any of them is good."""

_MOST = 50_000


class Once:
    """The memory of one process."""

    def __init__(self) -> None:
        self._used: OrderedDict[str, Instant] = OrderedDict()

    def first(self, text: str, now: Instant) -> bool:
        """Whether it is shown for the first time; it is used from now on."""
        while self._used and (next(iter(self._used.values())) <= now - KEPT or len(self._used) >= _MOST):
            self._used.popitem(last=False)
        if text in self._used:
            return False
        self._used[text] = now
        return True
