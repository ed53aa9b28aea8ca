"""Accounts and sessions of the cast, for tests of the doors: made in the store, without the cost of a password."""

import re
from typing import Any

import httpx

from tests.doors import URL, Running
from tocsin.access.accounts import create
from tocsin.access.gate import Gate
from tocsin.access.permissions import Caller, Role
from tocsin.access.sessions import begin
from tocsin.store import sessions
from tocsin.store.accounts import Account

PASSWORD = "lamp river onion"
HASH = "$argon2id$v=19$m=65536,t=3,p=1$iDzMl53M7Y0VoZkgvyNbZQ$eixDqcstRz5hWYXINfbTMxyxYk0Vo6up28viGxgyko0"
"""Of PASSWORD."""
COOKIE = "__Host-tocsin"


def account(
    here: Running, login: str, role: Role = "responder", person: str | None = None, password: str = ""
) -> Account:
    """An account of the person of the same name; `password` is a hash."""
    who = login if person is None else person
    now = here.clock.now()
    return here.site.ledger.transact(lambda tx: create(tx.connection, login, role, who, "tests", now, password))


def cookie_for(here: Running, whose: Account, *, trusted: bool = False) -> str:
    """The cookie of a new session of theirs."""
    text, session = begin(whose, "password", here.clock.now(), trusted=trusted)
    here.site.ledger.transact(lambda tx: sessions.add(tx.connection, session))
    return text


def sit_down(here: Running, login: str, role: Role = "responder", person: str | None = None, **how: Any) -> Account:
    """Sign the client in as somebody new."""
    made = account(here, login, role, person)
    show(here, cookie_for(here, made, **how))
    return made


def show(here: Running, cookie: str) -> None:
    """Let the client show that cookie from now on."""
    here.client.cookies.set(COOKIE, cookie, domain=URL.partition("//")[2], path="/")


def another_browser(here: Running) -> httpx.AsyncClient:
    """A client of its own in front of the same doors."""
    return httpx.AsyncClient(transport=here.client._transport, base_url=URL)


async def csrf(here: Running, client: httpx.AsyncClient | None = None) -> str:
    """What the forms of that browser's session show."""
    page = (await (client or here.client).get("/")).text
    found = re.search(r'name="csrf" value="([^"]+)"', page)
    assert found is not None, "no form on the page shows anything"
    return found[1]


def gate_of(here: Running) -> Gate:
    """A gate of another process on the same store: it has other memories."""
    return Gate(here.site.ledger, here.clock, lambda: here.site.worlds.world().rulebook, URL, here.site.secret)


async def caller_of(here: Running, cookie: str) -> Caller | None:
    """Whose cookie that is, for a process that never saw it before."""
    return await gate_of(here).by_cookie(cookie)
