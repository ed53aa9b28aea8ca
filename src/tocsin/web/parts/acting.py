"""Who acts: the person of whoever is signed in; where there is none (a token, a demonstration), whom they name."""

from collections.abc import Iterable, Mapping
from typing import Any

from tocsin.access.about import about_person
from tocsin.access.permissions import Caller, allowed
from tocsin.core.ids import PersonId
from tocsin.core.incident.state import Incident
from tocsin.core.rulebook import Rulebook
from tocsin.web.parts.words import Names, called_now, name_of


def actor(viewer: Caller, form: Mapping[str, Any], book: Rulebook) -> PersonId | None:
    """Who acts: whom the form names, else the viewer in person; None for nobody who exists. See `speaks_for`."""
    named = PersonId(str(form.get("by", ""))) or viewer.person
    return named if named in book.people else None


def speaks_for(viewer: Caller, person: PersonId, book: Rulebook) -> bool:
    """Whether the viewer may act in that person's name."""
    return person == viewer.person or allowed(viewer, "incident.speak-for", about_person(person, book)) == "yes"


def called_first(state: Incident) -> Iterable[PersonId]:
    """Who would most likely act on an incident: its owner, else those who are being called."""
    return called_now(state)[:3] if state.owner is None else (state.owner,)


def whoever(
    viewer: Caller, book: Rulebook, names: Names, first: Iterable[PersonId] = ()
) -> tuple[tuple[str, str], ...]:
    """Everybody in whose name they may act, as a choice, `first` before the others, who come by name.

    Nobody where they act as themselves.
    """
    if viewer.person is not None:
        return ()
    everybody = sorted(book.people, key=lambda one: name_of(one, names))
    ordered = dict.fromkeys((*first, *(PersonId(one) for one in everybody)))
    return tuple((one, name_of(one, names)) for one in ordered if one in book.people and speaks_for(viewer, one, book))
