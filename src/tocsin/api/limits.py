"""How often one caller may ask: a bucket of requests for each, that fills again as time goes by"""

from collections import OrderedDict

from msgspec import Struct

from tocsin.core.instant import SECOND, Duration, Instant

BURST = 600
"""Requests that may come at once."""

EVERY: Duration = SECOND // 20
"""Each so often one more may come: 1,200 in a minute."""

_MOST = 5_000


class Bucket(Struct, frozen=True):
    """When it would be full again; far ahead of now is empty. One number says it all."""

    full_at: Instant = 0


def take(bucket: Bucket, now: Instant, burst: int = BURST, every: Duration = EVERY) -> tuple[Bucket, Duration]:
    """One request: the bucket after it and 0, or the same bucket and how long until there is one."""
    full_at = max(bucket.full_at, now) + every
    late = full_at - now - burst * every
    return (bucket, late) if late > 0 else (Bucket(full_at), 0)


class Limits:
    """The buckets of one process; the longest unused is forgotten first."""

    def __init__(self, burst: int = BURST, every: Duration = EVERY) -> None:
        self._burst, self._every = burst, every
        self._known: OrderedDict[str, Bucket] = OrderedDict()

    def wait(self, key: str, now: Instant) -> Duration:
        """Count a request and give 0; or count nothing, and say how long to wait."""
        after, pause = take(self._known.get(key, Bucket()), now, self._burst, self._every)
        self._known[key] = after
        self._known.move_to_end(key)
        if len(self._known) > _MOST:
            self._known.popitem(last=False)
        return pause
