"""GET /api/v1/incidents/ID/similar: the same before, how long it took, and how it ended"""

from litestar import get
from litestar.params import FromPath, FromQuery
from msgspec import Struct
from sqlalchemy import Connection

from tocsin.api.here import Asked, here
from tocsin.api.v1.incidents import visible
from tocsin.api.v1.plain import when
from tocsin.core.incident import events as ev
from tocsin.core.instant import format_duration
from tocsin.engine.working import decode_event
from tocsin.lib.translate import say
from tocsin.store.queries.similar import Earlier, earlier
from tocsin.store.queries.states import events_of

MOST = 20


class Before(Struct, frozen=True):
    """An earlier one of this service and title: when it began, how long it took, what was said of its end."""

    id: str
    opened_at: str | None
    took: str | None
    how: str


class Similar(Struct, frozen=True):
    """The latest first."""

    incidents: tuple[Before, ...]


@get("/incidents/{incident:str}/similar", opt={"verb": "incident.read"}, sync_to_thread=True)
def similar(request: Asked, incident: FromPath[str], limit: FromQuery[int] = 5) -> Similar:
    """Incidents like it that ended; confidential ones are not among them."""
    at, most = here(request), max(1, min(limit, MOST))

    def query(connection: Connection) -> tuple[Before, ...]:
        state = visible(at, connection, request, incident)
        rows = earlier(connection, state.service or "", state.title, state.id, most)
        return tuple(_before(connection, row) for row in rows)

    return Similar(at.read(query))


def _before(connection: Connection, row: Earlier) -> Before:
    past = (decode_event(one.body) for one in events_of(connection, row.id))
    ends = [event for event in past if isinstance(event, ev.Resolved)]
    if not ends:
        return Before(row.id, when(row.opened_at), None, "")
    why = ends[-1].why
    took = format_duration(ends[-1].at - row.opened_at)
    return Before(row.id, when(row.opened_at), took, say(why))
