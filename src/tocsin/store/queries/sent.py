"""The outbox as people read it: to whom, by what, when it was due, when it left, and what came of it."""

from collections.abc import Sequence

from msgspec import Struct
from msgspec.structs import replace
from sqlalchemy import ColumnElement, Connection, select

from tocsin.core.instant import Instant
from tocsin.store.place import Place, newest
from tocsin.store.tables import attempts, outbox, streams

RECENT = 100
"""How many of the streams that changed last are looked through for the latest messages."""

UNDER_WAY = ("waiting", "claimed", "sending")
"""States of a message that is not over yet: sent, failed, dead and withdrawn stay."""


class Sent(Struct, frozen=True):
    """One message. `detail` is what the last try left behind; the built-in outbox leaves the words themselves."""

    id: str
    incident: str
    person: str
    method: str
    purpose: str
    lane: int
    state: str
    tried: int
    due_at: Instant
    created_at: Instant
    sent_at: Instant | None
    next_at: Instant | None
    outcome: str
    detail: str = ""

    @property
    def under_way(self) -> bool:
        """Whether its state is still to change."""
        return self.state in UNDER_WAY


_NAMES = Sent.__struct_fields__[:-1]
_COLUMNS = [outbox.c[name] for name in _NAMES]


def of_incident(connection: Connection, incident: str, limit: int = 500, after: Place | None = None) -> list[Sent]:
    """The messages of one incident, the latest first."""
    return _latest(connection, outbox.c.incident == incident, limit, after)


def recent(connection: Connection, limit: int, after: Place | None = None) -> list[Sent]:
    """The latest messages of the incidents that changed last; confidential ones are left out."""
    query = select(
        streams.c.id, streams.c.kind, streams.c.confidential
    )  # judged here, so that one index gives the order
    latest = connection.execute(query.order_by(streams.c.updated_at.desc()).limit(RECENT)).all()
    changed = [row.id for row in latest if row.kind == "incident" and not row.confidential]
    if not changed:
        return []
    return _latest(connection, outbox.c.incident.in_(changed), limit, after)


def _latest(connection: Connection, where: ColumnElement[bool], limit: int, after: Place | None) -> list[Sent]:
    query = newest(select(*_COLUMNS).where(where), outbox.c.created_at, outbox.c.id, limit, after)
    rows = connection.execute(query).all()
    return _with_details(connection, [Sent(*row) for row in rows])


def to_person(connection: Connection, person: str, incidents: Sequence[str]) -> list[Sent]:
    """What those incidents sent to one person, the latest first; without the words of the tries."""
    if not incidents:
        return []
    query = select(*_COLUMNS).where(outbox.c.incident.in_(incidents), outbox.c.person == person)
    return [Sent(*row) for row in connection.execute(query.order_by(outbox.c.created_at.desc(), outbox.c.id)).all()]


def latest(connection: Connection, beginning: str) -> Sent | None:
    """The latest message whose id begins so; None where there is none."""
    query = select(*_COLUMNS).where(outbox.c.id.startswith(beginning, autoescape=True))
    row = connection.execute(query.order_by(outbox.c.created_at.desc(), outbox.c.id.desc()).limit(1)).first()
    return None if row is None else _with_details(connection, [Sent(*row)])[0]


def _with_details(connection: Connection, rows: Sequence[Sent]) -> list[Sent]:
    """With what the last try of each left behind."""
    tried = [row.id for row in rows if row.tried]
    if not tried:
        return list(rows)
    query = select(attempts.c.id, attempts.c.detail).where(attempts.c.id.in_(tried)).order_by(attempts.c.n)
    details: dict[str, str] = {row.id: row.detail for row in connection.execute(query)}
    return [replace(row, detail=details.get(row.id, "")) for row in rows]
