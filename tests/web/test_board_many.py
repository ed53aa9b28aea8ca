"""Very many browsers that come in one moment: none is refused, and nobody is believed who was ended meanwhile."""

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from msgspec.structs import replace

from tests.doors import Running, running
from tests.insiders import COOKIE, account, cookie_for, gate_of
from tocsin.access.accounts import Change, change
from tocsin.access.permissions import Caller
from tocsin.access.together import Together
from tocsin.app import THREADS
from tocsin.core.ids import PersonId, TeamId
from tocsin.store.errors import StoreBusy
from tocsin.web.pages.board.answers import rights

MANY = 200
TOO_LONG = 2.5
"""Seconds; whoever waits so long for a connection to PostgreSQL is refused."""


@pytest.fixture
def crowded(postgres_url: str) -> Iterator[Running]:
    """Over PostgreSQL, whose connections are fewer than the threads."""
    with running(postgres_url) as here:
        yield here


async def test_boards_that_open_all_at_once_wait_for_a_store_that_is_slow_to_know_them(
    crowded: Running, postgres_url: str
) -> None:
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(THREADS))
    whose = account(crowded, "dana")
    cookies = [cookie_for(crowded, whose) for _ in range(MANY)]
    with psycopg.connect(postgres_url) as slow:
        slow.execute("lock table sessions in access exclusive mode")
        answers = [
            asyncio.create_task(crowded.client.get("/board/fresh", headers={"cookie": f"{COOKIE}={one}"}))
            for one in cookies
        ]
        await asyncio.sleep(TOO_LONG)
        slow.rollback()
        assert {(await one).status_code for one in answers} == {200}


async def test_whoever_asks_after_something_was_ended_shares_no_answer_from_before(here: Running) -> None:
    gate, whose = gate_of(here), account(here, "dana")
    cookie = cookie_for(here, whose)
    before = asyncio.create_task(gate.by_cookie(cookie))
    await asyncio.sleep(0)  # it is asked now
    now = here.clock.now()
    await gate.write(lambda connection: change(connection, whose.id, Change(disabled=True), "tests", now))
    await before
    assert await gate.by_cookie(cookie) is None


async def test_one_answer_serves_all_who_ask_meanwhile_and_the_next_is_asked_anew() -> None:
    together: Together[str, int] = Together()
    given = iter(range(10))
    assert await asyncio.gather(*(together.ask("one", lambda: next(given)) for _ in range(3))) == [0, 0, 0]
    assert await together.ask("one", lambda: next(given)) == 1
    asked = asyncio.create_task(together.ask("one", lambda: next(given)))
    await asyncio.sleep(0)
    together.forget()
    assert await together.ask("one", lambda: next(given)) != await asked


async def test_whoever_gets_no_turn_in_time_is_told_that_the_store_is_busy() -> None:
    together: Together[str, str] = Together(most=0, patience=0)
    with pytest.raises(StoreBusy):
        await together.ask("one", lambda: "never")


def test_only_who_may_know_the_same_is_told_the_same() -> None:
    dana = Caller("dana", "responder", PersonId("dana"), frozenset((TeamId("database"),)), account="1", session="a")
    assert rights(dana) == rights(replace(dana, session="b", proved_at=7))
    others = (
        replace(dana, role="team-lead"),
        replace(dana, person=PersonId("eve")),
        replace(dana, person=None),
        replace(dana, teams=frozenset()),
        replace(dana, scopes=("*.read",)),
        replace(dana, opened=frozenset(("INC-1",))),
    )
    assert len({rights(one) for one in (dana, *others)}) == len(others) + 1
    walls = [Caller(name, "viewer", account=name) for name in ("lobby", "kitchen")]
    assert rights(walls[0]) != rights(walls[1])
