"""Journeys of somebody who pressed the wrong thing: one key, one tap or a plain form takes it back."""

from typing import Any

from tests.web.browsing import JOURNEY, PATIENCE, opened, phone, report

pytestmark = JOURNEY


def narrow_enough(page: Any) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"))


def test_what_was_acknowledged_on_the_board_is_taken_back_by_one_key(browser: Any, url: str, faults: list[str]) -> None:
    incident = report(url, "undo on the board")
    page = opened(browser, faults)
    page.goto(url)
    row = page.locator(f"#rows > [data-key='{incident}']")
    row.locator(".title").focus()
    page.keyboard.press("a")
    bar = page.locator("#undo-place .undo")
    bar.wait_for(timeout=PATIENCE)
    assert incident in bar.inner_text()
    assert bar.get_attribute("role") == "status"
    before = bar.locator(".left").inner_text()
    page.wait_for_function("was => document.querySelector('#undo-place .left').textContent !== was", arg=before)
    page.keyboard.press("u")
    page.locator("#said", has_text="Taken back").wait_for()
    page.locator(f"#rows > [data-key='{incident}'].unowned").wait_for()
    assert page.locator("#undo-place .undo").count() == 0


def test_what_was_resolved_on_its_page_is_taken_back_by_a_tap_on_a_phone(
    browser: Any, url: str, faults: list[str]
) -> None:
    incident = report(url, "undo on a phone")
    page = phone(browser, faults, reduced_motion="reduce")
    page.goto(f"{url}/incidents/{incident}#resolve")
    page.locator("#resolve button[type=submit]").tap()
    bar = page.locator(".undo")
    bar.wait_for()
    assert narrow_enough(page)
    assert not bar.locator(".wick").is_visible(), "nothing moves where that was asked for"
    box = bar.get_by_role("button").bounding_box()
    assert box["height"] >= 44
    bar.get_by_role("button", name="Undo").tap()
    page.get_by_text("Taken back: everything goes on as before.").wait_for()
    assert page.locator(".undo").count() == 0


def test_it_works_without_scripts(browser: Any, url: str, faults: list[str]) -> None:
    incident = report(url, "undo without scripts")
    page = opened(browser, faults, java_script_enabled=False)
    page.goto(f"{url}/incidents/{incident}")
    page.get_by_role("button", name="Acknowledge").click()
    page.get_by_role("button", name="Undo").click()
    page.get_by_text("Taken back: everything goes on as before.").wait_for()


def test_the_bar_goes_when_its_time_is_over(browser: Any, url: str, faults: list[str]) -> None:
    incident = report(url, "undo too late")
    page = opened(browser, faults)
    page.add_init_script("const real = performance.now.bind(performance); performance.now = () => real() * 20;")
    page.goto(f"{url}/incidents/{incident}")
    page.get_by_role("button", name="Acknowledge").click()
    page.locator(".undo p").wait_for()
    page.locator(".undo form").wait_for(state="detached")
    assert page.locator(".undo p").inner_text() == "Acknowledged."
