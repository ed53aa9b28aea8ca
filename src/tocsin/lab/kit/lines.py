"""The lines of a transcript: who hears what by which way and when, and how each incident stands."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence

from msgspec import Struct

from tocsin.core.instant import Duration, Instant, format_instant

MESSAGES = ("page", "inform", "ask", "decide", "offer", "still-on-it", "over", "taken", "undone", "broken")
STANDING = ("status", "owner", "priority", "team", "policy", "confidential")
KINDS = (*MESSAGES, *STANDING, "refused")
USUAL = frozenset(KINDS) - {"taken", "undone", "broken", "priority", "team", "policy", "confidential"}
"""What a case looks at unless it says otherwise."""

_LINE = re.compile(r"(?P<at>.+?) (?:#(?P<incident>\d+) )?(?P<kind>" + "|".join(KINDS) + r") (?P<rest>.+)")


class Line(Struct, frozen=True, order=True):
    """One line: at an instant, of an incident (1 for the first), a word of `KINDS`, who or what, and by which way."""

    at: Instant
    incident: int
    kind: str
    who: str
    way: str = ""

    def __str__(self) -> str:
        by = f" by {self.way}" if self.way else ""
        return f"{format_instant(self.at)} #{self.incident} {self.kind} {self.who}{by}"


def read_lines(texts: Iterable[str], when: Callable[[str], Instant]) -> tuple[Line, ...]:
    """`+5m page ann, bob by email, sms` is four lines; without `by` it is e-mail. ValueError for any other text."""
    return tuple(line for text in texts for line in _lines(str(text), when))


def _lines(text: str, when: Callable[[str], Instant]) -> Iterator[Line]:
    found = _LINE.fullmatch(text.strip())
    if found is None:
        raise ValueError(f"`{text}` is no line: TIME [#N] WORD WHO[, WHO] [by WAY[, WAY]], with a word of {KINDS}")
    at, incident, kind = when(found["at"]), int(found["incident"] or 1), found["kind"]
    whom, _, ways = found["rest"].partition(" by ")
    for who in whom.split(","):
        for way in (ways or "email").split(",") if kind in MESSAGES else ("",):
            yield Line(at, incident, kind, who.strip(), way.strip())


def difference(
    expected: Sequence[Line], told: Sequence[Line], watch: frozenset[str], tolerance: Duration = 0
) -> list[str]:
    """What is missing and what came unasked, in order of time; empty where all is as expected.

    With a `tolerance`, a line may come that much later than it should.
    """
    rest = Counter(line for line in told if line.kind in watch)
    missing = []
    for line in sorted(expected):
        match = line if rest[line] else _later(line, rest, tolerance)
        if match is None:
            missing.append(line)
        else:
            rest[match] -= 1
    wrong = [(line, f"- {line}") for line in missing] + [(line, f"+ {line}") for line in rest.elements()]
    return [text for _, text in sorted(wrong)]


def _later(line: Line, rest: Counter[Line], tolerance: Duration) -> Line | None:
    """The first that says the same within the tolerance."""
    alike = (
        one
        for one, n in rest.items()
        if n and one.at - tolerance <= line.at <= one.at and _same(one, line)
    )  # fmt: skip
    return min(alike, default=None)


def _same(one: Line, other: Line) -> bool:
    return (one.incident, one.kind, one.who, one.way) == (other.incident, other.kind, other.who, other.way)
