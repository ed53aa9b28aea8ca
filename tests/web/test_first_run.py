"""From nothing to a signed-in admin with a passkey, in a real browser against the real program, on a small screen."""

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.engine.ports import free_port
from tests.insiders import PASSWORD
from tests.web.browsing import JOURNEY, RULES, opened, serving

pytestmark = JOURNEY

DEVICE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest.fixture
def setup_link(tmp_path: Path) -> Iterator[str]:
    """The program on an empty store, as an operator starts it; gives the link that it prints."""
    port, log = free_port(), tmp_path / "serve.log"
    environment = os.environ | {"TOCSIN_URL": f"http://localhost:{port}"}
    options = ["--rulebook", str(RULES), "--database", f"sqlite:///{tmp_path}/tocsin.db"]
    with serving(log, port, environment, *options):
        (link,) = re.findall(r"within an hour: (http://localhost:\d+/setup/[\w-]+)", log.read_text())
        yield link


def with_device(page: Any) -> Any:
    """A virtual authenticator for that page, as a telephone has one."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    session.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})
    return session


def test_the_first_admin_comes_in_adds_a_passkey_and_uses_it(setup_link: str, browser: Any, faults: list[str]) -> None:
    page = opened(browser, faults, 390)
    with_device(page)
    page.goto(setup_link)
    page.keyboard.type("nadia")
    page.get_by_label("A password of your own").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/$"))
    base = page.url

    page.goto(f"{base}account")
    page.get_by_label("What it is called here").fill("telephone")
    page.get_by_role("button", name="Add a passkey").click()
    page.get_by_text("telephone").first.wait_for()
    page.get_by_role("button", name="Sign out", exact=True).click()
    page.wait_for_url(re.compile(r"/signin$"))

    page.get_by_role("button", name="Sign in with a passkey").click()
    page.wait_for_url(base)
    page.goto(f"{base}signin/again?next=/account")
    page.get_by_role("button", name="Show it with a passkey").click()
    page.wait_for_url(f"{base}account")
    assert page.get_by_text("last used").count() == 1


def test_without_javascript_the_first_admin_comes_in_all_the_same(
    setup_link: str, browser: Any, faults: list[str]
) -> None:
    page = opened(browser, faults, 320, java_script_enabled=False)
    page.goto(setup_link)
    page.get_by_label("Login").fill("nadia")
    page.get_by_label("A password of your own").fill(PASSWORD)
    page.get_by_role("button", name="Create the first admin").click()
    base = page.url
    page.goto(f"{base}account")
    assert page.get_by_role("button", name="Add a passkey").count() == 0
    page.get_by_role("button", name="Sign out", exact=True).click()
    page.get_by_label("Login").fill("nadia")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).first.click()
    page.wait_for_url(base)
