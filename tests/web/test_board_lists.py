"""A list that is kept for all who look at the board: never older than the last change, never another reader's."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager

import httpx
import msgspec
import pytest

from tests.cast import MINUTE, small_rulebook
from tests.doors import Running, running
from tests.insiders import COOKIE, account, cookie_for
from tests.web.test_board import rows
from tocsin.access.permissions import Role
from tocsin.core.routing.criterion import Criterion, Raise
from tocsin.store.queries.board import Filter
from tocsin.web.pages.board.lists import Ask, Lists
from tocsin.web.pages.board.wanted import wanted

HUSH = Criterion("hush", "signal.severity == 'critical'", Raise(confidential=True))
READERS: tuple[tuple[str, Role, str], ...] = (
    ("dana", "responder", "dana"),
    ("gita", "responder", "gita"),
    ("omar", "admin", "omar"),
    ("wall", "viewer", ""),
    ("lena", "security-audit", "lena"),
)
CONCERNED = {"dana", "lena"}


@pytest.fixture
def hushed(store_url: str) -> Iterator[Running]:
    """Where critical incidents are confidential."""
    with running(store_url, rulebook=small_rulebook(criteria=(HUSH,))) as here:
        yield here


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(30):
        while not true():  # noqa: ASYNC110  what is waited for has no event
            await asyncio.sleep(0.01)


@asynccontextmanager
async def watched(here: Running) -> AsyncIterator[None]:
    """Somebody has the board open, so that lists are kept."""
    with here.site.changes.watch():
        await until(lambda: here.site.changes.watched)
        yield
    await until(lambda: not here.site.changes.looking)


def cookies(here: Running) -> dict[str, str]:
    return {name: cookie_for(here, account(here, name, role, person)) for name, role, person in READERS}


async def read(here: Running, cookie: str, path: str) -> httpx.Response:
    answer = await here.client.get(path, headers={"cookie": f"{COOKIE}={cookie}"})
    assert answer.status_code == 200
    return answer


@pytest.mark.parametrize("first", ["dana", "gita", "omar", "wall", "lena"])
@pytest.mark.parametrize("path", ["/board/fresh", "/board/fresh?status=all", "/board/fresh?q=inc-"])
async def test_whoever_looks_first_everybody_sees_what_exists_for_them(hushed: Running, first: str, path: str) -> None:
    who = cookies(hushed)
    await hushed.post(title="Insider at work")
    await hushed.post(key="plain", severity="error", title="Orders are slow")
    async with watched(hushed):
        for name in [first, *(one for one in who if one != first)]:
            told = (await read(hushed, who[name], path)).json()
            assert ("INC-1" in told["order"], "INC-2" in told["order"]) == (name in CONCERNED, True)
            assert told["waiting"] == (2 if name in CONCERNED else 1)
            assert ("Insider" in msgspec.json.encode(told).decode()) is (name in CONCERNED)


async def test_pages_say_nothing_of_what_was_left_out(hushed: Running) -> None:
    who = cookies(hushed)
    for number in range(230):
        severity = "critical" if number % 2 else "error"
        await hushed.post(key=str(number), title=f"Trouble {number}", severity=severity, labels={"service": "checkout"})
        hushed.clock.advance_to(hushed.clock.now() + 1)
    for name, pages in (("gita", [100, 100, 30]), ("dana", [100, 15]), ("wall", [100, 15])):
        found: list[list[str]] = []
        path = "/"
        while path:
            html = (await read(hushed, who[name], path)).text
            found.append(rows(html))
            following = re.search(r'rel="next" href="([^"]+)"', html)
            path = following[1].replace("&amp;", "&") if following else ""
            place = wanted(httpx.URL(path).params).after if path else None
            assert place is None or place.id in html
        assert [len(page) for page in found] == pages
        assert len({one for page in found for one in page}) == sum(pages)


async def test_what_changes_while_nobody_watches_is_on_the_board_of_the_next_who_does(hushed: Running) -> None:
    who = cookies(hushed)
    async with watched(hushed):
        assert (await read(hushed, who["dana"], "/board/fresh")).json()["order"] == []
    await hushed.post()
    hushed.clock.advance_to(hushed.clock.now() + 10 * MINUTE)
    async with watched(hushed):
        assert (await read(hushed, who["dana"], "/board/fresh")).json()["order"] == ["INC-1"]


async def test_a_list_is_read_once_for_a_version_and_anew_for_who_is_not_told_of_changes(store_url: str) -> None:
    with running(store_url) as here:
        lists, ask = Lists(), Ask(Filter(), None, ended=True)
        with here.site.ledger.read() as connection:
            kept = lists.listed(connection, ask, 1)
            assert lists.listed(connection, ask, 1) is kept
        await here.post()
        with here.site.ledger.read() as connection:
            assert lists.listed(connection, ask, 1) is kept
            assert [row.id for row in lists.listed(connection, ask, 2).rows] == ["INC-1"]
            assert lists.listed(connection, ask, 1) is not kept
            assert [row.id for row in lists.listed(connection, ask, None).rows] == ["INC-1"]
