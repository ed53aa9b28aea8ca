"""The outbox: what was or will be sent, to whom, by what, and what came of it."""

from litestar import get
from litestar.params import FromQuery
from msgspec import Struct
from sqlalchemy import Connection

from tocsin.api.here import Asked, here
from tocsin.api.v1.cursor import MOST, cut, place_of
from tocsin.api.v1.incidents import visible
from tocsin.api.v1.plain import when
from tocsin.core.outgoing import LANES
from tocsin.store.place import Place
from tocsin.store.queries import sent
from tocsin.store.queries.sent import Sent


class MessageView(Struct, frozen=True):
    """One message. `detail` is what the last try left behind."""

    id: str
    incident: str
    person: str
    method: str
    purpose: str
    lane: str
    state: str
    tried: int
    due_at: str | None
    created_at: str | None
    sent_at: str | None
    next_at: str | None
    outcome: str
    detail: str


class Messages(Struct, frozen=True):
    """Some of them, the latest first; `cursor` leads to earlier ones, null at the end."""

    messages: tuple[MessageView, ...]
    cursor: str | None


@get("/outbox", opt={"verb": "outbox.read", "also": (404,)}, sync_to_thread=True)
def outbox(
    request: Asked, incident: FromQuery[str] = "", limit: FromQuery[int] = 100, cursor: FromQuery[str] = ""
) -> Messages:
    """The latest messages, of one incident or of those that changed last."""
    at, most, after = here(request), max(1, min(limit, MOST)), place_of(cursor, Place)

    def query(connection: Connection) -> list[Sent]:
        if not incident:
            return sent.recent(connection, most + 1, after)
        visible(at, connection, request, incident)
        return sent.of_incident(connection, incident, most + 1, after)

    shown, more = cut(at.read(query), most, lambda one: Place(one.created_at, one.id))
    return Messages(tuple(_view(one) for one in shown), more)


def _view(one: Sent) -> MessageView:
    return MessageView(
        one.id, one.incident, one.person, one.method, one.purpose, LANES[one.lane], one.state, one.tried,
        when(one.due_at), when(one.created_at), when(one.sent_at), when(one.next_at), one.outcome, one.detail,
    )  # fmt: skip
