"""The desks of a batch: what other work a choice needs to know, and what this batch's facts tell them."""

from collections.abc import Iterable, Sequence

from tocsin.core.world import World
from tocsin.core.instant import Instant
from tocsin.engine.submission import Submission
from tocsin.engine.working import Working
from tocsin.store.contract import Tx, Versions


class Desks:
    """Loads the desks of teams that take turns or share by load, in the same transaction, after the incidents."""

    def __init__(self, tx: Tx, world: World, now: Instant) -> None:
        self._tx = tx
        self._world = world
        self._now = now

    def surround(self, world: World, submissions: Sequence[Submission], work: dict[str, Working]) -> World:
        """The world with its surroundings, as far as these submissions need them."""
        return world

    def react(self, work: Iterable[Working]) -> None:
        """Tell the desks what happened."""

    def versions(self, world: World) -> Versions:
        """What this batch is decided under."""
        return Versions(world.rulebook.digest, world.facts.version)
