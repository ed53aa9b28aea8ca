"""Journeys: tomorrow's shift is overridden by dragging, by keys alone, by a thumb, and by the form without scripts."""

import re
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest

from tests.web.browsing import JOURNEY, opened, phone

pytestmark = JOURNEY

LONDON = ZoneInfo("Europe/London")
"""The zone of the rulebook and of these browsers."""

CLOCK = {"timezone_id": "Europe/London"}


@pytest.fixture(autouse=True)
def nothing_overridden(url: str) -> None:
    """Each journey begins with the schedules as they are written."""
    for one in httpx.get(f"{url}/api/v1/overrides").json()["overrides"]:
        httpx.delete(f"{url}/api/v1/overrides/{one['id']}")


def overrides(url: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = httpx.get(f"{url}/api/v1/overrides").json()["overrides"]
    return found


def tomorrow() -> datetime:
    return datetime.now(LONDON) + timedelta(days=1)


def somebody_else(url: str) -> str:
    """Who is not on in the coming two days: neither this week's nor next week's."""
    shifts = httpx.get(f"{url}/api/v1/schedules/infra-primary/shifts?to=3d").json()["shifts"]
    return next(one for one in ("dana", "eve", "finn") if all(one not in shift["people"] for shift in shifts))


def chart(page: Any, url: str) -> Any:
    """The chart of the primary schedule in the week that holds tomorrow."""
    page.goto(f"{url}/oncall?day={tomorrow().date()}&schedule=infra-primary")
    page.locator("#how").wait_for()
    return page.locator("svg.time")


def confirm(page: Any, who: str) -> None:
    page.get_by_label("Who takes it").select_option(who)
    page.get_by_label("Reason").fill("dentist")
    page.get_by_role("button", name="Show what changes").click()
    page.locator("h1", has_text="instead of").wait_for()
    page.locator(".difference .before").first.wait_for()
    assert page.locator("h1").inner_text().count("instead of") == 1
    assert page.locator(".difference .before").count() >= 1
    page.get_by_role("button", name="Do it").click()
    page.locator(".done", has_text="Done:").wait_for()


def test_dragging_over_tomorrows_hours_overrides_them(browser: Any, url: str, faults: list[str]) -> None:
    page, who = opened(browser, faults, **CLOCK), somebody_else(url)
    drawn = chart(page, url)
    box, lane = drawn.bounding_box(), page.locator("svg.piece").first.bounding_box()
    start, end = (float(page.locator("figure.chart").get_attribute(f"data-{edge}")) for edge in ("start", "end"))

    def x_of(hour: int) -> float:
        at = tomorrow().replace(hour=hour, minute=0, second=0, microsecond=0).timestamp() * 1e6
        return float(box["x"] + (at - start) / (end - start) * box["width"])

    page.mouse.move(x_of(12), lane["y"] + 20)
    page.mouse.down()
    page.mouse.move(x_of(16), lane["y"] + 20, steps=4)
    page.mouse.move(x_of(20), lane["y"] + 20, steps=4)
    assert " to " in page.locator("#said").inner_text()
    assert page.locator(".choice").is_visible()
    page.mouse.up()
    page.wait_for_url("**/oncall/override?**")
    assert page.get_by_label("From").input_value() == f"{tomorrow():%Y-%m-%d}T12:00"
    assert page.get_by_label("To", exact=True).input_value() == f"{tomorrow():%Y-%m-%d}T20:00"
    confirm(page, who)
    [made] = overrides(url)
    assert (made["person"], made["reason"]) == (who, "dentist")
    page.get_by_role("button", name="Call off").first.click()
    page.get_by_text("Called off.").wait_for()
    assert overrides(url) == []


def test_the_keyboard_alone_chooses_hours_and_overrides_them(browser: Any, url: str, faults: list[str]) -> None:
    page, who = opened(browser, faults, **CLOCK), somebody_else(url)
    chart(page, url)
    page.locator("a.bar").last.focus()
    page.keyboard.press("Shift+ArrowLeft")
    page.keyboard.press("Shift+ArrowLeft")
    assert " to " in page.locator("#said").inner_text()
    page.keyboard.press("Enter")
    page.wait_for_url("**/oncall/override?**")
    page.get_by_label("Who takes it").focus()
    page.keyboard.type({"dana": "Dana", "eve": "Eve", "finn": "Finn"}[who])
    for _ in range(20):
        if page.evaluate("document.activeElement.textContent.trim()") == "Show what changes":
            break
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.locator(".difference").wait_for()
    page.wait_for_function("() => document.activeElement.matches('button')")  # autofocus comes with the first frame
    page.keyboard.press("Enter")
    page.locator(".done", has_text="Done:").wait_for()
    [made] = overrides(url)
    assert made["person"] == who


def test_who_and_why_is_told_on_hover_and_on_focus_and_goes_by_escape(
    browser: Any, url: str, faults: list[str]
) -> None:
    page = opened(browser, faults, **CLOCK)
    chart(page, url)
    bar = page.locator("a.bar").last
    bar.hover()
    card = page.locator(".card-of")
    card.wait_for()
    assert re.search(r"Turn \d+ of layer 1", card.inner_text())
    page.keyboard.press("Escape")
    assert card.is_hidden()
    bar.focus()
    assert card.is_visible()
    page.keyboard.press("ArrowLeft")
    assert page.evaluate("document.activeElement.classList.contains('bar')")


def test_a_thumb_overrides_tomorrows_shift_from_the_list(browser: Any, url: str, faults: list[str]) -> None:
    page, who = phone(browser, faults, **CLOCK), somebody_else(url)
    page.goto(f"{url}/oncall?day={tomorrow().date()}&schedule=infra-primary")
    assert page.locator(".chart").is_hidden()
    page.locator("tbody a", has_text="Override").last.tap()
    confirm(page, who)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert [one["person"] for one in overrides(url)] == [who]


def test_without_scripts_the_form_does_the_same(browser: Any, url: str, faults: list[str]) -> None:
    page, who = opened(browser, faults, java_script_enabled=False, **CLOCK), somebody_else(url)
    page.goto(f"{url}/oncall?schedule=infra-primary")
    page.get_by_role("link", name="Override", exact=True).first.click()
    page.get_by_label("From").fill(f"{tomorrow():%Y-%m-%d}T08:00")
    page.get_by_label("To", exact=True).fill(f"{tomorrow():%Y-%m-%d}T20:00")
    confirm(page, who)
    assert [one["person"] for one in overrides(url)] == [who]


@pytest.mark.parametrize("width", [320, 390])
@pytest.mark.parametrize("path", ["/oncall", "/oncall?view=month", "/oncall/override?schedule=infra-primary"])
def test_no_phone_has_to_scroll_sideways(browser: Any, url: str, faults: list[str], width: int, path: str) -> None:
    page = opened(browser, faults, width=width, **CLOCK)
    page.goto(f"{url}{path}")
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_a_browser_elsewhere_sees_its_own_days(browser: Any, url: str, faults: list[str]) -> None:
    page = opened(browser, faults, timezone_id="Asia/Tokyo")
    page.goto(f"{url}/oncall")
    page.get_by_text("Times are those of Asia/Tokyo").wait_for()


CUT = """() => [...document.querySelectorAll("svg.piece text")].filter((one) => one.getBoundingClientRect().width
  && one.getBoundingClientRect().right > one.closest("svg.piece").querySelector("rect").getBoundingClientRect().right)
  .map((one) => one.textContent)"""


@pytest.mark.parametrize("width", [800, 1024, 1280, 1700])
@pytest.mark.parametrize("path", ["/oncall", "/oncall?view=month"])
def test_no_word_in_a_bar_is_cut(browser: Any, url: str, faults: list[str], width: int, path: str) -> None:
    page = opened(browser, faults, width=width, **CLOCK)
    page.goto(f"{url}{path}")
    page.locator("svg.piece").first.wait_for()
    assert page.evaluate(CUT) == []
    assert page.locator("svg.piece text:visible").count() > 3
