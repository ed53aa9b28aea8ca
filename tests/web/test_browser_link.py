"""Links from mail in a real browser: two taps acknowledge, by thumb, mouse or keyboard, with or without scripts; and a
scanner that opens every link, runs scripts and presses whatever it finds within a minute stops no escalation."""

import asyncio
import re
import socket
import threading
from collections.abc import Iterator
from email import message_from_bytes, policy
from html import unescape
from typing import Any

import httpx
import pytest
import uvicorn

from tests.cast import CAST, MINUTE, email
from tests.doors import KEY, SECRET, URL, Running
from tests.web.browsing import JOURNEY, PATIENCE, opened, report
from tests.web.reading import facts, state
from tocsin import asgi
from tocsin.access.links import Links
from tocsin.channels.contract import Outcome
from tocsin.channels.email.compose import Sender, compose
from tocsin.core.incident import events as ev
from tocsin.core.instant import SECOND
from tocsin.engine.letters import Letters
from tocsin.engine.working import decode_message
from tocsin.store import people
from tocsin.store.people import Contact

pytestmark = JOURNEY


# ------------------------------------------------------------------------------------------- two taps

WIDTHS = pytest.mark.parametrize("width", [1280, 390])


def mailed(browser: Any, url: str, faults: list[str], incident: str) -> str:
    """The link that the page to the first person on call carries."""
    wall = opened(browser, faults)
    wall.goto(f"{url}/incidents/{incident}")
    link: str = wall.locator("#outbox .purpose-page a.fair").first.get_attribute("href", timeout=PATIENCE)
    wall.context.close()
    return url + link


@WIDTHS
@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_two_taps_acknowledge_and_the_page_says_that_they_will_be_asked(
    browser: Any, url: str, faults: list[str], width: int, scripts: bool
) -> None:
    incident = report(url, f"taps {width} {scripts}")
    touch = {"is_mobile": True, "has_touch": True} if width == 390 else {}
    page = opened(browser, faults, width, java_script_enabled=scripts, **touch)
    page.goto(mailed(browser, url, faults, incident))
    button = page.get_by_role("button", name="Acknowledge")
    box = button.bounding_box()
    assert box is not None
    assert box["y"] + box["height"] < 840, "the button is seen without scrolling"
    assert box["height"] >= 44
    (button.tap if width == 390 else button.click)()
    page.get_by_role("heading", name="You have it").wait_for()
    assert "We will ask you again at" in page.locator("main").inner_text()
    assert page.locator("button").count() == 0
    on = page.get_by_role("link", name=f"{incident} with everything about it")
    assert on.get_attribute("href") == f"/incidents/{incident}"
    on.click()
    page.get_by_role("heading", name="Orders fail").wait_for()


@WIDTHS
def test_the_keyboard_alone_acknowledges(browser: Any, url: str, faults: list[str], width: int) -> None:
    incident = report(url, f"keys {width}")
    page = opened(browser, faults, width)
    page.goto(mailed(browser, url, faults, incident))
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Acknowledge"
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="You have it").wait_for()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Sign in to confirm at once"
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/incidents/{incident}")


# ---------------------------------------------------------------------------------------- the scanner


@pytest.fixture
def place(here: Running) -> Iterator[str]:
    """The address of a real server in front of the doors, whose clock the test moves."""
    bound = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(asgi.build(here.site), log_config=None, access_log=False, lifespan="off"))
    thread = threading.Thread(target=lambda: asyncio.run(server.serve([bound])))
    thread.start()
    yield f"http://127.0.0.1:{bound.getsockname()[1]}"
    server.should_exit = True
    thread.join()


SENDER = Sender("tocsin@acme.example")


class Mailbox:
    """The mails of everybody, as they leave, in the order they are written."""

    def __init__(self, here: Running) -> None:
        self._letters = Letters(here.site.ledger, here.site.worlds, Links(SECRET, URL), here.clock)
        self._here = here
        self._read: set[str] = set()
        ways = [Contact(person, "email", email(person)) for person in CAST]
        here.site.ledger.transact(lambda tx: people.seed(tx.connection, [], ways, here.clock.now()))

    def new(self) -> list[bytes]:
        """Those that were not read yet, composed as they would be sent."""
        with self._here.site.ledger.read() as connection:
            rows = connection.exec_driver_sql("select id, body from outbox order by created_at, id").all()
        messages = [decode_message(body) for id_, body in rows if id_ not in self._read]
        self._read |= {id_ for id_, _ in rows}
        built = self._letters.all(messages)
        return [compose(*letter, SENDER) for letter in built.values() if not isinstance(letter, Outcome)]


