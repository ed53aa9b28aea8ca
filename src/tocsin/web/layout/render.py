"""Templates to pages: everything is escaped unless a template of ours says otherwise, and none says so."""

from functools import cache
from hashlib import sha256
from importlib.resources import files
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined
from litestar import Response

from tocsin.core.instant import Instant
from tocsin.lib.translate import text
from tocsin.web.layout import times

HTML = "text/html"


def page(template: str, now: Instant, zone: str, status: int = 200, **values: object) -> Response[str]:
    """A whole page. `now` and `zone` are for whoever reads it."""
    return Response(fragment(template, now, zone, **values), status_code=status, media_type=HTML)


def trouble(now: Instant, status: int, key: str) -> Response[str]:
    """A page that says in words what went wrong."""
    return page("layout/trouble.html", now, "UTC", status, key=key, code=status)


def fragment(template: str, now: Instant, zone: str, **values: object) -> str:
    """A piece of a page."""
    return environment().get_template(template).render(now=now, zone=zone, **values)


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
    made.globals |= {"t": _word, "static": static}
    made.filters |= {
        "clock": times.clock,
        "short": times.short,
        "whole": times.whole,
        "iso": times.iso,
        "lasting": times.length,
        "countdown": times.countdown,
    }
    return made


def _word(key: str, **values: object) -> str:
    return text(f"web.{key}", {name: str(value) for name, value in values.items()})


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
