"""A rulebook that somebody proposes: what is found in it, what it changes, and whom that leaves worse off"""

from collections.abc import Mapping

from msgspec import Struct

from tocsin.config import Change, Loaded, diff, loads
from tocsin.core.instant import Duration, Instant
from tocsin.core.oncall.override import Facts
from tocsin.core.routing.criteria import compile_all
from tocsin.core.rulebook import Rulebook
from tocsin.core.world import World
from tocsin.lab.verifier.case import HORIZON, Case


class Proposal(Struct, frozen=True):
    """Texts as they would be put in force over `before`; `changes` are the rules that would be others."""

    loaded: Loaded
    before: Loaded | None
    changes: tuple[Change, ...]

    @property
    def texts(self) -> Mapping[str, str]:
        """The files, by name."""
        return dict(self.loaded.texts)


def propose(texts: Mapping[str, str], before: Mapping[str, str] | None) -> Proposal:
    """Look at texts: nothing is changed by it. `before` are those in force, None before the first."""
    loaded, known = loads(texts), None if before is None else loads(before)
    old = None if known is None else known.rulebook
    changes = diff(old, loaded.rulebook) if old is not None and loaded.rulebook is not None else ()
    return Proposal(loaded, known, changes)


def world_of(book: Rulebook, today: World | None) -> World:
    """The world in which that rulebook is in force, with today's roster."""
    facts = Facts() if today is None else today.facts
    return World(book, compile_all(book.conditions), facts)


def case_of(book: Rulebook, facts: Facts, now: Instant, horizon: Duration = HORIZON) -> Case:
    """What is to be proved of a rulebook from now on."""
    return Case(book, compile_all(book.conditions), now, facts, horizon=horizon)
