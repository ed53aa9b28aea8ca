"""People: who there is, in what teams and roles, on call now, reachable or not, and whether they can sign in."""

import asyncio
from collections.abc import Mapping
from urllib.parse import urlencode

from litestar import Response, get
from litestar.params import FromPath, FromQuery
from msgspec import Struct
from sqlalchemy import Connection

from tocsin.access.permissions import ROLES, reach_of
from tocsin.core.ids import PersonId, ScheduleId
from tocsin.core.instant import Instant
from tocsin.core.oncall.override import MethodState
from tocsin.core.world import World
from tocsin.store import accounts
from tocsin.store.accounts import Account
from tocsin.web.here import Asked, Here, here
from tocsin.web.layout.directory import Directory
from tocsin.web.layout.render import trouble
from tocsin.web.pages.settings.places import Seat, seated
from tocsin.web.parts.covers import Covers
from tocsin.web.parts.naming import naming
from tocsin.web.parts.words import Names, name_of

__all__ = ["Held", "held", "one", "persons", "show"]

MOST = 300
"""People of one page."""


class Line(Struct, frozen=True):
    """Somebody. `ready`: `verified` (a way was proved), `declared`, `broken` (all failed for good), `none`."""

    id: str
    name: str
    teams: tuple[str, ...]
    leads: tuple[str, ...]
    roles: tuple[str, ...]
    on: tuple[str, ...]
    ways: Mapping[str, MethodState]
    ready: str
    away: bool
    accounts: tuple[Account, ...]


class Held(Struct, frozen=True):
    """A shift that somebody holds. `alone`: nobody else is on then."""

    schedule: str
    start: Instant
    end: Instant
    alone: bool


class Wanted(Struct, frozen=True):
    """What the address asks for; '' is any."""

    text: str = ""
    team: str = ""
    unready: bool = False
    after: str = ""

    def but(self, **changes: object) -> str:
        """The address with something else."""
        given = {"q": self.text, "team": self.team, "unready": "1" if self.unready else "", "after": self.after}
        query = urlencode({name: value for name, value in (given | changes).items() if value})
        return f"/settings/people?{query}" if query else "/settings/people"


@get("/settings/people")
async def show(
    request: Asked,
    q: FromQuery[str] = "",
    team: FromQuery[str] = "",
    unready: FromQuery[str] = "",
    after: FromQuery[str] = "",
) -> Response[str]:
    """Everybody, by name."""
    at, seat = here(request), await seated(request, "people")
    return await listing(at, seat, Wanted(q[:200], team[:200], bool(unready), after[:200]))


async def listing(at: Here, seat: Seat, wanted: Wanted, status: int = 200, wrong: str = "") -> Response[str]:
    """The list, and the form by which somebody is invited."""
    lines, others = await asyncio.to_thread(persons, at, seat)
    found = [one for one in lines if _asked(one, wanted)]
    shown = [one for one in found if (one.name, one.id) > tuple(wanted.after.split("|", 1))][:MOST]
    more = wanted.but(after=f"{shown[-1].name}|{shown[-1].id}") if shown and found[-1] is not shown[-1] else ""
    return seat.shown(
        "people", status, lines=shown, all=lines, others=others, wanted=wanted, more=more, wrong=wrong, roles=ROLES,
        teams=sorted(at.site.worlds.world().rulebook.teams), sees_accounts=sees_accounts(seat),
    )  # fmt: skip


def _asked(one: Line, wanted: Wanted) -> bool:
    said = " ".join((one.id, one.name, *one.roles, *one.teams)).lower()
    in_team = wanted.team in ("", *one.teams, *one.leads)
    return in_team and wanted.text.strip().lower() in said and (not wanted.unready or one.ready in ("none", "broken"))


def sees_accounts(seat: Seat) -> bool:
    """Whether accounts of others are for the viewer."""
    return reach_of(seat.frame.viewer, "account.read") == "all"


@get("/settings/people/{person:str}")
async def one(request: Asked, person: FromPath[str]) -> Response[str]:
    """One of them."""
    at, seat = here(request), await seated(request, "people")
    lines, _ = await asyncio.to_thread(persons, at, seat, person)
    if not lines:
        return trouble(seat.frame.now, seat.frame.reader, 404, "unknown")
    shifts = await asyncio.to_thread(held, at, person, seat.frame.now)
    manager = at.site.worlds.world().rulebook.people[person].manager or ""
    return seat.shown(
        "person", it=lines[0], shifts=shifts, manager=manager, roles=ROLES, sees_accounts=sees_accounts(seat),
        names=at.kept(Directory).latest,
    )  # fmt: skip


def held(at: Here, person: str, now: Instant) -> tuple[Held, ...]:
    """The shifts of somebody in the days to come."""
    mine = at.kept(Covers).held_by(PersonId(person), at.site.worlds.world(), now)
    return tuple(Held(schedule, shift.start, shift.end, len(shift.people) == 1) for schedule, shift in mine)


def persons(at: Here, seat: Seat, only: str = "") -> tuple[list[Line], list[Account]]:
    """Everybody by name, or `only` one of them; and the accounts that are nobody's of the rulebook."""
    world, now = at.site.worlds.world(), seat.frame.now

    def query(connection: Connection) -> tuple[Names, list[Account]]:
        names = naming(connection, at, seat.frame)
        return names, accounts.everything(connection) if sees_accounts(seat) else []

    names, known = at.read(query)
    on = {id_: world.roster(ScheduleId(id_), now).people for id_ in sorted(world.rulebook.schedules)}
    theirs: dict[str, list[Account]] = {}
    for account in known:
        theirs.setdefault(account.person, []).append(account)
    wanted = (id_ for id_ in world.rulebook.people if only in ("", id_))
    lines = [_line(id_, world, now, names, on, theirs.get(id_, [])) for id_ in wanted]
    others = [account for account in known if account.person not in world.rulebook.people]
    return sorted(lines, key=lambda line: (line.name, line.id)), others


def _line(
    id_: str, world: World, now: Instant, names: Names, on: Mapping[str, tuple[PersonId, ...]], theirs: list[Account]
) -> Line:
    book, person = world.rulebook, PersonId(id_)
    ways = world.facts.methods.get(id_, {})
    return Line(
        id=id_,
        name=name_of(id_, names),
        teams=tuple(sorted(team.id for team in book.teams.values() if person in team.members)),
        leads=tuple(sorted(team.id for team in book.teams.values() if person == team.lead)),
        roles=tuple(sorted(role.id for role in book.roles.values() if f"person:{id_}" in map(str, role.holders))),
        on=tuple(schedule for schedule, people in on.items() if person in people),
        ways=ways,
        ready=_ready(ways),
        away=world.absent(person, now),
        accounts=tuple(theirs),
    )


def _ready(ways: Mapping[str, MethodState]) -> str:
    states = set(ways.values())
    return next((state for state in ("verified", "declared", "broken") if state in states), "none")
