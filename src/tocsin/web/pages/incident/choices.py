"""What the forms of an incident offer to choose from: lengths of time, and whom it can be given or taken to."""

from typing import Any

from tocsin.core.instant import DAY, HOUR, MINUTE, Duration, format_duration
from tocsin.lib import moments
from tocsin.lib.translate import text
from tocsin.web.here import Here
from tocsin.web.layout.directory import Directory
from tocsin.web.layout.frame import Frame
from tocsin.web.parts.words import Names, name_of

LENGTHS: tuple[Duration, ...] = (
    15 * MINUTE, 30 * MINUTE, HOUR, 2 * HOUR, 4 * HOUR, 8 * HOUR, 12 * HOUR, DAY, 2 * DAY, 7 * DAY,
)  # fmt: skip
MOST_PEOPLE = 300
"""Of an organisation with more people, none is offered by name: teams, roles and schedules are."""

Options = list[tuple[str, str]]
Groups = list[tuple[str, Options]]


def choices(at: Here, frame: Frame) -> dict[str, Any]:
    """`lengths` of time, and groups of `targets`: those that can own it, and those that can be reached."""
    book, language = at.site.worlds.world().rulebook, frame.reader.language
    names = Names(at.kept(Directory).latest, language)
    known = sorted(book.people, key=lambda one: name_of(one, names))
    teams = _group("team", sorted(book.teams), language)
    schedules = _group("schedule", sorted(book.schedules), language)
    persons = (
        text("web.incident.choose.person", {}, language),
        [(f"person:{one}", name_of(one, names)) for one in known] if len(known) <= MOST_PEOPLE else [],
    )
    above = (
        text("web.incident.choose.above", {}, language),
        [("manager:1", text("web.target.manager", {}, language))],
    )
    owners = [teams, schedules, persons]
    return {
        "lengths": [(format_duration(one), moments.length(one, language=language)) for one in LENGTHS],
        "owners": [one for one in owners if one[1]],
        "reachable": [one for one in (above, _group("role", sorted(book.roles), language), *owners) if one[1]],
    }


def _group(kind: str, ids: list[str], language: str) -> tuple[str, Options]:
    return text(f"web.incident.choose.{kind}", {}, language), [(f"{kind}:{one}", one.replace("-", " ")) for one in ids]
