"""Two proofs beside each other: for each service and priority what was proved of either, and what that makes of it"""

from collections.abc import Iterator
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from tocsin.core.instant import Duration
from tocsin.lab.verifier.reach import Fall, Proof, Row, Worst
from tocsin.lib.moments import length
from tocsin.lib.translate import text

How = Literal["", "worse", "better"]

COLUMNS = ("first", "responder", "management", "human", "promise", "absence")
"""What is compared, in the order of the table."""

MOST = 200
"""Lines that are shown."""


class Cell(Struct, frozen=True):
    """One thing that is proved, in words, by either; `how` is what became of it."""

    old: str
    new: str
    how: How


class Pair(Struct, frozen=True):
    """A service and priority; kinds that go alike in both share a line. Cells stand in the order of the columns."""

    service: str
    priority: str
    kinds: tuple[str, ...]
    cells: tuple[Cell, ...]

    @property
    def rank(self) -> int:
        """0 where something is worse, 1 where something is better, 2 where all is the same."""
        found = {one.how for one in self.cells}
        return 0 if "worse" in found else 1 if "better" in found else 2


def pairs(old: Proof, new: Proof, language: str) -> tuple[Pair, ...]:
    """Of what both have; what is worse comes first, and then what names no service that there is."""
    known = {(one.service, one.priority, one.kind): one for one in old.every}
    found: dict[tuple[object, ...], Pair] = {}
    for row in new.every:
        before = known.get((row.service, row.priority, row.kind))
        if before is None:
            continue
        cells = tuple(_cells(before, row, language))
        same = found.get((row.service, row.priority, cells))
        kinds = (row.kind,) if same is None else (*same.kinds, row.kind)
        pair = Pair(row.service, row.priority, kinds, cells) if same is None else replace(same, kinds=kinds)
        found[row.service, row.priority, cells] = pair
    return tuple(sorted(found.values(), key=lambda one: (one.rank, one.service, one.priority)))


def _cells(old: Row, new: Row, language: str) -> Iterator[Cell]:
    for one in ("first", "responder", "management"):
        yield _wait(getattr(old, one), getattr(new, one), language)
    yield _answer("policies.yes", "policies.no", old.ends_at_human, new.ends_at_human, language)
    had, has = (None if one.respond is None else one.respond.met for one in (old, new))
    yield _answer("lab.kept", "lab.broken", had, has, language)
    yield _absence(old, new, language)


def _wait(old: Worst | None, new: Worst | None, language: str) -> Cell:
    """A wait for ever is the longest; where nobody is to hear of it at all there is none to compare."""
    before, after = (_long(None if one is None else one.delay, one is not None) for one in (old, new))
    return Cell(_lasts(old, language), _lasts(new, language), _how(before, after))


def _long(delay: Duration | None, waits: bool) -> float:
    return float("inf") if delay is None or not waits else float(delay)


def _lasts(one: Worst | None, language: str) -> str:
    if one is None:
        return "–"
    if one.delay is None:
        return text("web.policies.never", {}, language)
    return length(one.delay, language=language) if one.delay else text("web.services.immediately", {}, language)


def _answer(good: str, bad: str, old: bool | None, new: bool | None, language: str) -> Cell:
    before, after = ("–" if one is None else text(f"web.{good if one else bad}", {}, language) for one in (old, new))
    return Cell(before, after, _how(0.0 if old else 1.0, 0.0 if new else 1.0))


def _absence(old: Row, new: Row, language: str) -> Cell:
    had, has = _left(old.falls), _left(new.falls)
    before, after = (text(f"web.lab.left.{one}", {}, language) for one in (had, has))
    return Cell(before, after, _how(had, has))


def _left(falls: tuple[Fall, ...]) -> int:
    """What the worst single absence leaves: 0 somebody, 1 the rounds after exhaustion, 2 nobody."""
    hurts = (2 if one.worst.at is None else 1 for one in falls if one.loss == "person")
    return max(hurts, default=0)


def _how(old: float, new: float) -> How:
    return "worse" if new > old else "better" if new < old else ""
