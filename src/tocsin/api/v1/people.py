"""People, by what the rulebook and the store know of them; never how they are reached"""

from collections.abc import Iterable, Mapping

from litestar import get, put
from litestar.params import FromPath, FromQuery
from msgspec import Struct
from sqlalchemy import Connection

from tocsin.access.about import about_person, teams_of
from tocsin.api.here import Asked, allow_with, caller_of, here
from tocsin.api.problem import Problem
from tocsin.api.reading import body_of, invalid
from tocsin.config.complaints import nearest
from tocsin.core.oncall.override import MethodState
from tocsin.core.rulebook import Rulebook
from tocsin.lib.moments import zone_of
from tocsin.lib.translate import languages
from tocsin.store import people as store


class PersonView(Struct, frozen=True):
    """Somebody of the rulebook. `methods` says by what ways they can be reached, and whether those were proved.

    `language` and `zone` are what they chose to read in; '' is what their browser or the organisation says.
    """

    id: str
    name: str
    manager: str | None
    teams: tuple[str, ...]
    leads: tuple[str, ...]
    roles: tuple[str, ...]
    skills: tuple[str, ...]
    methods: Mapping[str, MethodState]
    language: str = ""
    zone: str = ""


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
    world, known = here(request).site.worlds.world(), here(request).read(store.persons)
    limit, book = max(1, min(limit, MOST)), world.rulebook
    chosen = [id_ for id_ in sorted(book.people) if id_ > cursor and (not team or team in teams_of(id_, book))]
    shown = tuple(_view(id_, book, known.get(id_), world.facts.methods) for id_ in chosen[:limit])
    return People(shown, chosen[limit - 1] if len(chosen) > limit else None)


@get("/people/{person:str}", opt={"verb": "person.read"}, sync_to_thread=True)
def person(request: Asked, person: FromPath[str]) -> PersonView:
    """One of them."""
    world = here(request).site.worlds.world()
    if person not in world.rulebook.people:
        raise no_person(person, world.rulebook.people)
    known = here(request).read(lambda connection: store.find(connection, person))
    return _view(person, world.rulebook, known, world.facts.methods)


class Settling(Struct, frozen=True, forbid_unknown_fields=True):
    """What somebody reads in: a language that tocsin speaks, a zone of the IANA database; '' for none of their own.

    Example: {"language": "de", "zone": "Europe/Berlin"}
    """

    language: str = ""
    zone: str = ""


@put("/people/{person:str}/settings", opt={"verb": "person.settle", "takes": Settling}, status_code=200)
async def settle(request: Asked, person: FromPath[str]) -> PersonView:
    """Choose the language and the zone of somebody's pages and messages. What is planned in a zone stays in it."""
    at = here(request)
    world = at.site.worlds.world()
    if person not in world.rulebook.people:
        raise no_person(person, world.rulebook.people)
    allow_with(caller_of(request), "person.settle", about_person(person, world.rulebook), no_person(person))
    wanted = await body_of(request, Settling)
    if wanted.language and wanted.language not in languages():
        raise invalid(
            f"language: {wanted.language[:20]!r} is not spoken.", f"Spoken are {', '.join(sorted(languages()))}."
        )
    if wanted.zone and zone_of(wanted.zone) is None:
        raise invalid(f"zone: there is no {wanted.zone[:60]!r}.", "Use a name such as Europe/London.")

    def change(connection: Connection) -> store.PersonRow | None:
        store.settle(connection, person, wanted.language, wanted.zone, at.now())
        return store.find(connection, person)

    found = await at.gate.write(change)
    return _view(person, world.rulebook, found, world.facts.methods)


def _view(
    id_: str, book: Rulebook, known: store.PersonRow | None, methods: Mapping[str, Mapping[str, MethodState]]
) -> PersonView:
    one, row = book.people[id_], known or store.PersonRow(id_)
    return PersonView(
        id=id_,
        name=row.name or id_,
        manager=one.manager,
        teams=tuple(sorted(team.id for team in book.teams.values() if id_ in team.members)),
        leads=tuple(sorted(team.id for team in book.teams.values() if id_ == team.lead)),
        roles=tuple(sorted(role.id for role in book.roles.values() if f"person:{id_}" in map(str, role.holders))),
        skills=one.skills,
        methods=methods.get(id_, {}),
        language=row.language,
        zone=row.zone,
    )


def no_person(id_: str, known: Iterable[str] = ()) -> Problem:
    """404, with the id that was perhaps meant."""
    return Problem(404, "unknown", f"There is no person {id_[:80]}.", nearest(id_, known))
