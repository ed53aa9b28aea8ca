"""What is somebody's: incidents that wait for their answer, that they own, that they reported or took part in; and how
often pages woke them lately.
"""

from collections.abc import Sequence
from typing import Literal

from msgspec import Struct
from sqlalchemy import Connection

from tocsin.core.ids import PersonId
from tocsin.core.incident.state import Incident
from tocsin.core.instant import DAY, Duration, Instant
from tocsin.core.oncall.rest import wakings
from tocsin.engine.working import decode_state
from tocsin.store.queries import board as store
from tocsin.store.queries import sent
from tocsin.store.queries.board import LIVE, Filter
from tocsin.store.queries.sent import Sent
from tocsin.store.queries.states import states_of
from tocsin.web.here import Here
from tocsin.web.layout.frame import Frame
from tocsin.web.parts.rows import Row
from tocsin.web.parts.shown_rows import shown_rows
from tocsin.web.parts.words import Names, called_now, spoken

AMONG = 500
"""Of the most urgent live incidents so many are looked through for those that concern somebody."""

LATELY: Duration = 14 * DAY
REMEMBERED = 300
"""Pages of that time, of the incidents that changed last; more are not looked through."""

FAILED = ("failed", "dead")

Why = Literal["ask", "decide", "offer", "page", "still", "owner", "reported", "part"]
WAITING: tuple[Why, ...] = ("ask", "decide", "offer", "page", "still")


class Item(Struct, frozen=True):
    """One incident, and why it stands here; `question` is what is asked, until `due`."""

    row: Row
    why: Why
    question: str = ""
    due: Instant | None = None


class Work(Struct, frozen=True):
    """All of it. `waiting` wants an answer now."""

    waiting: tuple[Item, ...]
    owned: tuple[Item, ...]
    others: tuple[Item, ...]

    @property
    def nothing(self) -> bool:
        """Whether there is none."""
        return not (self.waiting or self.owned or self.others)


def work_of(connection: Connection, at: Here, frame: Frame, person: PersonId, names: Names) -> Work:
    """Of the live incidents that exist for the viewer, the urgent ones first."""
    found, _ = store.board(connection, Filter(LIVE, confidential=True), AMONG, states=False)
    rows = [row for row in shown_rows(connection, at, frame, found) if _concerns(row, person)]
    bodies = states_of(connection, [row.id for row in rows])
    items = [_item(row, decode_state(bodies[row.id]), person, names) for row in rows if row.id in bodies]
    return Work(
        waiting=tuple(one for one in items if one.why in WAITING),
        owned=tuple(one for one in items if one.why == "owner"),
        others=tuple(one for one in items if one.why in ("reported", "part")),
    )


def _concerns(row: Row, person: PersonId) -> bool:
    return person in row.involved or person in row.about.people or person == row.reporter


def _item(row: Row, state: Incident, person: PersonId, names: Names) -> Item:
    for one in state.asking:
        if person in one.current:
            return Item(row, one.purpose, spoken(one.text, names), one.deadline)
    if state.owner == person:
        lease = state.lease
        asked = lease.asked_until if lease is not None else None
        return Item(row, "owner" if asked is None else "still", due=asked)
    if state.owner is None and person in called_now(state):
        return Item(row, "page", due=state.functional.due_at)
    return Item(row, "reported" if row.reporter == person else "part")


class Rest(Struct, frozen=True):
    """How often they were woken `since` then; `some` where there was more than is looked through."""

    woken: int
    paged: int
    since: Instant
    some: bool


def messages_of(connection: Connection, person: PersonId, now: Instant) -> tuple[list[Sent], bool]:
    """What was sent to them lately, and whether there was more."""
    changed = store.changed(connection, now - LATELY, REMEMBERED)
    return sent.to_person(connection, person, [one.id for one in changed]), len(changed) == REMEMBERED


def rest_of(messages: Sequence[Sent], zone: str, now: Instant, *, some: bool) -> Rest:
    """Out of those messages."""
    rung = [one for one in messages if one.purpose == "page" and (one.sent_at or 0) >= now - LATELY]
    woken = wakings((one.sent_at or 0 for one in rung), zone)
    return Rest(len(woken), len({one.incident for one in rung}), now - LATELY, some)


def failures_of(messages: Sequence[Sent]) -> dict[str, Instant]:
    """When the latest message by a method did not arrive, for methods of which the latest did not."""
    latest: dict[str, Sent] = {}
    for one in messages:
        if one.state == "sent" or one.state in FAILED:
            latest.setdefault(one.method, one)
    return {method: one.created_at for method, one in latest.items() if one.state in FAILED}
