"""Passkeys of one's own: added by a script that asks the browser to make one, removed by a form."""

from typing import Any

from litestar import MediaType, Response, post
from litestar.response import Redirect
from msgspec import Struct
from sqlalchemy import Connection

from tocsin.access import passkeys as ceremony
from tocsin.access.oidc import UnprovenError
from tocsin.access.permissions import stale
from tocsin.lib.logs import logger
from tocsin.store import accounts, audit_log, passkeys
from tocsin.store.accounts import Account
from tocsin.store.audit_log import Deed
from tocsin.store.errors import Conflict
from tocsin.store.passkeys import Passkey
from tocsin.web.here import Asked, Here, here, prove_first
from tocsin.web.pages.account.handlers import HERE, owner
from tocsin.web.pages.signin.keys import COOKIE, json_of, no

__all__ = ["add", "begin", "remove"]

NAME_LIMIT = 60

log = logger("access")


class Made(Struct, frozen=True):
    """What the browser made, and what its owner calls it."""

    credential: dict[str, Any]
    name: str = ""


@post(f"{HERE}/passkeys/options", status_code=200)
async def begin(request: Asked) -> Response[Any]:
    """What the browser is to make a passkey of."""
    at, viewer = here(request), await owner(request)
    if isinstance(viewer, Response):
        return no(401, "again", "/signin")
    if stale(viewer, "account.secure", at.now()):
        return no(403, "again", f"/signin/again?next={HERE}")
    account, known = await at.gate.read(lambda connection: _mine(connection, viewer.account))
    if account is None or len(known) >= ceremony.MOST:
        return no(409, "many")
    what = ceremony.challenge("add", viewer.account)
    asked = ceremony.invitation(ceremony.place_of(at.site.url), account, known, what)
    answer: Response[Any] = Response(asked.encode(), status_code=200, media_type=MediaType.JSON)
    answer.set_cookie(at.cookie_of(COOKIE, ceremony.sealed(what, at.now(), at.gate.keys[0]), 300))
    return answer


def _mine(connection: Connection, id_: str) -> tuple[Account | None, list[Passkey]]:
    return accounts.by_id(connection, id_), passkeys.of(connection, id_)


@post(f"{HERE}/passkeys", status_code=201)
async def add(request: Asked) -> Response[Any]:
    """The browser made one."""
    at, viewer = here(request), await owner(request)
    if isinstance(viewer, Response):
        return no(401, "again", "/signin")
    said = await json_of(request, Made)
    what = ceremony.unsealed(request.cookies.get(at.gate.cookie(COOKIE), ""), "add", at.now(), *at.gate.keys)
    if said is None or what is None or what.account != viewer.account or not at.used.first(what.text, at.now()):
        return no(403, "unproven")
    name = "".join(one for one in said.name.strip() if one.isprintable())[:NAME_LIMIT] or "passkey"
    try:
        kept = ceremony.made(ceremony.place_of(at.site.url), said.credential, what, name, at.now())
        await at.gate.write(lambda connection: _keep(at, connection, kept, viewer.by))
    except UnprovenError as problem:
        log.warning("passkey_refused", account=viewer.account, why=str(problem))
        return no(403, "unproven")
    except Conflict:
        return no(409, "known")
    return Response({"next": HERE}, status_code=201)


def _keep(at: Here, connection: Connection, kept: Passkey, by: str) -> None:
    passkeys.add(connection, kept)
    deed = Deed(by, "account.passkey-added", kept.account, {"name": kept.name})
    audit_log.append(connection, deed, at.now())


@post(f"{HERE}/passkeys/remove", status_code=200)
async def remove(request: Asked) -> Response[Any]:
    """One of them is of use no more."""
    at, viewer = here(request), await owner(request)
    if isinstance(viewer, Response):
        return viewer
    first = prove_first(request, viewer, "account.secure", HERE)
    if first is not None:
        return first
    which = str((await request.form()).get("key", ""))

    def body(connection: Connection) -> None:
        if passkeys.remove(connection, viewer.account, which):
            audit_log.append(connection, Deed(viewer.by, "account.passkey-removed", viewer.account), at.now())

    await at.gate.write(body)
    return Redirect(HERE, status_code=303)
