"""Calendar addresses of whoever is signed in: made and shown once, listed without their text, revoked"""

from litestar import delete, get, post
from litestar.params import FromPath
from msgspec import Struct

from tocsin.access import feeds
from tocsin.api.here import Asked, caller_of, here
from tocsin.api.problem import Problem
from tocsin.api.reading import body_of, invalid
from tocsin.api.v1.once import once_shown
from tocsin.api.v1.plain import when
from tocsin.config.complaints import nearest
from tocsin.core.rulebook import Rulebook
from tocsin.store import feeds as store
from tocsin.store.feeds import Feed


class CalendarView(Struct, frozen=True):
    """`what` is `schedule:NAME` or `person:ID`."""

    id: str
    what: str
    created_at: str | None
    last_used: str | None


class Calendars(Struct, frozen=True):
    """Those that are good, the newest first."""

    calendars: tuple[CalendarView, ...]


class CalendarMade(Struct, frozen=True):
    """`address` stands in this answer alone."""

    id: str
    what: str
    address: str


class Subscribing(Struct, frozen=True, forbid_unknown_fields=True):
    """`schedule:NAME`, or `person:ID` for one's own shifts.

    Example: {"what": "schedule:infra-primary"}
    """

    what: str


@get("/calendars", opt={"verb": "oncall.read"})
async def calendars(request: Asked) -> Calendars:
    """One's own."""
    account = caller_of(request).account
    return Calendars(tuple(map(_view, await here(request).gate.read(lambda c: store.of_account(c, account)))))


@post("/calendars", opt={"verb": "oncall.read", "takes": Subscribing}, status_code=201)
async def make(request: Asked) -> CalendarMade:
    """An address under which a calendar program reads it without a header; the one before it for the same ends."""
    at, caller = here(request), caller_of(request)
    what = (await body_of(request, Subscribing)).what
    _sensible(what, caller.person, at.site.worlds.world().rulebook)
    if not caller.account:
        raise invalid("A calendar address belongs to an account.", "Programs read shifts.ics with their token.")
    address, feed = await once_shown(
        request,
        lambda connection: feeds.make(connection, caller.account, what, caller.by, at.site.url, at.now()),
        lambda made: made[1].id,
    )
    return CalendarMade(feed.id, feed.what, address)


def _sensible(what: str, person: str | None, rulebook: Rulebook) -> None:
    kind, _, name = what.partition(":")
    if kind == "schedule" and name not in rulebook.schedules:
        raise invalid(f"what: there is no schedule {name[:80]!r}.", nearest(name, rulebook.schedules))
    if kind == "person" and name != person:
        raise invalid("what: of people, one's own shifts alone.", "Write person: and your own id.")
    if kind not in ("schedule", "person"):
        raise invalid(f"what: {what[:80]!r} is no calendar.", "Write schedule:NAME or person:ID.")


@delete("/calendars/{calendar:str}", opt={"verb": "oncall.read"}, status_code=204)
async def revoke(request: Asked, calendar: FromPath[str]) -> None:
    """End one of one's own; it is worthless at once."""
    at, caller = here(request), caller_of(request)
    account, by = caller.account, caller.by
    if not await at.gate.write(lambda connection: feeds.revoke(connection, account, calendar, by, at.now())):
        raise Problem(404, "unknown", f"There is no calendar {calendar[:80]} of yours.")


def _view(feed: Feed) -> CalendarView:
    return CalendarView(feed.id, feed.what, when(feed.created_at), when(feed.last_used))
