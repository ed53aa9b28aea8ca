"""Which screens there are: every page that is found, and every address that pages lead to, for each reader."""

import re
from collections import Counter, deque
from collections.abc import Iterable
from html import unescape
from urllib.parse import urljoin, urlsplit

import httpx
from msgspec import Struct

from tests.web.showcase import Show
from tocsin.web import pages

FEW = {False: 2, True: 1}
"""Addresses of one route that are swept, without a query and with one, unless a test names more."""

_PARAMETER = re.compile(r"\{(\w+)(?::\w+)?\}")


class Screen(Struct, frozen=True):
    """An address as somebody sees it, by which route it is answered, and what a browser is answered at first.

    With `typed` as it is after these letters were put in place of others in the editor and the text was checked.
    """

    page: str
    route: str
    reader: str
    address: str
    status: int = 200
    typed: tuple[tuple[str, str], ...] = ()


class Route(Struct, frozen=True):
    """A way to get something from a page."""

    page: str
    template: str
    pattern: re.Pattern[str]


def routes() -> list[Route]:
    """Every GET of every page that is found."""
    return [
        Route(page.name, path, re.compile(_PARAMETER.sub(r"(?P<\1>[^/]+)", path) + r"\Z"))
        for page in pages.found()
        for handler in page.handlers
        if "GET" in handler.http_methods
        for path in sorted(handler.paths)
    ]


class Finder:
    """Follows every link from the menu on; tries the routes that no link leads to with the names that it has seen."""

    def __init__(self, show: Show, reader: str) -> None:
        self._show = show
        self._reader = reader
        self._cookies = {"tocsin": show.cookie(reader)["value"]} if reader else {}
        self._routes = routes()
        self._often: Counter[tuple[str, bool]] = Counter()
        self._names: dict[str, str] = {}
        self.found: dict[str, Screen] = {}
        self.unreached: list[str] = []

    def follow(self, given: Iterable[str]) -> None:
        """From these addresses and the pages of the menu; those given are all kept."""
        waiting = deque((address, True) for address in (*given, *(one.path for one in pages.found() if one.path)))
        while waiting:
            address, wanted = waiting.popleft()
            waiting.extend((one, False) for one in self.look(address, always=wanted))

    def type_in(self, address: str, *changes: tuple[str, str]) -> None:
        """The editor at that address, as it is when these changes were checked."""
        self.found[f"{address}, typed"] = Screen("policies", "/rulebook/edit", self._reader, address, typed=changes)

    def try_others(self) -> None:
        """The routes that nothing led to."""
        reached = {one.route for one in self.found.values()}
        for route in self._routes:
            if route.template in reached:
                continue
            names = _PARAMETER.findall(route.template)
            if all(name in self._names for name in names):
                self.look(_PARAMETER.sub(lambda name: self._names[name[1]], route.template), always=True)
            else:
                self.unreached.append(route.template)

    def look(self, address: str, *, always: bool = True) -> list[str]:
        """Keep it if it is a screen; the addresses that it leads to."""
        parts = urlsplit(address)
        route = next((one for one in self._routes if one.pattern.match(parts.path)), None)
        kind = (route.template if route else "", bool(parts.query))
        if address in self.found or (not always and (route is None or self._often[kind] >= FEW[kind[1]])):
            return []
        with httpx.stream("GET", self._show.url + address, cookies=self._cookies, timeout=60) as answer:
            if not answer.headers.get("content-type", "").startswith("text/html"):
                return []
            html = answer.read().decode()
        if "<html" not in html:
            return []  # a piece that a script asks for
        page = "trouble" if answer.status_code != 200 or route is None else route.page
        self._often[kind] += 1
        self.found[address] = Screen(page, kind[0], self._reader, address, answer.status_code)
        if route is not None and answer.status_code == 200:
            self._names |= (route.pattern.match(parts.path) or re.match("", "")).groupdict()  # type: ignore[union-attr]
        return self._links(html, address)

    def _links(self, html: str, address: str) -> list[str]:
        here = urljoin(self._show.url, address)
        there = [urlsplit(urljoin(here, unescape(one))) for one in re.findall(r'<a\b[^>]*\bhref="([^"]+)"', html)]
        ours = [one for one in there if f"{one.scheme}://{one.netloc}" == self._show.url]
        return list(dict.fromkeys(f"{one.path}?{one.query}" if one.query else one.path for one in ours))
