"""Calendar addresses of the reader: made and shown once, renewed, revoked."""

import asyncio
from typing import Any

from litestar import Response, get, post
from litestar.exceptions import NotFoundException
from litestar.params import FromPath
from litestar.response import Redirect
from msgspec import Struct

from tocsin.access import feeds
from tocsin.core.instant import Instant
from tocsin.core.rulebook import Rulebook
from tocsin.store import feeds as store
from tocsin.web.entrance import ForbiddenError
from tocsin.web.here import Asked, Here, here
from tocsin.web.layout.frame import Frame, framed
from tocsin.web.pages.oncall.handlers import viewing
from tocsin.web.pages.oncall.view import Viewing
from tocsin.web.parts.words import name_of

__all__ = ["calendars", "make", "revoke"]


class Listed(Struct, frozen=True):
    """An address that was made before, in words; its text is known to nobody any more."""

    id: str
    value: str
    what: str
    made_at: Instant
    used_at: Instant | None


@get("/oncall/calendars")
async def calendars(request: Asked) -> Response[str]:
    """The reader's addresses, and what there is to subscribe to."""
    return await asyncio.to_thread(_listed, here(request), await framed(request))


@post("/oncall/calendars", status_code=200)
async def make(request: Asked) -> Response[str]:
    """A new address, shown in this answer alone; the one before it for the same calendar ends."""
    frame, form = await framed(request), await request.form()
    return await asyncio.to_thread(_made, here(request), frame, str(form.get("what", ""))[:200])


@post("/oncall/calendars/{feed:str}/revoke", status_code=200)
async def revoke(request: Asked, feed: FromPath[str]) -> Response[Any]:
    """End one for good."""
    frame = await framed(request)
    return await asyncio.to_thread(_revoked, here(request), frame, feed)


def _listed(at: Here, frame: Frame, address: str = "", told: str = "") -> Response[str]:
    seen = viewing(at, frame, {})
    account = frame.viewer.account
    known = at.read(lambda connection: store.of_account(connection, account)) if account else []
    return frame.shown(
        "pages/oncall/calendars.html",
        choices=[(one, _said(one, seen)) for one in offered(seen)],
        feeds=[Listed(one.id, one.what, _said(one.what, seen), one.created_at, one.last_used) for one in known],
        address=address,
        told=told,
        zone=seen.shown.zone,
    )


def offered(seen: Viewing) -> tuple[str, ...]:
    """What can be subscribed to: one's own shifts first, then each schedule."""
    book: Rulebook = seen.world.rulebook
    mine = (f"person:{seen.me}",) if seen.me in book.people else ()
    return (*mine, *(f"schedule:{name}" for name in sorted(book.schedules)))


def _said(what: str, seen: Viewing) -> str:
    kind, _, name = what.partition(":")
    return seen.text("feed.person", person=name_of(name, seen.names)) if kind == "person" else name


def _made(at: Here, frame: Frame, what: str) -> Response[str]:
    seen, viewer = viewing(at, frame, {}), frame.viewer
    if not viewer.account:
        raise ForbiddenError
    if what not in offered(seen):
        raise NotFoundException
    address, _ = at.site.ledger.transact(
        lambda tx: feeds.make(tx.connection, viewer.account, what, viewer.by, at.site.url, at.now())
    )
    return _listed(at, frame, address, _said(what, seen))


def _revoked(at: Here, frame: Frame, id_: str) -> Response[Any]:
    viewer = frame.viewer
    ended = at.site.ledger.transact(lambda tx: feeds.revoke(tx.connection, viewer.account, id_, viewer.by, at.now()))
    if not ended:
        raise NotFoundException
    return Redirect("/oncall/calendars", status_code=303)