def links_of(mail: bytes, place: str) -> list[str]:
    """Every address in it, in text and HTML, as a scanner would collect them."""
    message = message_from_bytes(mail, policy=policy.default)
    texts = [part.get_content() for part in message.walk() if part.get_content_maintype() == "text"]
    found = {unescape(one) for text in texts for one in re.findall(r"https?://[^\s\"'<>]+", text)}
    return sorted(one.replace(URL, place) for one in found if one.startswith(URL))


class Scanner:
    """What guards a mailbox: opens each link in a browser, lets its scripts run, presses all it finds, twice over."""

    def __init__(self, browser: Any, here: Running) -> None:
        self._page = browser.new_context().new_page()
        self._here = here
        self.pressed = 0

    def scan(self, links: list[str]) -> None:
        """Within a minute of the mail."""
        began = self._here.clock.now()
        for _ in range(2):
            for link in links:
                self._open(link)
                self._press(link)
            self._here.clock.advance_to(self._here.clock.now() + 20 * SECOND)
        assert self._here.clock.now() - began < MINUTE

    def _open(self, link: str) -> None:
        self._page.goto(link)
        if self._page.locator("script").count():  # what has none is done once it is loaded
            self._page.wait_for_load_state("networkidle")

    def _press(self, link: str) -> None:
        buttons = self._page.locator("form button")
        for index in range(buttons.count()):
            self._open(link)
            for button in buttons.all()[index:]:
                button.click()
                self.pressed += 1
                break
            for again in buttons.all()[:1]:
                again.click()
                self.pressed += 1


def test_a_scanner_that_presses_everything_in_every_mail_stops_no_escalation(
    browser: Any, here: Running, place: str
) -> None:
    mailbox, scanner = Mailbox(here), Scanner(browser, here)
    body = {"title": "Orders fail", "severity": "critical", "labels": {"service": "order-database"}}
    httpx.post(f"{place}/in/scripts", json=body, headers={"authorization": f"Bearer {KEY}"})
    began = here.clock.now()
    while here.clock.now() < began + 60 * MINUTE:
        scanner.scan([link for mail in mailbox.new() for link in links_of(mail, place)])
        here.tick_until(here.clock.now() + MINUTE)
    paged = facts(here, "INC-1", ev.Paged)
    called = list(dict.fromkeys(one.round.person for one in paged if one.round.purpose == "page"))
    assert scanner.pressed > 5
    assert called[:3] == ["dana", "eve", "finn"], "every step of the ladder has called its people"
    assert {"frank", "carla"} <= set(called), "then their lead, and the last resort"
    owned = [one for one in facts(here, "INC-1", ev.Acknowledged) if one.lease is not None]
    assert owned
    assert all(one.lease.soft and one.lease.ends_at - one.at == 5 * MINUTE for one in owned)
    assert not facts(here, "INC-1", ev.Renewed)
    assert not facts(here, "INC-1", ev.Answered)
    assert state(here, "INC-1").live


def test_a_person_who_looks_later_than_a_machine_would_takes_it_in_two_taps_and_keeps_it_with_a_third(
    browser: Any, here: Running, place: str, faults: list[str]
) -> None:
    mailbox, page = Mailbox(here), opened(browser, faults, 390)
    body = {"title": "Orders fail", "severity": "critical", "labels": {"service": "order-database"}}
    httpx.post(f"{place}/in/scripts", json=body, headers={"authorization": f"Bearer {KEY}"})
    link = next(one for mail in mailbox.new() for one in links_of(mail, place))
    page.goto(link)
    page.get_by_role("button", name="Acknowledge").click()
    page.get_by_text("We will ask you again at 09:05").wait_for()
    here.tick_until(here.clock.now() + 5 * MINUTE)
    again = next(one for mail in mailbox.new() for one in links_of(mail, place))
    here.clock.advance_to(here.clock.now() + MINUTE)
    page.goto(again)
    page.get_by_role("button", name="Still on it").click()
    page.get_by_text("Until 09:36, for 30 min").wait_for()
    here.tick_until(here.clock.now() + 20 * MINUTE)
    assert state(here, "INC-1").owner == "dana"
