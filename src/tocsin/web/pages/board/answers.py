"""What an open board is told when it asks what is new, made once for all who would be told the same."""

from collections.abc import Callable

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from tocsin.access.permissions import Caller
from tocsin.access.together import Together
from tocsin.core.instant import SECOND, Duration, Instant
from tocsin.core.world import World
from tocsin.web.here import Here
from tocsin.web.layout.frame import Frame
from tocsin.web.layout.kept import Kept
from tocsin.web.layout.reader import Reader
from tocsin.web.pages.board.wanted import Wanted
from tocsin.web.parts.rows import Shaped

KEPT: Duration = SECOND
"""So long an answer is good where nothing changes: names, faults and what ended lately have no event of their own."""


class Told(Struct, frozen=True):
    """All of it, before anything is left out that a browser has already: rows and pieces (mark and HTML), each under
    what the browser calls it where it has it. `order` are the ids of all rows, as JSON.
    """

    waiting: int
    order: msgspec.Raw
    rows: tuple[tuple[str, Shaped], ...]
    pieces: tuple[tuple[str, str, tuple[str, str]], ...]

    def but(self, known: frozenset[str], now: Instant, language: str) -> bytes:
        """The answer for a browser that knows these already."""
        rows = {one.row.id: one.filled(now, language) for name, one in self.rows if name not in known}
        pieces = {name: piece for full, name, piece in self.pieces if full not in known}
        told = {"now": now, "waiting": self.waiting, "order": self.order, "pieces": pieces, "rows": rows}
        return msgspec.json.encode(told)


class For(Struct, frozen=True):
    """Who is told the same: as far as rights, language and zone go. `world` is the id of the rules in force."""

    viewer: Caller
    reader: Reader
    view: Wanted
    version: int
    world: int


class Answers:
    """Remembers them, each good for one version of all that is stored and for a second."""

    def __init__(self) -> None:
        self._kept: Kept[For, tuple[Instant, World, Told]] = Kept(256)
        self._made: Together[For, Told] = Together()

    async def told(self, at: Here, frame: Frame, view: Wanted, make: Callable[[], Told]) -> Told:
        """What `make` gives, or gave a moment ago for somebody with equal rights."""
        changes, world = at.site.changes, at.site.worlds.world()
        if not changes.watched:  # nobody would say that it is out of date
            return await self._made.alone(make)
        whose = For(rights(frame.viewer), frame.reader, view, changes.version, id(world))
        kept = self._kept.get(whose)
        if kept is not None and 0 <= frame.now - kept[0] < KEPT:
            return kept[2]
        made = await self._made.ask(whose, make)
        self._kept.put(whose, (frame.now, world, made))
        return made


def rights(viewer: Caller) -> Caller:
    """The viewer without what no incident is judged by: of somebody in person all but the person goes."""
    if viewer.person is None:
        return replace(viewer, session="", proved_at=0)
    return replace(viewer, name="", account="", session="", proved_at=0)
