"""What a rulebook makes worse than the one in force: both are proved, which is shown and has an end."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from msgspec import Struct

from tocsin.cli.output import note
from tocsin.cli.reading import exists, methods, reading
from tocsin.config import Loaded, loads
from tocsin.core.instant import SECOND, Duration, Instant
from tocsin.core.oncall.override import Facts
from tocsin.engine.verifying import Verdicts
from tocsin.engine.weighing import Weighed, compare, sides
from tocsin.engine.worlds import reachable
from tocsin.store import facts, people, rulebooks

PATIENCE: Duration = 120 * SECOND
"""How long both proofs are waited for."""

HURRY: Duration = 10 * SECOND
"""The same where the change is forced, which may be an emergency."""


class InForce(Struct, frozen=True):
    """The version in force, what it says, and the roster that goes with it."""

    version: int
    loaded: Loaded
    roster: Facts


def in_force(database: str) -> InForce | None:
    """None where there is no version, or none that can be read."""
    if not exists(database):
        return None
    with reading(database) as connection:
        version = rulebooks.latest(connection)
        roster = facts.gathered(connection, reachable(people.methods(connection), methods()))
    loaded = loads(version.texts) if version is not None else None
    return InForce(version.version, loaded, roster) if version is not None and loaded and loaded.rulebook else None


def weighed(before: InForce | None, loaded: Loaded, now: Instant, patience: Duration) -> Weighed:
    """What it makes worse, as far as that can be known in that time; nothing where it says the same or is the first."""
    found = None if before is None else sides(before.roster, before.loaded, loaded, methods())
    if found is None:
        return Weighed()
    verdicts, result = Verdicts(), Weighed()
    with _progress() as told:
        for second in range(max(patience // SECOND, 1)):
            result = compare(verdicts, *found, now, 1.0 if patience else 0.0)[2]
            if result.unproved != "late" or not patience:
                break
            told(second + 1)
    return result


@contextmanager
def _progress() -> Iterator["_Told"]:
    """On a terminal a line that counts; elsewhere one line, where it takes longer than a moment."""
    told = _Told(shown=sys.stderr.isatty())
    try:
        yield told
    finally:
        told.end()


class _Told:
    def __init__(self, *, shown: bool) -> None:
        self._shown = shown
        self._begun = False

    def __call__(self, seconds: int) -> None:
        line = "proving what is in force and what is to be: does anybody wait longer?"
        if self._shown:
            print(f"\r{line} {seconds} s", end="", file=sys.stderr, flush=True)
        elif not self._begun:
            note(line)
        self._begun = True

    def end(self) -> None:
        """Nothing stays of the line that counts."""
        if self._shown and self._begun:
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)
