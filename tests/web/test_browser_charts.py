"""The charts of `tocsin simulate --svg` in a real browser: they fit a phone, and can be read in the dark."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.cast import GITA, HOUR, INES, MINUTE, MONDAY
from tests.web.browsing import JOURNEY, browser  # noqa: F401  a fixture
from tocsin.lab.charts import page, svg
from tocsin.lab.figures import charts_of
from tocsin.lab.measure import Measured
from tocsin.lab.summary import summarise

pytestmark = JOURNEY

NAMES = {GITA: "Gita Rao of a very long name that does not fit", INES: "<b>Ines</b>"}
NAMES |= {"w": "WWWWWWWWWWWWWWWWWW", "k": "田中海太郎田中海太郎田中海太郎"}
CALLS = {GITA: 2_000_000, "w": 3, "k": 4}
RUNS = [Measured(MONDAY + n * HOUR, n * MINUTE, 3 * n * MINUTE, None, {**CALLS, INES: n}, {GITA: 1}) for n in range(40)]


@pytest.fixture(scope="module")
def charts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("charts")
    drawn = charts_of(summarise(RUNS, "Europe/London"), RUNS, NAMES)
    for one in drawn:
        (folder / f"{one.name}.svg").write_text(svg(one), "utf-8")
    (folder / "index.html").write_text(page(drawn, "checkout, P2", ["40 runs"]), "utf-8")
    return folder


@pytest.fixture(params=["light", "dark"])
def phone(request: pytest.FixtureRequest, browser: Any) -> Iterator[Any]:  # noqa: F811
    context = browser.new_context(viewport={"width": 390, "height": 844}, color_scheme=request.param)
    yield context.new_page()
    context.close()


def test_the_page_fits_a_phone_and_every_word_can_be_read(phone: Any, charts: Path) -> None:
    phone.goto((charts / "index.html").as_uri())
    assert phone.evaluate("document.documentElement.scrollWidth") <= 390
    assert phone.locator("svg").count() == phone.locator("table").count() == 4
    assert phone.locator("svg b, table b, script").count() == 0
    sizes = "[...document.querySelectorAll('svg text')].map(t => t.getBoundingClientRect().height)"
    assert min(phone.evaluate(sizes)) >= 11
    colours = "[...document.querySelectorAll('h1, svg text')].map(e => getComputedStyle(e).%s)"
    text = set(phone.evaluate(colours % "fill")) | set(phone.evaluate(colours % "color"))
    assert phone.evaluate("getComputedStyle(document.body).backgroundColor") not in text


def test_no_word_runs_out_of_its_picture_or_into_another(phone: Any, charts: Path) -> None:
    for file in sorted(charts.glob("*.svg")):
        phone.goto(file.as_uri())
        outside = phone.evaluate(
            "[...document.querySelectorAll('text')].map(t => t.getBBox())"
            ".filter(b => b.x < 0 || b.x + b.width > 390).length"
        )
        assert outside == 0, file.name
