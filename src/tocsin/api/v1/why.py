"""GET /api/v1/incidents/ID/why: why somebody was or was not reached, and why the next step is what it is."""

from litestar import get
from litestar.params import FromPath, FromQuery
from sqlalchemy import Connection

from tocsin.api.here import Asked, here
from tocsin.api.problem import Problem
from tocsin.api.reading import invalid, time_of
from tocsin.api.v1.explanations import Explanation, explained
from tocsin.api.v1.incidents import visible
from tocsin.api.v1.plain import when
from tocsin.core.ids import PersonId
from tocsin.core.incident import events as ev
from tocsin.core.instant import Instant
from tocsin.engine.pasts import Pasts, changes
from tocsin.engine.working import decode_event
from tocsin.lab.why.answer import dated
from tocsin.lab.why.asking import why as explain
from tocsin.lib.translate import say
from tocsin.store.queries.states import events_of


@get("/incidents/{incident:str}/why", opt={"verb": "incident.read"}, sync_to_thread=True)
def why(request: Asked, incident: FromPath[str], person: FromQuery[str] = "", at: FromQuery[str] = "") -> Explanation:
    """Why a person was or was not reached, and why the next step is what it is; as it stood `at`, without it now.

    What was in force then is asked: the rulebook, overrides and absences as they had been entered by that time.
    """
    door = here(request)

    def query(connection: Connection) -> tuple[list[ev.Event], list[Instant]]:
        visible(door, connection, request, incident)
        return [decode_event(one.body) for one in events_of(connection, incident)], changes(connection)

    past, changed = door.read(query)
    now, worlds = door.now(), door.site.worlds
    instant = time_of(at, now, "at") or now
    if instant > now:
        raise invalid("at: it lies ahead.", "Leave it out to ask about now.")
    if person and person not in worlds.world().rulebook.people:
        raise Problem(422, "invalid", f"person: there is no {person[:80]!r}.", "Give the id of a person.")
    about = PersonId(person) if person else None
    answer = explain(incident, past, Pasts(worlds, changed), instant, about)
    return explained(incident, answer, lambda phrase: say(dated(phrase, lambda one: when(one) or "")))
