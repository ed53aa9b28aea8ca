"""By an identity provider: there and back again, with a cookie that says which answer belongs to which question."""

import hmac
from typing import Any

import msgspec
from litestar import Response, get
from litestar.params import FromQuery
from litestar.response import Redirect

from tocsin.access.accounts import RefusedError, the
from tocsin.access.federation import Refusal, join
from tocsin.access.oidc import PENDING, Pending, Subject, UnprovenError, begin
from tocsin.access.origin import place_of
from tocsin.access.provider import Identities
from tocsin.access.signin import In
from tocsin.core.instant import SECOND
from tocsin.engine.worlds import NoRulebookError
from tocsin.lib import secrets
from tocsin.lib.fetch import UnfetchedError
from tocsin.lib.logs import logger
from tocsin.web.forms import OPEN
from tocsin.web.here import Asked, Here, here, prove_first
from tocsin.web.layout.reader import reading
from tocsin.web.layout.render import trouble
from tocsin.web.pages.signin.handlers import entered

__all__ = ["back", "start"]

COOKIE = "tocsin-oidc"

_PURPOSE = "oidc"

log = logger("access")


@get("/signin/oidc", opt=OPEN)
async def start(
    request: Asked, next: FromQuery[str] = "/", connect: FromQuery[str] = "", again: FromQuery[str] = ""  # noqa: A002
) -> Response[Any]:  # fmt: skip
    """On to the provider. `connect` is the mark of a form of ours: then the account is joined with whom it names.

    `again`: they are to show there once more who they are.
    """
    at = here(request)
    if at.identities is None:
        return _trouble(request, 404, "unknown")
    account = ""
    if connect:
        viewer = await at.viewer(request)
        if viewer is None or not viewer.account or not at.gate.ours(viewer, connect):
            return _trouble(request, 403, "cross_site")
        first = prove_first(request, viewer, "account.secure")
        if first is not None:
            return first
        account = viewer.account
    pending = begin(place_of(next), account, again=bool(again))
    try:
        address = await at.identities.send(pending)
    except (UnfetchedError, UnprovenError) as problem:
        log.warning("provider_not_asked", error=str(problem))
        return _trouble(request, 503, "provider")
    answer = Redirect(address, status_code=303)
    answer.set_cookie(at.cookie_of(COOKIE, _sealed(at, pending), PENDING // SECOND))
    return answer


@get("/signin/oidc/back", opt=OPEN)
async def back(request: Asked) -> Response[Any]:
    """Back from the provider: who is it?"""
    at = here(request)
    code, state, error, iss = (request.query_params.get(name, "") for name in ("code", "state", "error", "iss"))
    pending = _unsealed(at, request.cookies.get(at.gate.cookie(COOKIE), ""))
    if at.identities is None or pending is None or not hmac.compare_digest(pending.state.encode(), state.encode()):
        return _over(request, _trouble(request, 403, "stray"))
    if error or not code or iss not in ("", at.identities.provider.issuer) or not at.used.first(state, at.now()):
        log.warning("provider_refused", error=error[:100])
        return _over(request, _trouble(request, 403, "stray"))
    try:
        who = await at.identities.named(code, pending)
    except (UnfetchedError, UnprovenError) as problem:
        log.warning("provider_not_believed", error=str(problem))
        unfetched = isinstance(problem, UnfetchedError)
        return _over(request, _trouble(request, 503 if unfetched else 403, "provider" if unfetched else "stray"))
    answer = await (
        _joined(request, pending, who) if pending.account else _entered(request, at.identities, pending, who)
    )
    return _over(request, answer)


async def _entered(request: Asked, identities: Identities, pending: Pending, who: Subject) -> Response[Any]:
    at = here(request)
    found = await at.sign_in.with_subject(who, _people(at), at.browser(request))
    if isinstance(found, In):
        return entered(at, found, pending.place)
    code = found.code if isinstance(found, Refusal) else "disabled"
    log.warning("sign_in_refused", issuer=identities.provider.issuer, subject=who.subject, why=code)
    return _trouble(request, 403, "no_role" if code == "no-role" else "no_account")


async def _joined(request: Asked, pending: Pending, who: Subject) -> Response[Any]:
    at = here(request)
    viewer = await at.viewer(request)
    if viewer is None or viewer.account != pending.account:
        return _trouble(request, 403, "stray")
    by, now = viewer.by, at.now()
    try:
        await at.gate.write(lambda connection: join(connection, the(connection, pending.account), who, by, now))
    except RefusedError:
        return _trouble(request, 409, "joined")
    return Redirect("/account", status_code=303)


def _people(at: Here) -> frozenset[str]:
    try:
        return frozenset(at.site.worlds.world().rulebook.people)
    except NoRulebookError:
        return frozenset()


def _sealed(at: Here, pending: Pending) -> str:
    return secrets.sign(_PURPOSE, msgspec.to_builtins(pending), at.now() + PENDING, at.gate.keys[0])


def _unsealed(at: Here, cookie: str) -> Pending | None:
    claims = secrets.verify(cookie, _PURPOSE, at.now(), *at.gate.keys)
    return None if isinstance(claims, secrets.Refused) else msgspec.convert(claims, Pending)


def _over(request: Asked, answer: Response[Any]) -> Response[Any]:
    answer.set_cookie(here(request).cookie_of(COOKIE, "", 0))
    return answer


def _trouble(request: Asked, status: int, key: str) -> Response[Any]:
    return trouble(here(request).now(), reading(request), status, key)
