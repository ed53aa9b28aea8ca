"""First run from empty to a first page in under five minutes, in a real browser against the real program."""

import os
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.engine.ports import free_port
from tests.insiders import PASSWORD
from tests.web.browsing import JOURNEY, opened, serving

pytestmark = JOURNEY

FIVE_MINUTES = 300


@pytest.fixture
def setup_link(tmp_path: Path) -> Iterator[str]:
    """The program in an empty folder, with nothing but an address; gives the link that it prints."""
    port, log, home = free_port(), tmp_path / "serve.log", tmp_path / "data"
    home.mkdir()
    environment = {name: value for name, value in os.environ.items() if not name.startswith("TOCSIN_")}
    environment |= {"TOCSIN_URL": f"http://localhost:{port}"}
    with serving(log, port, environment, folder=home):
        (link,) = re.findall(r"within an hour: (http://localhost:\d+/setup/[\w-]+)", log.read_text())
        yield link


def told(began: float, how: str) -> None:
    """How long it took, for whoever reads what tests print."""
    took = time.monotonic() - began
    print(f"first run from empty to an acknowledged page, {how}: {took:.1f} s")  # noqa: T201  a figure that is asked for
    assert took < FIVE_MINUTES


def account(page: Any, link: str) -> str:
    """The first admin; the address of the installation."""
    page.goto(link)
    page.get_by_label("Login").fill("nadia")
    page.get_by_label("A password of your own").fill(PASSWORD)
    page.get_by_role("button", name="Create the first admin").click()
    page.wait_for_url(re.compile(r"/start/rulebook$"))
    return str(page.url).removesuffix("/start/rulebook")


def fill_in(page: Any, starter: str) -> None:
    page.get_by_role("link", name=starter).click()
    page.get_by_label("Your organisation").fill("Acme")
    page.get_by_label("Your name").fill("Nadia Haddad")
    page.get_by_label("Your e-mail address").fill("nadia@acme.example")


@pytest.mark.parametrize("width", [1280, 390])
def test_from_an_empty_folder_to_a_page_that_is_answered(
    width: int, setup_link: str, browser: Any, faults: list[str]
) -> None:
    began, page = time.monotonic(), opened(browser, faults, width, timezone_id="Europe/Berlin")
    base = account(page, setup_link)
    fill_in(page, "A small on-call team")
    page.get_by_label("Who else takes turns?").fill("Ben Okafor, ben@acme.example")
    page.get_by_role("button", name="Make the rulebook").click()
    assert page.get_by_label("rulebook.yaml").input_value().count("Europe/Berlin") == 1
    page.get_by_role("button", name="Put it in force").click()

    page.wait_for_url(f"{base}/start/reach")
    assert "TOCSIN_SMTP=" in page.locator(".step .notice").inner_text()
    page.get_by_role("button", name="Send a trial").click()
    page.locator(".letter-kept", has_text="Hello Nadia Haddad").wait_for()
    page.get_by_role("link", name="Go on", exact=True).click()

    page.wait_for_url(f"{base}/start/source")
    page.get_by_role("button", name="Make a key for signals").click()
    line = page.locator("#line").inner_text()
    assert page.locator("#key").inner_text() in line
    page.get_by_role("button", name="Send a test signal").click()

    page.wait_for_url(re.compile(r"/start/ring"))
    assert page.locator(".call").inner_text().startswith("Nadia Haddad")
    page.locator("#ringing .letter-kept", has_text="You are needed").wait_for()
    assert re.fullmatch(r"[45]:\d\d", page.locator(".count").inner_text())
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.get_by_role("button", name="I have it").click()
    page.wait_for_url(f"{base}/start/done")
    page.get_by_text("Nadia Haddad has it").wait_for()
    told(began, f"{width} px")
    page.goto(f"{base}/start")
    assert page.url == f"{base}/start/done"


