"""Whose work it is: whoever is signed in; where nobody in person is, whom they choose to look for."""

from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from tocsin.access.about import about_person
from tocsin.access.permissions import Verb, allowed
from tocsin.core.ids import PersonId
from tocsin.core.world import World
from tocsin.web.entrance import ForbiddenError
from tocsin.web.here import Here
from tocsin.web.layout.frame import Frame
from tocsin.web.parts.acting import actor, speaks_for, whoever
from tocsin.web.parts.naming import naming
from tocsin.web.parts.words import Names


class Mine(Struct, frozen=True):
    """`person` is whose page it is, None until one is chosen out of `actors`, who are empty for whoever is somebody."""

    person: PersonId | None
    actors: tuple[tuple[str, str], ...]
    names: Names
    world: World

    @property
    def tail(self) -> str:
        """What addresses of this page end with, so that it stays theirs."""
        return f"?by={self.person}" if self.actors and self.person else ""


def whose(at: Here, frame: Frame, asked: Mapping[str, Any]) -> Mine:
    """By what the form or the address says; only of those for whom they may speak."""
    world, names = at.site.worlds.world(), at.read(lambda connection: naming(connection, at, frame))
    book = world.rulebook
    person = frame.viewer.person or actor(frame.viewer, asked, book)
    if person is not None and (person not in book.people or not speaks_for(frame.viewer, person, book)):
        person = None
    return Mine(person, whoever(frame.viewer, book, names), names, world)


def ours(at: Here, frame: Frame, asked: Mapping[str, Any], verb: Verb) -> tuple[Mine, PersonId]:
    """The same for whoever wants to change something of that person's. Raises ForbiddenError."""
    mine = whose(at, frame, asked)
    person = mine.person
    if person is None or allowed(frame.viewer, verb, about_person(person, mine.world.rulebook)) != "yes":
        raise ForbiddenError
    return mine, person
