"""By a passkey: what the browser is asked to sign, and whom its signature lets in; also for showing it once more."""

from typing import Any, TypeVar

import msgspec
from litestar import MediaType, Response, post
from msgspec import Struct
from sqlalchemy import Connection

from tocsin.access import passkeys as ceremony
from tocsin.access.oidc import UnprovenError
from tocsin.access.origin import place_of
from tocsin.access.passkeys import Challenge
from tocsin.access.signin import In
from tocsin.lib.logs import logger
from tocsin.store import accounts, passkeys
from tocsin.store.accounts import Account
from tocsin.store.passkeys import Passkey
from tocsin.web.forms import OPEN
from tocsin.web.here import Asked, here
from tocsin.web.pages.signin.handlers import with_cookies

__all__ = ["again", "again_options", "enter", "options"]

COOKIE = "tocsin-passkey"

T = TypeVar("T")

log = logger("access")


class Signed(Struct, frozen=True):
    """What the browser signed, and what its owner wants."""

    credential: dict[str, Any]
    next: str = "/"
    trusted: bool = False


@post("/signin/passkey/options", status_code=200, opt=OPEN)
async def options(request: Asked) -> Response[Any]:
    """What the browser is to sign, by any passkey that it has for us."""
    return _ask(request, ceremony.challenge("enter"), [])


@post("/signin/passkey", status_code=200, opt=OPEN)
async def enter(request: Asked) -> Response[Any]:
    """It has signed."""
    at, said = here(request), await json_of(request, Signed)
    found = None if said is None else await _proved(request, said, "enter")
    if said is None or found is None:
        return no(403, "unproven")
    account, method = found, "passkey"
    entry = await at.sign_in.as_account(account, method, at.browser(request, trusted=said.trusted))
    return no(403, "unproven") if entry is None else _in(request, entry, said)


@post("/signin/again/passkey/options", status_code=200)
async def again_options(request: Asked) -> Response[Any]:
    """What the browser is to sign, by a passkey of whoever is signed in."""
    at = here(request)
    viewer = await at.viewer(request)
    if viewer is None or not viewer.account:
        return no(401, "again", "/signin")
    known = await at.gate.read(lambda connection: passkeys.of(connection, viewer.account))
    return _ask(request, ceremony.challenge("again", viewer.account), known) if known else no(409, "none")


@post("/signin/again/passkey", status_code=200)
async def again(request: Asked) -> Response[Any]:
    """It has signed: it is still them."""
    at, said = here(request), await json_of(request, Signed)
    viewer = await at.viewer(request)
    found = None if said is None else await _proved(request, said, "again")
    if viewer is None or said is None or found is None or found.id != viewer.account:
        return no(403, "unproven")
    entry = await at.sign_in.proved(viewer)
    return no(403, "unproven") if entry is None else _in(request, entry, said)


async def _proved(request: Asked, said: Signed, act: str) -> Account | None:
    """Whose passkey has signed the challenge of this browser; None where nothing is proved."""
    at = here(request)
    what = ceremony.unsealed(request.cookies.get(at.gate.cookie(COOKIE), ""), act, at.now(), *at.gate.keys)
    if what is None or not at.used.first(what.text, at.now()):
        return None
    passkey, account = await at.gate.read(lambda connection: _found(connection, ceremony.id_of(said.credential)))
    if passkey is None or account is None or what.account not in ("", account.id):
        log.warning("sign_in_refused", account=account.id if account else "", method="passkey")
        return None
    try:
        uses = ceremony.signed(ceremony.place_of(at.site.url), said.credential, what, passkey)
    except UnprovenError as problem:
        log.warning("sign_in_refused", account=account.id, method="passkey", why=str(problem))
        return None
    await at.gate.write(lambda connection: passkeys.used(connection, passkey.id, uses, at.now()))
    return account


def _found(connection: Connection, id_: str) -> tuple[Passkey | None, Account | None]:
    passkey = passkeys.find(connection, id_) if id_ else None
    account = None if passkey is None else accounts.by_id(connection, passkey.account)
    return passkey, account if account is not None and account.disabled_at is None else None


def _ask(request: Asked, what: Challenge, known: list[Passkey]) -> Response[Any]:
    at = here(request)
    asked = ceremony.question(ceremony.place_of(at.site.url), what, known)
    answer: Response[Any] = Response(asked.encode(), status_code=200, media_type=MediaType.JSON)
    answer.set_cookie(at.cookie_of(COOKIE, ceremony.sealed(what, at.now(), at.gate.keys[0]), 300))
    return answer


def _in(request: Asked, entry: In, said: Signed) -> Response[Any]:
    return with_cookies(here(request), entry, Response({"next": place_of(said.next)}, status_code=200))


async def json_of(request: Asked, kind: type[T]) -> T | None:
    """The body, where it is what it should be."""
    try:
        return msgspec.json.decode(await request.body(), type=kind)
    except msgspec.MsgspecError:
        return None


def no(status: int, why: str, place: str = "") -> Response[Any]:
    """A refusal for a script: why, and where to go instead."""
    return Response({"wrong": why, "next": place}, status_code=status)
