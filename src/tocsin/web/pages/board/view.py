"""The values of the board: its rows in order, how many wait, what ended lately, and whether anything ever happened."""

from collections.abc import Iterable

from msgspec import Struct
from sqlalchemy import Connection

from tocsin.access.permissions import Caller, allowed, may, privy
from tocsin.core.instant import Instant
from tocsin.core.world import World
from tocsin.engine.working import decode_state
from tocsin.store.contract import ENDED
from tocsin.store.queries import board as store
from tocsin.store.queries.board import LIVE, Filter, Place
from tocsin.store.queries.states import states_of
from tocsin.web.here import Here
from tocsin.web.layout.directory import Directory
from tocsin.web.layout.frame import Frame
from tocsin.web.pages.board.wanted import STATUSES, Wanted
from tocsin.web.parts.rows import Row, Rows, Shaped
from tocsin.web.parts.words import Names

SIZE = 100
"""Rows of one page."""

ENDED_SHOWN = 5
COUNTED = 1_000
"""What is more than this is counted as this."""

MINE_AMONG = 500
"""Of the most urgent so many are looked through for those that concern somebody."""

SECRETS = 200
"""Of the confidential ones so many are counted for those who may know of them."""


class Seen(Struct, frozen=True):
    """`waiting` have nobody, `held` somebody. `end` is where the next page begins. `virgin`: nothing ever happened."""

    rows: tuple[Shaped, ...]
    ended: tuple[Shaped, ...]
    waiting: int
    held: int
    end: Place | None
    virgin: bool


class Looking(Struct, frozen=True):
    """Everything that looking takes: by whom, under which rules, at what time."""

    rows: Rows
    viewer: Caller
    world: World
    names: Names
    now: Instant
    frame: Frame


def seen(at: Here, frame: Frame, wanted: Wanted) -> Seen:
    """What that viewer sees of the board."""
    world = at.site.worlds.world()

    def query(connection: Connection) -> Seen:
        people = at.kept(Directory).names(connection, at.site.clock.steady())
        names = Names(people, frame.reader.language)
        return _seen(connection, Looking(at.kept(Rows), frame.viewer, world, names, frame.now, frame), wanted)

    return at.read(query)


def _seen(connection: Connection, look: Looking, wanted: Wanted) -> Seen:
    found, end = store.board(connection, _filter(connection, look, wanted), SIZE, wanted.after, states=False)
    rows = _visible(connection, look, found)
    ended: list[Row] = []
    if wanted.plain:
        latest, _ = store.board(connection, Filter(ENDED, confidential=privy(look.viewer)), ENDED_SHOWN, states=False)
        ended = _visible(connection, look, latest)
    secrets = _secrets(connection, look)
    waiting, held = (
        store.live_count(connection, status, COUNTED) + sum(one.status == status for one in secrets) for status in LIVE
    )
    virgin = wanted.plain and not rows and not ended
    return Seen(tuple(_shaped(look, rows)), tuple(_shaped(look, ended)), waiting, held, end, virgin)


def _filter(connection: Connection, look: Looking, wanted: Wanted) -> Filter:
    person = look.viewer.person if wanted.mine else None
    return Filter(
        STATUSES[wanted.status],
        wanted.team,
        wanted.priority,
        confidential=privy(look.viewer),
        service=wanted.service,
        text=wanted.text,
        owner=person or ("-" if wanted.mine else ""),
        besides=_concerning(connection, look, person) if person is not None else (),
    )


def _concerning(connection: Connection, look: Looking, person: str) -> tuple[str, ...]:
    """The live incidents for which somebody is being called or asked now."""
    urgent, _ = store.board(connection, Filter(confidential=True), MINE_AMONG, states=False)
    return tuple(row.id for row in _visible(connection, look, urgent) if person in row.involved)


def _secrets(connection: Connection, look: Looking) -> list[Row]:
    """The live confidential ones that exist for the viewer."""
    if not privy(look.viewer):
        return []
    hidden = store.confidential(connection, LIVE, SECRETS)
    return _visible(connection, look, hidden)


def _visible(connection: Connection, look: Looking, found: list[store.Row]) -> list[Row]:
    """The rows of what exists for the viewer; only states that are not known yet are read."""
    known = {row.id: look.rows.known(row.id, row.seq, look.world, look.names) for row in found}
    unknown = [id_ for id_, row in known.items() if row is None]
    for id_, body in states_of(connection, unknown).items():
        known[id_] = look.rows.row(decode_state(body), look.world, look.names, look.now)
    rows = (known[row.id] for row in found)
    return [row for row in rows if row is not None and allowed(look.viewer, "incident.read", row.about) == "yes"]


def _shaped(look: Looking, rows: Iterable[Row]) -> Iterable[Shaped]:
    many = may(look.viewer, "incident.bulk")
    for row in rows:
        selectable = many and row.live and allowed(look.viewer, "incident.acknowledge", row.about) == "yes"
        yield look.rows.shaped(row, look.frame.reader, look.now, selectable=selectable)
