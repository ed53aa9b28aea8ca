"""Every screen for everybody: pages are found, not listed, and each is swept in a real browser."""

import re
from collections.abc import Iterator
from functools import reduce
from typing import Any

import pytest

from tests.web.browsing import JOURNEY, PATIENCE
from tests.web.showcase import Show, night, showing, wide
from tests.web.sweeping import Finder, Screen
from tests.web.sweeps import CUT, INTERACTIVE, MOVING, OPEN, OVERLAPPING, REACHED, WATCH, WIDE
from tocsin.web import pages

pytestmark = JOURNEY
axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not installed")

ADMIN, STRANGER = "omar", ""
NO_SCREENS = {"/calendar/{address:str}", "/settings/rulebook/{version:int}/{file:path}"}
"""What has names that no page tells, and answers programs: a calendar, a file of a rulebook."""

SLOWER = ("after: 10m", "after: 12m")
UNSOUND = ("by: role:duty-manager", "by: stakeholders")
"""Changes of a policy: one that makes somebody wait longer, and one that is an error."""

PAGES = (*(one.name for one in pages.found()), "trouble")


@pytest.fixture(scope="module")
def show(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Show]:
    with showing(tmp_path_factory.mktemp("sweep")) as standing:
        yield standing


@pytest.fixture(scope="module")
def finders(show: Show) -> dict[str, Finder]:
    """What an admin can reach; and what others see differently."""
    told = night(show)
    names = {name: f"/incidents/{id_}" for name, id_ in told.items()} | {"wide": f"/incidents/{wide(show)}"}
    given = {
        ADMIN: [
            *(names[one] for one in ("wide", "before", "network")),
            "/incidents/INC-404",
            "/nowhere",
            "/?q=nothing",
        ],
        "dana": [names["orders"]],
        "lena": [names["breach"]],
        "kai": ["/", names["orders"], "/settings"],
        STRANGER: [show.link(told["orders"], "dana"), show.invitation("gita"), "/setup/used-up", "/signin?next=/"],
    }
    found = {reader: Finder(show, reader) for reader in given}
    found[ADMIN].follow(given[ADMIN])
    found[ADMIN].type_in("/rulebook/edit?policy=network", SLOWER, UNSOUND)
    prove(show)
    for query in ("service=core-network&answers=nobody", "service=core-network&answers=primary+acknowledges"):
        found[ADMIN].look(f"/lab/simulate?{query}&priority=P1&at=2026-01-08T03:00&hours=1")
    found[ADMIN].try_others()
    for reader, addresses in given.items():
        if reader != ADMIN:
            for address in addresses:
                found[reader].look(address.removeprefix(show.url))
    return found


@pytest.fixture(scope="module")
def screens(finders: dict[str, Finder]) -> dict[str, list[Screen]]:
    """By page."""
    found: dict[str, list[Screen]] = {name: [] for name in PAGES}
    for one in (screen for finder in finders.values() for screen in finder.found.values()):
        found[one.page].append(one)
    return found


def prove(show: Show) -> None:
    """The lab has a finished proof of the rules in force."""
    site = show.parts.site
    world = site.worlds.world()
    site.verdicts.of(world.rulebook, world.facts, show.clock.now(), prove=True, wait=300)


class Readers:
    """One window for each reader, scripts on or off; what goes wrong in it is in `faults`."""

    def __init__(self, browser: Any, show: Show) -> None:
        self.faults: list[str] = []
        self._browser = browser
        self._show = show
        self._windows: dict[tuple[str, bool], Any] = {}

    def at(self, screen: Screen, *, scripts: bool = True) -> Any:
        """Their window at that screen, as it is at first."""
        key = (screen.reader, scripts)
        window = self._windows.get(key) or self._windows.setdefault(key, self._opened(*key))
        self.faults.clear()
        window.set_viewport_size({"width": 1280, "height": 840})
        window.goto(self._show.url + screen.address)
        if screen.typed:
            self._type(window, screen.typed)
        return window

    def _type(self, window: Any, changes: tuple[tuple[str, str], ...]) -> None:
        """Change it in the editor and check it, until who is reached differently is known by both proofs."""
        text = reduce(lambda found, change: found.replace(*change), changes, window.input_value("#text"))
        window.fill("#text", text)
        for _ in range(60):
            with window.expect_navigation():
                window.click("button[value=check]")
            if window.locator(".reach-difference ul").count():
                return
        raise AssertionError("the proofs were not made")

    def _opened(self, reader: str, scripts: bool) -> Any:
        context = self._browser.new_context(
            reduced_motion="reduce", timezone_id="Europe/London", java_script_enabled=scripts
        )
        if reader:
            context.add_cookies([self._show.cookie(reader)])
        window = context.new_page()
        window.set_default_timeout(PATIENCE)
        window.on("console", lambda told: self.faults.append(told.text) if told.type in ("error", "warning") else None)
        window.on("pageerror", lambda error: self.faults.append(str(error)))
        if scripts:
            window.add_init_script(WATCH)
        return window


@pytest.fixture(scope="module")
def readers(browser: Any, show: Show) -> Readers:
    return Readers(browser, show)


def test_every_route_that_shows_a_screen_is_swept(screens: dict[str, list[Screen]], finders: dict[str, Finder]) -> None:
    elsewhere = {one.route for finder in finders.values() for one in finder.found.values()}
    assert {one for one in finders[ADMIN].unreached if one not in elsewhere} <= NO_SCREENS
    assert {name for name in PAGES if not screens[name]} <= {"calendar", "changes"}  # these answer programs


