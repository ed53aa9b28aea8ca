"""What the page shows: the services by their names, what is known of one already, and what became of a report."""

from typing import Any

from msgspec import Struct
from msgspec.structs import replace
from sqlalchemy import Connection
from uuid_utils import uuid7

from tocsin.access.permissions import reach_of
from tocsin.core.catalogue.rating import HURRIES, REACHES
from tocsin.engine.working import decode_state
from tocsin.lib.secrets import mark, marked
from tocsin.store.queries import board as store
from tocsin.store.queries.board import LIVE, Filter
from tocsin.store.queries.states import states_of
from tocsin.web.here import Here
from tocsin.web.layout.frame import Frame
from tocsin.web.pages.incident.view import visible
from tocsin.web.pages.report.saying import KINDS, Said
from tocsin.web.parts.acting import whoever
from tocsin.web.parts.naming import naming
from tocsin.web.parts.rows import Row, Rows
from tocsin.web.parts.shown_rows import shown_rows
from tocsin.web.parts.words import plainly

SHOWN = 5
"""Known incidents that are offered: more would not be read."""

_PURPOSE = "reported"


class Standing(Struct, frozen=True):
    """One report as whoever made it sees it. `row` is None for what is treated as confidential: then only its number
    is theirs to know.
    """

    id: str
    row: Row | None


def form(at: Here, frame: Frame, said: Said) -> dict[str, Any]:
    """What the form offers."""
    book = at.site.worlds.world().rulebook
    names = at.read(lambda connection: naming(connection, at, frame))
    services = sorted(((one, plainly(one)) for one in book.services), key=lambda pair: pair[1].casefold())
    return {
        "said": said if said.nonce else replace(said, nonce=str(uuid7())),
        "services": services,
        "kinds": KINDS,
        "reaches": REACHES,
        "hurries": HURRIES,
        "actors": whoever(frame.viewer, book, names),
        "others": reach_of(frame.viewer, "incident.report") != "self",
    }


def known_of(at: Here, frame: Frame, service: str) -> tuple[Row, ...]:
    """What is open at that service already; for somebody who knows no service, the most urgent of all.

    The lists of the store leave out whatever is confidential, and what is left is asked for once more.
    """
    wanted = Filter(LIVE, service=service, confidential=False)

    def query(connection: Connection) -> list[Row]:
        found, _ = store.board(connection, wanted, SHOWN, states=False)
        return shown_rows(connection, at, frame, found)

    return tuple(at.read(query))


def unseen(at: Here, frame: Frame, said: Said, key: str) -> tuple[Row, ...]:
    """Known incidents that they were not shown yet; none, where one of them is this very report, sent before."""
    rows, seen = known_of(at, frame, said.service), said.seen.split(".")
    if all(row.id in seen for row in rows):
        return ()
    bodies = at.read(lambda connection: states_of(connection, [row.id for row in rows]))
    return () if any(decode_state(body).key == key for body in bodies.values()) else rows


def proof(at: Here, incident: str, by: str) -> str:
    """What only whoever reported it is shown: that this number is theirs."""
    return mark(_PURPOSE, f"{incident}:{by}", at.site.secret)


def standing_of(at: Here, frame: Frame, incident: str, shown: str) -> Standing | None:
    """How it stands; None for what is neither theirs nor there for them. `shown` is the proof that it is theirs."""

    def query(connection: Connection) -> Row | None:
        world, names = at.site.worlds.world(), naming(connection, at, frame)
        state = visible(connection, frame.viewer, incident, world)
        return None if state is None else at.kept(Rows).row(state, world, names, frame.now)

    row = at.read(query)
    keys = (at.site.secret, *at.site.old_secrets)
    theirs = marked(_PURPOSE, f"{incident}:{frame.viewer.by}", shown, *keys)
    return Standing(incident, row) if row is not None or theirs else None
