"""Charts as plain SVG: drawn for 390 pixels, in the reader's light or dark, told in words and in a table beside"""

from collections.abc import Iterable, Sequence
from html import escape
from unicodedata import east_asian_width

from msgspec import Struct

WIDTH = 390
ROW = 26
TOP = 54
LABEL = 124
BAR = WIDTH - LABEL - 62

STYLE = (
    "svg.chart{color:#1a1a1a;--bar:#1f5fbf;--more:#b3480b;max-width:45rem;width:100%;height:auto;"
    "font:13px/1.3 system-ui,sans-serif}"
    "svg.chart:root{background:#fff}"
    "svg.chart text{fill:currentColor}svg.chart .name{font-size:15px;font-weight:600}"
    "svg.chart .bar{fill:var(--bar)}svg.chart .more{fill:var(--more)}svg.chart .axis{stroke:currentColor;opacity:.4}"
    "@media (prefers-color-scheme:dark){svg.chart{color:#ececec;--bar:#7db0ff;--more:#ffab70}"
    "svg.chart:root{background:#161616}}"
)
"""Only a file of its own has a ground of its own: a viewer's is white also where the reader's is dark."""


class Row(Struct, frozen=True):
    """One bar: its name, how long it is, the part of it that is marked, and what stands beside it."""

    name: str
    value: float
    said: str
    marked: float = 0.0


class Chart(Struct, frozen=True):
    """One chart: `name` (letters and dashes) for its file, what it shows in a line and in a few, what its bars are."""

    name: str
    title: str
    about: str
    rows: tuple[Row, ...]
    header: tuple[str, str]
    legend: tuple[str, str] = ("", "")


def svg(chart: Chart) -> str:
    """The chart as a file of its own; every text is data and escaped."""
    height = TOP + ROW * max(len(chart.rows), 1) + 12
    most = max((row.value for row in chart.rows), default=0.0)
    ids = f"{chart.name}-title {chart.name}-desc"
    box = f'viewBox="0 0 {WIDTH} {height}"'
    parts = [
        f'<svg class="chart" xmlns="http://www.w3.org/2000/svg" {box} role="img" aria-labelledby="{ids}">',
        f'<title id="{chart.name}-title">{_text(chart.title)}</title>',
        f'<desc id="{chart.name}-desc">{_text(_described(chart))}</desc>',
        f"<style>{STYLE}</style>",
        f'<text class="name" x="0" y="18">{_text(shortened(chart.title, 50))}</text>',
        *_legend(chart),
        *(part for place, row in enumerate(chart.rows) for part in _bar(row, place, most)),
        f'<line class="axis" x1="{LABEL}" y1="{TOP - 6}" x2="{LABEL}" y2="{height - 8}"/>',
        "</svg>\n",
    ]
    return "\n".join(parts)


def page(charts: Sequence[Chart], title: str, about: Iterable[str]) -> str:
    """All charts on one page that needs nothing from elsewhere, each with its figures as a table beside it."""
    said = "".join(f"<p>{_text(line)}</p>" for line in about)
    figures = "".join(
        f"<section><h2>{_text(one.title)}</h2><div class=pair><figure>{svg(one)}</figure>{_table(one)}</div></section>"
        for one in charts
    )
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="color-scheme" content="light dark">'
        f"<title>{_text(title)}</title><style>{_PAGE}</style></head>"
        f"<body><main><h1>{_text(title)}</h1>{said}{figures}</main></body></html>\n"
    )


_PAGE = (
    "body{font:16px/1.5 system-ui,sans-serif;margin:0;background:#fff;color:#1a1a1a}main{max-width:70rem;margin:auto;"
    "padding:1rem}.pair{display:flex;flex-wrap:wrap;gap:1.5rem;align-items:flex-start}figure{margin:0;flex:1 1 20rem;"
    "min-width:0}table{border-collapse:collapse;font-variant-numeric:tabular-nums}td,th{padding:.2rem .6rem;"
    "text-align:right;border-bottom:1px solid #8886}td:first-child,th:first-child{text-align:left;"
    "overflow-wrap:anywhere}@media (prefers-color-scheme:dark){body{background:#161616;color:#ececec}}"
)


def _bar(row: Row, place: int, most: float) -> Iterable[str]:
    y = TOP + place * ROW
    length = _scaled(row.value, most)
    name = shortened(row.name, 15)
    yield f'<text x="{LABEL - 8}" y="{y + 13}" text-anchor="end"{_squeezed(name, LABEL - 8)}>{_text(name)}</text>'
    if length:
        yield f'<rect class="bar" x="{LABEL}" y="{y}" width="{length:.1f}" height="18" rx="2"/>'
    if row.marked:
        yield f'<rect class="more" x="{LABEL}" y="{y}" width="{_scaled(row.marked, most):.1f}" height="18" rx="2"/>'
    said, room = shortened(row.said, 9), WIDTH - LABEL - BAR - 8
    yield f'<text x="{LABEL + length + 6:.1f}" y="{y + 13}"{_squeezed(said, room)}>{_text(said)}</text>'


def _legend(chart: Chart) -> Iterable[str]:
    x = 0
    for name, kind in zip(chart.legend, ("bar", "more"), strict=True):
        if name:
            yield f'<rect class="{kind}" x="{x}" y="28" width="12" height="12" rx="2"/>'
            yield f'<text x="{x + 18}" y="39">{_text(shortened(name, 30))}</text>'
            x += 30 + 8 * min(len(name), 30)


def _scaled(value: float, most: float) -> float:
    return BAR * value / most if most > 0 else 0.0


def _described(chart: Chart) -> str:
    """The chart in words, for whoever does not see it: at most thirty of its bars."""
    return f"{chart.about} " + "; ".join(f"{row.name}: {row.said}" for row in chart.rows[:30])


def _table(chart: Chart) -> str:
    name, value = chart.header
    marked = any(row.marked for row in chart.rows)
    more = f"<th scope=col>{_text(chart.legend[1])}</th>" if marked else ""
    rows = "".join(
        f"<tr><th scope=row>{_text(row.name)}</th><td>{_text(row.said)}</td>"
        f"{f'<td>{row.marked:,.0f}</td>' if marked else ''}</tr>"
        for row in chart.rows
    )
    return (
        f"<table><caption>{_text(chart.about)}</caption><thead><tr><th scope=col>{_text(name)}</th>"
        f"<th scope=col>{_text(value)}</th>{more}</tr></thead><tbody>{rows}</tbody></table>"
    )


def _squeezed(text: str, room: int) -> str:
    """Letters made narrower where they would not fit: capitals and those of the East are wide."""
    wide = sum(13 if east_asian_width(one) in "WF" else 10 if one.isupper() else 7 for one in text)
    return f' textLength="{room}" lengthAdjust="spacingAndGlyphs"' if wide > room else ""


def shortened(text: str, length: int) -> str:
    """The text, or its beginning with an ellipsis where it is too long for its place."""
    return text if len(text) <= length else f"{text[: length - 1]}…"


def _text(text: str) -> str:
    """As XML takes it: no control characters, no markup."""
    return escape("".join(one for one in text if one.isprintable()), quote=True)
