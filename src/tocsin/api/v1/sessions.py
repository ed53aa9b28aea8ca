"""Who am I; where somebody is signed in; and ending that."""

from litestar import delete, get, post
from litestar.datastructures import Cookie
from litestar.params import FromPath
from litestar.response import Response
from msgspec import Struct

from tocsin.access.accounts import sign_out, sign_out_of
from tocsin.access.passwords import complaint
from tocsin.access.permissions import TABLE, Caller, reach_of
from tocsin.access.signin import Browser, In, Wait
from tocsin.api.here import KNOWN, Asked, caller_of, here
from tocsin.api.problem import Problem
from tocsin.api.reading import body_of, invalid
from tocsin.api.v1.accounts import the_account
from tocsin.api.v1.plain import when
from tocsin.core.instant import SECOND
from tocsin.store import sessions as store
from tocsin.store.sessions import Session


class Me(Struct, frozen=True):
    """Who asks, and how far each verb goes for them: `no` ones are left out."""

    name: str
    role: str
    person: str | None
    teams: tuple[str, ...]
    session: str | None
    proved_at: str | None
    may: dict[str, str]


class SessionView(Struct, frozen=True):
    """One place where somebody is signed in."""

    id: str
    method: str
    trusted: bool
    current: bool
    created_at: str | None
    seen_at: str | None
    ends_at: str | None
    address: str
    agent: str


class Listed(Struct, frozen=True):
    sessions: tuple[SessionView, ...]


class Proof(Struct, frozen=True, forbid_unknown_fields=True):
    """The password; for a session that began with a token, the token."""

    password: str


class Proved(Struct, frozen=True):
    """Until when what is sensitive is not asked for again; the cookie is another one now."""

    until: str | None


@get("/session", opt={"verb": KNOWN}, sync_to_thread=False)
def me(request: Asked) -> Me:
    """Who am I?"""
    caller = caller_of(request)
    reaches = {verb: reach_of(caller, verb) for verb in TABLE}
    return Me(
        caller.name, caller.role, caller.person, tuple(sorted(caller.teams)), caller.session or None,
        when(caller.proved_at) if caller.session else None,
        {verb: reach for verb, reach in reaches.items() if reach != "no"},
    )  # fmt: skip


@post("/session/proof", opt={"verb": KNOWN, "takes": Proof}, status_code=200)
async def prove(request: Asked) -> Response[Proved]:
    """Show again who you are; what is sensitive needs it when that was 15 minutes ago."""
    at, caller = here(request), caller_of(request)
    if not caller.session:
        raise Problem(409, "no-session", "Only a session is asked who it is; a token shows it each time.")
    proof = await body_of(request, Proof)
    found = await at.sign_in.again(caller, proof.password, _browser(request))
    match found:
        case In():
            answer = Response(Proved(when(found.session.proved_at + 15 * 60 * SECOND)))
            answer.set_cookie(_cookie(at.gate.cookie(), found, secure=at.gate.secure))
            return answer
        case Wait():
            seconds = -(-found.after // SECOND)
            raise Problem(429, "wait", f"Too many tries; again in {seconds} s.", retry_after=seconds)
        case None:
            raise Problem(403, "wrong", "That is not it.")


def _cookie(name: str, found: In, *, secure: bool) -> Cookie:
    lasts = (found.session.ends_at - found.session.proved_at) // SECOND if found.session.trusted else None
    return Cookie(name, value=found.cookie, path="/", httponly=True, secure=secure, samesite="lax", max_age=lasts)


def _browser(request: Asked) -> Browser:
    at = here(request)
    device = request.cookies.get(at.gate.cookie("tocsin-device"), "")
    return Browser(request.client.host if request.client is not None else "", device=device)


class Chosen(Struct, frozen=True, forbid_unknown_fields=True):
    password: str


@post("/session/password", opt={"verb": "account.secure", "takes": Chosen}, status_code=204)
async def choose(request: Asked) -> None:
    """Another password of one's own; sessions elsewhere end."""
    at, caller = here(request), caller_of(request)
    if not caller.account:
        raise Problem(409, "no-session", "Only an account has a password.")
    chosen = (await body_of(request, Chosen)).password
    wrong = complaint(chosen, caller.name, *caller.name.split("@"), caller.person or "")
    if wrong:
        raise invalid(f"password: {_WRONG[wrong]}.")
    await at.sign_in.change_password(caller, chosen)


_WRONG = {
    "short": "at least 12 characters",
    "long": "at most 256 characters",
    "guessable": "others would guess that one early; take a few words that do not belong together",
}


# --------------------------------------------------------------------------------------------- of all


@get("/accounts/{account:str}/sessions", opt={"verb": "account.read"})
async def sessions(request: Asked, account: FromPath[str]) -> Listed:
    """Where that account is signed in, the last seen first."""
    at, caller = here(request), caller_of(request)
    kept = await the_account(request, account, "account.read")
    found = await at.gate.read(lambda connection: store.live(connection, at.now(), kept.id))
    return Listed(tuple(_view(one, caller) for one in found))


@delete("/accounts/{account:str}/sessions", opt={"verb": "session.end"}, status_code=204)
async def end_all(request: Asked, account: FromPath[str]) -> None:
    """Sign it out everywhere but here."""
    at, caller = here(request), caller_of(request)
    kept = await the_account(request, account, "session.end")
    await at.gate.write(lambda connection: sign_out(connection, kept, caller.by, at.now(), caller.session))


@delete("/accounts/{account:str}/sessions/{session:str}", opt={"verb": "session.end"}, status_code=204)
async def end(request: Asked, account: FromPath[str], session: FromPath[str]) -> None:
    """Sign it out there; it is over here at once, within a minute everywhere."""
    at, by = here(request), caller_of(request).by
    kept = await the_account(request, account, "session.end")
    if not await at.gate.write(lambda connection: sign_out_of(connection, kept, session, by, at.now())):
        raise Problem(404, "unknown", "There is no such session.")


def _view(one: Session, caller: Caller) -> SessionView:
    return SessionView(
        one.id, one.method, one.trusted, one.id == caller.session, when(one.created_at), when(one.seen_at),
        when(one.ends_at), one.address, one.agent,
    )  # fmt: skip
