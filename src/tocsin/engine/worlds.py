"""Where the world of a decision comes from: the rulebook in force, earlier policies, and today's roster facts."""

import asyncio
from collections.abc import Container, Iterable, Mapping
from contextlib import suppress
from threading import Lock

from tocsin.config.load import loads
from tocsin.core.instant import SECOND, Duration, Instant
from tocsin.core.oncall.override import MethodState
from tocsin.core.policy.policy import Policy
from tocsin.core.routing.criteria import Conditions, compile_all
from tocsin.core.rulebook import Rulebook
from tocsin.core.world import World
from tocsin.engine.clock import Clock
from tocsin.engine.pause import pause
from tocsin.lib.logs import logger
from tocsin.store import facts, people, rulebooks
from tocsin.store.contract import Ledger
from tocsin.store.errors import StoreError

EVERY: Duration = SECOND
"""How old the world may be before the store is asked whether another process changed it."""

log = logger("worlds")


class NoRulebookError(Exception):
    """No rulebook has been applied yet: give one with `--rulebook PATH` or `tocsin apply PATH`."""


class StoredWorlds:
    """The world out of the store, made once for each version; asking costs nothing while nothing changes.

    While `run` runs, it is made anew in a thread of its own, and asking never waits for the store.
    `methods` are the ways that a channel exists for: a contact without one leads nowhere. `known` are versions that
    were read already; each other one is read once.
    """

    def __init__(
        self,
        ledger: Ledger,
        clock: Clock,
        methods: frozenset[str],
        known: Mapping[int, Rulebook | None] | None = None,
    ) -> None:
        self._ledger = ledger
        self._clock = clock
        self._methods = methods
        self._lock = Lock()
        self._mark: tuple[object, ...] = ()
        self._looked: Instant = 0
        self._world: World | None = None
        self._pinned: dict[str, Policy] = {}
        self._read: dict[int, Rulebook | None] = dict(known or {})
        self._rulebook: tuple[int, Rulebook, Conditions] | None = None
        self._runs = False

    @property
    def ruled(self) -> bool:
        """Whether a rulebook has been in force since this process began."""
        return self._world is not None

    def world(self) -> World:
        """The world as it is now. Raises NoRulebookError before the first rulebook."""
        if self._world is None or (not self._runs and self._clock.steady() - self._looked >= EVERY):
            return self.refresh()
        return self._world

    async def run(self, stop: asyncio.Event) -> None:
        """Until told to stop. What is not heard of while the store does not answer is heard of when it does again."""
        self._runs = True
        while not stop.is_set():
            try:
                with suppress(NoRulebookError):  # which whoever started it was told
                    await asyncio.to_thread(self.refresh)
            except StoreError as problem:
                log.warning("not_refreshed", error=str(problem))
            await pause(stop, EVERY / SECOND)
        self._runs = False

    def refresh(self) -> World:
        """Look at the store, and make the world anew where something changed."""
        with self._lock:
            self._looked = self._clock.steady()
            with self._ledger.read() as connection:
                number = rulebooks.number(connection)
                mark = (number, facts.version(connection), people.latest_change(connection))
                if mark == self._mark and self._world is not None:
                    return self._world
                if self._rulebook is None or self._rulebook[0] != number:
                    self._rulebook = (number, *self._all(rulebooks.earlier(connection)))
                ways = reachable(people.methods(connection), self._methods)
                today = facts.gathered(connection, ways)
            self._world = World(self._rulebook[1], self._rulebook[2], today, pinned=dict(self._pinned))
            self._mark = mark
            return self._world

    def at(self, instant: Instant) -> World:
        """For questions about the past: the rulebook that was in force then, and what had been entered by then."""
        today = self.world()
        with self._lock, self._ledger.read() as connection:
            version = rulebooks.at(connection, instant)
            entered = facts.gathered(connection, today.facts.methods, instant)
            rulebook = None if version is None else self._one(version)
        return World(rulebook or today.rulebook, today.conditions, entered, pinned=today.pinned)

    def _all(self, versions: Iterable[rulebooks.Version]) -> tuple[Rulebook, Conditions]:
        """The latest rulebook that loads; every policy of every version is kept for incidents pinned to it."""
        latest: Rulebook | None = None
        sources: list[str] = []
        for version in versions:
            rulebook = self._one(version)
            if rulebook is None:
                continue
            latest = rulebook
            sources += rulebook.conditions
            self._pinned |= {policy.digest: policy for policy in rulebook.policies.values()}
        if latest is None:
            raise NoRulebookError("no rulebook is in force: start with --rulebook PATH, or run tocsin apply PATH")
        return latest, compile_all(dict.fromkeys(sources))

    def _one(self, version: rulebooks.Version) -> Rulebook | None:
        if version.version not in self._read:
            self._read[version.version] = loads(version.texts).rulebook
            if self._read[version.version] is None:
                log.error("rulebook_unreadable", version=version.version)
        return self._read[version.version]


def reachable(
    known: Mapping[str, Mapping[str, MethodState]], channels: Container[str]
) -> dict[str, dict[str, MethodState]]:
    """The ways that lead to people, given the channels there are."""
    return {person: {m: state for m, state in mine.items() if m in channels} for person, mine in known.items()}
