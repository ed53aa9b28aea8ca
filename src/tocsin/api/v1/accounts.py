"""Accounts: who may sign in, in what role; made, changed, disabled, and let in by a link that is good once."""

from typing import Literal

from litestar import get, patch, post
from litestar.params import FromPath, FromQuery
from msgspec import Struct

from tocsin.access import accounts as administration
from tocsin.access.about import About
from tocsin.access.accounts import Change, Code, RefusedError
from tocsin.access.permissions import Caller, Role, Verb, allowed, reach_of
from tocsin.api.here import Asked, Here, caller_of, forbidden, here
from tocsin.api.problem import Problem
from tocsin.api.reading import body_of, invalid, person_of
from tocsin.api.v1.cursor import MOST, cut, place_of
from tocsin.api.v1.once import once_shown
from tocsin.api.v1.plain import when
from tocsin.store import accounts as store
from tocsin.store.accounts import Account


class AccountView(Struct, frozen=True):
    """One account. `has_password`: whether one was set; the password itself nobody can see."""

    id: str
    login: str
    person: str | None
    role: str
    has_password: bool
    created_at: str | None
    changed_at: str | None
    disabled_at: str | None


class Accounts(Struct, frozen=True):
    """Some of them; `cursor` leads to the next ones, null at the end."""

    accounts: tuple[AccountView, ...]
    cursor: str | None


class Admitted(Struct, frozen=True):
    """`link` is shown here and never again; it is good once, until `expires_at`."""

    account: AccountView
    link: str
    expires_at: str | None


class Wanted(Struct, frozen=True, forbid_unknown_fields=True):
    login: str
    role: Role
    person: str = ""


class Changed(Struct, frozen=True, forbid_unknown_fields=True):
    """What is left out stays as it is; a person of "" is none."""

    role: Role | None = None
    person: str | None = None
    disabled: bool | None = None


class Inviting(Struct, frozen=True, forbid_unknown_fields=True):
    """`reset` ends sessions and password at once; `invite` only lets them set another."""

    purpose: Literal["invite", "reset"] = "invite"


@get("/accounts", opt={"verb": "account.read"}, sync_to_thread=True)
def accounts(request: Asked, limit: FromQuery[int] = MOST, cursor: FromQuery[str] = "") -> Accounts:
    """All of them by login; for most callers their own alone."""
    caller, most, after = caller_of(request), max(1, min(limit, MOST)), place_of(cursor, str) or ""
    kept = here(request).read(store.everything)
    found = [one for one in kept if one.login > after and _may(caller, "account.read", one) == "yes"]
    shown, more = cut(found, most, lambda one: one.login)
    return Accounts(tuple(_view(one) for one in shown), more)


@post("/accounts", opt={"verb": "account.edit", "takes": Wanted}, status_code=201)
async def create(request: Asked) -> Admitted:
    """Make one, with the link by which its owner sets a password."""
    at, by = here(request), caller_of(request).by
    wanted = await body_of(request, Wanted)
    person = person_of(wanted.person, at.site.worlds.world().rulebook, "person") if wanted.person else ""
    now = at.now()
    try:
        account, text = await once_shown(
            request,
            lambda connection: administration.admit(connection, wanted.login, wanted.role, person, by, now),
            lambda made: made[0].id,
        )
    except RefusedError as refused:
        raise refused_problem(refused) from None
    return _admitted(at, account, text)


@patch("/accounts/{account:str}", opt={"verb": "account.edit", "takes": Changed, "also": (409,)})
async def change(request: Asked, account: FromPath[str]) -> AccountView:
    """Another role or person; or disable it, which ends its sessions everywhere within a minute, or enable it again."""
    at, by = here(request), caller_of(request).by
    wanted = await body_of(request, Changed)
    if wanted.person:
        person_of(wanted.person, at.site.worlds.world().rulebook, "person")
    asked, now = Change(wanted.role, wanted.person, wanted.disabled), at.now()
    try:
        changed = await at.gate.write(
            lambda connection: administration.change(
                connection, administration.the(connection, account).id, asked, by, now
            )
        )
    except RefusedError as refused:
        raise refused_problem(refused) from None
    return _view(changed)


@post("/accounts/{account:str}/invitation", opt={"verb": "account.edit", "takes": Inviting}, status_code=201)
async def invite(request: Asked, account: FromPath[str]) -> Admitted:
    """A new link for its owner; those before it are void."""
    at, by = here(request), caller_of(request).by
    purpose, now = (await body_of(request, Inviting)).purpose, at.now()
    try:
        kept, text = await once_shown(
            request,
            lambda connection: administration.readmit(connection, account, purpose, by, now),
            lambda made: made[0].id,
        )
    except RefusedError as refused:
        raise refused_problem(refused) from None
    return _admitted(at, kept, text)


class SetUp(Struct, frozen=True):
    """The link makes the first admin; it is good once, until `expires_at`."""

    link: str
    expires_at: str | None


@post("/setup", opt={"verb": "account.edit"}, status_code=201)
async def set_up(request: Asked) -> SetUp:
    """A new link that makes the first admin, while there is no account; those before it are void."""
    at = here(request)
    try:
        text = await once_shown(request, lambda connection: administration.first(connection, at.now()), lambda _: "")
    except RefusedError as refused:
        raise refused_problem(refused) from None
    return SetUp(f"{at.site.url}/setup/{text}", when(at.now() + administration.INVITED))


def _admitted(at: Here, account: Account, text: str) -> Admitted:
    return Admitted(_view(account), f"{at.site.url}/setup/{text}", when(at.now() + administration.INVITED))


def _view(one: Account) -> AccountView:
    return AccountView(
        one.id, one.login, one.person or None, one.role, bool(one.password), when(one.created_at), when(one.changed_at),
        when(one.disabled_at),
    )  # fmt: skip


def about_account(caller: Caller, account: Account) -> About:
    """An account is its owner's own, and nobody else's."""
    return About(people=frozenset((caller.by,))) if account.id == caller.account else About()


def _may(caller: Caller, verb: Verb, account: Account) -> str:
    return allowed(caller, verb, about_account(caller, account))


async def the_account(request: Asked, name: str, verb: Verb) -> Account:
    """The account of that id or login, if the caller may do that with it. Raises Problem 403 or 404.

    Whoever may do it with their own alone is told the same of one that is another's and of one that is nobody's.
    """
    at, caller = here(request), caller_of(request)
    try:
        account = await at.gate.read(lambda connection: administration.the(connection, name))
    except RefusedError as refused:
        if reach_of(caller, verb) != "all":
            raise forbidden(caller, verb) from None
        raise refused_problem(refused) from None
    if _may(caller, verb, account) != "yes":
        raise forbidden(caller, verb)
    return account


_SAID: dict[Code, str] = {
    "login": "login: 1 to 80 of a-z 0-9 . _ @ + -, beginning and ending with a letter or a figure.",
    "taken": "login: there is an account of that name.",
    "last-admin": "It is the last admin: nobody could put anything right any more.",
    "set-up": "There is an account already.",
    "used": "The link was used, or is too old.",
}


def refused_problem(refused: RefusedError) -> Problem:
    """Why it was not done."""
    if refused.code == "unknown":
        return Problem(404, "unknown", "There is no such account.", "GET /api/v1/accounts lists them.")
    if refused.code == "login":
        return invalid(_SAID["login"])
    return Problem(409, refused.code, _SAID[refused.code])
