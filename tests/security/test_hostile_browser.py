"""A real browser in front of the real program, shown the whole corpus: nothing runs, nothing is fetched or asked."""

import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from tests.engine.running import until
from tests.security.corpus import SIGNAL, corpus
from tests.web.browsing import JOURNEY, KEY, browser, opened, url

__all__ = ["browser", "url"]

pytestmark = JOURNEY

LABELS = 45
"""Hostile labels in one incident: each has a hostile name, too."""

WATCH = """
window.told = [];
window.fired = what => window.told.push("ran: " + what);
document.addEventListener("securitypolicyviolation",
  event => window.told.push("policy: " + event.violatedDirective + " " + event.blockedURI));
"""


@pytest.fixture(scope="module")
def incidents(url: str) -> list[str]:
    """The corpus, in as few incidents as hold it."""
    texts = [text for kind in SIGNAL for text in corpus(kind)]
    found = []
    for first in range(0, len(texts), LABELS):
        some = texts[first : first + LABELS]
        body = {"key": f"hostile-{first}", "title": f"{some[0]} {some[-1]}", "text": "\n".join(some)}
        body |= {"labels": {text: some[-n] for n, text in enumerate(some)}, "severity": some[1], "reporter": some[2]}
        body |= {"links": [{"href": text, "text": some[-n]} for n, text in enumerate(some)]}
        headers = {"authorization": f"Bearer {KEY}", "content-type": "application/json"}
        answer = httpx.post(f"{url}/in/scripts", content=json.dumps(body), headers=headers)
        found.append(answer.json()["incidents"][0]["id"])
    return found


@pytest.fixture
def watched(browser: Any, url: str) -> Iterator[tuple[Any, list[str]]]:
    """A page, and what it did that it should not have done."""
    told: list[str] = []
    page = opened(browser, told)
    page.add_init_script(WATCH)
    page.on("dialog", lambda dialog: (told.append(f"dialog: {dialog.message}"), dialog.dismiss()))
    page.on("request", lambda request: None if _ours(request.url, url) else told.append(f"request: {request.url}"))
    page.on("popup", lambda other: told.append(f"popup: {other.url}"))
    yield page, told
    page.close()


def _ours(address: str, url: str) -> bool:
    return urlsplit(address).netloc == urlsplit(url).netloc or address.startswith("data:image/")


def test_the_whole_corpus_on_every_page_runs_nothing_and_breaks_no_policy(
    url: str, incidents: list[str], watched: tuple[Any, list[str]]
) -> None:
    page, told = watched
    assert len(incidents) >= 11
    for path in ("/", "/?q=<script>fired(1)</script>", *(f"/incidents/{one}" for one in incidents)):
        page.goto(url + path)
        page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
        page.evaluate("document.querySelectorAll('[autofocus]').forEach(one => one.focus())")
        told += page.evaluate("window.told")
        assert urlsplit(page.url).netloc == urlsplit(url).netloc
    assert told == []


def test_what_people_write_and_what_scripts_draw_anew_is_text_too(
    url: str, incidents: list[str], watched: tuple[Any, list[str]]
) -> None:
    page, told = watched
    page.goto(f"{url}/incidents/{incidents[0]}")
    before = page.locator(".timeline li").count()
    headers = {"host": urlsplit(url).netloc}
    for text in corpus("xss")[::12]:
        answer = httpx.post(
            f"{url}/api/v1/incidents/{incidents[0]}/note", json={"by": "dana", "text": text}, headers=headers
        )
        assert answer.status_code == 200, answer.text
    page.wait_for_function("was => document.querySelectorAll('.timeline li').length > was", arg=before)
    last = corpus("xss")[::12][-1]
    page.get_by_text(re.compile(re.escape(last))).first.wait_for()
    told += page.evaluate("window.told")
    assert told == []


def test_a_broken_policy_is_told_and_counted(url: str, watched: tuple[Any, list[str]]) -> None:
    page, told = watched
    page.goto(url)
    assert reports(url) == 0, "a page of the tests before broke its policy"
    page.evaluate("document.body.insertAdjacentHTML('beforeend', '<img src=//evil.invalid/x onerror=fired(1)>')")
    page.wait_for_function("window.told.length > 0")
    assert any(one.startswith("policy: ") for one in page.evaluate("window.told"))
    assert told
    until(lambda: reports(url) > 0, 10)


def reports(url: str) -> float:
    """How many breaches browsers have told of."""
    text = httpx.get(f"{url}/metrics", headers={"host": urlsplit(url).netloc}).text
    return float(re.findall(r"^tocsin_policy_reports_total (\S+)", text, re.MULTILINE)[0])
