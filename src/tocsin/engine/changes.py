"""What changed lately, told to everybody in this process who watches: one look at the store for all of them."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from msgspec import Struct
from sqlalchemy import Connection

from tocsin.access.about import About, about_incident
from tocsin.core.instant import SECOND, Duration, Instant
from tocsin.core.rulebook import Rulebook
from tocsin.core.world import World
from tocsin.engine.clock import Clock
from tocsin.engine.working import decode_state
from tocsin.engine.worlds import NoRulebookError
from tocsin.lib.logs import logger
from tocsin.store.contract import Ledger
from tocsin.store.errors import StoreError
from tocsin.store.queries.board import changed
from tocsin.store.queries.states import states_of

POLL = 0.3
"""Seconds between two looks, when no commit of this process says that there is something to see."""

TOGETHER = 0.05
"""Seconds that a commit is given company, so that a storm is told in lots."""

MOST = 1_000
"""Incidents of one look; where more have changed, everything has."""

OVERLAP: dict[bool, Duration] = {False: SECOND, True: 10 * SECOND}
"""How far back each look goes beyond the last one: commits are seen in another order than their times, and on
PostgreSQL (True) those times are of several machines, whose clocks may differ.
"""

log = logger("changes")


class Change(Struct, frozen=True):
    """An incident as it is after a change. `about` says who may know of it where it is confidential, else None."""

    id: str
    seq: int
    about: About | None = None


class News(Struct, frozen=True):
    """What one watcher is told: these incidents, or `all`: rules or people changed, or too much to tell."""

    changes: tuple[Change, ...] = ()
    all: bool = False


class Watch:
    """One who watches. What they have not fetched yet is kept as the latest of each incident, not as a queue."""

    def __init__(self) -> None:
        self._changes: dict[str, Change] = {}
        self._all = False
        self._bell = asyncio.Event()
        self.ended = False

    def tell(self, news: News) -> None:
        """Something changed."""
        self._all = self._all or news.all or len(self._changes) > MOST
        self._changes.update({one.id: one for one in news.changes})
        self._bell.set()

    def end(self) -> None:
        """There will be no more."""
        self.ended = True
        self._bell.set()

    async def next(self, patience: float) -> News | None:
        """What has changed since; None when nothing did for so many seconds, or no more will."""
        try:
            async with asyncio.timeout(patience):
                await self._bell.wait()
        except TimeoutError:
            return None
        if self.ended:
            return None
        news = News(() if self._all else tuple(self._changes.values()), self._all)
        self._changes, self._all = {}, False
        self._bell.clear()
        return news


class Changes:
    """Looks as long as anybody watches; everything in one event loop, but `wake`, which any thread may call."""

    def __init__(self, ledger: Ledger, world: Callable[[], World], clock: Clock) -> None:
        self._ledger = ledger
        self._asked_world = world
        self._clock = clock
        self._watches: set[Watch] = set()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._looking: asyncio.Task[None] | None = None
        self._bell = asyncio.Event()
        self._closed = False
        self._overlap = OVERLAP[ledger.url.startswith("postgres")]
        self._since: Instant = 0
        self._told: dict[str, int] = {}
        self._world: World | None = None
        self.version = 0
        """Moves with whatever may have changed; what was read at one version is good for that version."""

    @property
    def watched(self) -> bool:
        """Whether changes are being looked for, so that `version` moves with them."""
        return bool(self._watches) and self._world is not None

    @property
    def looking(self) -> bool:
        """Whether the store is being looked at from time to time."""
        return self._looking is not None and not self._looking.done()

    @contextmanager
    def watch(self) -> Iterator[Watch]:
        """Be told, from now on."""
        mine = Watch()
        if self._closed:
            mine.end()
        self._watches.add(mine)
        if not self._closed and not self.looking:
            self._loop = asyncio.get_running_loop()
            self._looking = self._loop.create_task(self._look_on())
        try:
            yield mine
        finally:
            self._watches.discard(mine)

    def wake(self) -> None:
        """Something was committed."""
        loop = self._loop
        if loop is not None and self._watches and not loop.is_closed():
            loop.call_soon_threadsafe(self._bell.set)

    def close(self) -> None:
        """Nobody is told any more; who watches is let go."""
        self._closed = True
        self._bell.set()
        for one in self._watches:
            one.end()

    async def _look_on(self) -> None:
        """Until nobody watches; a failing store is asked again."""
        self._since, self._told, self._world, self._bell = self._clock.now(), {}, None, asyncio.Event()
        self.version += 1  # what happened while nobody looked is told to nobody
        while self._watches and not self._closed:
            try:
                news = await asyncio.to_thread(self._look)
            except NoRulebookError:
                news = None
            except StoreError as problem:
                log.warning("changes_not_seen", error=str(problem))
                news = None
            if news is not None:
                self.version += 1
                for one in self._watches:
                    one.tell(news)
            await self._rest()
        self._world = None

    async def _rest(self) -> None:
        self._bell.clear()
        try:
            async with asyncio.timeout(POLL):
                await self._bell.wait()
        except TimeoutError:
            return
        await asyncio.sleep(TOGETHER)

    def _look(self) -> News | None:
        """Whatever was not told yet; None when that is nothing."""
        world = self._asked_world()
        if world is not self._world:
            fresh, self._world = self._world is None, world
            if not fresh:
                return News(all=True)
        with self._ledger.read() as connection:
            return self._found(connection, world.rulebook)

    def _found(self, connection: Connection, book: Rulebook) -> News | None:
        """Those with a seq that was not told; what lies within the overlap is remembered for the next look."""
        rows = changed(connection, self._since - self._overlap, MOST)
        fresh = [row for row in rows if self._told.get(row.id, 0) < row.seq]
        self._since = max((row.updated_at for row in rows), default=self._since)
        self._told = {row.id: row.seq for row in rows if row.updated_at > self._since - self._overlap}
        if len(rows) == MOST:
            return News(all=True) if fresh else None
        hidden = states_of(connection, [row.id for row in fresh if row.confidential])
        known = {id_: about_incident(decode_state(body), book) for id_, body in hidden.items()}
        return News(tuple(Change(row.id, row.seq, known.get(row.id)) for row in fresh)) if fresh else None
