"""The rows of incidents that exist for a reader, out of what a list of the store found."""

from collections.abc import Sequence

from sqlalchemy import Connection

from tocsin.access.permissions import allowed
from tocsin.engine.working import decode_state
from tocsin.store.queries import board as store
from tocsin.store.queries.states import states_of
from tocsin.web.here import Here
from tocsin.web.layout.directory import Directory
from tocsin.web.layout.frame import Frame
from tocsin.web.parts.rows import Row, Rows
from tocsin.web.parts.words import Names


def shown_rows(connection: Connection, at: Here, frame: Frame, found: Sequence[store.Row]) -> list[Row]:
    """In the same order, without what does not exist for the viewer; only states that are not known yet are read."""
    world, rows = at.site.worlds.world(), at.kept(Rows)
    names = Names(at.kept(Directory).names(connection, at.site.clock.steady()), frame.reader.language)
    known = {row.id: rows.known(row.id, row.seq, world, names) for row in found}
    for id_, body in states_of(connection, [id_ for id_, row in known.items() if row is None]).items():
        known[id_] = rows.row(decode_state(body), world, names, frame.now)
    made = (known[row.id] for row in found)
    return [row for row in made if row is not None and allowed(frame.viewer, "incident.read", row.about) == "yes"]
