"""What a page is: its address and name, the one question it answers, its place in the menu, and who may see it."""

from typing import Any

from msgspec import Struct

from tocsin.access.permissions import Verb


class Page(Struct, frozen=True):
    """`handlers` are routes of the framework; the entrance lets nobody reach them who may not do `verb`.

    `title` is a key of the texts, below `web.`; `path` is where the menu leads, and `place` where it stands there: the
    smaller, the higher; None: it is not in the menu, and the page named `under` is marked instead. `verb` None: open to
    anybody, such as signing in. `icon` is one of layout/icons.html.
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
