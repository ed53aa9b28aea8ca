"""What a sender has in hand: slots by lane, some of them kept for the worst, and what was called back meanwhile."""

from collections.abc import Iterable, Sequence
from threading import Lock

from tocsin.core.outgoing import LANES
from tocsin.store.contract import Claimed, Slots, Withdrawal
from tocsin.store.outbox import means

SENDS_AT_ONCE = 64
RESERVED = {0: 8, 1: 16, 2: 8}
"""Slots that lower lanes may not take: last resort, urgent P1, urgent."""


class Hands:
    """Counted by whichever thread claims, emptied by the loop that sends."""

    def __init__(self) -> None:
        self._busy: dict[int, int] = dict.fromkeys(range(len(LANES)), 0)
        self._held: dict[tuple[str, int], Claimed] = {}
        self._called_back: set[str] = set()
        self._guard = Lock()

    def __len__(self) -> int:
        """How many messages."""
        return len(self._held)

    def slots(self) -> Slots:
        """Free slots by lane: a lane may use all that is free but what is reserved for those above it."""
        free = SENDS_AT_ONCE - sum(self._busy.values())
        slots = {}
        for lane in self._busy:
            kept = sum(max(n - self._busy[above], 0) for above, n in RESERVED.items() if above < lane)
            slots[lane] = max(free - kept, 0)
        return slots

    def take(self, claimed: Iterable[Claimed]) -> None:
        """They are ours now, or will be when this transaction is committed."""
        with self._guard:
            for row in claimed:
                self._busy[row.lane] += 1
                self._held[row.id, row.fence] = row

    def let_go(self, claimed: Iterable[Claimed]) -> None:
        """They are not ours any more."""
        with self._guard:
            for row in claimed:
                self._busy[row.lane] -= 1
                del self._held[row.id, row.fence]
                self._called_back.discard(row.id)

    def call_back(self, withdrawals: Sequence[Withdrawal]) -> None:
        """What is in hand and meant by one of them is not wanted any more."""
        with self._guard:
            self._called_back |= {row.id for row in self._held.values() if _meant(row, withdrawals)}

    def is_called_back(self, id_: str) -> bool:
        """Whether this one must not be handed over."""
        return id_ in self._called_back


def _meant(row: Claimed, withdrawals: Sequence[Withdrawal]) -> bool:
    its = (row.id, row.incident, row.round, row.to, row.method, row.purpose)
    return any(means(withdrawal, *its) for withdrawal in withdrawals)
