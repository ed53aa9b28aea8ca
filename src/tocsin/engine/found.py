"""A finding as programs read it: code, severity, file and line, place, text, hint, and a case with its assumptions."""

from collections.abc import Iterable

from msgspec import Struct

from tocsin.config import Complaint
from tocsin.config.places import Places
from tocsin.core.instant import Instant, format_instant
from tocsin.lab.verifier.examine import Suppressed
from tocsin.lab.verifier.finding import Counterexample, Finding
from tocsin.lib.translate import say


class Example(Struct, frozen=True):
    """What opens `at` and what comes of it; `reached_at`: when those are rung of whom it tells; null: it tells of
    nobody who is. `assuming`: taken for granted.
    """

    service: str
    priority: str
    kind: str
    at: str
    timezone: str
    text: str
    reached_at: str | None
    assuming: tuple[str, ...]


class Found(Struct, frozen=True):
    """One finding. `place` is its place in the rulebook, '' where the text itself is wrong; columns count from 1."""

    file: str
    line: int
    column: int
    code: str
    severity: str
    place: str
    text: str
    hint: str
    counterexample: Example | None = None


class Accepted(Found, frozen=True):
    """One that the rulebook's `allow` accepts `until` then, for a reason."""

    reason: str = ""
    until: str = ""


def of_text(complaints: Iterable[Complaint]) -> tuple[Found, ...]:
    """What is wrong with the text of a rulebook."""
    return tuple(
        Found(one.file, one.line, one.column, one.code, one.severity, "", one.text, one.hint) for one in complaints
    )


def of_checks(findings: Iterable[Finding], places: Places) -> tuple[Found, ...]:
    """What the checks have found."""
    return tuple(Found(*_values(one, places)) for one in findings)


def accepted(suppressed: Iterable[Suppressed], places: Places) -> tuple[Accepted, ...]:
    """What is allowed for now."""
    return tuple(Accepted(*_values(one.finding, places), one.by.reason, one.by.until) for one in suppressed)


def _values(one: Finding, places: Places) -> tuple[str, int, int, str, str, str, str, str, Example | None]:
    at, place = places.find(one.where), ".".join(one.where)
    said = say(one.text), say(one.hint), _example(one.counterexample)
    return at.file, at.line, at.column, one.code, one.severity, place, *said


def _example(one: Counterexample | None) -> Example | None:
    if one is None:
        return None
    return Example(
        one.service,
        one.priority,
        one.kind,
        format_instant(one.at),
        one.timezone,
        say(one.text),
        _instant(one.reached_at),
        tuple(say(each) for each in one.assuming),
    )


def _instant(at: Instant | None) -> str | None:
    return None if at is None else format_instant(at)
