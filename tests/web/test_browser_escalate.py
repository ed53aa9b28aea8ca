"""Journey: somebody takes an incident over from the board and escalates it with a reason, and sees who is told."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.web.browsing import JOURNEY, listens, opened, phone
from tests.web.showcase import NIGHT, Show, showing
from tocsin.core.incident import commands as cmd
from tocsin.core.instant import MINUTE

pytestmark = JOURNEY

REASON = "Orders are lost; somebody must decide whether the shop stays open"


@pytest.fixture(scope="module")
def show(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Show]:
    with showing(tmp_path_factory.mktemp("escalate")) as standing:
        standing.until(NIGHT)
        yield standing


def taken(show: Show, key: str) -> str:
    """An incident that dana has taken; eve, of the same team, is to take it over."""
    incident = show.report(key, f"Orders fail ({key})", "order-database")
    show.act(incident, cmd.Acknowledge("dana"))
    return incident


def page_of(browser: Any, show: Show, faults: list[str], *, small: bool = False) -> Any:
    page = phone(browser, faults) if small else opened(browser, faults)
    page.context.add_cookies([show.cookie("eve")])
    page.goto(show.url)
    return page


def told(page: Any, show: Show, incident: str) -> None:
    """What everybody reads afterwards: it is hers now, and her lead is told, with her reason."""
    page.get_by_text("Escalated.").wait_for()
    show.do(show.stepper.settle())
    page.goto(f"{show.url}/incidents/{incident}")
    assert "Eve Martin has it" in page.locator("#incident .owner").inner_text()
    assert REASON in page.locator(".timeline").inner_text()
    assert page.locator("#outbox .letter, #outbox li").get_by_text("Frank Weber", exact=True).count()


@pytest.mark.parametrize("small", [False, True], ids=["desktop", "390px"])
def test_by_hand_one_takes_over_and_escalates_with_a_reason(
    browser: Any, show: Show, faults: list[str], small: bool
) -> None:
    incident = taken(show, f"by hand {small}")
    page = page_of(browser, show, faults, small=small)
    page.locator(f"#rows [data-key={incident}] .title").click()
    page.locator("#take-over summary").click()
    page.get_by_label("Yes, take it over").check()
    page.locator("#take-over button").click()
    page.locator("#incident .owner").get_by_text("Eve Martin has it").wait_for()
    page.locator("#escalate summary").click()
    page.get_by_label("Who must know or decide").check()
    page.locator("#escalate-reason").fill(REASON)
    page.locator("#escalate button").click()
    told(page, show, incident)


@pytest.mark.parametrize("small", [False, True], ids=["desktop", "390px"])
def test_the_keyboard_alone_takes_over_and_escalates_with_a_reason(
    browser: Any, show: Show, faults: list[str], small: bool
) -> None:
    incident = taken(show, f"by keys {small}")
    page = page_of(browser, show, faults, small=small)
    page.locator(f"#rows [data-key={incident}]").wait_for()
    for _ in range(page.locator("#rows > .item").count()):
        page.keyboard.press("j")
        if page.evaluate("document.activeElement.closest('.item').dataset.key") == incident:
            break
    page.keyboard.press("Enter")
    page.locator("#incident").wait_for()
    listens(page)
    page.keyboard.press("a")
    page.wait_for_function("() => document.activeElement.closest('#take-over form')")
    to(page, "take-over-sure")
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.locator("#incident .owner").get_by_text("Eve Martin has it").wait_for()
    listens(page)
    page.keyboard.press("e")
    page.wait_for_function("() => document.activeElement.name === 'ladder'")
    page.keyboard.press("ArrowDown")
    to(page, "escalate-reason")
    page.keyboard.type(REASON)
    page.keyboard.press("Enter")
    told(page, show, incident)


def to(page: Any, name: str) -> None:
    """On to that field, as the Tab key goes."""
    for _ in range(8):
        if page.evaluate("document.activeElement.id") == name:
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"the Tab key does not come to {name}")


def test_it_is_not_escalated_without_a_reason(browser: Any, show: Show, faults: list[str]) -> None:
    incident = taken(show, "no reason")
    page = page_of(browser, show, faults)
    page.goto(f"{show.url}/incidents/{incident}#escalate")
    page.locator("#escalate button").click()
    assert page.evaluate("document.activeElement.id") == "escalate-reason"
    assert not page.locator("#escalate-reason").evaluate("field => field.checkValidity()")
    assert "Escalated" not in page.locator(".timeline").inner_text()


def test_without_scripts_the_link_in_a_message_shows_and_acknowledges(
    browser: Any, show: Show, faults: list[str]
) -> None:
    incident = show.report("link", "Orders fail (link)", "order-database")
    show.until(show.clock.now() + MINUTE)
    page = phone(browser, faults, java_script_enabled=False)
    page.goto(show.link(incident, "dana"))
    assert "Orders fail (link)" in page.inner_text("main")
    page.get_by_role("button", name="Acknowledge").tap()
    page.get_by_text("You have it").wait_for()
