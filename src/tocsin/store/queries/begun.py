"""How far a new installation has come: whether anything rang yet, and whether anybody has answered."""

from msgspec import Struct
from sqlalchemy import Connection, and_, or_, select

from tocsin.store.tables import streams

_INCIDENT = streams.c.kind == "incident"
_ANSWERED = and_(_INCIDENT, or_(streams.c.owner != "", streams.c.status != "open"))


class Begun(Struct, frozen=True):
    """`incident` is the one that was opened last, '' before the first; `answered`: somebody had one in hand once."""

    incident: str
    answered: bool


def begun(connection: Connection) -> Begun:
    """How far it has come."""
    latest = select(streams.c.id).where(_INCIDENT).order_by(streams.c.opened_at.desc()).limit(1)
    return Begun(str(connection.execute(latest).scalar() or ""), answered(connection))


def answered(connection: Connection) -> bool:
    """Whether somebody had one in hand once; any one will do, for there may be very many."""
    return bool(connection.execute(select(select(streams.c.id).where(_ANSWERED).exists())).scalar())
