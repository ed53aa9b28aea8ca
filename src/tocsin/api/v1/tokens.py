"""Access tokens: listed without their secrets, made, revoked."""

from litestar import delete, get, post
from litestar.params import FromPath
from msgspec import Struct

from tocsin.access.permissions import ROLES, Role
from tocsin.access.tokens import mint
from tocsin.api.here import Asked, here
from tocsin.api.problem import Problem
from tocsin.api.reading import body_of, invalid
from tocsin.api.v1.plain import when
from tocsin.lib.logs import logger
from tocsin.store import tokens as store
from tocsin.store.tokens import Token

log = logger("tokens")

NAME_LIMIT = 80


class TokenView(Struct, frozen=True):
    """One token; its text was shown once, when it was made."""

    id: str
    name: str
    role: str
    prefix: str
    created_at: str | None
    last_used: str | None
    revoked_at: str | None


class Made(Struct, frozen=True):
    """A new token: `token` is shown here and never again."""

    id: str
    name: str
    role: str
    token: str


class Wanted(Struct, frozen=True, forbid_unknown_fields=True):
    name: str
    role: Role


class Listed(Struct, frozen=True):
    tokens: tuple[TokenView, ...]


@get("/tokens", opt={"verb": "tokens.manage"}, sync_to_thread=True)
def tokens(request: Asked) -> Listed:
    """All of them, revoked ones too, the newest first."""
    return Listed(tuple(_view(one) for one in here(request).read(store.everything)))


def _view(one: Token) -> TokenView:
    return TokenView(
        one.id, one.name, one.role, one.prefix, when(one.created_at), when(one.last_used), when(one.revoked_at)
    )


@post("/tokens", opt={"verb": "tokens.manage"}, status_code=201)
async def make(request: Asked) -> Made:
    """Make one; its text stands in this answer alone."""
    at = here(request)
    wanted = await body_of(request, Wanted)
    name = wanted.name.strip()
    if not name or len(name) > NAME_LIMIT or not name.isprintable():
        raise invalid(f"name: 1 to {NAME_LIMIT} printable characters.", f"role is one of {', '.join(ROLES)}.")
    text, token = mint(name, wanted.role, at.now())
    await at.gate.write(lambda connection: store.add(connection, token))
    log.info("token_made", id=token.id, role=token.role)
    return Made(token.id, token.name, token.role, text)


@delete("/tokens/{token:str}", opt={"verb": "tokens.manage"}, status_code=204)
async def revoke(request: Asked, token: FromPath[str]) -> None:
    """Revoke one for good; it is worthless everywhere within a minute, here at once."""
    at = here(request)

    if not await at.gate.write(lambda connection: store.revoke(connection, token, at.now())):
        raise Problem(404, "unknown", f"There is no token {token[:40]} that is still good.")
    log.info("token_revoked", id=token)
