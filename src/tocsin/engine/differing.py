"""Who is reached differently from one proof to another: worked out once, in a thread of its own, and remembered"""

from collections import OrderedDict
from collections.abc import Hashable
from threading import Condition, Lock, Thread

from msgspec import Struct

from tocsin.lab.verifier.against import Against, against
from tocsin.lab.verifier.case import Case
from tocsin.lib.logs import logger

log = logger("differing")

WAITING = 4
"""Differences that may be asked for at once."""

KEPT, MOST = 8, 200_000
"""So many are remembered, and of those before the last no more windows than that."""

Pair = tuple[Hashable, Hashable]


class Contrast(Struct, frozen=True):
    """`found` is None until it is there. `under_way`: it, or a proof that it needs, is being made; `failed`: it broke
    down, a defect of tocsin.
    """

    found: Against | None = None
    under_way: bool = False
    failed: bool = False


class Differences:
    """Those of one installation, of two rulebooks that are both proved."""

    def __init__(self) -> None:
        self._known: OrderedDict[Pair, tuple[Against | None, int]] = OrderedDict()
        self._under_way: set[Pair] = set()
        self._changed = Condition()
        self._turn = Lock()

    def of(self, pair: Pair, old: Case, new: Case, wait: float) -> Contrast:
        """What is known, after so many seconds at most; else it goes on being made, and whoever asks again has it."""
        with self._changed:
            if pair not in self._known and pair not in self._under_way and len(self._under_way) < WAITING:
                self._under_way.add(pair)
                Thread(target=self._make, args=(pair, old, new), name="differing", daemon=True).start()
            self._changed.wait_for(lambda: pair in self._known, wait)
            if pair not in self._known:
                return Contrast(under_way=True)
            self._known.move_to_end(pair)
            found, _ = self._known[pair]
            return Contrast(found, failed=found is None)

    def _make(self, pair: Pair, old: Case, new: Case) -> None:
        found: Against | None = None
        try:
            with self._turn:
                found = against(old, new)
        except Exception as error:
            log.exception("not_compared", error=type(error).__name__)
        with self._changed:
            self._known[pair] = (found, _windows(found))
            while len(self._known) > 1 and (len(self._known) > KEPT or self._all() > MOST):
                self._known.popitem(last=False)
            self._under_way.discard(pair)
            self._changed.notify_all()

    def _all(self) -> int:
        return sum(windows for _, windows in self._known.values())


def _windows(found: Against | None) -> int:
    groups = () if found is None else found.groups
    return sum(len(change.windows) for group in groups for change in group.changes)
