"""The page of one's own account, and what can be changed on it; what is sensitive asks first who it is."""

from typing import Any

from litestar import Response, get, post
from litestar.response import Redirect
from msgspec import Struct
from sqlalchemy import Connection

from tocsin.access import accounts as administration
from tocsin.access.passwords import complaint
from tocsin.access.permissions import Caller
from tocsin.lib.browsers import called
from tocsin.store import accounts, audit_log, passkeys, sessions
from tocsin.store.accounts import Account, Identity
from tocsin.store.audit_log import Deed
from tocsin.store.passkeys import Passkey
from tocsin.store.sessions import Session
from tocsin.web.here import Asked, here, prove_first
from tocsin.web.layout.frame import reader_of
from tocsin.web.layout.reader import reading
from tocsin.web.layout.render import page, trouble
from tocsin.web.parts.notified import notified

__all__ = ["change", "end", "owner", "show", "unlink"]

HERE = "/account"


class Seen(Struct, frozen=True):
    """What is on the page."""

    account: Account
    keys: tuple[Passkey, ...]
    sessions: tuple[Session, ...]
    identities: tuple[Identity, ...]


async def owner(request: Asked) -> Caller | Response[Any]:
    """Who is signed in to an account; else where to go. A token has no account."""
    viewer = await here(request).viewer(request)
    if viewer is None:
        return Redirect(f"/signin?next={HERE}", status_code=303)
    return viewer if viewer.account else trouble(here(request).now(), reading(request), 404, "no_own")


@get(HERE)
async def show(request: Asked) -> Response[Any]:
    """The page."""
    viewer = await owner(request)
    return viewer if isinstance(viewer, Response) else await _page(request, viewer)


async def _page(request: Asked, viewer: Caller, status: int = 200, wrong: str = "") -> Response[Any]:
    at = here(request)
    seen, push = await at.gate.read(
        lambda connection: (_seen(connection, viewer.account, at.now()), notified(at.site, connection, viewer))
    )
    provider = "" if at.identities is None else at.identities.provider.name
    return page(
        "pages/account/account.html", at.now(), await reader_of(request, viewer), status, seen=seen, viewer=viewer,
        wrong=wrong, provider=provider, mark=at.gate.csrf(viewer), called=called, push=push,
        tried="tried" in request.query_params,
    )  # fmt: skip


def _seen(connection: Connection, id_: str, now: int) -> Seen:
    account = accounts.by_id(connection, id_)
    assert account is not None  # accounts are disabled, never deleted
    return Seen(
        account,
        tuple(passkeys.of(connection, id_)),
        tuple(sessions.live(connection, now, id_)),
        tuple(accounts.identities_of(connection, id_)),
    )


@post(f"{HERE}/password", status_code=200)
async def change(request: Asked) -> Response[Any]:
    """Another password; sessions elsewhere end."""
    at, viewer = here(request), await owner(request)
    if isinstance(viewer, Response):
        return viewer
    first = prove_first(request, viewer, "account.secure", HERE)
    if first is not None:
        return first
    chosen = str((await request.form()).get("password", ""))
    wrong = complaint(chosen, viewer.name, *viewer.name.split("@"), viewer.person or "")
    if wrong:
        return await _page(request, viewer, 422, wrong)
    await at.sign_in.change_password(viewer, chosen)
    return Redirect(HERE, status_code=303)


@post(f"{HERE}/sessions", status_code=200)
async def end(request: Asked) -> Response[Any]:
    """Sign out in one other place, or in all of them."""
    at, viewer = here(request), await owner(request)
    if isinstance(viewer, Response):
        return viewer
    which = str((await request.form()).get("session", ""))

    def body(connection: Connection) -> None:
        account = administration.the(connection, viewer.account)
        if which == "others":
            administration.sign_out(connection, account, viewer.by, at.now(), viewer.session)
        else:
            administration.sign_out_of(connection, account, which, viewer.by, at.now())

    await at.gate.write(body)
    return Redirect(HERE, status_code=303)


@post(f"{HERE}/identities", status_code=200)
async def unlink(request: Asked) -> Response[Any]:
    """Come in by that provider no more; not where it is the only way."""
    at, viewer = here(request), await owner(request)
    if isinstance(viewer, Response):
        return viewer
    first = prove_first(request, viewer, "account.secure", HERE)
    if first is not None:
        return first
    form = await request.form()
    issuer, subject = str(form.get("issuer", "")), str(form.get("subject", ""))

    def body(connection: Connection) -> bool:
        seen = _seen(connection, viewer.account, at.now())
        mine = [one for one in seen.identities if (one.issuer, one.subject) == (issuer, subject)]
        if not mine or not (seen.account.password or seen.keys):
            return False
        accounts.unlink(connection, issuer, subject)
        deed = Deed(viewer.by, "account.parted", viewer.account, {"login": viewer.name, "issuer": issuer})
        audit_log.append(connection, deed, at.now())
        return True

    if not await at.gate.write(body):
        return await _page(request, viewer, 409, "only_way")
    return Redirect(HERE, status_code=303)
