"""What a change makes worse: longer waits for a human or for management, openings that reach nobody, lost promises."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Literal

from msgspec import Struct

from tocsin.core.catalogue.priority import Priority
from tocsin.core.ids import ServiceId
from tocsin.core.instant import Duration, Instant
from tocsin.core.signal import Kind
from tocsin.lab.verifier.finding import Finding
from tocsin.lab.verifier.reach import Fall, Loss, Proof, Row, Rung, Worst

How = Literal[
    "slower", "silent", "later", "unanswered", "managed_later", "unmanaged", "broken", "unpromised", "endless", "fewer"
]
"""Slower: longer until the first human. Silent: openings reach nobody that reached somebody. Later, unanswered: the
same of the first responder; managed_later, unmanaged: of management. Broken: a promised response can be missed.
Unpromised: nothing is promised any more. Endless: a ladder ends at no human any more. Fewer: one loss leaves less."""

Left = Literal["somebody", "rounds", "nobody"]
"""What the worst single loss leaves; `rounds`: only those after exhaustion."""

Span = tuple[Instant, Instant]

_LEFT: tuple[Left, ...] = ("somebody", "rounds", "nobody")
_LOSSES: tuple[Loss, ...] = ("person", "method", "provider")
_RUNGS: tuple[tuple[Rung, How, How], ...] = (
    ("first", "slower", "silent"),
    ("responder", "later", "unanswered"),
    ("management", "managed_later", "unmanaged"),
)


class Worse(Struct, frozen=True):
    """One service (or NOWHERE) and priority that is worse off. `before` and `after` are the longest waits (None: for
    ever), `start` the opening that shows it and `end` up to where others go the same way. `had` and `has` are what the
    worst loss of its kind leaves, of `without`.
    """

    service: ServiceId
    priority: Priority
    kind: Kind
    how: How
    before: Duration | None = None
    after: Duration | None = None
    start: Instant | None = None
    end: Instant | None = None
    had: Left = "somebody"
    has: Left = "somebody"
    loss: Loss = "person"
    without: str = ""


def worse(old: Proof, new: Proof) -> tuple[Worse, ...]:
    """For every service and priority that both have, each way in which it is worse off once, by its first kind.

    What names no service that there is comes first: it is everybody's.
    """
    comparison = _Comparison()
    before = {(one.service, one.priority, one.kind): one for one in old.every}
    found: dict[tuple[str, ...], Worse] = {}
    for row in (*new.nowhere, *new.rows):
        known = before.get((row.service, row.priority, row.kind))
        for one in comparison.worse(known, row) if known is not None else ():
            found.setdefault((one.service, one.priority, one.how, one.loss), one)
    return tuple(found.values())


def new_errors(old: Iterable[Finding], new: Iterable[Finding]) -> tuple[Finding, ...]:
    """The errors that were not there before. One that has only moved within its definition is none of them."""
    known = Counter(_mark(one) for one in old if one.severity == "error")
    found = []
    for one in new:
        if one.severity == "error":
            known[_mark(one)] -= 1
            if known[_mark(one)] < 0:
                found.append(one)
    return tuple(found)


def _mark(one: Finding) -> tuple[object, ...]:
    case = one.counterexample
    return (one.code, one.where[:2], None if case is None else (case.service, case.priority))


class _Comparison:
    """Of two proofs. Rows share their ways, so what was read off them is kept; the proofs keep them meanwhile."""

    def __init__(self) -> None:
        self._silences: dict[tuple[int, Rung], list[Span]] = {}

    def worse(self, old: Row, new: Row) -> Iterator[Worse]:
        """How one row is worse off."""
        place = (new.service, new.priority, new.kind)
        told: set[Instant | None] = set()
        for rung, longer, nobody in _RUNGS:
            for one in self._waits(rung, old, new):
                how = nobody if one.end is not None else longer
                if one.start not in told or rung == "management":  # what keeps the first human away is told once
                    yield Worse(*place, how, one.before, one.after, one.start, one.end)
                told.add(one.start)
        yield from (Worse(*place, one.how, start=one.start) for one in _promises(old, new))
        if old.ends_at_human and not new.ends_at_human:
            yield Worse(*place, "endless")
        for loss in _LOSSES:
            (had, _), (has, without) = _left(old.falls, loss), _left(new.falls, loss)
            if _LEFT.index(has) > _LEFT.index(had):
                yield Worse(*place, "fewer", had=had, has=has, loss=loss, without=without)

    def _waits(self, rung: Rung, old: Row, new: Row) -> Iterator["_Wait"]:
        had, has = _worst(old, rung), _worst(new, rung)
        if had is None:
            return
        if has is None:
            yield _Wait(had.delay, None, had.opening, new.ways[0].line(rung)[-1].end if new.ways else had.opening)
        elif had.delay is not None and has.delay is not None:
            if has.delay > had.delay:
                yield _Wait(had.delay, has.delay, has.opening)
        elif (silence := _beyond(self._silence(new, rung), self._silence(old, rung))) is not None:
            yield _Wait(had.delay, None, *silence)
        elif has.delay is None and had.delay is not None:
            yield _Wait(had.delay, None, has.opening)

    def _silence(self, row: Row, rung: Rung) -> list[Span]:
        """When it opens without anybody being reached, in one way or another; in order, none touching another."""
        found: list[Span] = []
        for way in row.ways:
            key = (id(way), rung)
            if key not in self._silences:
                self._silences[key] = [(one.start, one.end) for one in way.line(rung) if one.at is None]
            found += self._silences[key]
        return _merged(found)


class _Wait(Struct, frozen=True):
    """Longer than before for what opens at `start`; with an `end`, for ever for all up to it."""

    before: Duration | None
    after: Duration | None
    start: Instant
    end: Instant | None = None


class _Promise(Struct, frozen=True):
    """A promise that was kept."""

    how: How
    start: Instant | None = None


def _worst(row: Row, rung: Rung) -> Worst | None:
    return {"first": row.first, "responder": row.responder, "management": row.management}[rung]


def _promises(old: Row, new: Row) -> Iterator[_Promise]:
    if old.respond is None or not old.respond.met:
        return
    if new.respond is None:
        yield _Promise("unpromised")
    elif not new.respond.met:
        yield _Promise("broken", new.respond.worst.opening)


def _merged(spans: list[Span]) -> list[Span]:
    found: list[Span] = []
    for start, end in sorted(spans):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((start, end))
    return found


def _beyond(new: Sequence[Span], old: Sequence[Span]) -> Span | None:
    """The first stretch of the new ones that lies in none of the old ones."""
    for start, end in new:
        for first, last in old:
            if first <= start < last:
                start = last
            elif start < first < end:
                return start, first
        if start < end:
            return start, end
    return None


def _left(falls: Iterable[Fall], loss: Loss) -> tuple[Left, str]:
    """What the worst loss of that kind leaves, and which it is."""
    told: list[tuple[Left, str]] = [
        ("nobody" if one.worst.at is None else "rounds", one.name)
        for one in falls
        if one.loss == loss and (one.rounds or one.worst.at is None)
    ]
    return max(told, key=lambda one: _LEFT.index(one[0]), default=("somebody", ""))
