"""Notifications on one's own devices: a browser adds itself by a script, goes by a form, and is tried by another."""

import asyncio
from typing import Any

from litestar import Response, post
from litestar.response import Redirect
from sqlalchemy import Connection

from tocsin.access.permissions import stale
from tocsin.engine import ways
from tocsin.lib.browsers import called
from tocsin.store.contract import Tx
from tocsin.web.here import Asked, here, prove_first
from tocsin.web.pages.account.handlers import HERE, owner
from tocsin.web.pages.signin.keys import json_of, no
from tocsin.web.parts.notified import notified, subscribed, way_of, with_device, without_device

__all__ = ["notify", "silence", "try_out"]


@post(f"{HERE}/push", status_code=201)
async def notify(request: Asked) -> Response[Any]:
    """A browser was allowed to notify: it is one of the ways to this person from now on."""
    at, viewer = here(request), await owner(request)
    if isinstance(viewer, Response):
        return no(401, "again", "/signin")
    if stale(viewer, "contact.edit", at.now()):
        return no(403, "again", f"/signin/again?next={HERE}")
    person = viewer.person
    said = await json_of(request, dict[str, Any])
    name = called(request.headers.get("user-agent", ""))
    device = None if said is None else subscribed(said, name, at.site)
    if person is None or device is None or await at.gate.read(lambda one: notified(at.site, one, viewer)) is None:
        return no(422, "unknown")

    def body(connection: Connection) -> None:
        before = way_of(connection, person)
        ways.exchange(connection, before, with_device(before, person, device), viewer.by, at.now())

    await at.gate.write(body)
    await asyncio.to_thread(at.site.worlds.refresh)
    return Response({"next": HERE}, status_code=201)


@post(f"{HERE}/push/remove", status_code=200)
async def silence(request: Asked) -> Response[Any]:
    """A device is notified no more."""
    at, viewer = here(request), await owner(request)
    if isinstance(viewer, Response):
        return viewer
    first = prove_first(request, viewer, "contact.edit", HERE)
    if first is not None:
        return first
    which = str((await request.form()).get("device", ""))

    def body(connection: Connection) -> None:
        before = None if viewer.person is None else way_of(connection, viewer.person)
        if before is not None:
            after = without_device(before, which)
            if after is None or after.address != before.address:
                ways.exchange(connection, before, after, viewer.by, at.now())

    await at.gate.write(body)
    await asyncio.to_thread(at.site.worlds.refresh)
    return Redirect(f"{HERE}#notified", status_code=303)


@post(f"{HERE}/push/test", status_code=200)
async def try_out(request: Asked) -> Response[Any]:
    """Send a trial to all of one's devices."""
    at, viewer = here(request), await owner(request)
    if isinstance(viewer, Response):
        return viewer

    def body(tx: Tx) -> None:
        way = None if viewer.person is None else way_of(tx.connection, viewer.person)
        if way is not None:
            ways.send_trial(tx, way, at.now(), at.site.secret)

    await asyncio.to_thread(at.site.ledger.transact, body)
    return Redirect(f"{HERE}?tried=yes#notified", status_code=303)
