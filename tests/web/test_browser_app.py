"""Journeys without a network: pages say so calmly and show what was seen, with its time; acts are refused in words."""

import re
from typing import Any

from tests.web.browsing import JOURNEY, PATIENCE, opened, phone, report

pytestmark = JOURNEY

IN_HAND = "() => navigator.serviceWorker.controller !== null"
KEPT = "async path => { const kept = await caches.open('tocsin-seen'); return Boolean(await kept.match(path)); }"


def installed(page: Any, url: str) -> None:
    """The worker has taken over, and what is open is kept."""
    page.goto(url)
    page.wait_for_function(IN_HAND)


def kept(page: Any, path: str) -> None:
    """Until the page at that path is kept."""
    page.wait_for_function(f"path => ({KEPT})(path)", arg=path)


def offline(page: Any) -> None:
    """The page and its worker have no network: what the worker is asked for does not come."""
    page.context.set_offline(True)
    page.wait_for_function(
        "async () => { try { await fetch(`/static/none-${Math.random()}`); return false; } catch { return true; } }"
    )


def quiet(faults: list[str]) -> None:
    """Without a network the browser itself complains of every request that fails; of nothing else."""
    faults[:] = [one for one in faults if "ERR_INTERNET_DISCONNECTED" not in one and "ERR_FAILED" not in one]


def test_without_a_network_the_incident_is_shown_as_it_was_seen_with_the_time(
    browser: Any, url: str, faults: list[str]
) -> None:
    incident = report(url, "offline", title="Orders fail offline")
    page = phone(browser, faults)
    installed(page, f"{url}/incidents/{incident}")
    kept(page, f"/incidents/{incident}")
    offline(page)
    page.goto(f"{url}/incidents/{incident}")
    page.get_by_role("heading", name="There is no network").wait_for()
    assert re.search(r"As of \d\d:\d\d:\d\d", page.locator("#seen-at").inner_text())
    assert "Orders fail offline" in page.locator("#seen").inner_text()
    assert page.locator("#seen :is(form, button, input, select)").count() == 0
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.context.set_offline(False)
    page.locator("#desk").wait_for()
    page.get_by_role("button", name="Acknowledge").wait_for()
    quiet(faults)


def test_without_a_network_other_pages_lead_to_what_was_seen(browser: Any, url: str, faults: list[str]) -> None:
    report(url, "board offline", title="Seen on the board")
    page = opened(browser, faults)
    installed(page, url)
    kept(page, "/")
    offline(page)
    page.goto(f"{url}/components")
    page.get_by_role("heading", name="There is no network").wait_for()
    page.locator("#others a").first.click()
    page.locator("#seen-at").wait_for()
    assert "Seen on the board" in page.locator("#seen").inner_text()
    quiet(faults)


def test_an_act_without_a_network_is_refused_in_words_and_not_kept_for_later(
    browser: Any, url: str, faults: list[str]
) -> None:
    incident = report(url, "act offline")
    page = opened(browser, faults)
    installed(page, f"{url}/incidents/{incident}")
    offline(page)
    page.locator("#lost").wait_for()
    page.get_by_role("button", name="Acknowledge").click()
    page.get_by_role("heading", name="Nothing was done").wait_for()
    page.context.set_offline(False)
    page.get_by_role("link", name="Go on").wait_for(timeout=PATIENCE)
    page.goto(f"{url}/incidents/{incident}")
    page.locator("#incident .owner.alarm").wait_for()
    quiet(faults)


def test_while_there_is_a_network_nothing_old_is_ever_shown(browser: Any, url: str, faults: list[str]) -> None:
    incident = report(url, "fresh")
    page = opened(browser, faults)
    installed(page, f"{url}/incidents/{incident}")
    kept(page, f"/incidents/{incident}")
    report(url, "fresh", action="resolve")
    page.goto(f"{url}/incidents/{incident}")
    assert page.locator("#desk").count() == 1
    page.locator("#incident article.resolved").wait_for()


def test_signing_out_forgets_what_was_seen(browser: Any, url: str, faults: list[str]) -> None:
    page = opened(browser, faults)
    installed(page, url)
    kept(page, "/")
    page.goto(f"{url}/signin")
    assert page.evaluate("caches.has('tocsin-seen')") is False


def test_another_version_of_tocsin_replaces_the_worker_and_its_shell_at_once(
    browser: Any, url: str, faults: list[str]
) -> None:
    page = opened(browser, faults)
    installed(page, url)
    (before,) = [name for name in page.evaluate("caches.keys()") if name.startswith("tocsin-shell-")]
    context = page.context
    answer = context.request.get(f"{url}/worker.js").text()
    newer = answer.replace('"version":"', '"version":"another-')
    context.route("**/worker.js", lambda route: route.fulfill(body=newer, content_type="text/javascript"))
    page.reload()
    page.wait_for_function(
        "async was => !(await caches.keys()).includes(was) && (await caches.keys()).some(n => n.includes('another-'))",
        arg=before,
    )
