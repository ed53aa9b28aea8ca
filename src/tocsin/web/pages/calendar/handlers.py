"""One calendar, by its address alone; an address that is no longer good is answered as one that never was."""

from collections.abc import Iterable

from litestar import Response, get
from litestar.exceptions import NotFoundException
from litestar.params import FromPath
from sqlalchemy import Connection

from tocsin.access import feeds
from tocsin.core.world import World
from tocsin.engine.calendars import MEDIA, Shift, calendar, of_person, of_schedule
from tocsin.lib.logs import logger
from tocsin.store import feeds as store
from tocsin.store import people
from tocsin.store.errors import StoreError
from tocsin.store.feeds import Feed
from tocsin.web.forms import OPEN
from tocsin.web.here import Asked, Here, here

__all__ = ["read"]

log = logger("web")


@get(feeds.PATH + "{address:str}", opt=OPEN, sync_to_thread=True)
def read(request: Asked, address: FromPath[str]) -> Response[bytes]:
    """The shifts that this address shows: the last four weeks and the coming half year."""
    at = here(request)

    def query(connection: Connection) -> Feed | None:
        return feeds.shown(connection, address)

    feed = at.read(query)
    if feed is None:
        raise NotFoundException
    _note(at, feed)
    world, (kind, _, name) = at.site.worlds.world(), feed.what.partition(":")
    body = calendar(name, _shifts(world, kind, name, at.now()), at.read(people.names), at.now())
    headers = {"content-disposition": 'inline; filename="shifts.ics"'}
    return Response(body, media_type=MEDIA, headers=headers)


def _shifts(world: World, kind: str, name: str, now: int) -> Iterable[Shift]:
    """Nothing of what is no longer in the rulebook: the calendar is empty then, and not broken."""
    if kind == "person":
        return of_person(world, name, now)
    return of_schedule(world, name, now) if name in world.rulebook.schedules else ()


def _note(at: Here, feed: Feed) -> None:
    """Write down that it was read; not being able to is no reason to refuse it."""
    if not feeds.worth_noting(feed, at.now()):
        return
    try:
        at.site.ledger.transact(lambda tx: store.used(tx.connection, feed.id, at.now()))
    except StoreError as problem:
        log.warning("use_not_noted", error=str(problem))
