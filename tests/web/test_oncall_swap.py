"""Swapping on the page: one of mine for one of theirs, answered by whom it was offered to, and by nobody else."""

import re
from collections.abc import Iterator

import pytest

from tests.cast import DANA, EVE, MONDAY
from tests.doors import Running
from tests.insiders import sit_down
from tests.oncalling import enter, page, stored, words, world
from tests.web.administering import send
from tocsin.core.ids import ScheduleId
from tocsin.core.instant import DAY, HOUR, Span
from tocsin.core.oncall.override import Absence, Swap

PRIMARY = ScheduleId("infra-primary")
WEEK = 7 * DAY
THIRD = MONDAY + 3 * WEEK
"""When Dana's next shift begins that she can swap."""


@pytest.fixture
def here(sqlite_url: str) -> Iterator[Running]:
    """Acme Retail as Dana sees it, who is on call this week, and again in three."""
    with stored(sqlite_url) as standing:
        sit_down(standing, "dana")
        yield standing


def offered(here: Running) -> Swap:
    made = Swap("s", PRIMARY, DANA, EVE, Span(THIRD, THIRD + WEEK), Span(MONDAY + WEEK, MONDAY + 2 * WEEK))
    enter(here, made)
    return made


def choices(markup: str, field: str) -> list[str]:
    listed = markup[markup.index(f'name="{field}"') :]
    return re.findall(r'<option value="([^"]+)"', listed[: listed.index("</select>")])


async def test_one_offers_a_shift_of_ones_own_for_one_of_somebody_elses(here: Running) -> None:
    markup = (await here.client.get("/oncall/swap?schedule=infra-primary")).text
    mine, theirs = choices(markup, "give"), choices(markup, "take")
    assert {one.rpartition("-")[2] for one in mine} == {"dana"}
    assert {one.rpartition("-")[2] for one in theirs} == {"eve", "finn"}
    answer = await send(here, "/oncall/swap", schedule="infra-primary", give=mine[0], take=theirs[0])
    [made] = world(here).facts.swaps
    assert (made.person, made.other, made.give.start, made.take.start) == (DANA, EVE, THIRD, MONDAY + WEEK)
    told = await page(here, answer.headers["location"])
    assert "The swap is offered." in told
    assert "Dana Levi offers Eve Martin a swap" in told
    assert "Withdraw" in told
    assert "Accept" not in told


async def test_whom_it_was_offered_to_accepts_it_and_both_find_it_in_the_schedule(here: Running) -> None:
    offered(here)
    sit_down(here, "eve")
    assert "Accept" in await page(here)
    answer = await send(here, "/oncall/swap/s/accept")
    assert "Swapped. Both have been told." in await page(here, answer.headers["location"])
    told = await page(here, "/oncall?day=2026-01-14")
    assert "Swapped with Eve Martin" in told
    assert [one.person for one in world(here).facts.overrides] == [EVE, DANA]
    assert "no longer on offer" in await page(here, (await send(here, "/oncall/swap/s/decline")).headers["location"])


@pytest.mark.parametrize(("login", "word", "status"), [("dana", "accept", 403), ("finn", "accept", 403),
    ("eve", "withdraw", 403), ("gita", "decline", 403), ("eve", "shrug", 404)])  # fmt: skip
async def test_nobody_answers_in_anothers_place(here: Running, login: str, word: str, status: int) -> None:
    offered(here)
    if login != "dana":
        sit_down(here, login)
    assert (await send(here, f"/oncall/swap/s/{word}")).status_code == status
    assert world(here).facts.swaps[0].state == "offered"


async def test_declined_and_withdrawn_are_told_and_change_nothing(here: Running) -> None:
    offered(here)
    assert "Withdrawn." in await page(here, (await send(here, "/oncall/swap/s/withdraw")).headers["location"])
    assert world(here).facts.overrides == ()
    assert "Swaps on offer" not in await page(here)


async def test_what_no_longer_fits_is_said_and_entered_nowhere(here: Running) -> None:
    offered(here)
    enter(here, Absence("a", EVE, THIRD, THIRD + HOUR))
    sit_down(here, "eve")
    answer = await send(here, "/oncall/swap/s/accept")
    assert "the swap no longer fits" in await page(here, answer.headers["location"])
    assert world(here).facts.overrides == ()


async def test_a_refused_offer_says_why_and_what_would_help(here: Running) -> None:
    enter(here, Absence("a", EVE, THIRD, THIRD + HOUR))
    markup = (await here.client.get("/oncall/swap?schedule=infra-primary")).text
    give, take = choices(markup, "give")[0], choices(markup, "take")[0]
    fields = {"schedule": "infra-primary", "give": give}
    told = words((await send(here, "/oncall/swap", **fields, take=take)).text)
    assert "Eve Martin is away, Mon 26 Jan 09:00 – 10:00." in told
    told = words((await send(here, "/oncall/swap", **fields, take="nonsense")).text)
    assert "That is no shift to come. Choose one from the list." in told
    assert world(here).facts.swaps == ()
    assert (await send(here, "/oncall/swap", **fields | {"give": take}, take=take)).status_code == 403


async def test_where_there_is_nothing_to_swap_the_page_says_what_does_without(here: Running) -> None:
    sit_down(here, "frank", "team-lead")
    told = await page(here, "/oncall/swap?schedule=infra-primary")
    assert "An override does without." in told
