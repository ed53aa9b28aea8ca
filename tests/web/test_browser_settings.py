"""Journeys through the settings: a sample becomes an incident, a token is made, a trial is seen to arrive."""

import re
from typing import Any

import httpx
import pytest

from tests.web.browsing import JOURNEY, PATIENCE, opened, phone

pytestmark = JOURNEY


def wide(page: Any) -> bool:
    """Whether anything sticks out at the side."""
    found: bool = page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
    return found


@pytest.mark.parametrize("screen", [opened, phone])
def test_a_sample_is_sent_and_its_incident_is_seen(browser: Any, url: str, faults: list[str], screen: Any) -> None:
    page = screen(browser, faults)
    page.goto(f"{url}/settings")
    page.locator(".cards a", has_text="Sources").click()
    page.get_by_role("link", name="scripts").click()
    page.wait_for_url("**/sources/scripts")
    assert not wide(page)
    page.get_by_role("button", name="Send it").click()
    page.get_by_text("trigger.json was sent").wait_for()
    page.locator(".notice.well a").click()
    page.wait_for_url("**/incidents/INC-*")
    assert "Backup" in page.locator("h1").inner_text()


@pytest.mark.parametrize("screen", [opened, phone])
def test_a_token_is_made_shown_once_and_good(browser: Any, url: str, faults: list[str], screen: Any) -> None:
    page = screen(browser, faults)
    page.goto(f"{url}/settings/tokens")
    assert not wide(page)
    name = "phone" if screen is phone else "desk"
    page.get_by_label("Name").fill(name)
    page.get_by_text("the numbers for monitoring").click()
    page.get_by_role("button", name="Make it").click()
    secret = page.locator("#secret").inner_text()
    assert not wide(page)
    shown = httpx.get(f"{url}/metrics", headers={"authorization": f"Bearer {secret}"})
    assert shown.status_code == 200
    page.get_by_role("link", name="I have kept it").click()
    page.get_by_role("heading", name=name).wait_for()
    assert secret not in page.content()
    page.get_by_role("button", name=f"Revoke {name}").click()
    page.get_by_role("button", name="Revoke it").click()
    page.get_by_text(re.compile("that (is|are) over")).wait_for()
    assert httpx.get(f"{url}/metrics", headers={"authorization": f"Bearer {secret}"}).status_code == 401


def test_a_trial_is_seen_to_arrive_without_looking_again(browser: Any, url: str, faults: list[str]) -> None:
    page = phone(browser, faults)
    page.goto(f"{url}/settings/channels")
    page.get_by_label("To").select_option(label="Eve Martin · email · eve@acme.example")
    page.get_by_role("button", name="Send it").click()
    page.wait_for_selector("#trial [data-final]", timeout=PATIENCE)
    assert "it arrived at the provider" in page.locator("#trial").inner_text()


def test_every_place_fits_a_phone_and_works_without_scripts(browser: Any, url: str, faults: list[str]) -> None:
    page = phone(browser, faults, java_script_enabled=False)
    for place in ("", "/sources", "/channels", "/people", "/people/eve", "/tokens", "/audit", "/health", "/rulebook"):
        answer = page.goto(f"{url}/settings{place}")
        assert answer.status == 200
        assert page.locator("h1").count() == 1
    page.goto(f"{url}/services/checkout?priority=P3")
    page.get_by_text("Step by step, as P3").wait_for()
