"""Accounts: somebody is let in by a link that is good once, gets another role, is locked out, is signed out."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath, FromQuery
from sqlalchemy import Connection

from tocsin.access import accounts as administration
from tocsin.access.accounts import INVITED, Change, RefusedError
from tocsin.access.permissions import ROLES, role_of
from tocsin.core.instant import Instant
from tocsin.lib.browsers import called
from tocsin.store import sessions
from tocsin.store.accounts import Account
from tocsin.store.sessions import Session
from tocsin.web.entrance import ForbiddenError
from tocsin.web.here import Asked, Here, here
from tocsin.web.layout.render import trouble
from tocsin.web.pages.settings.people import Held, Wanted, held, listing, sees_accounts
from tocsin.web.pages.settings.places import Seat, allowed_to, back_to, form_of, seated

__all__ = ["act", "invite", "show"]

PEOPLE = "/settings/people"
HURTS = ("disable", "reset", "sessions")
"""What is asked for once more."""


@post(f"{PEOPLE}/invite", status_code=200)
async def invite(request: Asked) -> Response[Any]:
    """A new account, and the link by which its owner sets a password; this answer alone shows it."""
    at, seat = here(request), await seated(request, "people")
    first = allowed_to(request, "account.edit", PEOPLE)
    if first is not None:
        return first
    form = await form_of(request)
    person, role = form.get("person", ""), form.get("role", "")
    if role not in ROLES or (person and person not in at.site.worlds.world().rulebook.people):
        return await listing(at, seat, Wanted(), 422, "nobody")
    by, now, login = seat.frame.viewer.by, at.now(), form.get("login", "") or person
    try:
        account, text = await at.gate.write(
            lambda connection: administration.admit(connection, login, role_of(role), person, by, now)
        )
    except RefusedError as refused:
        return await listing(at, seat, Wanted(), 422, refused.code)
    return _admitted(at, seat, account, text, "invite")


@get(f"{PEOPLE}/accounts/{{account:str}}")
async def show(request: Asked, account: FromPath[str], wrong: FromQuery[str] = "") -> Response[str]:
    """One account: its role, where it is signed in, and what can be done with it."""
    at, seat = here(request), await _among(request)
    return await _page(at, seat, account, wrong="last_admin" if wrong == "last-admin" else "")


async def _among(request: Asked) -> Seat:
    seat = await seated(request, "people")
    if not sees_accounts(seat):
        raise ForbiddenError
    return seat


async def _page(at: Here, seat: Seat, name: str, status: int = 200, wrong: str = "") -> Response[str]:
    found = await at.gate.read(lambda connection: _whole(connection, name, at.now()))
    if found is None:
        return trouble(seat.frame.now, seat.frame.reader, 404, "unknown")
    account, live = found
    return seat.shown("account", status, account=account, sessions=live, roles=ROLES, called=called, wrong=wrong)


def _whole(connection: Connection, name: str, now: Instant) -> tuple[Account, list[Session]] | None:
    try:
        account = administration.the(connection, name)
    except RefusedError:
        return None
    return account, sessions.live(connection, now, account.id)


@post(f"{PEOPLE}/accounts/{{account:str}}/{{act:str}}", status_code=200)
async def act(request: Asked, account: FromPath[str], act: FromPath[str]) -> Response[Any]:
    """Do one thing with it; what hurts is asked for once more."""
    at, seat = here(request), await _among(request)
    place = f"{PEOPLE}/accounts/{account}"
    first = allowed_to(request, "account.edit", place)
    if first is not None:
        return first
    found, form = await at.gate.read(lambda connection: _whole(connection, account, at.now())), await form_of(request)
    if found is None or act not in (*_ACTS, "invite", "reset"):
        return trouble(seat.frame.now, seat.frame.reader, 404, "unknown")
    if act in HURTS and form.get("sure") != "yes":
        return await _asked(at, seat, act, found, form)
    return await _done(at, seat, act, found[0], form)


async def _asked(
    at: Here, seat: Seat, act: str, found: tuple[Account, list[Session]], form: Mapping[str, str]
) -> Response[str]:
    """What it would end, and what its person holds in the days to come."""
    account, live = found
    place = f"{PEOPLE}/accounts/{account.id}"
    shifts: tuple[Held, ...] = ()
    if act == "disable" and account.person:
        shifts = await asyncio.to_thread(held, at, account.person, seat.frame.now)
    return seat.sure(
        act, f"{place}/{act}", place, form, {"login": account.login, "n": str(len(live))}, shifts=shifts
    )  # fmt: skip


async def _done(at: Here, seat: Seat, act: str, account: Account, form: Mapping[str, str]) -> Response[Any]:
    by, now = seat.frame.viewer.by, at.now()
    try:
        if act in ("invite", "reset"):
            kept, text = await at.gate.write(
                lambda connection: administration.readmit(
                    connection, account.id, "reset" if act == "reset" else "invite", by, now
                )
            )
            return _admitted(at, seat, kept, text, act)
        await at.gate.write(lambda connection: _ACTS[act](connection, account, form, by, now))
    except RefusedError as refused:
        wrong = refused.code.replace("-", "_")
        return await _page(at, seat, account.id, 409, wrong)
    return back_to(f"{PEOPLE}/accounts/{account.id}")


def _admitted(at: Here, seat: Seat, account: Account, text: str, why: str) -> Response[str]:
    link = f"{at.site.url}/setup/{text}"
    return seat.shown("admitted", 201, account=account, link=link, until=at.now() + INVITED, why=why)


# ------------------------------------------------------------------------------------------------ the acts

Form = Mapping[str, str]


def _role(connection: Connection, account: Account, form: Form, by: str, now: Instant) -> None:
    role = form.get("role", "")
    if role in ROLES:
        administration.change(connection, account.id, Change(role=role_of(role)), by, now)


def _able(connection: Connection, account: Account, by: str, now: Instant, *, disabled: bool) -> None:
    administration.change(connection, account.id, Change(disabled=disabled), by, now)


def _sessions(connection: Connection, account: Account, _: Form, by: str, now: Instant) -> None:
    administration.sign_out(connection, account, by, now)


_ACTS: dict[str, Callable[[Connection, Account, Form, str, Instant], None]] = {
    "role": _role,
    "disable": lambda connection, account, _, by, now: _able(connection, account, by, now, disabled=True),
    "enable": lambda connection, account, _, by, now: _able(connection, account, by, now, disabled=False),
    "sessions": _sessions,
}
