"""What every page has at hand: the site, its links, and who is looking."""

from collections.abc import Callable
from typing import Any, TypeVar

from litestar.connection import ASGIConnection, Request
from litestar.datastructures import Cookie
from litestar.response import Redirect
from sqlalchemy import Connection

from tocsin.access import oidc
from tocsin.access.gate import Gate
from tocsin.access.links import Links
from tocsin.access.once import Once
from tocsin.access.origin import from_elsewhere as is_from_elsewhere
from tocsin.access.origin import from_this_machine, place_of
from tocsin.access.permissions import Caller, Verb, stale
from tocsin.access.provider import Identities
from tocsin.access.signin import Browser, SignIn
from tocsin.access.together import Together
from tocsin.core.instant import Instant
from tocsin.core.rulebook import Rulebook
from tocsin.engine.site import Site
from tocsin.engine.worlds import NoRulebookError
from tocsin.web.forms import shown_in_forms

T = TypeVar("T")
Asked = Request[Any, Any, Any]

DEVICE = "tocsin-device"
"""The cookie by which a browser is known that has signed in before."""


class Here:
    """One installation's pages. `local`: whoever reaches them by the control socket is its admin."""

    def __init__(self, site: Site, gate: Gate, sign_in: SignIn, *, local: bool) -> None:
        self.site = site
        self.gate = gate
        self.sign_in = sign_in
        provider = oidc.from_environment(site.environment)
        back = f"{site.url}/signin/oidc/back"
        self.identities = None if provider is None else Identities(provider, site.clock, back)
        self.used = Once()
        self.links = Links(site.secret, site.url, *site.old_secrets)
        self.together: Together[Any, Any] = Together()
        self._local = local
        self._kept: dict[type[Any], Any] = {}

    def kept(self, kind: type[T]) -> T:
        """The one `kind()` of this installation: what a page remembers between requests."""
        found: T = self._kept.setdefault(kind, kind())
        return found

    def rulebook(self) -> Rulebook | None:
        """What is in force; None before the first."""
        try:
            return self.site.worlds.world().rulebook
        except NoRulebookError:
            return None

    def now(self) -> Instant:
        """The time."""
        return self.site.clock.now()

    def read(self, query: Callable[[Connection], T]) -> T:
        """Ask the store something; it blocks, so a thread of its own asks."""
        with self.site.ledger.read() as connection:
            return query(connection)

    async def viewer(self, request: Asked) -> Caller | None:
        """Who is looking; None for somebody who has to sign in first. A demonstration is open to its own machine."""
        if self._local or (self.site.demo and _at_home(request)):
            return Caller("demo", "admin")
        caller = await self.gate.by_cookie(request.cookies.get(self.gate.cookie(), ""))
        shown_in_forms("" if caller is None else self.gate.csrf(caller))
        return caller

    def browser(self, request: Asked, *, trusted: bool = False) -> Browser:
        """Where somebody signs in."""
        address = request.client.host if request.client is not None else ""
        session, device = (request.cookies.get(self.gate.cookie(name), "") for name in ("tocsin", DEVICE))
        return Browser(address, request.headers.get("user-agent", ""), session, device, trusted)

    def cookie_of(self, name: str, value: str, seconds: int | None) -> Cookie:
        """One that scripts cannot read. None: until the browser is closed; 0: forget it."""
        return Cookie(
            self.gate.cookie(name), value=value, path="/", httponly=True, secure=self.gate.secure, samesite="lax",
            max_age=seconds,
        )  # fmt: skip


def here(request: ASGIConnection[Any, Any, Any, Any]) -> Here:
    """The installation that a request is for."""
    found: Here = request.app.state.here
    return found


def from_elsewhere(request: Asked, url: str) -> bool:
    """Whether another site made the browser send this."""
    return is_from_elsewhere(request.headers, url, f"{request.base_url}")


def prove_first(request: Asked, viewer: Caller, verb: Verb, place: str = "") -> Redirect | None:
    """Where to go first, when it is too long ago that they showed who they are for something as sensitive as this.

    `place` is where to come back to; else the page itself, for one that is asked for by GET.
    """
    if not stale(viewer, verb, here(request).now()):
        return None
    wanted = place or (request.url.path if request.method == "GET" else "/")
    return Redirect(f"/signin/again?next={place_of(wanted)}", status_code=303)


def _at_home(request: Asked) -> bool:
    return request.client is not None and from_this_machine(request.headers, request.client.host)
