"""How far the first run has come, read from what is there and kept nowhere: each step is done when its work is."""

import asyncio
from collections.abc import Mapping
from typing import Literal

from litestar import Response, get
from litestar.response import Redirect
from msgspec import Struct
from sqlalchemy import Connection

from tocsin.access.permissions import Caller
from tocsin.access.source_keys import SourceKeys
from tocsin.core.ids import PersonId
from tocsin.core.instant import SECOND, Duration, Instant
from tocsin.engine.trial import reference
from tocsin.engine.ways import latest_trial
from tocsin.store import people, rulebooks
from tocsin.store.people import Contact
from tocsin.store.queries.begun import answered, begun
from tocsin.store.queries.sent import Sent
from tocsin.web.here import Asked, Here, here
from tocsin.web.layout.frame import Frame, framed

Step = Literal["rulebook", "reach", "source", "ring", "done"]

EVERY: Duration = 2 * SECOND
"""How old the answer whether anybody has answered yet may be."""


class Standing(Struct, frozen=True):
    """`version` of the rulebook, 0 for none; `me` is whom the account pages; `trials` by the reference of the way."""

    version: int
    me: PersonId | None
    ways: tuple[Contact, ...]
    trials: Mapping[str, Sent]
    keyed: bool
    incident: str
    answered: bool

    @property
    def done(self) -> Mapping[Step, bool]:
        """Which steps are."""
        reached = self.me is not None and any(one.state == "sent" for one in self.trials.values())
        return {
            "rulebook": self.version > 0,
            "reach": reached or (self.me is not None and (self.keyed or bool(self.incident))),
            "source": bool(self.incident),
            "ring": self.answered,
        }

    @property
    def next(self) -> Step:
        """The first one that is not."""
        return next((step for step, done in self.done.items() if not done), "done")


def standing(connection: Connection, at: Here, viewer: Caller) -> Standing:
    """How far it has come, for whoever looks."""
    book = at.rulebook()
    if book is None:
        return Standing(0, None, (), {}, keyed=False, incident="", answered=False)
    me = viewer.person if viewer.person in book.people else None
    ways = tuple(people.of(connection, me)) if me is not None else ()
    tried = ((name, latest_trial(connection, name)) for name in map(reference, ways))
    keys = SourceKeys(at.site.environment)
    keys.load(connection)
    rung = begun(connection)
    return Standing(
        rulebooks.number(connection), me, ways, {name: one for name, one in tried if one is not None},
        any(keys.of(one) for one in book.sources.values()), rung.incident, rung.answered,
    )  # fmt: skip


async def stands(request: Asked) -> tuple[Here, Frame, Standing]:
    """What every step begins with."""
    at, frame = here(request), await framed(request)
    found = await asyncio.to_thread(at.read, lambda connection: standing(connection, at, frame.viewer))
    return at, frame, found


@get("/start")
async def begin(request: Asked) -> Redirect:
    """To where one left off."""
    _, _, found = await stands(request)
    return Redirect(f"/start/{found.next}", status_code=303)


def shown(frame: Frame, step: Step, found: Standing, status: int = 200, **values: object) -> Response[str]:
    """One step, below the list of all of them."""
    return frame.shown(f"pages/start/{step}.html", status, step=step, standing=found, **values)


class FirstRun:
    """Whether the menu leads there: until somebody has answered an incident, and never again."""

    def __init__(self) -> None:
        self._over = False
        self._asked: Instant | None = None

    def known(self, steady: Instant) -> bool | None:
        """Asked by every page of an admin, so remembered."""
        fresh = self._asked is not None and steady - self._asked < EVERY
        return self._over if self._over or fresh else None

    def ask(self, connection: Connection, steady: Instant) -> bool:
        """Whether anybody has."""
        self._over, self._asked = answered(connection), steady
        return self._over
