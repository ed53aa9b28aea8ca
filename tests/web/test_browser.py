"""Journeys to one incident: two taps on a phone, a page that follows, acts by keyboard alone, and no scripts."""

import re
from typing import Any

import httpx

from tests.web.browsing import JOURNEY, PATIENCE, listens, opened, phone, report

pytestmark = JOURNEY

HURRIED = "const real = Date.now, start = real(); Date.now = () => start + (real() - start) * 20;"
"""A clock for a page whose patience is not ours."""


def test_two_taps_on_a_phone_acknowledge_and_the_page_on_the_wall_follows_without_a_reload(
    browser: Any, url: str, faults: list[str]
) -> None:
    incident = report(url, "two taps")
    wall = opened(browser, faults)
    wall.goto(f"{url}/incidents/{incident}")
    wall.evaluate("window.untouched = true")
    link = wall.locator("#outbox .purpose-page a.fair").first.get_attribute("href", timeout=PATIENCE)
    hand = phone(browser, faults)
    hand.goto(url + link)
    hand.get_by_role("button", name="Acknowledge").tap()
    hand.get_by_text("You have it").wait_for()
    assert hand.locator("button").count() == 0
    wall.locator("#incident .owner.good").wait_for()
    assert "has it" in wall.locator("#incident .owner").inner_text()
    assert wall.evaluate("window.untouched") is True


def test_the_countdown_runs_and_the_line_beside_it_grows_shorter(browser: Any, url: str, faults: list[str]) -> None:
    incident = report(url, "countdown", labels={"service": "checkout"})
    page = opened(browser, faults)
    page.goto(f"{url}/incidents/{incident}")
    count, fuse = page.locator(".next .count"), page.locator(".fuse span")
    before, length = count.inner_text(), fuse.evaluate("node => node.style.transform")
    assert re.fullmatch(r"\d+:\d\d|now", before)
    page.wait_for_function("was => document.querySelector('.next .count').textContent !== was", arg=before)
    page.wait_for_function("was => document.querySelector('.fuse span').style.transform !== was", arg=length)


def test_what_the_reader_opened_and_chose_stays_while_the_page_changes(
    browser: Any, url: str, faults: list[str]
) -> None:
    incident = report(url, "stays")
    page = opened(browser, faults)
    page.goto(f"{url}/incidents/{incident}")
    page.locator("#outbox summary").last.click()
    page.locator("#acknowledge-by").select_option("nadia")
    told = page.locator(".timeline li").count()
    page.wait_for_function("was => document.querySelectorAll('.timeline li').length > was", arg=told)
    assert page.locator("#outbox details[open]").count() == 1
    assert page.locator("#acknowledge-by").input_value() == "nadia"
    page.get_by_role("button", name="Acknowledge").click()
    page.get_by_text("Nadia Haddad has it").first.wait_for()


def test_a_browser_elsewhere_has_its_own_language_and_clock_by_script_and_from_the_server(
    browser: Any, url: str, faults: list[str]
) -> None:
    incident = report(url, "elsewhere", labels={"service": "checkout"})
    page = opened(browser, faults, locale="de-DE", timezone_id="Asia/Tokyo")
    page.goto(f"{url}/incidents/{incident}")
    page.get_by_role("button", name="Übernehmen").wait_for()
    assert page.locator("html").get_attribute("lang") == "de"
    moments = "() => [...document.querySelectorAll('.timeline time')].map((node) => node.textContent)"
    shown = page.evaluate(moments)
    answer = page.reload()
    served = re.findall(r"<time data-at=[^>]*>([^<]*)</time>\n<div>", answer.text())
    assert served[-len(shown) :] == shown
    assert page.context.cookies()[0]["value"] == "Asia%2FTokyo"


def test_without_scripts_it_can_be_read_and_acknowledged(browser: Any, url: str, faults: list[str]) -> None:
    incident = report(url, "no scripts")
    page = opened(browser, faults, java_script_enabled=False)
    page.goto(f"{url}/incidents/{incident}")
    page.get_by_role("button", name="Acknowledge").click()
    page.locator("#incident .owner.good").wait_for()


