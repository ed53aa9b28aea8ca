"""What happens next and whom it reaches: the rules are asked once for each state, and their answer is kept."""

from itertools import islice

from msgspec import Struct

from tocsin.core.incident.preview import Next, foresee, preview
from tocsin.core.incident.state import Incident
from tocsin.core.instant import Instant
from tocsin.core.world import World
from tocsin.web.layout.kept import Kept
from tocsin.web.parts.words import Names, names_of, spoken

AHEAD = 24
"""How many of the things to come are looked at for the picture of the ladders."""

_MOST = 4_000


class Coming(Struct, frozen=True):
    """At `at` that happens, and reaches those."""

    at: Instant
    what: str
    who: tuple[str, ...]


def told(found: Next | None, names: Names) -> Coming | None:
    """In words and with names."""
    return None if found is None else Coming(found.at, spoken(found.what, names), names_of(found.who, names))


class Foresight:
    """Previews by incident and seq, each good for one world: another roster or rulebook foresees other things."""

    def __init__(self) -> None:
        self._known: Kept[tuple[str, int], tuple[World, Next | None]] = Kept(_MOST)

    def next_of(self, state: Incident, world: World, now: Instant) -> Next | None:
        """What happens next; None when nothing ever will."""
        key = (state.id, state.seq)
        known = self._known.get(key)
        if known is None or known[0] is not world:
            known = self._known.put(key, (world, preview(state, world, now)))
        return known[1]


def ahead(state: Incident, world: World, now: Instant) -> list[Next]:
    """A stretch of what is to come while nobody acts."""
    return list(islice(foresee(state, world, now), AHEAD)) if state.live else []
