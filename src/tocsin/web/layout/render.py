"""Templates to pages: everything is escaped unless a template of ours says otherwise, and none says so."""

from collections.abc import Callable
from functools import cache
from hashlib import sha256
from importlib.resources import files
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from litestar import Response

from tocsin.core.instant import Instant
from tocsin.lib import moments
from tocsin.lib.translate import knows, text
from tocsin.web.forms import csrf_field, csrf_meta
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
    made.filters |= {"iso": moments.iso} | {name: _said(way) for name, way in TIMES.items()}
    return made


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
}
"""How templates write an instant or a length; each knows its language by itself."""


@cache
def assets() -> dict[str, tuple[bytes, str]]:
    """The files that browsers may keep: name to content and a mark of that content."""
    folder = files("tocsin.web") / "static"
    found = {file.name: file.read_bytes() for file in folder.iterdir() if Path(file.name).suffix in KINDS}
    return {name: (body, sha256(body).hexdigest()[:12]) for name, body in found.items()}


KINDS = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}


def static(name: str) -> str:
    """The address of a file, which changes when its content does."""
    return f"/static/{name}?{assets()[name][1]}"
