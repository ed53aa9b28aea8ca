"""Access tokens: listed without their secrets, made, revoked."""

from litestar import delete, get, post
from litestar.params import FromPath, FromQuery
from msgspec import Struct

from tocsin.access import tokens as administration
from tocsin.access.permissions import ROLES, Role
from tocsin.access.tokens import NAME_LIMIT
from tocsin.api.here import Asked, Here, caller_of, here
from tocsin.api.problem import Problem
from tocsin.api.reading import body_of, invalid, time_of
from tocsin.api.v1.cursor import MOST, cut, place_of
from tocsin.api.v1.once import once_shown
from tocsin.api.v1.plain import when
from tocsin.config.complaints import nearest
from tocsin.lib.logs import logger
from tocsin.store import tokens as store
from tocsin.store.place import Place
from tocsin.store.tokens import Token

log = logger("tokens")


class TokenView(Struct, frozen=True):
    """One token; its text was shown once, when it was made."""

    id: str
    name: str
    role: str
    prefix: str
    created_at: str | None
    last_used: str | None
    revoked_at: str | None
    scopes: tuple[str, ...] | None
    teams: tuple[str, ...]
    expires_at: str | None


class Made(Struct, frozen=True):
    """A new token: `token` is shown here and never again."""

    id: str
    name: str
    role: str
    token: str


class Wanted(Struct, frozen=True, forbid_unknown_fields=True):
    """`scopes` narrow the role: verbs, `GROUP.*` or `*.VERB`; null is all that it may. `teams` bind it to some.

    From `expires_at` on (RFC 3339, or a duration from now) it is of no use; null: until it is revoked.
    """

    name: str
    role: Role
    scopes: tuple[str, ...] | None = None
    teams: tuple[str, ...] = ()
    expires_at: str | None = None


class Listed(Struct, frozen=True):
    """Some of them; `cursor` leads to older ones, null at the end."""

    tokens: tuple[TokenView, ...]
    cursor: str | None


@get("/tokens", opt={"verb": "tokens.read"}, sync_to_thread=True)
def tokens(request: Asked, limit: FromQuery[int] = MOST, cursor: FromQuery[str] = "") -> Listed:
    """All of them, revoked ones too, the newest first."""
    most, after = max(1, min(limit, MOST)), place_of(cursor, Place)
    found = here(request).read(lambda connection: store.listed(connection, most + 1, after))
    shown, more = cut(found, most, lambda one: Place(one.created_at, one.id))
    return Listed(tuple(_view(one) for one in shown), more)


def _view(one: Token) -> TokenView:
    return TokenView(
        one.id, one.name, one.role, one.prefix, when(one.created_at), when(one.last_used), when(one.revoked_at),
        one.scopes, one.teams, when(one.ends_at),
    )  # fmt: skip


@post("/tokens", opt={"verb": "tokens.manage", "takes": Wanted}, status_code=201)
async def make(request: Asked) -> Made:
    """Make one; its text stands in this answer alone."""
    at = here(request)
    wanted = await body_of(request, Wanted)
    name = wanted.name.strip()
    _sensible(at, name, wanted)
    by, now = caller_of(request).by, at.now()
    ends_at = time_of(wanted.expires_at or "", now, "expires_at")
    if ends_at is not None and ends_at <= now:
        raise invalid("expires_at: that is over.")
    text, token = await once_shown(
        request,
        lambda connection: administration.make(
            connection, name, wanted.role, wanted.scopes, wanted.teams, by, now, ends_at
        ),
        lambda made: made[1].id,
    )
    log.info("token_made", id=token.id, role=token.role)
    return Made(token.id, token.name, token.role, text)


def _sensible(at: Here, name: str, wanted: Wanted) -> None:
    teams = at.site.worlds.world().rulebook.teams if wanted.teams else {}
    wrong = administration.complaint(name, wanted.role, wanted.scopes or (), wanted.teams, teams)
    match wrong:
        case None:
            return
        case "name", _:
            raise invalid(f"name: 1 to {NAME_LIMIT} printable characters.", f"role is one of {', '.join(ROLES)}.")
        case "scopes", word:
            raise invalid(f"scopes: {wanted.role} may do nothing of {word[:200]}.", "Scopes narrow a role.")
        case _, word:
            raise invalid(f"teams: there is no {word[:80]!r}.", nearest(word, teams))


@delete("/tokens/{token:str}", opt={"verb": "tokens.manage"}, status_code=204)
async def revoke(request: Asked, token: FromPath[str]) -> None:
    """Revoke one for good; it is worthless everywhere within a minute, here at once."""
    at = here(request)

    by, now = caller_of(request).by, at.now()
    if not await at.gate.write(lambda connection: administration.revoke(connection, token, by, now)):
        raise Problem(404, "unknown", f"There is no token {token[:40]} that is still good.")
    log.info("token_revoked", id=token)
