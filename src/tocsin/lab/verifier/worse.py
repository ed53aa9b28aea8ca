"""What a change makes worse: a service that waits longer for a human, that one absence leaves with less, new errors."""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Literal

from msgspec import Struct

from tocsin.core.catalogue.priority import Priority
from tocsin.core.ids import ServiceId
from tocsin.core.instant import Duration
from tocsin.core.signal import Kind
from tocsin.lab.verifier.finding import Finding
from tocsin.lab.verifier.reach import Fall, Proof, Row, Worst

How = Literal["slower", "later", "endless", "fewer"]
"""Slower: longer until the first human. Later: longer until the first responder. Endless: a ladder ends at no human any
more. Fewer: one absence leaves less than it did."""

Left = Literal["somebody", "last_resort", "nobody"]
"""What the worst single absence leaves."""

_LEFT: tuple[Left, ...] = ("somebody", "last_resort", "nobody")


class Worse(Struct, frozen=True):
    """One service and priority that is worse off. `before` and `after` are the longest waits (None: for ever), `had`
    and `has` what the worst absence leaves, of `without`.
    """

    service: ServiceId
    priority: Priority
    kind: Kind
    how: How
    before: Duration | None = None
    after: Duration | None = None
    had: Left = "somebody"
    has: Left = "somebody"
    without: str = ""


def worse(old: Proof, new: Proof) -> tuple[Worse, ...]:
    """For every service and priority that both have, each way in which it is worse off once, by its first kind."""
    before = {(one.service, one.priority, one.kind): one for one in old.rows}
    found: dict[tuple[str, str, str], Worse] = {}
    for row in new.rows:
        known = before.get((row.service, row.priority, row.kind))
        for one in _worse(known, row) if known is not None else ():
            found.setdefault((one.service, one.priority, one.how), one)
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


def _worse(old: Row, new: Row) -> Iterator[Worse]:
    place = (new.service, new.priority, new.kind)
    if _longer(old.first, new.first):
        yield Worse(*place, "slower", old.first.delay, new.first.delay)
    elif _longer(old.responder, new.responder):
        yield Worse(*place, "later", old.responder.delay, new.responder.delay)
    if old.ends_at_human and not new.ends_at_human:
        yield Worse(*place, "endless")
    (had, _), (has, without) = _left(old.falls), _left(new.falls)
    if _LEFT.index(has) > _LEFT.index(had):
        yield Worse(*place, "fewer", had=had, has=has, without=without)


def _longer(old: Worst, new: Worst) -> bool:
    if old.delay is None or new.delay is None:
        return new.delay is None and old.delay is not None
    return new.delay > old.delay


def _left(falls: Iterable[Fall]) -> tuple[Left, str]:
    """What the worst absence leaves, and whose it is."""
    absences = [one for one in falls if one.loss == "person"]
    told: list[tuple[Left, str]] = [
        ("nobody" if one.worst.at is None else "last_resort", one.name)
        for one in absences
        if one.rescued or one.worst.at is None
    ]
    return max(told, key=lambda one: _LEFT.index(one[0]), default=("somebody", ""))
