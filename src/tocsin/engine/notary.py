"""The notary: every five minutes a signed root over all chains that moved, logged, and told to a file outside."""

import asyncio
from collections.abc import Callable
from pathlib import Path

from msgspec.structs import replace

from tocsin.core.instant import MINUTE, Duration
from tocsin.engine.clock import Clock
from tocsin.engine.pause import pause
from tocsin.lib.logs import logger
from tocsin.store import roots, sink
from tocsin.store.contract import Ledger
from tocsin.store.errors import Conflict, StoreError
from tocsin.store.roots import LAG, Root

EVERY: Duration = 5 * MINUTE
"""Between two roots, however many processes there are."""

LOOK = 30.0
"""Seconds between two looks whether it is time."""

Sign = Callable[[bytes], bytes]
"""From a digest to a signature over it."""

log = logger("notary")


class Notary:
    """Signs what has happened, so that nobody can take it back unseen. `outside` is the file that keeps the roots."""

    def __init__(self, ledger: Ledger, clock: Clock, sign: Sign, outside: Path | None = None) -> None:
        self._ledger = ledger
        self._clock = clock
        self._sign = sign
        self._outside = outside
        self._cut_off = False

    def step(self) -> Root | None:
        """Sign and keep the next root if it is time; the file outside hears of all that it has not heard of yet."""
        root = self._following()
        if root is not None:
            root = self._kept(replace(root, signature=self._sign(root.digest)))
        if self._outside is not None:
            self._tell(self._outside)
        return root

    def _following(self) -> Root | None:
        now = self._clock.now()
        with self._ledger.read(long=True) as connection:
            last = roots.latest(connection)
            if last is not None and now - LAG - last.until < EVERY:
                return None
            return roots.following(connection, now)

    def _kept(self, root: Root) -> Root | None:
        """Committed and logged; None when another process was first."""
        try:
            self._ledger.transact(lambda tx: roots.keep(tx.connection, root))
        except Conflict:
            return None
        told = sink.told(root)
        log.info("root", n=told.root, streams=told.streams, until=told.until, digest=told.digest, by=told.signature)
        return root

    def _tell(self, outside: Path) -> None:
        """An outside that cannot be reached is said once, and tried again at every look."""
        try:
            with self._ledger.read(long=True) as connection:
                sink.catch_up(outside, connection)
        except OSError as problem:
            self._hears(outside, str(problem))
        else:
            self._hears(outside)

    def _hears(self, outside: Path, problem: str = "") -> None:
        if problem and not self._cut_off:
            log.error("root_not_told", file=str(outside), error=problem)
        elif self._cut_off and not problem:
            log.info("roots_told_again", file=str(outside))
        self._cut_off = bool(problem)

    async def run(self, stop: asyncio.Event) -> None:
        """Until told to stop."""
        while not stop.is_set():
            try:
                await asyncio.to_thread(self.step)
            except StoreError as problem:
                log.warning("no_root", error=str(problem))
            except Exception:
                log.exception("no_root")
            await pause(stop, LOOK)
