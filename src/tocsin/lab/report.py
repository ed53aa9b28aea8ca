"""A what-if and many runs as plain data: instants as RFC 3339, durations as `10m`, sentences with people's names."""

from collections.abc import Mapping

from msgspec import Struct

from tocsin.core.instant import Duration, format_duration, format_instant
from tocsin.core.phrase import Phrase, by_id, named
from tocsin.lab.grammar import Complaint
from tocsin.lab.measure import Measured
from tocsin.lab.telling import Line
from tocsin.lab.whatif import WhatIf
from tocsin.lib.translate import ENGLISH, say


class LineView(Struct, frozen=True):
    """One thing that would happen. `after` counts from the opening; `late` is against `planned`."""

    at: str
    after: str
    incident: str
    kind: str
    text: str
    why: str
    planned: str | None
    late: str | None
    by: str


class ComplaintView(Struct, frozen=True):
    """Something wrong with the answers, or with `note` only worth knowing; line and column count from 1."""

    line: int
    column: int
    text: str
    hint: str
    note: bool


class MeasuredView(Struct, frozen=True):
    """How long until a human was called, until one acknowledged, until it was resolved: null where it never was.

    `pages` and `night` are calls by person, each round once; night is from 22 to 6 on the person's clock.
    """

    reached: str | None
    acknowledged: str | None
    resolved: str | None
    pages: dict[str, int]
    night: dict[str, int]
    exhausted: bool
    management: bool


class Simulated(Struct, frozen=True):
    """What would happen from `at` to `until`. Not `usable`: the answers have mistakes, and nothing was played; not
    `whole`: more would happen than was played.
    """

    usable: bool
    whole: bool
    at: str
    until: str
    timezone: str
    complaints: tuple[ComplaintView, ...]
    lines: tuple[LineView, ...]
    measured: MeasuredView


def view(found: WhatIf, names: Mapping[str, str], language: str = ENGLISH) -> Simulated:
    """A what-if in words. `names` are people's by their ids."""
    return Simulated(
        found.answers.usable,
        found.transcript.whole,
        format_instant(found.scene.at),
        format_instant(found.scene.until),
        found.scene.world.rulebook.timezone,
        tuple(_complaint(one, language) for one in found.complaints),
        tuple(_line(one, names, language) for one in found.lines),
        measured_view(found.measured),
    )


def measured_view(one: Measured) -> MeasuredView:
    """The figures of one run."""
    return MeasuredView(
        lasting(one.reached), lasting(one.acknowledged), lasting(one.resolved), one.pages, one.night,
        one.exhausted, one.management,
    )  # fmt: skip


def lasting(duration: Duration | None) -> str | None:
    """`7m`; None for never."""
    return None if duration is None else format_duration(duration)


def in_words(phrase: Phrase, names: Mapping[str, str], language: str = ENGLISH) -> str:
    """A phrase as a sentence, with names in place of ids."""
    return say(named(phrase, by_id(names)), language)


def _line(one: Line, names: Mapping[str, str], language: str) -> LineView:
    why = in_words(one.why, names, language) if one.why is not None else ""
    planned = None if one.planned is None else format_instant(one.planned)
    late = format_duration(one.late) if one.late else None
    text = in_words(one.what, names, language)
    return LineView(
        format_instant(one.at), format_duration(one.offset), one.incident, one.kind, text, why, planned, late, one.by
    )


def _complaint(one: Complaint, language: str) -> ComplaintView:
    hint = say(one.hint, language) if one.hint is not None else ""
    return ComplaintView(one.line, one.column, say(one.text, language), hint, one.note)
