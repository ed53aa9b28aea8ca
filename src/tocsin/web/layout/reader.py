"""Who reads a page: the language and the zone of the person, else of the browser, else of the organisation."""

from typing import Any
from urllib.parse import unquote

from litestar.connection import ASGIConnection
from msgspec import Struct

from tocsin.lib.moments import region, zone_of
from tocsin.lib.translate import ENGLISH, spoken_in
from tocsin.store.people import PersonRow

ZONE_COOKIE = "zone"
"""Where our script keeps the zone of the browser."""

MOST_WISHES = 20


class Reader(Struct, frozen=True):
    """`settled`: the zone is the person's own setting, so that a browser that knows another one keeps it to itself."""

    language: str = ENGLISH
    zone: str = "UTC"
    settled: bool = False

    @property
    def region(self) -> str:
        """The language as the browser is told it where it writes dates."""
        return region(self.language)

    def known_as(self, person: PersonRow | None) -> "Reader":
        """With what that person has set for themselves; the same for nobody in particular."""
        if person is None:
            return self
        own = zone_of(person.zone) is not None
        return Reader(spoken_in(person.language) or self.language, person.zone if own else self.zone, own)


def reading(request: ASGIConnection[Any, Any, Any, Any], zone: str = "UTC") -> Reader:
    """The reader of a request, by what their browser says; `zone` is the organisation's."""
    theirs = unquote(request.cookies.get(ZONE_COOKIE, ""))
    return Reader(wished(request.headers.get("accept-language", "")), theirs if zone_of(theirs) else zone)


def wished(header: str) -> str:
    """The language that a browser likes best of those that we speak (RFC 9110, 12.5.4); English when it likes none."""
    wishes = [_wish(one) for one in header.split(",")[:MOST_WISHES]]
    liked = [(weight, spoken_in(name)) for name, weight in wishes if weight > 0 and spoken_in(name)]
    return max(liked, key=lambda one: one[0])[1] if liked else ENGLISH


def _wish(text: str) -> tuple[str, float]:
    """`de-AT;q=0.8` as name and weight; a weight that cannot be read counts as nothing."""
    name, _, rest = text.strip().partition(";")
    weight = rest.strip().removeprefix("q=") or "1"
    try:
        return name.strip(), min(float(weight), 1.0)
    except ValueError:
        return name.strip(), 0.0