@pytest.mark.parametrize("name", PAGES)
def test_a_screen_is_fit_for_everybody(readers: Readers, screens: dict[str, list[Screen]], name: str) -> None:
    wrong = {}
    for screen in screens[name]:
        page = readers.at(screen)
        page.evaluate(OPEN)
        told = dict(_seen(page)) | dict(_small(page)) | {"complaints": _complaints(readers, page, screen)}
        wrong |= {f"{screen.reader} {screen.address}: {what}": one for what, one in told.items() if one}
    assert not wrong, "\n".join(f"{where}: {told}" for where, told in wrong.items())


def _seen(page: Any) -> Iterator[tuple[str, list[Any]]]:
    """As it is on a desk: by day and by night, with its dialogs, without motion."""
    for scheme in ("dark", "light"):
        page.emulate_media(color_scheme=scheme)
        yield f"axe, {scheme}", _axe(page)
    for number in range(page.locator("dialog").count()):
        page.evaluate("n => document.querySelectorAll('dialog')[n].showModal()", number)
        yield f"axe, dialog {number}", _axe(page)
        page.evaluate("n => document.querySelectorAll('dialog')[n].close()", number)
    yield "moving", page.evaluate(MOVING)


def _small(page: Any) -> Iterator[tuple[str, list[Any]]]:
    """At 320 px, and with text of twice its size; in German, whose words are longer."""
    page.context.set_extra_http_headers({"accept-language": "de"})
    page.reload()
    page.evaluate(OPEN)
    page.set_viewport_size({"width": 320, "height": 640})
    yield "320 px wide", page.evaluate(WIDE)
    yield "320 px, words on each other", page.evaluate(OVERLAPPING)
    fonts = page.context.new_cdp_session(page)
    fonts.send("Page.setFontSizes", {"fontSizes": {"standard": 32, "fixed": 26}})
    for width in (640, 1280):
        page.set_viewport_size({"width": width, "height": 840})
        assert page.evaluate("getComputedStyle(document.documentElement).fontSize") == "32px"
        for what, wrong in (("wide", WIDE), ("cut", CUT), ("words on each other", OVERLAPPING)):
            yield f"text at 200 %, {width} px, {what}", page.evaluate(wrong)
    fonts.send("Page.setFontSizes", {"fontSizes": {"standard": 16, "fixed": 13}})
    fonts.detach()
    page.context.set_extra_http_headers({})


def _axe(page: Any) -> list[Any]:
    told = axe.Axe().run(page).response["violations"]
    return [(one["id"], one["nodes"][0]["html"][:160], one["nodes"][0]["failureSummary"][:250]) for one in told]


def _complaints(readers: Readers, page: Any, screen: Screen) -> list[str]:
    """What the browser complained of; an answer that is no 200 is one for it, and is meant."""
    return page.evaluate("window.__broken") + [
        one for one in readers.faults if screen.status == 200 or f"status of {screen.status}" not in one
    ]


@pytest.mark.parametrize("name", PAGES)
def test_the_keyboard_reaches_everything_and_one_sees_where_it_is(
    readers: Readers, screens: dict[str, list[Screen]], name: str
) -> None:
    wrong = {}
    for screen in screens[name]:
        page = readers.at(screen)
        page.evaluate(OPEN)
        dates = page.locator("input[type^=date]").count()  # a date is several stops: day, month, year, and its picker
        for _ in range(page.evaluate(INTERACTIVE) + 5 * dates + 5):
            page.keyboard.press("Tab")
        told = page.evaluate(REACHED)
        wrong |= {f"{screen.reader} {screen.address}": told} if told else {}
    assert not wrong, "\n".join(f"{where}: {told}" for where, told in wrong.items())


@pytest.mark.parametrize("name", PAGES)
def test_without_scripts_the_same_can_be_read(readers: Readers, screens: dict[str, list[Screen]], name: str) -> None:
    wrong = {}
    for screen in screens[name]:
        bare = readers.at(screen, scripts=False)
        plain, whole = bare.inner_text("main"), _words(bare.locator("main").text_content())
        only = [_words(one) for one in bare.locator("noscript").all_inner_texts()]
        live = readers.at(screen).inner_text("main")
        lost = [line for line in _lines(plain) if line not in _words(live) and line not in only]
        added = [line for line in _lines(live) if line not in whole]
        wrong |= {f"{screen.reader} {screen.address}": (lost, added)} if lost or added else {}
    assert not wrong, "\n".join(f"{where}: {told}" for where, told in wrong.items())


def _lines(text: str) -> list[str]:
    return [line for one in re.split(r"[\n\t]", text) if (line := _words(one))]


def _words(text: str) -> str:
    """Without what the clock changes, and without the difference that styles make."""
    return re.sub(r"[\W\d_]+", "", text).casefold()


@pytest.mark.parametrize(("name", "there", "gone"), [("board", "#rows", ".sieve"), ("incident", ".timeline", ".acts")])
def test_printing_leaves_the_words_and_drops_the_buttons(
    readers: Readers, screens: dict[str, list[Screen]], name: str, there: str, gone: str
) -> None:
    page = readers.at(next(one for one in screens[name] if "?" not in one.address))
    page.emulate_media(media="print")
    assert page.locator(there).is_visible()
    assert not page.locator(gone).first.is_visible()
    assert not page.locator(".spine").is_visible()
    page.emulate_media(media="screen")
