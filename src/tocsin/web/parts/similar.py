"""The same before: earlier incidents with this service and title, how long they took and how they ended."""

from collections.abc import Iterable

from msgspec import Struct
from sqlalchemy import Connection

from tocsin.core.incident import events as ev
from tocsin.core.incident.state import Incident
from tocsin.core.instant import MINUTE, Duration, Instant
from tocsin.engine.working import decode_event
from tocsin.store.queries.similar import earlier
from tocsin.store.queries.states import events_of
from tocsin.web.layout.kept import Kept
from tocsin.web.parts.words import Names, spoken

SHOWN = 5
GOOD_FOR: Duration = MINUTE
"""How long what was found is good."""


class Before(Struct, frozen=True):
    """An earlier one: when, how long it took, and how it ended, in the words that were said."""

    id: str
    at: Instant
    took: Duration
    how: str


class Similar:
    """Looks, and remembers for a minute what was found."""

    def __init__(self) -> None:
        self._known: Kept[tuple[str, str], tuple[Instant, tuple[Before, ...]]] = Kept(256)

    def of(self, connection: Connection, state: Incident, names: Names, steady: Instant) -> tuple[Before, ...]:
        """Those before this one."""
        key = (state.id, names.language)
        known = self._known.get(key)
        if known is None or steady - known[0] >= GOOD_FOR:
            rows = earlier(connection, state.service or "", state.title, state.id, SHOWN)
            told = ((row, list(events_of(connection, row.id))) for row in rows)
            made = tuple(
                _before(row.id, row.opened_at, (decode_event(one.body) for one in kept), names) for row, kept in told
            )
            known = self._known.put(key, (steady, made))
        return known[1]


def _before(incident: str, opened_at: Instant, past: Iterable[ev.Event], names: Names) -> Before:
    ends = [event for event in past if isinstance(event, ev.Resolved)]
    if not ends:
        return Before(incident, opened_at, 0, "")
    return Before(incident, opened_at, ends[-1].at - opened_at, spoken(ends[-1].why, names))
