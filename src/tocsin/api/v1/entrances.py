"""What lets an account in besides its password: passkeys and identities of providers; listed, and taken away"""

from litestar import delete, get
from litestar.params import FromPath, FromQuery
from msgspec import Struct
from sqlalchemy import Connection

from tocsin.api.here import Asked, caller_of, here
from tocsin.api.problem import Problem
from tocsin.api.v1.accounts import the_account
from tocsin.api.v1.plain import when
from tocsin.store import accounts, audit_log, passkeys
from tocsin.store.accounts import Account
from tocsin.store.audit_log import Deed


class PasskeyView(Struct, frozen=True):
    """One passkey, as its owner called it; browsers make them, at /account."""

    id: str
    name: str
    created_at: str | None
    used_at: str | None


class Passkeys(Struct, frozen=True):
    """The oldest first."""

    passkeys: tuple[PasskeyView, ...]


class IdentityView(Struct, frozen=True):
    """Who an identity provider says it is: the provider's own name, and its own name for them."""

    issuer: str
    subject: str
    created_at: str | None
    used_at: str | None


class Identities(Struct, frozen=True):
    identities: tuple[IdentityView, ...]


@get("/accounts/{account:str}/passkeys", opt={"verb": "account.read"})
async def keys(request: Asked, account: FromPath[str]) -> Passkeys:
    """The passkeys of an account."""
    kept = await the_account(request, account, "account.read")
    found = await here(request).gate.read(lambda connection: passkeys.of(connection, kept.id))
    return Passkeys(tuple(PasskeyView(one.id, one.name, when(one.created_at), when(one.used_at)) for one in found))


@delete("/accounts/{account:str}/passkeys/{passkey:str}", opt={"verb": "account.secure"}, status_code=204)
async def forget(request: Asked, account: FromPath[str], passkey: FromPath[str]) -> None:
    """One of them is of use no more."""
    at, by = here(request), caller_of(request).by
    kept = await the_account(request, account, "account.secure")

    def body(connection: Connection) -> bool:
        gone = passkeys.remove(connection, kept.id, passkey)
        if gone:
            _write(connection, by, "account.passkey-removed", kept, at.now())
        return gone

    if not await at.gate.write(body):
        raise Problem(404, "unknown", "There is no such passkey.")


@get("/accounts/{account:str}/identities", opt={"verb": "account.read"})
async def identities(request: Asked, account: FromPath[str]) -> Identities:
    """Who identity providers say an account is."""
    kept = await the_account(request, account, "account.read")
    found = await here(request).gate.read(lambda connection: accounts.identities_of(connection, kept.id))
    return Identities(
        tuple(IdentityView(one.issuer, one.subject, when(one.created_at), when(one.used_at)) for one in found)
    )


@delete("/accounts/{account:str}/identities", opt={"verb": "account.secure", "also": (409,)}, status_code=204)
async def part(
    request: Asked, account: FromPath[str], issuer: FromQuery[str] = "", subject: FromQuery[str] = ""
) -> None:
    """Let it in by that provider no more; not where that is the only way in."""
    at, by = here(request), caller_of(request).by
    kept = await the_account(request, account, "account.secure")

    def body(connection: Connection) -> None:
        mine = {(one.issuer, one.subject) for one in accounts.identities_of(connection, kept.id)}
        if (issuer, subject) not in mine:
            raise Problem(404, "unknown", "There is no such identity.")
        if not (kept.password or passkeys.of(connection, kept.id) or len(mine) > 1):
            raise Problem(409, "only-way", "It is the only way in.", "Invite its owner to set a password first.")
        accounts.unlink(connection, issuer, subject)
        _write(connection, by, "account.parted", kept, at.now(), issuer=issuer)

    await at.gate.write(body)


def _write(connection: Connection, by: str, what: str, account: Account, now: int, **details: str) -> None:
    audit_log.append(connection, Deed(by, what, account.id, {"login": account.login, **details}), now)
