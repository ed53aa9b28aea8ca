"""A proof as a table: for each service and priority the longest wait, for whom it ends, and what one absence leaves"""

from collections.abc import Iterable, Iterator
from itertools import groupby

from msgspec import Struct

from tocsin.core.instant import Duration, Instant
from tocsin.lab.verifier.reach import Fall, Proof, Row, Worst
from tocsin.web.parts.words import Names, name_of, names_of


class Wait(Struct, frozen=True):
    """The longest one: for what opens at `opening`; `after` None is for ever. `who` is reached then."""

    opening: Instant
    after: Duration | None
    who: tuple[str, ...]


class Without(Struct, frozen=True):
    """Whose absence hurts: `nobody` is left, else only the rounds after exhaustion."""

    who: str
    nobody: bool


class Line(Struct, frozen=True):
    """One service and priority, of `kinds` that go alike. `management` is None where it never comes to that.

    `promised` is None where nothing is, else whether the response can be in time when all but the last are late.
    """

    service: str
    priority: str
    kinds: tuple[str, ...]
    first: Wait
    responder: Wait
    management: Wait | None
    human: bool
    promised: bool | None
    without: tuple[Without, ...]


def table(proof: Proof, names: Names, services: frozenset[str] | None = None) -> tuple[Line, ...]:
    """By service and priority; kinds that go alike share a line. Of those services alone, where some are given."""
    rows = [one for one in proof.rows if services is None or one.service in services]
    grouped = groupby(rows, key=lambda one: (one.service, one.priority))
    return tuple(line for _, same in grouped for line in _lines(list(same), names))


def _lines(rows: list[Row], names: Names) -> Iterator[Line]:
    found: dict[tuple[object, ...], Line] = {}
    for row in rows:
        line = _line(row, names)
        key = (line.first.after, line.responder.after, line.management and line.management.after, line.human,
               line.promised, line.without)  # fmt: skip
        known = found.get(key)
        found[key] = line if known is None else Line(
            known.service, known.priority, (*known.kinds, row.kind), known.first, known.responder, known.management,
            known.human, known.promised, known.without,
        )  # fmt: skip
    yield from found.values()


def _line(row: Row, names: Names) -> Line:
    return Line(
        row.service,
        row.priority,
        (row.kind,),
        wait_of(row.first, names),
        wait_of(row.responder, names),
        None if row.management is None else wait_of(row.management, names),
        row.ends_at_human,
        None if row.respond is None else row.respond.met,
        tuple(_without(row.falls, names)),
    )


def wait_of(worst: Worst, names: Names) -> Wait:
    """The longest wait, in words."""
    return Wait(worst.opening, worst.delay, names_of(worst.people, names))


def _without(falls: Iterable[Fall], names: Names) -> Iterator[Without]:
    for one in falls:
        if one.loss == "person" and (one.rescued or one.worst.at is None):
            yield Without(name_of(one.name, names), one.worst.at is None)
