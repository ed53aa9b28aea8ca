"""The journeys in a real browser, against the real program: two taps on a phone, a page that follows by itself."""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

import tocsin
from tests.engine.ports import free_port

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="there is no chromium on this machine"),
    pytest.mark.timeout(240),
]

RULES = Path(tocsin.__file__).parent / "cli" / "demo.yaml"
KEY = "key-of-scripts-0123456789"
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
QUIET += ["--disable-sync", "--no-first-run"]
PATIENCE = 30_000
"""Milliseconds; the machine may be busy."""


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The program itself as a demonstration; gives its address."""
    folder, port = tmp_path_factory.mktemp("demo"), free_port()
    environment = os.environ | {"TOCSIN_KEY_SCRIPTS": KEY, "TOCSIN_URL": f"http://127.0.0.1:{port}"}
    command = [sys.executable, "-m", "tocsin", "serve", "--demo", "--rulebook", str(RULES), "--port", str(port)]
    command += ["--database", f"sqlite:///{folder}/tocsin.db"]
    with (folder / "serve.log").open("wb") as log:
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
    try:
        until_it_answers(process, f"http://127.0.0.1:{port}/health")
        yield f"http://127.0.0.1:{port}"
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)


def until_it_answers(process: "subprocess.Popen[bytes]", address: str) -> None:
    for _ in range(600):
        assert process.poll() is None
        try:
            if httpx.get(address, timeout=2).status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    raise AssertionError("the program did not start")


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """One for all journeys."""
    with playwright.sync_playwright() as running:
        opened = running.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield opened
        opened.close()


@pytest.fixture
def faults() -> Iterator[list[str]]:
    """What browsers complained of: scripts that failed, policies that were broken. Nothing, at the end of each test."""
    told: list[str] = []
    yield told
    assert told == []


def opened(browser: Any, faults: list[str], width: int = 1280, **more: Any) -> Any:
    """A new page in a context of its own, which reports what goes wrong."""
    page = browser.new_context(viewport={"width": width, "height": 840}, **more).new_page()
    page.set_default_timeout(PATIENCE)
    page.on("console", lambda message: faults.append(message.text) if message.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: faults.append(str(error)))
    return page


def report(url: str, key: str, **more: Any) -> str:
    """Something goes wrong; the incident's id."""
    body = {"key": key, "title": "Orders fail", "severity": "critical", "labels": {"service": "order-database"}} | more
    answer = httpx.post(f"{url}/in/scripts", json=body, headers={"authorization": f"Bearer {KEY}"})
    incident: str = answer.json()["incidents"][0]["id"]
    return incident


def test_two_taps_on_a_phone_acknowledge_and_the_page_on_the_wall_follows_without_a_reload(
    browser: Any, url: str, faults: list[str]
) -> None:
    incident = report(url, "two taps")
    wall = opened(browser, faults)
    wall.goto(f"{url}/incidents/{incident}")
    wall.evaluate("window.untouched = true")
    link = wall.locator("#outbox .purpose-page a.fair").first.get_attribute("href", timeout=PATIENCE)
    phone = opened(browser, faults, width=390, is_mobile=True, has_touch=True)
    phone.goto(url + link)
    phone.get_by_role("button", name="Acknowledge").tap()
    phone.get_by_text("You have it").wait_for()
    assert phone.locator("button").count() == 0
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
    page.locator("select[name=by]").select_option("nadia")
    told = page.locator(".timeline li").count()
    page.wait_for_function("was => document.querySelectorAll('.timeline li').length > was", arg=told)
    assert page.locator("#outbox details[open]").count() == 1
    assert page.locator("select[name=by]").input_value() == "nadia"
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
    served = re.findall(r"<time data-at=[^>]*>([^<]*)</time>\n<p>", answer.text())
    assert served[-len(shown) :] == shown
    assert page.context.cookies()[0]["value"] == "Asia%2FTokyo"


def test_without_scripts_it_can_be_read_and_acknowledged(browser: Any, url: str, faults: list[str]) -> None:
    incident = report(url, "no scripts")
    page = opened(browser, faults, java_script_enabled=False)
    page.goto(f"{url}/incidents/{incident}")
    page.get_by_role("button", name="Acknowledge").click()
    page.locator("#incident .owner.good").wait_for()


@pytest.mark.parametrize("width", [320, 390, 1280])
def test_no_page_has_to_be_moved_sideways(browser: Any, url: str, faults: list[str], width: int) -> None:
    word = "an-unbroken-word-" * 12
    incident = report(url, "wide", title=word, labels={"service": "order-database", word: word})
    page = opened(browser, faults, width=width, is_mobile=width < 500)
    page.goto(f"{url}/incidents/{incident}")
    link = page.locator("#outbox .purpose-page a.fair").first.get_attribute("href")
    for address in (f"{url}/incidents/{incident}", url + link, f"{url}/signin"):
        page.goto(address)
        assert page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0


def test_the_keyboard_reaches_the_incidents_and_what_can_be_done(browser: Any, url: str, faults: list[str]) -> None:
    incident = report(url, "keyboard")
    page = opened(browser, faults)
    page.goto(f"{url}/incidents/{incident}")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("j")
    assert page.evaluate("document.activeElement.closest('#board') !== null")
    page.keyboard.press("a")
    assert page.evaluate("document.activeElement.id") == "do-acknowledge"
    page.keyboard.press("Enter")
    page.locator("#incident .owner.good").wait_for()
