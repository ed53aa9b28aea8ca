"""The catalogue as rows: each service with who is called for it now, how much is live, and whether it is covered."""

from collections import Counter
from collections.abc import Iterable, Mapping
from urllib.parse import urlencode

from msgspec import Struct
from sqlalchemy import Connection

from tocsin.core.catalogue.service import Service
from tocsin.core.ids import ServiceId
from tocsin.core.incident.rehearsal import rehearse
from tocsin.core.instant import Instant
from tocsin.core.world import World
from tocsin.store.queries.services import live_by_service
from tocsin.web.here import Here
from tocsin.web.layout.frame import Frame
from tocsin.web.layout.kept import Kept
from tocsin.web.pages.catalogue.cover import schedules_of
from tocsin.web.parts.covers import Covers
from tocsin.web.parts.glance import secrets
from tocsin.web.parts.naming import naming
from tocsin.web.parts.words import Names, called_now, names_of

FRESH = 1
"""Minutes for which it is remembered who is called."""


class Wanted(Struct, frozen=True):
    """What the address asks for."""

    text: str
    team: str
    uncovered: bool

    def but(self, **changes: object) -> str:
        """The address with something else."""
        given = {"q": self.text, "team": self.team, "uncovered": "1" if self.uncovered else ""} | changes
        query = urlencode({name: value for name, value in given.items() if value})
        return f"/services?{query}" if query else "/services"


class Line(Struct, frozen=True):
    """One service. `gaps`: in the days to come; `who` is called at once for the worst priority."""

    id: str
    policy: str
    sla: str
    live: int
    who: tuple[str, ...]
    gaps: int
    needs: int
    needed: int


class Group(Struct, frozen=True):
    """A team and what it looks after."""

    team: str
    lines: tuple[Line, ...]


class Listing(Struct, frozen=True):
    """All groups, and the teams that there are to choose from."""

    groups: tuple[Group, ...]
    teams: tuple[str, ...]
    shown: int
    all: int


class Firsts:
    """Who is called first for each service, for a minute."""

    def __init__(self) -> None:
        self._known: Kept[tuple[str, Instant], tuple[World, tuple[str, ...]]] = Kept(2_000)

    def of(self, service: Service, world: World, now: Instant) -> tuple[str, ...]:
        """Their ids."""
        key = (service.id, now // (FRESH * 60_000_000))
        known = self._known.get(key)
        if known is None or known[0] is not world:
            state = rehearse(service.id, "P1", world, now).state
            known = self._known.put(key, (world, called_now(state)))
        return known[1]


def listing(at: Here, frame: Frame, wanted: Wanted) -> Listing:
    """What the viewer asked for."""
    world = at.site.worlds.world()
    book = world.rulebook

    def query(connection: Connection) -> tuple[Names, Counter[str]]:
        names = naming(connection, at, frame)
        known = Counter(live_by_service(connection))
        known.update(state.service or "" for state in secrets(connection, frame.viewer, book))
        return names, known

    names, live = at.read(query)
    found = [one for one in book.services.values() if _asked(one, wanted)]
    needed = Counter(id_ for one in book.services.values() for id_ in set(one.depends_on))
    lines = {one.id: _line(at, one, world, frame.now, names, live, needed[one.id]) for one in found}
    shown = [one for one in found if not wanted.uncovered or lines[one.id].gaps]
    return Listing(
        tuple(_group(team, shown, lines) for team in sorted({one.team for one in shown})),
        tuple(sorted({one.team for one in book.services.values()})),
        len(shown),
        len(book.services),
    )


def _asked(one: Service, wanted: Wanted) -> bool:
    said = f"{one.id} {one.team} {one.policy}".lower()
    return wanted.team in ("", one.team) and wanted.text.strip().lower() in said


def _group(team: str, services: Iterable[Service], lines: Mapping[ServiceId, Line]) -> Group:
    mine = [lines[one.id] for one in services if one.team == team]
    return Group(team, tuple(sorted(mine, key=lambda line: (-line.live, line.id))))


def _line(at: Here, one: Service, world: World, now: Instant, names: Names, live: Counter[str], needed: int) -> Line:
    covers = at.kept(Covers)
    laid = [shift for name in schedules_of(one, world.rulebook) for shift in covers.of(name, world, now)]
    return Line(
        one.id,
        one.policy,
        one.sla or "",
        live[one.id],
        names_of(at.kept(Firsts).of(one, world, now), names),
        sum(shift.gap and shift.end > now for shift in laid),
        len(one.depends_on),
        needed,
    )
