"""The user's guide shows what there is: its pictures are taken of the program, with a clock that stands."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.guide.palette import reduced
from tests.web.browsing import JOURNEY, browser
from tests.web.showcase import NIGHT, Show, night, showing

__all__ = ["browser"]

pytestmark = JOURNEY

DOCS = Path(__file__).parents[2] / "docs"
SHOTS = DOCS / "guide" / "shots"
LARGEST = 60_000
DESK, HAND = {"width": 1320, "height": 800}, {"width": 390, "height": 760}


class Album:
    """Takes pictures; keeps them where `--shots` was said."""

    def __init__(self, browser: Any, show: Show, told: dict[str, str], *, keep: bool) -> None:
        self.show = show
        self.told = told
        self._browser = browser
        self._keep = keep

    def window(self, reader: str, address: str, *, hand: bool = False, dark: bool = False) -> Any:
        """Somebody's window at an address, at the time of the story."""
        context = self._browser.new_context(
            viewport=HAND if hand else DESK, is_mobile=hand, has_touch=hand, locale="en-GB",
            timezone_id="Europe/London",
            color_scheme="dark" if dark else "light", reduced_motion="reduce",
        )  # fmt: skip
        if reader:
            context.add_cookies([self.show.cookie(reader)])
        page = context.new_page()
        page.clock.set_fixed_time(NIGHT / 1_000_000)
        page.goto(self.show.url + address)
        return page

    def take(self, page: Any, name: str, part: str = "") -> None:
        """A picture of the window, or of a part of the page."""
        page.evaluate("document.fonts.ready.then(() => true)")
        picture = reduced((page.locator(part).first if part else page).screenshot())
        assert len(picture) <= LARGEST, f"{name} has {len(picture)} bytes"
        if self._keep:
            SHOTS.mkdir(exist_ok=True)
            (SHOTS / f"{name}.png").write_bytes(picture)
        page.context.close()


@pytest.fixture(scope="module")
def album(browser: Any, tmp_path_factory: pytest.TempPathFactory, pytestconfig: pytest.Config) -> Iterator[Album]:
    with showing(tmp_path_factory.mktemp("guide")) as show:
        yield Album(browser, show, night(show), keep=pytestconfig.getoption("--shots"))


def board(album: Album) -> None:
    """Desk and telephone."""
    album.take(album.window("dana", "/"), "board")


def board_dark(album: Album) -> None:
    album.take(album.window("dana", "/", hand=True, dark=True), "board-phone")


def picked(album: Album) -> None:
    page = album.window("omar", "/")
    for name in ("orders", "unrouted"):
        page.locator(f"[data-key={album.told[name]}] .pick").click()
    page.locator(".bulk").wait_for()
    album.take(page, "board-many")


def link(album: Album) -> None:
    address = album.show.link(album.told["orders"], "dana").removeprefix(album.show.url)
    album.take(album.window("", address, hand=True, dark=True), "link")


def incident(album: Album) -> None:
    album.take(album.window("dana", f"/incidents/{album.told['orders']}"), "incident")


def ladders(album: Album) -> None:
    page = album.window("dana", f"/incidents/{album.told['orders']}")
    album.take(page, "ladders", ".ladders")


def escalate(album: Album) -> None:
    page = album.window("eve", f"/incidents/{album.told['orders']}#escalate")
    page.get_by_label("Who must know or decide").check()
    page.locator("#escalate-reason").fill("Orders are lost; somebody must decide")
    album.take(page, "escalate", "#escalate")


def why(album: Album) -> None:
    album.take(album.window("sofia", f"/incidents/{album.told['network']}"), "why", "#beside .reasons")


def report(album: Album) -> None:
    page = album.window("ana", "/report")
    page.locator("#title").fill("The scanner at gate 4 is dark")
    page.locator("#service").select_option("order-database")
    album.take(page, "report")


def oncall(album: Album) -> None:
    album.take(album.window("dana", "/oncall"), "oncall")


def override(album: Album) -> None:
    page = album.window("dana", "/oncall")
    page.get_by_role("link", name="Override").first.click()
    page.locator("#reason").fill("Dana is at her sister's wedding")
    album.take(page, "override", "main")


def services(album: Album) -> None:
    album.take(album.window("sofia", "/services"), "services")


def mine(album: Album) -> None:
    album.take(album.window("dana", "/mine"), "mine")


SCENES: tuple[Callable[[Album], None], ...] = (
    board, board_dark, picked, link, incident, ladders, escalate, why, report, oncall, override, services, mine,
)  # fmt: skip


@pytest.mark.parametrize("scene", SCENES, ids=lambda one: one.__name__)
def test_a_picture_can_be_taken_and_is_small(album: Album, scene: Callable[[Album], None]) -> None:
    scene(album)