def test_without_scripts_everything_can_be_done_by_forms(browser: Any, url: str, faults: list[str]) -> None:
    incident = report(url, "no scripts at all")
    page = opened(browser, faults, java_script_enabled=False)
    page.goto(f"{url}/incidents/{incident}")
    page.locator("#escalate summary").click()
    page.get_by_label("Who must know or decide").check()
    page.locator("#escalate-reason").fill("customers ask")
    page.locator("#escalate button").click()
    page.get_by_text("Escalated.").wait_for()
    page.locator("#resolve summary").click()
    page.locator("#resolve-reason").fill("disk replaced")
    page.locator("#resolve button").click()
    page.get_by_text("Resolved. Everybody").wait_for()
    page.locator("#close summary").click()
    page.locator("#close-sure").check()
    page.locator("#close button").click()
    page.get_by_text("Closed.", exact=True).wait_for()
    assert page.locator("form.leaf:not([action$=note]):not([action$=link])").count() == 0


def test_the_keyboard_alone_takes_over_and_escalates_with_a_reason(browser: Any, url: str, faults: list[str]) -> None:
    incident = report(url, "keyboard")
    page = opened(browser, faults)
    page.goto(f"{url}/incidents/{incident}")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("a")
    assert page.evaluate("document.activeElement.id") == "do-acknowledge"
    page.keyboard.press("Enter")
    page.locator("#incident .owner.good").wait_for()
    listens(page)
    page.keyboard.press("e")
    page.wait_for_function("() => document.activeElement.name === 'ladder'")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.type("customers are calling")
    page.keyboard.press("Enter")
    page.get_by_text("Escalated.").wait_for()
    assert "customers are calling" in page.locator(".timeline").inner_text()


def test_a_second_tab_that_has_a_form_open_is_told_and_cannot_act_on_what_it_saw(
    browser: Any, url: str, faults: list[str]
) -> None:
    incident = report(url, "second tab")
    page = opened(browser, faults)
    page.goto(f"{url}/incidents/{incident}#resolve")
    page.locator("#resolve-reason").fill("I restarted it")
    first = opened(browser, faults)
    first.goto(f"{url}/incidents/{incident}")
    first.get_by_role("button", name="Acknowledge").click()
    first.locator("#incident .owner.good").wait_for()
    page.locator("#incident .owner.good").wait_for()
    assert page.locator("#resolve-reason").input_value() == "I restarted it"
    faults_before = list(faults)
    page.locator("#resolve button").click()
    page.get_by_text("It has changed since you looked").wait_for()
    assert "is working on it" in page.locator(".timeline").inner_text()
    page.get_by_role("button", name="Do it all the same").click()
    page.get_by_text("Resolved. Everybody").wait_for()
    faults[:] = faults_before + [told for told in faults[len(faults_before) :] if "409" not in told]


def test_the_address_of_a_form_opens_it(browser: Any, url: str, faults: list[str]) -> None:
    incident = report(url, "address")
    page = phone(browser, faults)
    page.goto(f"{url}/incidents/{incident}#note")
    page.wait_for_function("() => document.activeElement.id === 'note-text'")
    page.keyboard.type("seen on a phone")
    page.get_by_role("button", name="Keep the note").tap()
    page.get_by_text("seen on a phone").wait_for()


def test_a_page_without_a_stream_asks_by_itself(browser: Any, url: str, faults: list[str]) -> None:
    incident = report(url, "no stream", labels={"service": "checkout"})
    page = opened(browser, faults)
    page.add_init_script(f"window.EventSource = class {{ addEventListener() {{}} close() {{}} }}; {HURRIED}")
    page.goto(f"{url}/incidents/{incident}")
    httpx.post(f"{url}/incidents/{incident}/acknowledge", data={"by": "gita"}, follow_redirects=False)
    page.get_by_text("Gita Rao has it").first.wait_for()