def test_by_keyboard_alone(setup_link: str, browser: Any, faults: list[str]) -> None:
    began, page = time.monotonic(), opened(browser, faults)
    page.goto(setup_link)
    keys = page.keyboard

    def to(wanted: str) -> None:
        """By Tab to what is called so, as somebody does who reads what has the focus."""
        for _ in range(80):
            name = page.evaluate(
                "(() => { const n = document.activeElement; return n.labels?.[0]?.innerText || n.ariaLabel || "
                "n.innerText || ''; })()"
            )
            if wanted in name and name != page.evaluate("document.body.innerText"):
                return
            keys.press("Tab")
        raise AssertionError(f"Tab never came to {wanted}")

    keys.type("nadia")
    to("A password of your own")
    keys.type(PASSWORD)
    keys.press("Enter")
    page.wait_for_url(re.compile(r"/start/rulebook$"))
    to("Just me")
    keys.press("Enter")
    page.wait_for_url(re.compile(r"starter=just_me$"))
    for label, said in (("organisation", "Acme"), ("Your name", " Haddad"), ("e-mail", "nadia@acme.example")):
        to(label)
        keys.press("End")
        keys.type(said)
    keys.press("Enter")
    page.get_by_role("button", name="Put it in force").wait_for()
    to("Put it in force")
    keys.press("Enter")
    page.wait_for_url(re.compile(r"/start/reach$"))
    to("Send a trial")
    keys.press("Enter")
    page.locator(".letter-kept").wait_for()
    page.get_by_role("link", name="Go on", exact=True).wait_for()
    to("Go on")
    keys.press("Enter")
    page.wait_for_url(re.compile(r"/start/source$"))
    to("Send a test signal")
    keys.press("Enter")
    page.wait_for_url(re.compile(r"/start/ring"))
    to("I have it")
    keys.press("Enter")
    page.wait_for_url(re.compile(r"/start/done$"))
    told(began, "by keyboard")


def test_without_scripts(setup_link: str, browser: Any, faults: list[str]) -> None:
    began, page = time.monotonic(), opened(browser, faults, 390, java_script_enabled=False)
    account(page, setup_link)
    fill_in(page, "A service desk with management")
    page.get_by_role("button", name="Make the rulebook").click()
    page.get_by_role("button", name="Put it in force").click()
    page.get_by_role("button", name="Send a trial").click()
    letter, again = page.locator(".letter-kept"), page.get_by_role("link", name="Look again")
    letter.or_(again).first.wait_for()  # the page that is coming says one of both; before that it says neither
    while again.is_visible():
        again.click()
        letter.or_(again).first.wait_for()
    page.get_by_role("link", name="Go on", exact=True).click()
    page.get_by_role("button", name="Send a test signal").click()
    mine = page.get_by_role("button", name="I have it")
    mine.wait_for()
    while not letter.count():
        page.reload()
    mine.click()
    page.wait_for_url(re.compile(r"/start/done$"))
    told(began, "without scripts")


def test_a_rulebook_that_is_brought_along_and_a_line_in_a_terminal(
    setup_link: str, browser: Any, faults: list[str], tmp_path: Path
) -> None:
    page = opened(browser, faults)
    base = account(page, setup_link)
    page.get_by_label("Or its text").fill("tocsin: 1\npeople:\n  nadia: {nam: Nadia}\n")
    page.get_by_role("button", name="Look at it").click()
    page.locator(".remarks .error").first.wait_for()
    assert page.locator(".remarks .error").count() > 3
    assert "rulebook.yaml, line 3" in page.locator(".remarks").inner_text()
    assert page.locator(".remarks pre", has_text="nadia: {nam: Nadia}").count() > 0
    assert page.get_by_role("button", name="Put it in force").count() == 0

    page.get_by_role("link", name="Back").click()
    fill_in(page, "Just me")
    page.get_by_role("button", name="Make the rulebook").click()
    mine = tmp_path / "mine.yaml"
    mine.write_text(page.get_by_label("rulebook.yaml").input_value().replace("[person:nadia]", "[team:me]"), "utf-8")
    page.get_by_role("link", name="Back").click()
    page.get_by_label("Files").set_input_files(mine)
    page.get_by_role("button", name="Look at it").click()
    page.get_by_role("button", name="Put it in force").click()

    page.get_by_label("You are").select_option(label="Nadia Haddad")
    page.get_by_role("button", name="That is me").click()
    page.get_by_role("link", name="Go on without a trial").click()
    held: list[Any] = []
    listens = False

    def hold(route: Any) -> None:
        """The signal comes before the page listens."""
        if listens:
            route.continue_()
        else:
            held.append(route)

    page.route("**/changes", hold)
    page.get_by_role("button", name="Make a key for signals").click()
    key = page.locator("#key").inner_text()
    body = {"title": "From a terminal", "severity": "critical"}
    heads = {"authorization": f"Bearer {key}"}
    while httpx.post(f"{base}/in/signals", json=body, headers=heads).status_code == 401:
        time.sleep(0.5)
    assert page.url.endswith("/start/source/key")
    listens = True
    for one in held:
        one.continue_()
    page.wait_for_url(re.compile(r"/start/ring"))
    page.get_by_role("button", name="I have it").click()
    page.wait_for_url(f"{base}/start/done")
