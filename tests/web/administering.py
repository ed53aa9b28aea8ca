"""Somebody who administers an installation by its pages: forms as a browser sends them, and what was written down."""

from typing import Any

import httpx

from tests.doors import Running
from tests.insiders import csrf
from tests.web.reading import Taken
from tocsin.core.instant import MINUTE
from tocsin.store import audit_log
from tocsin.store.audit_log import Entry


async def read(here: Running, path: str, status: int = 200) -> Taken:
    """A page."""
    answer = await here.client.get(path)
    assert answer.status_code == status, answer.text
    return Taken(answer.text)


async def send(here: Running, path: str, **form: Any) -> httpx.Response:
    """A form of a page, with what its session shows."""
    return await here.client.post(path, data={"csrf": await csrf(here)} | form)


def deeds(here: Running, what: str = "") -> list[Entry]:
    """What was written down, the newest first."""
    with here.site.ledger.read() as connection:
        return audit_log.latest(connection, 100, what=what)


def secret_of(html: str) -> str:
    """What a page shows once."""
    beginning = html.index('id="secret">') + len('id="secret">')
    return html[beginning : html.index("<", beginning)]


async def asks_who_it_is(here: Running, path: str, **form: Any) -> None:
    """A quarter of an hour after signing in, that act wants to be shown again who one is."""
    shown = await csrf(here)
    here.clock.advance_to(here.clock.now() + 16 * MINUTE)
    answer = await here.client.post(path, data={"csrf": shown} | form)
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/signin/again?next=/settings")
