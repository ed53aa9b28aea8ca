"""How far a new installation has come: whether anything rang yet, and whether anybody has answered."""

from msgspec import Struct
from sqlalchemy import ColumnElement, Connection, and_, or_, select

from tocsin.store.tables import streams

_INCIDENT = streams.c.kind == "incident"
_ANSWERED = and_(_INCIDENT, or_(streams.c.owner != "", streams.c.status != "open"))


class Begun(Struct, frozen=True):
    """`incident` is the one that was opened last, '' before the first; `answered`: somebody had one in hand once."""

    incident: str
    answered: bool


def begun(connection: Connection) -> Begun:
    """How far it has come."""
    return Begun(_latest(connection, _INCIDENT), bool(_latest(connection, _ANSWERED)))


def _latest(connection: Connection, where: ColumnElement[bool]) -> str:
    query = select(streams.c.id).where(where).order_by(streams.c.opened_at.desc()).limit(1)
    return str(connection.execute(query).scalar() or "")
