"""The streams that were in use lately, held in memory within a bound of bytes, so that a hot one need not be read."""

from collections import OrderedDict
from threading import Lock

from tocsin.store.contract import Stream

OVERHEAD = 700
"""Bytes that a small stream costs beside its state: the struct, its texts, the place in the table."""

DECODED = 4
"""A decoded state takes about this many times the bytes of the encoded one."""


class Recent:
    """Least recently used goes first. What is in here is only a copy of what was committed."""

    def __init__(self, limit: int) -> None:
        """Hold at most `limit` bytes, as estimated; 0 holds nothing."""
        self.limit = limit
        self.versions: set[str] = set()
        self.size = 0
        self._streams: OrderedDict[str, Stream] = OrderedDict()
        self._lock = Lock()

    def get(self, stream: str) -> Stream | None:
        """The stream as it was when last remembered, and make it the most recent."""
        with self._lock:
            found = self._streams.get(stream)
            if found is not None:
                self._streams.move_to_end(stream)
            return found

    def keep(self, streams: dict[str, Stream]) -> None:
        """Remember these, forget the oldest beyond the limit."""
        with self._lock:
            for id_, stream in streams.items():
                known = self._streams.get(id_)
                if known is stream:
                    continue  # it was only looked at, and became the most recent by that
                if known is not None:
                    self._drop(id_)
                self._streams[id_] = stream
                self.size += cost(stream)
            while self.size > self.limit and self._streams:
                self._drop(next(iter(self._streams)))

    def forget(self, *ids: str) -> None:
        """Drop these: what was committed is in doubt."""
        with self._lock:
            for id_ in ids:
                self._drop(id_)

    def __len__(self) -> int:
        """How many streams are remembered."""
        return len(self._streams)

    def _drop(self, id_: str) -> None:
        old = self._streams.pop(id_, None)
        if old is not None:
            self.size -= cost(old)


def cost(stream: Stream) -> int:
    """Estimated bytes of one remembered stream."""
    return OVERHEAD + len(stream.state) * (1 if stream.value is None else 1 + DECODED)
