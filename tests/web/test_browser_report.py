"""The journey of somebody who has never seen this: something is wrong, and they tell it; and what is theirs."""

import re
from typing import Any

import pytest

from tests.web.browsing import JOURNEY, opened, over, phone, report

pytestmark = JOURNEY


def fill(page: Any, title: str) -> None:
    """What is asked, by its words alone."""
    page.get_by_label("What is wrong?").fill(title)
    page.get_by_label("What does it concern?").select_option(label="Checkout")
    page.get_by_text("Many", exact=True).click()
    page.get_by_text("It works, but badly").click()


def number(page: Any) -> str:
    """The number that they are given."""
    page.wait_for_url(re.compile(r"/report/INC-\d+"))
    return str(page.locator("h1").inner_text())


def narrow_enough(page: Any) -> bool:
    """Nothing has to be moved sideways."""
    return bool(page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


@pytest.mark.parametrize("width", [1280, 390])
def test_somebody_without_training_reports_and_sees_who_has_it(
    browser: Any, url: str, faults: list[str], width: int
) -> None:
    page = (opened if width > 400 else phone)(browser, faults)
    page.goto(url)
    page.get_by_role("link", name="Report").first.click()
    fill(page, f"The till takes no cards, {width}")
    page.get_by_role("button", name="Send", exact=True).click()
    incident = number(page)
    page.get_by_role("link", name="See how it goes on").wait_for()
    told = page.locator("main").inner_text()
    assert "It has arrived" in told
    assert re.search(r"(Gita Rao|Ines Costa|Ana Sousa|Ben Okafor) is being called right now", told)
    assert "it goes on by itself" in told
    assert narrow_enough(page)
    page.get_by_role("link", name="See how it goes on").click()
    page.get_by_role("heading", name=f"The till takes no cards, {width}").wait_for()
    assert "/incidents/" + incident in page.url


def test_what_is_known_is_offered_before_it_is_sent_and_joined_with_one_press(
    browser: Any, url: str, faults: list[str]
) -> None:
    incident = report(url, "slow", title="Payments hang", severity="error", labels={"service": "identity"})
    page = phone(browser, faults)
    page.goto(f"{url}/report")
    page.get_by_label("What is wrong?").fill("Mine too, in Leeds")
    page.get_by_label("What does it concern?").select_option(label="Identity")
    page.get_by_text("Payments hang").wait_for()
    page.get_by_role("button", name=f"I am affected too {incident}").click()
    assert number(page) == incident
    page.locator("main", has_text="you are affected too").wait_for()
    page.goto(f"{url}/incidents/{incident}")
    assert "Mine too, in Leeds" in page.locator(".timeline").inner_text()
    over(url, "slow")


def test_by_keyboard_alone(browser: Any, url: str, faults: list[str]) -> None:
    page = opened(browser, faults)
    page.goto(f"{url}/report")
    page.locator("#report input[name=kind]").first.focus()
    page.keyboard.press("Tab")
    page.keyboard.type("The printer of the shop is dead")
    page.keyboard.press("Tab")
    page.keyboard.type("Core")
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowUp")  # the last of them: just me
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowUp")
    for _ in range(4):  # the text, the number to call, more details, send
        page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Send"
    page.keyboard.press("Enter")
    number(page)
    page.locator("main", has_text="The printer of the shop is dead").wait_for()


def test_nothing_that_was_typed_is_lost_and_the_way_back_is_short(browser: Any, url: str, faults: list[str]) -> None:
    page = phone(browser, faults)
    page.goto(f"{url}/report")
    page.evaluate("document.getElementById('report').noValidate = true")
    page.get_by_label("Tell more, if you like").fill("A long story about it")
    page.get_by_role("button", name="Send", exact=True).click()
    page.get_by_text("Please look at 3 things again").wait_for()
    assert page.evaluate("document.activeElement.id") == "summary"
    assert page.get_by_label("Tell more, if you like").input_value() == "A long story about it"
    page.get_by_role("link", name="Please say how many are affected.").click()
    assert page.locator("#reach").is_visible()
    fill(page, "Now it is said")
    assert page.locator("[aria-invalid]").count() == 0
    page.goto(url)  # away, and back again
    page.goto(f"{url}/report")
    assert page.get_by_label("What is wrong?").input_value() == "Now it is said"
    assert page.get_by_label("Tell more, if you like").input_value() == "A long story about it"
    faults[:] = [one for one in faults if "422" not in one]  # which is meant


def test_without_scripts_the_same_can_be_sent_and_is_asked_about_first(
    browser: Any, url: str, faults: list[str]
) -> None:
    incident = report(url, "plain", title="Orders fail", severity="error")
    page = phone(browser, faults, java_script_enabled=False)
    page.goto(f"{url}/report")
    page.get_by_label("What is wrong?").fill("The order list is empty")
    page.get_by_label("What does it concern?").select_option(label="Order database")
    page.get_by_text("Everybody", exact=True).click()
    page.get_by_text("Nothing works any more").click()
    page.get_by_role("button", name="Send", exact=True).click()
    page.get_by_text("Perhaps this is known already").wait_for()
    assert incident in page.locator("#asked").inner_text()
    assert page.get_by_label("What is wrong?").input_value() == "The order list is empty"
    page.get_by_role("button", name="No, it is something else: send it").click()
    assert number(page) != incident
    over(url, "plain")


def test_320_pixels_are_enough(browser: Any, url: str, faults: list[str]) -> None:
    page = opened(browser, faults, width=320)
    for place in ("/report", "/report?service=checkout", "/mine?by=dana"):
        page.goto(url + place)
        assert narrow_enough(page), place


# ------------------------------------------------------------------------------------------ my work


@pytest.mark.parametrize("width", [1280, 390])
def test_a_trial_shows_its_result_by_itself_and_its_code_verifies(
    browser: Any, url: str, faults: list[str], width: int
) -> None:
    person = "eve" if width > 400 else "finn"
    page = (opened if width > 400 else phone)(browser, faults)
    page.goto(f"{url}/mine?by={person}")
    assert "No address has been verified" in page.locator("#standing").inner_text()
    page.get_by_role("button", name="Send a trial").first.click()
    page.get_by_text("The trial was handed over").wait_for()
    page.get_by_text("What the outbox kept").click()
    found = re.search(r"\b(\d{6})\b", page.locator(".road .said").inner_text())
    assert found is not None
    page.get_by_label("The code out of the trial").fill(found[1])
    page.get_by_role("button", name="Verify").click()
    page.get_by_text("Verified. It is used before others").wait_for()
    assert "No address has been verified" not in page.locator("#standing").inner_text()


def test_my_work_follows_by_itself(browser: Any, url: str, faults: list[str]) -> None:
    page = opened(browser, faults)
    page.goto(f"{url}/mine?by=lena")
    page.evaluate("window.untouched = true")
    report(url, "breach", title="Strange sign-ins", labels={"service": "identity"})
    page.locator("#work").get_by_role("link", name="Strange sign-ins").wait_for()
    assert page.evaluate("window.untouched") is True
    over(url, "breach")
    page.get_by_text("Nothing is yours right now").wait_for()


def test_the_zone_and_language_that_were_chosen_hold_at_once(browser: Any, url: str, faults: list[str]) -> None:
    page = phone(browser, faults, java_script_enabled=False)
    page.goto(f"{url}/mine?by=tom")
    page.get_by_label("Language").select_option(label="Deutsch")
    page.get_by_label("Time zone").fill("Europe/Berlin")
    page.get_by_role("button", name="Save").click()
    page.get_by_text("Saved.").wait_for()  # a demonstration reads in its own language; tom's mails do not
    assert page.get_by_label("Time zone").input_value() == "Europe/Berlin"
