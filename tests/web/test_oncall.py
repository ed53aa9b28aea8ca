"""The page of on-call schedules: who is on now and why, a week and a month, gaps in words, who may change anything."""

import re
from collections.abc import Iterator

import pytest

from tests.cast import DANA, EVE, GITA, MONDAY, small_rulebook
from tests.doors import Running, running
from tests.insiders import sit_down
from tests.oncalling import enter, page, stored
from tocsin.access.permissions import Role
from tocsin.core.ids import ScheduleId
from tocsin.core.instant import DAY, HOUR, parse_instant
from tocsin.core.oncall.override import Absence, Override
from tocsin.web.pages.oncall.window import window

PRIMARY = ScheduleId("infra-primary")


@pytest.fixture
def here(sqlite_url: str) -> Iterator[Running]:
    """Acme Retail, out of the store."""
    with stored(sqlite_url) as standing:
        yield standing


async def test_it_says_who_is_on_now_until_when_why_and_who_comes_next(here: Running) -> None:
    sit_down(here, "frank")
    told = await page(here)
    assert "infra-primary Dana Levi until Mon 12 Jan 09:00, then Eve Martin Turn 1 of layer 1" in told
    assert "infra-secondary Eve Martin until Mon 12 Jan 09:00, then Finn Berg" in told
    assert "Comes 1 after whoever is on in infra-primary" in told


async def test_whoever_is_on_reads_so_in_the_first_line_and_finds_their_own_hours_marked(here: Running) -> None:
    sit_down(here, "dana")
    told = await page(here)
    assert told.startswith(" You are on call until Mon 12 Jan 09:00 ")
    markup = (await here.client.get("/oncall")).text
    marked = re.findall(r'class="bar on [^"]*mine[^"]*" data-line="([^"]*)"', markup)
    assert marked == ["infra-primary-1"]


async def test_a_gap_is_said_in_words_and_drawn_and_a_meant_one_is_no_alarm(here: Running) -> None:
    sit_down(here, "frank")
    enter(here, Absence("a", GITA, MONDAY - HOUR, MONDAY + DAY))
    told, markup = await page(here), (await here.client.get("/oncall")).text
    assert told.startswith(" Nobody is on call in payments-primary ")
    assert "Nobody from Mon 5 Jan 00:00 to Tue 6 Jan 09:00" in told
    assert "Gita Rao is away" in told
    assert 'class="bar gap' in markup
    weekend = markup[markup.index('id="weekend-duty"') :]
    assert 'class="bar gap' not in weekend
    assert 'class="bar meant' in weekend
    assert "Layer 1 has nobody outside weekend" in told


async def test_an_override_is_drawn_in_a_lane_of_its_own_and_gives_its_reason(here: Running) -> None:
    sit_down(here, "frank")
    enter(here, Override("o", PRIMARY, MONDAY + DAY, MONDAY + 2 * DAY, EVE, of=DANA, reason="dentist"))
    told, markup = await page(here), (await here.client.get("/oncall")).text
    assert "In place of Dana Levi: dentist" in told
    assert "Eve Martin instead of Dana Levi Tue 6 Jan 09:00 – Wed 7 Jan 09:00" in told
    assert markup.count('class="bar override') == 1


async def test_the_address_leads_to_any_week_or_month_and_back(here: Running) -> None:
    sit_down(here, "frank")
    told = await page(here, "/oncall?view=month&day=2026-02-11")
    assert "February 2026" in told
    markup = (await here.client.get("/oncall?view=month&day=2026-02-11")).text
    assert 'href="/oncall?view=month&amp;day=2026-01-31"' in markup
    assert 'href="/oncall?view=month&amp;day=2026-03-01"' in markup
    for odd in ("day=yesterday", "day=9999-99-99", "view=decade", "day=0001-01-01", "schedule=none"):
        assert "5 Jan 2026 – 11 Jan 2026" in await page(here, f"/oncall?{odd}")
    assert "payments-primary" not in await page(here, "/oncall?schedule=infra-primary")


@pytest.mark.parametrize(("day", "hours"), [("2026-03-29", 23), ("2026-10-25", 25), ("2026-06-07", 24)])
async def test_a_day_on_which_the_clock_jumps_is_as_long_as_it_is(here: Running, day: str, hours: int) -> None:
    sit_down(here, "frank")
    shown = window({"day": day}, "Europe/London", MONDAY)
    assert [one.length // HOUR for one in shown.days] == [24] * 6 + [hours]
    assert (shown.end - shown.start) == (6 * 24 + hours) * HOUR
    told = await page(here, f"/oncall?day={day}")
    assert (f"· {hours} h" in told) == (hours != 24)


async def test_times_and_days_are_those_of_the_readers_zone(here: Running) -> None:
    sit_down(here, "frank")
    here.client.cookies.set("zone", "Asia%2FTokyo", domain="tocsin.acme.example", path="/")
    told = await page(here)
    assert "Times are those of Asia/Tokyo" in told
    assert "until Mon 12 Jan 18:00, then Eve Martin" in told
    assert window({}, "Asia/Tokyo", MONDAY).start == parse_instant("2026-01-05T00:00:00+09:00")


@pytest.mark.parametrize(("role", "login", "may"), [("responder", "dana", True), ("responder", "gita", False),
                                                    ("viewer", "dana", False), ("manager", "omar", True)])  # fmt: skip
async def test_who_may_change_a_schedule_finds_the_way_and_nobody_else(
    here: Running, role: Role, login: str, may: bool
) -> None:
    sit_down(here, login, role)
    markup = (await here.client.get("/oncall?schedule=infra-primary")).text
    assert ("/oncall/override?schedule=infra-primary" in markup) is may


async def test_without_a_schedule_the_page_teaches_how_to_write_one(sqlite_url: str) -> None:
    with running(sqlite_url, rulebook=small_rulebook(schedules={}), demo=True) as bare:
        bare.client.headers["host"] = "127.0.0.1:8400"
        told = await page(bare)
    assert "No schedule yet" in told
    assert "turn: weekly, handoff: mon 09:00" in told


async def test_strangers_are_sent_to_sign_in(here: Running) -> None:
    assert (await here.client.get("/oncall")).headers["location"] == "/signin?next=/oncall"
