"""What every page is set in: who reads it, in which zone and language, and the menu of what they may see."""

from collections.abc import Iterable

from litestar import Response
from msgspec import Struct

from tocsin.access.permissions import Caller, may
from tocsin.core.instant import Instant
from tocsin.lib.translate import text
from tocsin.store.people import PersonRow
from tocsin.web.contract import Over, Page
from tocsin.web.entrance import page_of, viewer_of
from tocsin.web.here import Asked, Here, here
from tocsin.web.layout.directory import Directory
from tocsin.web.layout.reader import Reader, reading
from tocsin.web.layout.render import HTML, fragment

AT_HAND = 4
"""Entries of the menu that a phone shows at its lower edge; the others are one tap further."""


class Entry(Struct, frozen=True):
    """One line of the menu."""

    path: str
    title: str
    icon: str
    current: bool


class Frame(Struct, frozen=True):
    """`page` set for `viewer`, whose name is `who`. `shown` makes the answer, `piece` a part of one."""

    page: Page
    viewer: Caller
    now: Instant
    reader: Reader
    who: str
    organisation: str
    demo: bool
    title: str
    menu: tuple[Entry, ...]

    @property
    def at_hand(self) -> tuple[Entry, ...]:
        """The first few of the menu."""
        return self.menu[:AT_HAND]

    def shown(self, template: str, status: int = 200, **values: object) -> Response[str]:
        """The whole page."""
        return Response(self.piece(template, **values), status_code=status, media_type=HTML)

    def piece(self, template: str, **values: object) -> str:
        """A part of it, for the script that keeps it fresh."""
        return fragment(template, self.now, self.reader, frame=self, **values)


async def framed(request: Asked) -> Frame:
    """The frame of the page that is asked for; the entrance has let the viewer in."""
    at, viewer = here(request), viewer_of(request)
    book, page, person = at.rulebook(), page_of(request), await _person(at, viewer)
    reader = _reader(request, at, person)
    pages = await _wanted(at, viewer, request.app.state.pages)
    return Frame(
        page=page,
        viewer=viewer,
        now=at.now(),
        reader=reader,
        who=viewer.name if person is None else person.name or viewer.name,
        organisation="" if book is None else book.organisation,
        demo=at.site.demo,
        title=_title(page, reader),
        menu=tuple(_menu(viewer, page, pages, reader)),
    )


async def reader_of(request: Asked, viewer: Caller | None) -> Reader:
    """How somebody reads a page that has no frame, whether they are signed in or not."""
    at = here(request)
    return _reader(request, at, None if viewer is None else await _person(at, viewer))


def _reader(request: Asked, at: Here, person: PersonRow | None) -> Reader:
    book = at.rulebook()
    return reading(request, "UTC" if book is None else book.timezone).known_as(person)


def _title(page: Page, reader: Reader) -> str:
    return text(f"web.{page.title}", {}, reader.language)


def _menu(viewer: Caller, page: Page, pages: Iterable[Page], reader: Reader) -> Iterable[Entry]:
    """What the viewer may see, in its order."""
    placed = sorted((one.place, one.name, one) for one in pages if one.place is not None)
    for _, name, one in placed:
        if one.verb is None or may(viewer, one.verb):
            yield Entry(one.path, _title(one, reader), one.icon, name in (page.name, page.under))


async def _wanted(at: Here, viewer: Caller, pages: Iterable[Page]) -> list[Page]:
    """Without those whose work is done, or never was to be: a demonstration needs no first run."""
    return [one for one in pages if one.until is None or not await _over(at, viewer, one, at.kept(one.until))]


async def _over(at: Here, viewer: Caller, page: Page, until: Over) -> bool:
    if at.site.demo or (page.verb is not None and not may(viewer, page.verb)):
        return True
    steady = at.site.clock.steady()
    known = until.known(steady)
    if known is not None:
        return known
    over: bool = await at.together.ask(until, lambda: at.read(lambda connection: until.ask(connection, steady)))
    return over


async def _person(at: Here, viewer: Caller) -> PersonRow | None:
    if viewer.person is None:
        return None
    person, directory, steady = viewer.person, at.kept(Directory), at.site.clock.steady()
    known = directory.known(person, steady)
    if known is not None:
        return known
    read = at.together.ask(person, lambda: at.read(lambda connection: directory.person(connection, person, steady)))
    found: PersonRow = await read
    return found
