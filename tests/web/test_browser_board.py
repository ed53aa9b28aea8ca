"""Journeys on the board: it follows by itself, hears keys, acknowledges many, needs no scripts and one thumb."""

from typing import Any

from tests.web.browsing import JOURNEY, opened, over, phone, report

pytestmark = JOURNEY


def titles(page: Any) -> list[str]:
    told: list[str] = page.locator("#rows .title").all_inner_texts()
    return told


def test_the_board_follows_by_itself_and_says_how_many_wait(browser: Any, url: str, faults: list[str]) -> None:
    report(url, "first", title="The first")
    page = opened(browser, faults)
    page.goto(url)
    page.evaluate("window.untouched = true")
    page.wait_for_function("() => document.title.startsWith('(1) ')")
    report(url, "second", title="The second", severity="error")
    page.get_by_role("link", name="The second").wait_for()
    assert titles(page) == ["The first", "The second"]
    assert "2 need somebody" in page.locator("h1").inner_text()
    assert "New: The second" in page.locator("#said").inner_text()
    over(url, "first")
    page.wait_for_function("() => document.querySelectorAll('#rows .item').length === 1")
    page.locator("#tail .title", has_text="The first").wait_for()
    assert page.evaluate("window.untouched") is True
    over(url, "second")
    page.get_by_role("heading", name="All is quiet").wait_for()


def test_the_keyboard_alone_selects_and_acknowledges_many(browser: Any, url: str, faults: list[str]) -> None:
    for number in range(3):
        report(url, f"k{number}", title=f"Trouble {number}")
    page = opened(browser, faults)
    page.goto(url)
    page.keyboard.press("j")
    page.keyboard.press("x")
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("k")
    assert page.evaluate("document.activeElement.textContent") == "Trouble 1"
    page.keyboard.press("x")
    assert "2 selected" in page.locator("#picked").inner_text()
    page.keyboard.press("a")
    page.wait_for_function("() => document.querySelectorAll('#rows .acknowledged').length === 2")
    assert "Acknowledged: " in page.locator("#undo-place").inner_text()
    assert page.locator("#rows :checked").count() == 0
    assert page.locator("#rows .unowned .title").all_inner_texts() == ["Trouble 2"]
    page.keyboard.press("?")
    page.locator("dialog[open]").wait_for()
    page.keyboard.press("Escape")
    page.keyboard.press("/")
    page.keyboard.type("trouble 2")
    page.keyboard.press("Enter")
    page.wait_for_url("**/?q=trouble+2")
    page.keyboard.press("j")
    page.keyboard.press("r")
    page.wait_for_function("() => document.activeElement.id === 'resolve-reason'")
    page.keyboard.type("it went away")
    page.keyboard.press("Enter")
    page.get_by_text("Resolved. Everybody").wait_for()
    over(url, "k0", "k1")


COUNTED = """
const start = OscillatorNode.prototype.start;
window.strokes = 0;
OscillatorNode.prototype.start = function (...when) { window.strokes += 1; return start.apply(this, when); };
"""


def test_the_bell_rings_for_what_is_new_once_it_was_turned_on_and_again_after_a_reload(
    browser: Any, url: str, faults: list[str]
) -> None:
    page = opened(browser, faults)
    page.add_init_script(COUNTED)
    page.goto(url)
    report(url, "unheard", title="Unheard")
    page.get_by_role("link", name="Unheard").wait_for()
    assert page.evaluate("window.strokes") == 0
    page.get_by_role("button", name="Sound is off").click()
    assert page.evaluate("window.strokes") == 2
    assert page.get_by_role("button", name="Sound is on").get_attribute("aria-pressed") == "true"
    report(url, "heard", title="Heard")
    page.get_by_role("link", name="Heard", exact=True).wait_for()
    assert page.evaluate("window.strokes") == 4
    page.reload()
    page.keyboard.press("j")
    page.get_by_role("button", name="Sound is on").wait_for()
    over(url, "unheard", "heard")


def test_a_key_opens_it_where_it_is_escalated(browser: Any, url: str, faults: list[str]) -> None:
    incident = report(url, "by e")
    page = opened(browser, faults)
    page.goto(url)
    page.keyboard.press("j")
    page.keyboard.press("e")
    page.wait_for_url(f"{url}/incidents/{incident}#escalate")
    page.wait_for_function("() => document.activeElement.name === 'ladder'")
    over(url, "by e")


def test_without_scripts_many_are_acknowledged_together(browser: Any, url: str, faults: list[str]) -> None:
    for number in range(2):
        report(url, f"n{number}", title=f"Plain {number}")
    page = opened(browser, faults, java_script_enabled=False)
    page.goto(f"{url}/?status=open")
    for box in page.locator("#rows .pick input").all():
        box.check()
    page.get_by_role("button", name="Acknowledge").click()
    page.get_by_text("Acknowledged: INC-").wait_for()
    assert titles(page) == []
    page.get_by_role("link", name="In hand").click()
    assert titles(page) == ["Plain 0", "Plain 1"]
    over(url, "n0", "n1")


def test_one_thumb_opens_the_menu_selects_and_narrows_down(browser: Any, url: str, faults: list[str]) -> None:
    report(url, "t0", title="Thumb 0")
    report(url, "t1", title="Thumb 1", labels={"service": "checkout"}, severity="error")
    page = phone(browser, faults)
    page.goto(url)
    for target in page.locator(".thumb a, .tabs a, .pick, .item .title").all():
        box = target.bounding_box()
        assert box is not None
        assert box["height"] >= 24 or target.get_attribute("class") == "title"
    page.locator(".thumb a").last.tap()
    assert page.locator("#menu").is_visible()
    page.get_by_role("link", name="Close the menu").tap()
    assert not page.locator("#menu").is_visible()
    page.get_by_text("Narrow down").tap()
    page.get_by_label("Service", exact=True).select_option("checkout")
    page.wait_for_url("**service=checkout")
    assert titles(page) == ["Thumb 1"]
    page.locator("#rows .pick").first.tap()
    page.get_by_role("button", name="Acknowledge").tap()
    page.locator("#rows .acknowledged").wait_for()
    over(url, "t0", "t1")


def test_what_was_chosen_stays_while_rows_come_and_go(browser: Any, url: str, faults: list[str]) -> None:
    report(url, "s0", title="Stays 0")
    page = opened(browser, faults)
    page.goto(url)
    page.keyboard.press("j")
    page.keyboard.press("x")
    report(url, "s1", title="Comes 1")
    page.get_by_role("link", name="Comes 1").wait_for()
    assert page.locator("#rows :checked").count() == 1
    assert page.evaluate("document.activeElement.textContent") == "Stays 0"
    over(url, "s0", "s1")


def test_a_tab_hears_through_another_of_the_same_browser(browser: Any, url: str, faults: list[str]) -> None:
    context = browser.new_context()
    first, second = context.new_page(), context.new_page()
    streams: list[str] = []
    for page in (first, second):
        page.on("request", lambda request: streams.append(request.url) if request.url.endswith("/changes") else None)
        page.goto(url)
    report(url, "tabs", title="Heard by both")
    for page in (first, second):
        page.get_by_role("link", name="Heard by both").wait_for()
    assert len(streams) == 1
    over(url, "tabs")
