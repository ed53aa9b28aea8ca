"""Charts: well-formed whatever the names are, told in words, and readable by themselves."""

import re
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.cast import GITA, MINUTE, MONDAY
from tocsin.lab.charts import BAR, WIDTH, Chart, Row, page, svg
from tocsin.lab.figures import MOST_PEOPLE, charts_of
from tocsin.lab.measure import Measured
from tocsin.lab.summary import summarise

SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = [
    "</text><script>alert(1)</script>",
    '" onload="alert(1)',
    "<!--",
    "]]>&amp;&#0;",
    "\x00\x1b[2J\ud800",
    "שלום\u202eabc",
    "x" * 5000,
    "",
]


def chart(*rows: Row, title: str = "A title") -> Chart:
    return Chart("a-chart", title, "What it shows.", rows, ("name", "value"), ("all", "some"))


def parsed(text: str) -> ET.Element:
    return ET.fromstring(text)


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_is_text_and_nothing_else(name: str) -> None:
    drawn = parsed(svg(chart(Row(name, 3, name, 1), title=name)))
    kinds = {one.tag.removeprefix(SVG) for one in drawn.iter()}
    assert kinds == {"svg", "title", "desc", "style", "text", "rect", "line"}
    assert not [key for one in drawn.iter() for key in one.attrib if key.startswith("on")]
    whole = page([chart(Row(name, 3, name, 1), title=name)], name, [name])
    assert "<script" not in whole
    assert "onload=" not in whole.replace("&quot; onload=&quot;", "")


@given(st.text(), st.floats(0, 1e12), st.floats(0, 1))
def test_whatever_is_drawn_is_well_formed_and_within_its_width(name: str, value: float, share: float) -> None:
    drawn = parsed(svg(chart(Row(name, value, name, value * share), Row("other", 1, "1"))))
    for one in drawn.iter(f"{SVG}rect"):
        assert 0 <= float(one.attrib["x"]) + float(one.attrib["width"]) <= WIDTH


def test_it_says_in_words_what_it_shows() -> None:
    drawn = parsed(svg(chart(Row("gita", 4, "4"), Row("ines", 2, "2"))))
    named = drawn.attrib["aria-labelledby"].split(" ")
    title, desc = drawn.find(f"{SVG}title"), drawn.find(f"{SVG}desc")
    assert title is not None
    assert desc is not None
    assert (drawn.attrib["role"], named) == ("img", [title.attrib["id"], desc.attrib["id"]])
    assert (title.text, desc.text) == ("A title", "What it shows. gita: 4; ines: 2")


def test_a_file_of_its_own_brings_a_ground_that_its_letters_are_seen_on_in_light_and_dark() -> None:
    style = parsed(svg(chart())).findtext(f"{SVG}style") or ""
    light, dark = style.split("@media (prefers-color-scheme:dark)")
    assert "svg.chart:root{background:#fff}" in light
    assert "svg.chart:root{background:#161616}" in dark


def test_bars_are_as_long_as_their_values() -> None:
    drawn = parsed(svg(chart(Row("a", 4, "4"), Row("b", 2, "2", 1), Row("c", 0, "0"))))
    bars = [float(one.attrib["width"]) for one in drawn.iter(f"{SVG}rect") if one.attrib.get("height") == "18"]
    assert bars == [BAR, BAR / 2, BAR / 4]


def test_a_chart_of_nothing_is_drawn_too() -> None:
    assert parsed(svg(chart())).tag == f"{SVG}svg"
    assert [parsed(svg(one)).tag for one in charts_of(summarise([Measured(MONDAY)], "UTC"), [Measured(MONDAY)], {})]


def test_the_figures_of_many_runs_become_charts_with_tables() -> None:
    runs = [Measured(MONDAY, 0, 3 * MINUTE, None, {GITA: 2}, {GITA: 1}), Measured(MONDAY)]
    charts = {one.name: one for one in charts_of(summarise(runs, "Europe/London"), runs, {GITA: "Gita Rao"})}
    reached = {one.name: one.value for one in charts["time-to-a-human"].rows if one.value}
    assert reached == {"under 1m": 1, "4h or never": 1}
    assert {one.name: one.said for one in charts["time-to-acknowledgement"].rows if one.value} == {
        "2m to 5m": "50.0 %",
        "4h or never": "50.0 %",
    }
    assert [(one.name, one.said, one.marked) for one in charts["calls-per-person"].rows] == [("Gita Rao", "2", 1)]
    assert [one.said for one in charts["by-hour"].rows if one.name == "09:00"] == ["never"]
    table = page(list(charts.values()), "x", [])
    assert "<th scope=row>Gita Rao</th><td>2</td><td>1</td>" in table
    assert len(re.findall("<table>", table)) == 4


def test_an_hour_that_is_never_acknowledged_has_the_longest_bar_and_one_without_runs_has_none() -> None:
    runs = [Measured(MONDAY, 0, 3 * MINUTE), Measured(MONDAY + 60 * MINUTE, 0, None)]
    (by_hour,) = [one for one in charts_of(summarise(runs, "UTC"), runs, {}) if one.name == "by-hour"]
    assert sorted((one.said, one.value) for one in by_hour.rows if one.value) == [
        ("3m", 3 * MINUTE),
        ("never", 3 * MINUTE),
    ]
    assert "95 in 100 within this time" in svg(by_hour)


def test_a_large_number_is_rounded_and_never_cut() -> None:
    for n, said in {9_999_999: "9,999,999", 80_000_000: "80 M", 12_000_000_000: "12,000 M"}.items():
        one = Measured(MONDAY, 0, None, None, {GITA: n})
        assert charts_of(summarise([one], "UTC"), [one], {})[2].rows[0].said == said


def test_of_very_many_people_the_most_called_are_drawn_and_the_rest_counted() -> None:
    many = Measured(MONDAY, 0, None, None, {f"p{n}": 1 + n for n in range(MOST_PEOPLE + 5)})
    chart = charts_of(summarise([many], "UTC"), [many], {})[2]
    assert len(chart.rows) == MOST_PEOPLE
    assert "5 more were called less" in chart.about
