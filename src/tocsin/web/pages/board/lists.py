"""What the store says of a view of the board, read once for all who look at it, until something changes."""

from asyncio import Semaphore

from msgspec import Struct
from sqlalchemy import Connection

from tocsin.core.instant import SECOND, Duration, Instant
from tocsin.engine.site import Ready
from tocsin.store.contract import ENDED
from tocsin.store.queries import board as store
from tocsin.store.queries.board import LIVE, Filter, Place, Row
from tocsin.web.layout.kept import Kept

SIZE = 100
"""Rows of one page; one more is read, which says whether there is another page."""

ENDED_SHOWN = 5
COUNTED = 1_000
"""What is more than this is counted as this."""

SECRETS = 200
"""Of the confidential ones so many are counted for those who may know of them."""


class Ask(Struct, frozen=True):
    """A view: which incidents, from which place on, and whether with those that ended lately."""

    wanted: Filter
    after: Place | None
    ended: bool


class Listed(Struct, frozen=True):
    """The answer, the same for everybody: confidential ones are judged one by one by whoever shows them.

    `waiting` and `held` count those that are not confidential; `secrets` are the live ones that are.
    """

    rows: tuple[Row, ...]
    end: Place | None
    ended: tuple[Row, ...]
    waiting: int
    held: int
    secrets: tuple[Row, ...]


class Lists:
    """Remembers answers, each good for one version of all that is stored."""

    def __init__(self) -> None:
        self._known: Kept[Ask, tuple[int, Listed]] = Kept(256)

    def listed(self, connection: Connection, ask: Ask, version: int | None) -> Listed:
        """The answer; `version` None: as it is at this moment, whatever was read before."""
        known = self._known.get(ask) if version is not None else None
        if known is not None and known[0] == version:
            return known[1]
        made = _listed(connection, ask)
        if version is not None:
            self._known.put(ask, (version, made))
        return made


def _listed(connection: Connection, ask: Ask) -> Listed:
    secret = ask.wanted.confidential
    rows, end = store.board(connection, ask.wanted, SIZE + 1, ask.after, states=False)
    ended: list[Row] = []
    if ask.ended:
        ended, _ = store.board(connection, Filter(ENDED, confidential=secret), ENDED_SHOWN, states=False)
    waiting, held = (store.live_count(connection, status, COUNTED) for status in LIVE)
    secrets = store.confidential(connection, LIVE, SECRETS) if secret else []
    return Listed(tuple(rows), end, tuple(ended), waiting, held, tuple(secrets))


class Turns:
    """Boards are answered a few at a time: all that ask at once want one list, and leave threads and connections to
    whoever acknowledges meanwhile.
    """

    def __init__(self) -> None:
        self.few = Semaphore(4)


class Faults:
    """What is wrong with this process, asked once in a while."""

    EVERY: Duration = 2 * SECOND

    def __init__(self) -> None:
        self._known: tuple[Instant, list[str]] | None = None

    def of(self, ready: Ready, steady: Instant) -> list[str]:
        """In words; empty when all is well."""
        if self._known is None or steady - self._known[0] >= self.EVERY:
            self._known = (steady, ready.faults())
        return self._known[1]
