"""A proof as a table: for each service and priority the longest wait, for whom it ends, and what one loss leaves"""

from collections.abc import Iterator
from itertools import groupby

from msgspec import Struct
from msgspec.structs import replace

from tocsin.core.instant import Duration, Instant
from tocsin.lab.verifier.reach import Loss, Proof, Row, Worst
from tocsin.lab.verifier.table import LOSSES, missing
from tocsin.lab.verifier.told import MOST, Fact, facts
from tocsin.lib.translate import say
from tocsin.web.parts.words import Names, name_of, names_of


class Wait(Struct, frozen=True):
    """The longest one: for what opens at `opening`; `after` None is for ever. `who` is reached then."""

    opening: Instant
    after: Duration | None
    who: tuple[str, ...]


class Without(Struct, frozen=True):
    """What hurts when it is missing: `nobody` is left, else only the rounds after exhaustion; if `supposing` holds."""

    loss: Loss
    who: str
    nobody: bool
    supposing: tuple[str, ...] = ()


class Line(Struct, frozen=True):
    """One service and priority, of `kinds` that go alike. `management` is None where it never comes to that.
    `said` is all of it in the words of `tocsin check`.

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
    said: tuple[Fact, ...] = ()


def table(proof: Proof, zone: str, names: Names, services: frozenset[str] | None = None) -> tuple[Line, ...]:
    """By service and priority; kinds that go alike share a line. Of those services alone, where some are given.

    It is told on the clock of `zone`.
    """
    rows = [one for one in proof.every if services is None or one.service in services]
    grouped = groupby(rows, key=lambda one: (one.service, one.priority))
    teller = _Teller(zone, names)
    return tuple(line for _, same in grouped for line in teller.lines(list(same)))


class _Teller:
    """Rows share what is proved of them, so that it is put into words once."""

    def __init__(self, zone: str, names: Names) -> None:
        self.zone, self.names = zone, names
        self._said: dict[tuple[int, ...], tuple[Fact, ...]] = {}

    def lines(self, rows: list[Row]) -> Iterator[Line]:
        """Of one service and priority."""
        found: dict[object, Line] = {}
        for row in rows:
            said = self._facts(row)
            known = found.get(said)
            kinds = (row.kind,) if known is None else (*known.kinds, row.kind)
            found[said] = self._line(row, said) if known is None else replace(known, kinds=kinds)
        yield from found.values()

    def _facts(self, row: Row) -> tuple[Fact, ...]:
        parts = (row.ways, row.first, row.responder, row.management, row.respond, row.falls, row.assuming)
        key = (*map(id, parts), row.ends_at_human)
        if key not in self._said:
            self._said[key] = facts(row, self.zone, self.names.language, lambda one: name_of(one, self.names))
        return self._said[key]

    def _line(self, row: Row, said: tuple[Fact, ...]) -> Line:
        return Line(
            row.service,
            row.priority,
            (row.kind,),
            wait_of(row.first, self.names),
            wait_of(row.responder, self.names),
            None if row.management is None else wait_of(row.management, self.names),
            row.ends_at_human,
            None if row.respond is None else row.respond.met,
            tuple(self._without(row)),
            said,
        )

    def _without(self, row: Row) -> Iterator[Without]:
        for loss in LOSSES:
            for one in missing(row, loss)[:MOST]:
                who = name_of(one.name, self.names) if loss == "person" else one.name
                supposing = tuple(say(phrase, self.names.language) for phrase in one.worst.assuming)
                yield Without(loss, who, one.worst.at is None, supposing)


def wait_of(worst: Worst, names: Names) -> Wait:
    """The longest wait, in words."""
    return Wait(worst.opening, worst.delay, names_of(worst.people, names))
