"""Channels: which kinds there are, what is set up, how each does; and a trial that shows that it arrives."""

import asyncio
from collections.abc import Iterator
from typing import Any

from litestar import Response, get, post
from litestar.params import FromQuery
from msgspec import Struct
from sqlalchemy import Connection

from tocsin.access.about import about_person
from tocsin.access.permissions import allowed
from tocsin.channels.contract import Kind
from tocsin.channels.registry import absent, kinds, lacking
from tocsin.engine.trial import reference
from tocsin.engine.ways import find, latest_trial, send_trial
from tocsin.store import audit_log, people
from tocsin.store.audit_log import Deed
from tocsin.store.contract import Tx
from tocsin.store.people import Contact
from tocsin.store.queries.sent import Sent
from tocsin.store.queries.traffic import Traffic, traffic
from tocsin.web.here import Asked, Here, here
from tocsin.web.layout.directory import Directory
from tocsin.web.pages.settings.places import Seat, allowed_to, back_to, form_of, seated
from tocsin.web.parts.words import Names, name_of

__all__ = ["show", "test", "trial"]

PLACE = "/settings/channels"


class Line(Struct, frozen=True):
    """One method. `carrier`: the kind that really carries it, '' for none. `breaker`: 0 closed, 1 open, 0.5 probed;
    None where this process sends nothing by it. `missing`: settings that it waits for.
    """

    method: str
    kind: Kind | None
    carrier: str
    missing: tuple[str, ...]
    breaker: float | None
    traffic: Traffic
    people: int


class Way(Struct, frozen=True):
    """An address that a trial can be sent to."""

    id: str
    label: str


class Tried(Struct, frozen=True):
    """What came of a trial."""

    id: str
    who: str
    message: Sent | None
    final: bool


@get(PLACE)
async def show(request: Asked, tried: FromQuery[str] = "") -> Response[str]:
    """All of them, and the result of the trial that was just sent."""
    seat = await seated(request, "channels")
    return await asyncio.to_thread(_page, here(request), seat, tried[:200])


@get(f"{PLACE}/trial")
async def trial(request: Asked, of: FromQuery[str] = "") -> Response[dict[str, str]]:
    """How a trial does, as a piece of the page."""
    at, seat = here(request), await seated(request, "channels")
    found = await at.gate.read(lambda connection: _tried(connection, at, seat, of[:200]))
    return Response({"html": seat.frame.piece("pages/settings/trial.html", tried=found)})


@post(f"{PLACE}/test", status_code=200)
async def test(request: Asked) -> Response[Any]:
    """Send a trial to an address of somebody."""
    at, seat = here(request), await seated(request, "channels")
    first = allowed_to(request, "channel.test", PLACE)
    if first is not None:
        return first
    person, _, which = (await form_of(request)).get("way", "").partition(":")
    by, now = seat.frame.viewer.by, at.now()

    def body(tx: Tx) -> str:
        way = find(tx.connection, person, which)
        if way is None or allowed(seat.frame.viewer, "channel.test", _about(at, person)) != "yes":
            return ""
        send_trial(tx, way, now, at.site.secret)
        details = {"method": way.method, "contact": which}
        audit_log.append(tx.connection, Deed(by, "channel.tried", person, details), now)
        return f"{person}:{which}"

    sent_to = await asyncio.to_thread(at.site.ledger.transact, body)
    return back_to(f"{PLACE}?tried={sent_to}#tried" if sent_to else PLACE)


def _about(at: Here, person: str) -> Any:
    return about_person(person, at.site.worlds.world().rulebook)


def _page(at: Here, seat: Seat, tried: str) -> Response[str]:
    def query(connection: Connection) -> dict[str, Any]:
        names = Names(at.kept(Directory).names(connection, at.site.clock.steady()), seat.frame.reader.language)
        ways = people.everything(connection)
        return {
            "lines": list(_lines(at, traffic(connection), ways)),
            "ways": [_way(one, names) for one in ways if seat.may("channel.test") and one.method in at.site.carriers],
            "tried": _tried(connection, at, seat, tried),
        }

    return seat.shown("channels", absent=absent(), **at.read(query))


def _lines(at: Here, known: dict[str, Traffic], ways: list[Contact]) -> Iterator[Line]:
    found = kinds()
    for method in sorted({*found, *at.site.carriers, *known} - {"outbox"}):
        yield Line(
            method,
            found.get(method),
            at.site.carriers.get(method, ""),
            lacking(method, at.site.environment),
            at.site.metrics.registry.get_sample_value("tocsin_breaker_open", {"method": method}),
            known.get(method, Traffic(method)),
            len({one.person for one in ways if one.method == method and one.state != "broken"}),
        )


def _way(one: Contact, names: Names) -> Way:
    return Way(f"{one.person}:{reference(one)}", f"{name_of(one.person, names)} · {one.method} · {one.address}")


def _tried(connection: Connection, at: Here, seat: Seat, which: str) -> Tried | None:
    person, _, contact = which.partition(":")
    if not contact.isalnum() or person not in at.site.worlds.world().rulebook.people:
        return None
    names = Names(at.kept(Directory).names(connection, at.site.clock.steady()), seat.frame.reader.language)
    found = latest_trial(connection, contact)
    return Tried(which, name_of(person, names), found, found is not None and not found.under_way)
