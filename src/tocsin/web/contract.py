"""What a page is: its address and name, the one question it answers, its place in the menu, and who may see it."""

from typing import Any, Protocol

from msgspec import Struct
from sqlalchemy import Connection

from tocsin.access.permissions import Verb
from tocsin.core.instant import Instant


class Over(Protocol):
    """Whether a page has done its work. There is one for each installation; what it knows it need not ask again."""

    def known(self, steady: Instant) -> bool | None:
        """As far as it is remembered; None: ask."""

    def ask(self, connection: Connection, steady: Instant) -> bool:
        """By the store; it is remembered."""


class Page(Struct, frozen=True):
    """`handlers` are routes of the framework; the entrance lets nobody reach them who may not do `verb`.

    `title` is a key of the texts, below `web.`; `path` is where the menu leads, and `place` where it stands there: the
    smaller, the higher; None: it is not in the menu, and the page named `under` is marked instead. `verb` None: open to
    anybody, such as signing in. `icon` is one of layout/icons.html. With `until` it leaves the menu once that is over.
    """

    name: str
    question: str
    handlers: tuple[Any, ...]
    path: str = ""
    title: str = ""
    place: int | None = None
    verb: Verb | None = None
    icon: str = ""
    under: str = ""
    until: type[Over] | None = None
