"""The values of the board: its rows in order, how many wait, what ended lately, and whether anything ever happened."""

from collections.abc import Iterable, Sequence

from msgspec import Struct
from msgspec.structs import replace
from sqlalchemy import Connection

from tocsin.access.permissions import Caller, allowed, may, privy
from tocsin.store.queries import board as store
from tocsin.store.queries.board import LIVE, Filter, Place
from tocsin.web.here import Here
from tocsin.web.layout.frame import Frame
from tocsin.web.pages.board.lists import SIZE, Ask, Listed, Lists
from tocsin.web.pages.board.wanted import STATUSES, Wanted
from tocsin.web.parts.rows import Row, Rows, Shaped
from tocsin.web.parts.shown_rows import shown_rows

FURTHER = 20
"""So many times more is read for one page where confidential incidents leave it short."""

MINE_AMONG = 500
"""Of the most urgent so many are looked through for those that concern somebody."""


class Seen(Struct, frozen=True):
    """`waiting` have nobody, `held` somebody. `end` is where the next page begins. `virgin`: nothing ever happened."""

    rows: tuple[Shaped, ...]
    ended: tuple[Shaped, ...]
    waiting: int
    held: int
    end: Place | None
    virgin: bool


class Looking(Struct, frozen=True):
    """Everything that looking takes: where, by whom and at what time. `version`: see `Lists`."""

    at: Here
    frame: Frame
    version: int | None

    @property
    def viewer(self) -> Caller:
        """Who looks."""
        return self.frame.viewer


def seen(at: Here, frame: Frame, wanted: Wanted, *, followed: bool = False) -> Seen:
    """What that viewer sees of the board. `followed`: they are told when it changes, so that it may be a moment old."""
    changes = at.site.changes
    look = Looking(at, frame, changes.version if followed and changes.watched else None)
    return at.read(lambda connection: _seen(connection, look, wanted))


def _seen(connection: Connection, look: Looking, wanted: Wanted) -> Seen:
    ask = Ask(_filter(connection, look, wanted), wanted.after, wanted.plain)
    found = _listed(connection, look, ask)
    rows, end = _page(connection, look, ask, found)
    ended, secrets = (_visible(connection, look, some) for some in (found.ended, found.secrets))
    hidden = [sum(one.status == status for one in secrets) for status in LIVE]
    return Seen(
        rows=tuple(_shaped(look, rows)),
        ended=tuple(_shaped(look, ended)),
        waiting=found.waiting + hidden[0],
        held=found.held + hidden[1],
        end=end,
        virgin=wanted.plain and not rows and not ended,
    )


def _page(connection: Connection, look: Looking, ask: Ask, listed: Listed) -> tuple[list[Row], Place | None]:
    """A full page of what exists for the viewer and the place of its last row: neither says that one was left out."""
    shown, stored = _visible(connection, look, listed.rows), list(listed.rows)
    for _ in range(FURTHER):
        if listed.end is None or len(shown) > SIZE:
            break
        listed = _listed(connection, look, replace(ask, after=listed.end, ended=False))
        shown += _visible(connection, look, listed.rows)
        stored += listed.rows
    if len(shown) <= SIZE:
        return shown, listed.end
    last = next(row for row in stored if row.id == shown[SIZE - 1].id)
    return shown[:SIZE], Place(int(last.status not in LIVE), last.rank, last.opened_at, last.id)


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


def _listed(connection: Connection, look: Looking, ask: Ask) -> Listed:
    return look.at.kept(Lists).listed(connection, ask, look.version)


def _visible(connection: Connection, look: Looking, found: Sequence[store.Row]) -> list[Row]:
    return shown_rows(connection, look.at, look.frame, found)


def _shaped(look: Looking, rows: Iterable[Row]) -> Iterable[Shaped]:
    many = may(look.viewer, "incident.bulk")
    for row in rows:
        selectable = many and row.live and allowed(look.viewer, "incident.acknowledge", row.about) == "yes"
        yield look.at.kept(Rows).shaped(row, look.frame.reader, look.frame.now, selectable=selectable)
