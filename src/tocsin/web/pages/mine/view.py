"""The whole page as values, and what of it changes by itself."""

from typing import Any
from zoneinfo import available_timezones

from msgspec import Struct
from sqlalchemy import Connection

from tocsin.access.about import about_person
from tocsin.access.permissions import allowed, stale
from tocsin.core.ids import PersonId
from tocsin.lib.translate import languages
from tocsin.store import people
from tocsin.store.people import PersonRow
from tocsin.web.here import Here
from tocsin.web.layout.frame import Frame
from tocsin.web.pages.incident.view import mark
from tocsin.web.pages.mine.duty import Duty, Leave, duty_of
from tocsin.web.pages.mine.ways import LackView, WayView, lacks_of, methods, said, ways_of
from tocsin.web.pages.mine.who import Mine
from tocsin.web.pages.mine.work import Rest, Work, failures_of, messages_of, rest_of, work_of

PIECES = ("standing", "work", "ways")
"""Parts of the page that change by themselves."""


class Seen(Struct, frozen=True):
    """Everything of one person."""

    person: PersonId
    row: PersonRow
    work: Work
    duty: Duty
    ways: tuple[WayView, ...]
    lacks: tuple[LackView, ...]
    rest: Rest


def seen(at: Here, frame: Frame, mine: Mine, person: PersonId) -> Seen:
    """In one look at the store."""

    def query(connection: Connection) -> Seen:
        duty = duty_of(person, mine.world, mine.names, frame.now)
        messages, some = messages_of(connection, person, frame.now)
        views = ways_of(connection, person, mine.world, frame.now)
        lacks = lacks_of(person, views, failures_of(messages), duty.next_on, mine.world, frame.now)
        return Seen(
            person=person,
            row=people.find(connection, person) or PersonRow(person),
            work=work_of(connection, at, frame, person, mine.names),
            duty=duty,
            ways=views,
            lacks=said(lacks, frame.reader.language),
            rest=rest_of(messages, frame.reader.zone, frame.now, some=some),
        )

    return at.read(query)


def values(at: Here, frame: Frame, mine: Mine, found: Seen) -> dict[str, Any]:
    """What the templates show."""
    about = about_person(found.person, mine.world.rulebook)
    return {
        "seen": found,
        "mine": mine,
        "demo": at.site.demo,
        "me": found.person if mine.actors else "",
        "name": found.row.name or found.person,
        "edits": allowed(frame.viewer, "contact.edit", about) == "yes",
        "tests": allowed(frame.viewer, "contact.test", about) == "yes",
        "leaves": allowed(frame.viewer, "absence.edit", about) == "yes",
        "settles": allowed(frame.viewer, "person.settle", about) == "yes",
        "prove": stale(frame.viewer, "contact.edit", frame.now),
    }


def choices(mine: Mine) -> dict[str, Any]:
    """What the forms offer."""
    known = {method: None for ways in mine.world.facts.methods.values() for method in ways}
    return {"methods": tuple(methods(known)), "languages": sorted(languages()), "zones": sorted(available_timezones())}


def pieces(frame: Frame, told: dict[str, Any]) -> dict[str, tuple[str, str]]:
    """Each part that changes by itself, with its mark."""
    found = told["seen"]
    marks = {
        "standing": mark((found.lacks, found.duty.current, found.duty.coming)),
        "work": mark((found.work, found.rest)),
        "ways": mark((found.ways, told["prove"])),
    }
    return {name: (marks[name], frame.piece(f"pages/mine/{name}.html", **told)) for name in PIECES}


NOTHING = Leave()
