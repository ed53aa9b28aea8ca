"""People, by what the rulebook and the store know of them; never how they are reached"""

from collections.abc import Iterable, Mapping

from litestar import get
from litestar.params import FromPath, FromQuery
from msgspec import Struct

from tocsin.access.about import teams_of
from tocsin.api.here import Asked, here
from tocsin.api.problem import Problem
from tocsin.config.complaints import nearest
from tocsin.core.oncall.override import MethodState
from tocsin.core.rulebook import Rulebook
from tocsin.store import people as store


class PersonView(Struct, frozen=True):
    """Somebody of the rulebook. `methods` says by what ways they can be reached, and whether those were proved."""

    id: str
    name: str
    manager: str | None
    teams: tuple[str, ...]
    leads: tuple[str, ...]
    roles: tuple[str, ...]
    skills: tuple[str, ...]
    methods: Mapping[str, MethodState]


class People(Struct, frozen=True):
    """Some of them by id; `cursor` leads to the next ones, null at the end."""

    people: tuple[PersonView, ...]
    cursor: str | None


MOST = 500


@get("/people", opt={"verb": "person.read"}, sync_to_thread=True)
def people(
    request: Asked, team: FromQuery[str] = "", limit: FromQuery[int] = MOST, cursor: FromQuery[str] = ""
) -> People:
    """Everybody, or a team."""
    world, names = here(request).site.worlds.world(), here(request).read(store.names)
    limit, book = max(1, min(limit, MOST)), world.rulebook
    chosen = [id_ for id_ in sorted(book.people) if id_ > cursor and (not team or team in teams_of(id_, book))]
    shown = tuple(_view(id_, book, names, world.facts.methods) for id_ in chosen[:limit])
    return People(shown, chosen[limit - 1] if len(chosen) > limit else None)


@get("/people/{person:str}", opt={"verb": "person.read"}, sync_to_thread=True)
def person(request: Asked, person: FromPath[str]) -> PersonView:
    """One of them."""
    world = here(request).site.worlds.world()
    if person not in world.rulebook.people:
        raise no_person(person, world.rulebook.people)
    return _view(person, world.rulebook, here(request).read(store.names), world.facts.methods)


def _view(
    id_: str, book: Rulebook, names: Mapping[str, str], methods: Mapping[str, Mapping[str, MethodState]]
) -> PersonView:
    one = book.people[id_]
    return PersonView(
        id=id_,
        name=names.get(id_, id_),
        manager=one.manager,
        teams=tuple(sorted(team.id for team in book.teams.values() if id_ in team.members)),
        leads=tuple(sorted(team.id for team in book.teams.values() if id_ == team.lead)),
        roles=tuple(sorted(role.id for role in book.roles.values() if f"person:{id_}" in map(str, role.holders))),
        skills=one.skills,
        methods=methods.get(id_, {}),
    )


def no_person(id_: str, known: Iterable[str] = ()) -> Problem:
    """404, with the id that was perhaps meant."""
    return Problem(404, "unknown", f"There is no person {id_[:80]}.", nearest(id_, known))
