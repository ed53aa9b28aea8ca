"""Ways to oneself: added, taken away, tried, and verified by the code that the trial brought."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from litestar import Response, post
from litestar.params import FromPath
from litestar.response import Redirect

from tocsin.access.permissions import Verb
from tocsin.access.throttle import Throttle
from tocsin.core.ids import PersonId
from tocsin.engine import ways
from tocsin.engine.ways import WayError
from tocsin.store.contract import Tx
from tocsin.store.people import Contact
from tocsin.web.here import Asked, Here, here, prove_first
from tocsin.web.layout.frame import Frame, framed
from tocsin.web.layout.render import trouble
from tocsin.web.pages.mine.handlers import shown, to
from tocsin.web.pages.mine.who import Mine, ours

__all__ = ["add", "attempt", "remove", "verify"]

T = TypeVar("T")


class _Asking:
    """One form about the ways of one person."""

    def __init__(self, at: Here, frame: Frame, form: dict[str, Any], mine: Mine, person: PersonId) -> None:
        self.at = at
        self.frame = frame
        self.form = form
        self.mine = mine
        self.person = person

    async def change(self, body: Callable[[Tx], T]) -> T:
        """In one transaction; whoever is called next is called by what it leaves."""
        try:
            return await asyncio.to_thread(self.at.site.ledger.transact, body)
        finally:
            await asyncio.to_thread(self.at.site.worlds.refresh)

    async def change_one(self, ref: str, body: Callable[[Tx, Contact], T]) -> T | None:
        """The same with one of their ways; None where there is none of that reference."""

        def found(tx: Tx) -> T | None:
            way = ways.find(tx.connection, self.person, ref)
            return None if way is None else body(tx, way)

        return await self.change(found)

    async def again(self, status: int, wrong: str) -> Response[str]:
        """The page with what is wrong, and what was written."""
        return await asyncio.to_thread(shown, self.at, self.frame, self.form, status, f"way.{wrong}")

    def gone(self) -> Response[str]:
        """There is no such way."""
        return trouble(self.at.now(), self.frame.reader, 404, "unknown")


async def _asking(request: Asked, verb: Verb) -> _Asking | Redirect:
    """Who asks; or where they show first who they are, for what could silence everything."""
    at, frame, form = here(request), await framed(request), dict(await request.form())
    mine, person = await asyncio.to_thread(ours, at, frame, form, verb)
    return prove_first(request, frame.viewer, verb, "/mine") or _Asking(at, frame, form, mine, person)


@post("/mine/ways", status_code=200)
async def add(request: Asked) -> Response[Any]:
    """Another way; a trial verifies it."""
    asking = await _asking(request, "contact.edit")
    if isinstance(asking, Redirect):
        return asking
    by, now = asking.frame.viewer.by, asking.at.now()
    try:
        way = ways.way_of(asking.person, _said(asking.form, "method"), _said(asking.form, "address"))
        await asking.change(lambda tx: ways.add(tx.connection, way, by, now))
    except WayError as error:
        return await asking.again(422, error.trouble)
    return to(asking.mine, "added", "ways")


@post("/mine/ways/{way:str}/remove", status_code=200)
async def remove(request: Asked, way: FromPath[str]) -> Response[Any]:
    """Nothing goes there any more."""
    asking = await _asking(request, "contact.edit")
    if isinstance(asking, Redirect):
        return asking
    by, now = asking.frame.viewer.by, asking.at.now()

    def body(tx: Tx, found: Contact) -> Contact:
        ways.remove(tx.connection, found, by, now)
        return found

    gone = await asking.change_one(way, body)
    return to(asking.mine, "removed", "ways") if gone is not None else asking.gone()


@post("/mine/ways/{way:str}/test", status_code=200)
async def attempt(request: Asked, way: FromPath[str]) -> Response[Any]:
    """Send a trial there; the page shows what comes of it."""
    asking = await _asking(request, "contact.test")
    if isinstance(asking, Redirect):
        return asking
    now, secret = asking.at.now(), asking.at.site.secret
    sent = await asking.change_one(way, lambda tx, found: ways.send_trial(tx, found, now, secret))
    return to(asking.mine, "trial", "ways") if sent is not None else asking.gone()


@post("/mine/ways/{way:str}/verify", status_code=200)
async def verify(request: Asked, way: FromPath[str]) -> Response[Any]:
    """The code that the trial brought; guessing it takes longer each time."""
    asking = await _asking(request, "contact.edit")
    if isinstance(asking, Redirect):
        return asking
    at, by, shown_code = asking.at, asking.frame.viewer.by, _said(asking.form, "code")
    if at.kept(Throttle).begin((f"account:contact:{asking.person}:{way[:40]}",), at.now()):
        return await asking.again(429, "guessed")
    keys = (at.site.secret, *at.site.old_secrets)
    good = await asking.change_one(
        way, lambda tx, found: ways.verify(tx.connection, found, shown_code, by, at.now(), *keys)
    )
    return to(asking.mine, "verified", "ways") if good is not None else await asking.again(409, "code")


def _said(form: Mapping[str, Any], name: str) -> str:
    return str(form.get(name, "")).strip()
