"""Templates to pages: everything is escaped unless a template of ours says otherwise, and none says so."""

from collections.abc import Callable, Iterable
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from litestar import Response

from tocsin.core.instant import Instant
from tocsin.lib import moments
from tocsin.lib.translate import knows, text
from tocsin.web.forms import csrf_field, csrf_meta
from tocsin.web.layout.assets import static
from tocsin.web.layout.reader import Reader

HTML = "text/html"


def page(template: str, now: Instant, reader: Reader, status: int = 200, **values: object) -> Response[str]:
    """A whole page, in the language and with the clock of its reader."""
    return Response(fragment(template, now, reader, **values), status_code=status, media_type=HTML)


def trouble(now: Instant, reader: Reader, status: int, key: str) -> Response[str]:
    """A page that says in words what went wrong."""
    return page("layout/trouble.html", now, reader, status, key=key, code=status)


def fragment(template: str, now: Instant, reader: Reader, **values: object) -> str:
    """A piece of a page. Templates know `now`, the reader, and the reader's `language` and `zone`."""
    known = {"now": now, "reader": reader, "language": reader.language, "zone": reader.zone}
    return environment().get_template(template).render(known | values)


@cache
def environment() -> Environment:
    """One for all: autoescape for every file, and a missing value is a mistake, not an empty place."""
    made = Environment(
        loader=PackageLoader("tocsin.web", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals |= {"t": _word, "static": static, "csrf_field": csrf_field, "csrf_meta": csrf_meta}
    made.filters |= {"iso": moments.iso, "pairs": _pairs} | {name: _said(way) for name, way in TIMES.items()}
    return made


def _pairs(names: Iterable[str]) -> list[tuple[str, str]]:
    """Choices that are called what they are."""
    return [(one, one) for one in names]


@pass_context
def _word(context: Context, key: str, **values: object) -> str:
    """A sentence of the pages, else one that all parts share."""
    ours = f"web.{key}"
    given = {name: str(value) for name, value in values.items()}
    return text(ours if knows(ours) else key, given, context["language"])


def _said(way: Callable[..., str]) -> Callable[..., str]:
    """A filter that speaks the reader's language. A template that is imported has it `with context`."""

    @pass_context
    def filtered(context: Context, value: int, *more: object) -> str:
        return way(value, *more, language=context["language"])

    return filtered


TIMES: dict[str, Callable[..., str]] = {
    "clock": moments.clock,
    "short": moments.short,
    "whole": moments.whole,
    "lasting": moments.length,
    "span": moments.span,
    "countdown": moments.countdown,
    "day": moments.day,
}
"""How templates write an instant or a length; each knows its language by itself."""
