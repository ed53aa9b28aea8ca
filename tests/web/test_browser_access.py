"""Every screen for everybody: axe finds nothing, dark and light; 320 px suffice; text may be twice its size."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.web.browsing import CHROMIUM, JOURNEY, QUIET, opened, report

pytestmark = JOURNEY
axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not installed")

SCREENS = ("/", "/?status=all&q=orders", "/incidents/{}", "/incidents/{}#escalate", "/incidents/INC-404", "/components")
WORD = "an-unbroken-word-" * 12


@pytest.fixture(scope="module")
def incident(url: str) -> str:
    """One that is unrouted, with everything on, for all screens."""
    report(url, "first", title="Orders fail")
    labels = {"service": "nonsense", WORD: WORD}
    links = [{"href": "https://wiki.acme.example/" + WORD, "text": WORD}]
    for alert in ("a", "b"):
        name = report(url, "wide", title=WORD, text=WORD + " " + WORD, labels=labels, links=links, alert=alert)
    return name


def settled(page: Any, address: str) -> None:
    page.goto(address)
    page.wait_for_function("() => document.getElementById('wall') === null || document.fonts.status === 'loaded'")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_axe_finds_nothing(browser: Any, url: str, faults: list[str], incident: str, scheme: str, width: int) -> None:
    page = opened(browser, faults, width, color_scheme=scheme, reduced_motion="reduce", is_mobile=width < 500)
    report(url, "second", severity="error")
    found = {}
    for screen in (*SCREENS, "/signin", "/#menu"):
        settled(page, url + screen.format(incident))
        told = axe.Axe().run(page).response["violations"]
        found[screen] = [(one["id"], [node["html"][:200] for node in one["nodes"][:3]]) for one in told]
    faults[:] = [one for one in faults if "404" not in one]
    assert {screen: told for screen, told in found.items() if told} == {}


@pytest.mark.parametrize("width", [320, 390, 1280])
def test_no_screen_has_to_be_moved_sideways(
    browser: Any, url: str, faults: list[str], incident: str, width: int
) -> None:
    page = opened(browser, faults, width, is_mobile=width < 500)
    page.goto(f"{url}/incidents/{incident}")
    screens = [*SCREENS, "/signin", "/#menu"]
    link = page.locator("#outbox a.fair").first
    if link.count():
        screens.append(str(link.get_attribute("href")))
    wide = {}
    for screen in screens:
        settled(page, url + screen.format(incident))
        wide[screen] = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    faults[:] = [one for one in faults if "404" not in one]
    assert {screen: by for screen, by in wide.items() if by > 0} == {}


@pytest.fixture(scope="module")
def reading_glasses(browser: Any) -> Iterator[Any]:
    """A browser whose user has set text to twice its size."""
    large = browser.browser_type.launch(
        executable_path=CHROMIUM, args=[*QUIET, "--blink-settings=defaultFontSize=32,defaultFixedFontSize=26"]
    )
    yield large
    large.close()


@pytest.mark.parametrize("width", [1280, 640])
def test_text_at_twice_its_size_is_all_there(
    reading_glasses: Any, url: str, faults: list[str], incident: str, width: int
) -> None:
    page = opened(reading_glasses, faults, width)
    lost = {}
    for screen in (*SCREENS, "/signin"):
        settled(page, url + screen.format(incident))
        assert page.evaluate("getComputedStyle(document.documentElement).fontSize") == "32px"
        lost[screen] = page.evaluate(CUT)
    faults[:] = [one for one in faults if "404" not in one]
    assert {screen: told for screen, told in lost.items() if told} == {}


CUT = """() => [...document.querySelectorAll('main *')].filter((node) => {
  const style = getComputedStyle(node);
  const cut = style.overflow === 'hidden' && !node.classList.contains('unseen') && !node.classList.contains('fuse');
  return cut && (node.scrollWidth > node.clientWidth + 1 || node.scrollHeight > node.clientHeight + 1);
}).map((node) => node.outerHTML.slice(0, 120)).concat(
  document.documentElement.scrollWidth > innerWidth ? ['sideways'] : [])"""


def test_printing_leaves_the_words_and_drops_the_buttons(
    browser: Any, url: str, faults: list[str], incident: str
) -> None:
    page = opened(browser, faults)
    for screen, there, gone in (("/", "#rows", ".sieve"), (f"/incidents/{incident}", ".timeline", ".acts")):
        settled(page, url + screen)
        page.emulate_media(media="print")
        assert page.locator(there).is_visible()
        assert not page.locator(gone).first.is_visible()
        assert not page.locator(".spine").is_visible()


def test_whoever_wants_no_motion_has_none(browser: Any, url: str, faults: list[str], incident: str) -> None:
    page = opened(browser, faults, reduced_motion="reduce")
    settled(page, f"{url}/incidents/{incident}")
    moving = (
        "[...document.querySelectorAll('*')].filter((node) => getComputedStyle(node).animationName !== 'none').length"
    )
    assert page.evaluate(moving) == 0
