"""Why an override or a swap would not do what was meant: what speaks against it, of whom, and when."""

from collections.abc import Iterator
from typing import Literal

from msgspec import Struct

from tocsin.core.ids import PersonId
from tocsin.core.instant import Instant, Span
from tocsin.core.oncall.override import Facts

Objecting = Literal["over", "away", "unreachable", "overlaps", "already", "nothing", "not_on", "oneself", "meets"]
"""`over`: it has passed. `already`: they are on anyhow. `nothing`: it changes nothing. `meets`: both shifts overlap."""


class Objection(Struct, frozen=True):
    """`kind`, of `person`, within [start, end); `override` is the one that is in the way."""

    kind: Objecting
    person: PersonId = PersonId("")
    start: Instant = 0
    end: Instant = 0
    override: str = ""


def unfit(person: PersonId, span: Span, facts: Facts) -> Iterator[Objection]:
    """Why somebody cannot take those hours: they are away in them, or no way leads to them."""
    for absence in facts.absences:
        if absence.person == person and absence.start < span.end and span.start < absence.end:
            yield Objection("away", person, max(absence.start, span.start), min(absence.end, span.end))
    ways = facts.methods.get(person, {})
    if all(state == "broken" for state in ways.values()):
        yield Objection("unreachable", person)
