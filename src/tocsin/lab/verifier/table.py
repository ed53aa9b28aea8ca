"""A proof as a table: services, priorities and kinds that go alike are one line; and which is worst of a service"""

from collections.abc import Callable, Hashable, Iterable

from msgspec import Struct

from tocsin.core.catalogue.priority import Priority
from tocsin.core.ids import ServiceId
from tocsin.core.phrase import Phrase
from tocsin.core.signal import Kind
from tocsin.lab.verifier.reach import Fall, Loss, Proof, Row, Worst

LOSSES: tuple[Loss, ...] = ("person", "method", "provider")
"""What may be missing, in the order in which it is told."""


class Line(Struct, frozen=True):
    """Each of the services with each of the priorities and kinds goes like `row`, which is one of them."""

    services: tuple[ServiceId, ...]
    priorities: tuple[Priority, ...]
    kinds: tuple[Kind, ...]
    row: Row


def lines(proof: Proof) -> tuple[Line, ...]:
    """The whole proof, in the order of its rows; of what names no service last, as service ''."""
    return _across_services(_of_services(proof.every))


def worst_lines(proof: Proof) -> tuple[Line, ...]:
    """Of each service the line that is worst off; worst first."""
    worst: dict[ServiceId, Line] = {}
    for line in _of_services(proof.every):
        (service,) = line.services
        if service not in worst or badness(line.row) > badness(worst[service].row):
            worst[service] = line
    return tuple(sorted(_across_services(worst.values()), key=lambda line: badness(line.row), reverse=True))


def badness(row: Row) -> tuple[object, ...]:
    """What is worse comes later: nobody at all, then what one loss leaves, then how long people wait."""
    left = max((2 if one.worst.at is None else 1 for one in row.falls), default=0)
    broken = row.respond is not None and not row.respond.met
    management = (False, 0) if row.management is None else _length(row.management)
    return (
        not row.ends_at_human,
        row.first.at is None,
        left,
        _length(row.responder),
        broken,
        _length(row.first),
        management,
    )


def missing(row: Row, loss: Loss) -> tuple[Fall, ...]:
    """The losses of that kind that leave nobody, or only the rounds after exhaustion; those that leave nobody first."""
    return tuple(sorted((one for one in row.falls if one.loss == loss), key=lambda one: one.worst.at is not None))


def _length(worst: Worst) -> tuple[bool, int]:
    return worst.at is None, worst.delay or 0


def _of_services(rows: Iterable[Row]) -> tuple[Line, ...]:
    """Kinds that go alike together, then priorities."""
    each = (Line((row.service,), (row.priority,), (row.kind,), row) for row in rows)
    kinds = _joined(each, lambda one: (one.services, one.priorities), _more_kinds)
    return _joined(kinds, lambda one: (one.services, one.kinds), _more_priorities)


def _across_services(found: Iterable[Line]) -> tuple[Line, ...]:
    return _joined(found, lambda one: (one.priorities, one.kinds), _more_services)


def _joined(
    found: Iterable[Line], by: Callable[[Line], Hashable], join: Callable[[Line, Line], Line]
) -> tuple[Line, ...]:
    kept: dict[Hashable, Line] = {}
    for one in found:
        key = (by(one), _outcome(one.row))
        kept[key] = join(kept[key], one) if key in kept else one
    return tuple(kept.values())


def _outcome(row: Row) -> Hashable:
    """All that is told of a row but its names."""
    promise = (
        None
        if row.respond is None
        else (row.respond.sla, row.respond.handed, row.respond.due, _told(row.respond.worst))
    )
    falls = tuple((one.loss, one.name, one.rounds, one.longest, _told(one.worst)) for one in row.falls)
    waits = (_told(row.first), _told(row.responder), _told(row.management))
    return (*waits, row.ends_at_human, promise, falls, _said(row.assuming))


def _told(worst: Worst | None) -> Hashable:
    return worst and (worst.opening, worst.at, worst.people, worst.by, _said(worst.assuming))


def _said(phrases: Iterable[Phrase]) -> Hashable:
    return tuple((one.key, tuple(one.values.items())) for one in phrases)


def _more_kinds(one: Line, other: Line) -> Line:
    return Line(one.services, one.priorities, (*one.kinds, *other.kinds), one.row)


def _more_priorities(one: Line, other: Line) -> Line:
    return Line(one.services, (*one.priorities, *other.priorities), one.kinds, one.row)


def _more_services(one: Line, other: Line) -> Line:
    return Line((*one.services, *other.services), one.priorities, one.kinds, one.row)
