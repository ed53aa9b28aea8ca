"""How an installation is, as far as that can be seen at once: loops, queues, timers, disk, roots, and what is wrong."""

from collections.abc import Mapping

from msgspec import Struct

from tocsin.core.instant import MINUTE, Duration, Instant
from tocsin.engine.reserve import Level, judged
from tocsin.engine.site import Site
from tocsin.store import ballast
from tocsin.store.ballast import Space
from tocsin.store.queries.board import live_counts
from tocsin.store.queries.counts import Counts, counts
from tocsin.store.queries.due import next_due
from tocsin.store.queries.silent import silent
from tocsin.store.roots import Root, latest
from tocsin.store.url import parse

GRACE: Duration = MINUTE
"""What is this late is not being served."""


class Wellbeing(Struct, frozen=True):
    """One look. `silent` and `overdue` are ids, and should be empty; `loops` tells how long ago each came round.

    `disk` is None for a database that lies elsewhere; `store` is its address without any password. `root` is the
    latest that was signed, `roots_place` the file outside that hears of them, '' for none.
    """

    faults: tuple[str, ...]
    loops: Mapping[str, Duration]
    store: str
    counts: Counts
    waiting: int
    live: dict[str, int]
    next_due: Instant | None
    silent: tuple[str, ...]
    overdue: tuple[str, ...]
    disk: Space | None
    level: Level
    root: Root | None
    roots_place: str
    takes_signals: bool


def look(site: Site) -> Wellbeing:
    """Asks the store by index alone; it blocks for as long as that takes."""
    now, file = site.clock.now(), parse(site.ledger.url).file
    with site.ledger.read() as connection:
        mute, late = silent(connection, now, GRACE)
        known, live = counts(connection, now), live_counts(connection)
        due, last = next_due(connection), latest(connection)
    disk = ballast.space(file) if file is not None and file.exists() else None
    return Wellbeing(
        faults=tuple(site.ready.faults()),
        loops=site.ready.loops(),
        store=parse(site.ledger.url).shown,
        counts=known,
        waiting=site.door.depth,
        live=live,
        next_due=due,
        silent=tuple(mute),
        overdue=tuple(late),
        disk=disk,
        level=Level.AMPLE if disk is None else judged(disk.share, Level.AMPLE),
        root=last,
        roots_place=site.environment.get("TOCSIN_ROOTS", ""),
        takes_signals=site.door.takes_signals,
    )
