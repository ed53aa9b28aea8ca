"""Worlds of the past, for questions about an incident's whole life: each is read once, however often it is asked."""

from bisect import bisect_right
from collections.abc import Sequence
from typing import Protocol

from sqlalchemy import Connection

from tocsin.core.instant import Instant
from tocsin.core.world import World
from tocsin.store import facts, rulebooks

VERSIONS = 10_000
"""So many versions of the rulebook are told apart; before the oldest of them its world stands."""


class _Worlds(Protocol):
    def world(self) -> World:
        """The world as it is now."""

    def at(self, instant: Instant) -> World:
        """The world as it was known then."""


def changes(connection: Connection) -> list[Instant]:
    """When the rulebook or the roster facts changed, in order."""
    applied = (one.applied_at for one in rulebooks.headings(connection, VERSIONS))
    return sorted({*applied, *facts.instants(connection)})


class Pasts:
    """The worlds of an installation by instant. Ask outside of an open transaction: each may look at the store."""

    def __init__(self, worlds: _Worlds, changed: Sequence[Instant]) -> None:
        self._worlds = worlds
        self._changed = changed
        self._known: dict[int, World] = {}

    def __call__(self, at: Instant) -> World:
        """The world as it was known at that instant."""
        place = bisect_right(self._changed, at)
        if place not in self._known:
            latest = place == len(self._changed)
            self._known[place] = self._worlds.world() if latest else self._worlds.at(at)
        return self._known[place]

    def between(self, start: Instant, end: Instant) -> list[tuple[Instant, World]]:
        """Each world that came to be known after `start` and up to `end`, with that instant."""
        return [(at, self(at)) for at in dict.fromkeys(self._changed) if start < at <= end]
