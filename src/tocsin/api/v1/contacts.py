"""The ways to a person: listed, added, taken away, tried with a trial whose code proves that it was read"""

from typing import Literal

from litestar import delete, get, post
from litestar.concurrency import sync_to_thread
from litestar.params import FromPath
from msgspec import Struct
from sqlalchemy import Connection

from tocsin.access.about import about_person
from tocsin.access.permissions import Verb
from tocsin.api.here import Asked, allow_with, caller_of, here
from tocsin.api.problem import Problem
from tocsin.api.reading import body_of, invalid
from tocsin.api.v1.once import once
from tocsin.api.v1.people import no_person
from tocsin.api.v1.plain import when
from tocsin.channels.registry import kinds
from tocsin.core.instant import SECOND
from tocsin.core.oncall.override import MethodState
from tocsin.engine import ways
from tocsin.engine.trial import reference
from tocsin.engine.ways import WayError
from tocsin.store import people
from tocsin.store.contract import Tx
from tocsin.store.people import Contact
from tocsin.store.queries.sent import Sent


class ContactView(Struct, frozen=True):
    """One way. `state`: declared (nobody has proved it), verified, broken (it failed for good)."""

    id: str
    method: str
    address: str
    state: MethodState
    position: int


class Contacts(Struct, frozen=True):
    """Of several ways by one method a verified one is used first, then by position."""

    contacts: tuple[ContactView, ...]


class Adding(Struct, frozen=True, forbid_unknown_fields=True):
    """`method` is the name of a channel.

    Example: {"method": "email", "address": "ana@acme.example"}
    """

    method: str
    address: str
    position: int = 0


class Trial(Struct, frozen=True):
    """One trial, and what came of it."""

    id: str
    state: Literal["waiting", "claimed", "sending", "sent", "failed", "withdrawn", "dead"]
    created_at: str | None
    sent_at: str | None = None
    outcome: str = ""


class Proving(Struct, frozen=True, forbid_unknown_fields=True):
    """The code out of the trial."""

    code: str


def _may(request: Asked, verb: Verb, person: str) -> None:
    rulebook = here(request).site.worlds.world().rulebook
    if person not in rulebook.people:
        raise no_person(person, rulebook.people)
    allow_with(caller_of(request), verb, about_person(person, rulebook), no_person(person))


def _view(way: Contact) -> ContactView:
    return ContactView(reference(way), way.method, way.address, way.state, way.position)


def _the(connection: Connection, person: str, contact: str) -> Contact:
    way = ways.find(connection, person, contact)
    if way is None:
        raise Problem(404, "unknown", f"There is no contact {contact[:40]} of {person[:80]}.")
    return way


def _refused(error: WayError, way: Adding, person: str) -> Problem:
    match error.trouble:
        case "method":
            return invalid(
                f"method: there is no channel {way.method[:40]!r}.", f"There are {', '.join(sorted(kinds()))}."
            )
        case "length":
            return invalid(f"address: 1 to {ways.longest(way.method)} printable characters.")
        case "mailbox":
            return invalid("address: that is no address of a mailbox.", "Write name@host.")
        case "url":
            return invalid("address: a webhook is a URL.", "Write https://host/path.")
        case "devices":
            wrong = kinds()["push"].check(way.address.strip())
            return invalid(f"address: {wrong}.", "Allow notifications on /account, where they are to be shown.")
        case "many":
            return Problem(409, "too-many", f"There are {ways.MOST} ways to {person} already.", "Take one away first.")
        case "taken":
            return Problem(409, "taken", "That way is there already.")


@get("/people/{person:str}/contacts", opt={"verb": "contact.read"}, sync_to_thread=True)
def contacts(request: Asked, person: FromPath[str]) -> Contacts:
    """The ways to somebody, with their addresses."""
    _may(request, "contact.read", person)
    found = here(request).read(lambda connection: people.of(connection, person))
    return Contacts(tuple(_view(way) for way in found))


@post("/people/{person:str}/contacts", opt={"verb": "contact.edit", "takes": Adding}, status_code=201)
async def add(request: Asked, person: FromPath[str]) -> ContactView:
    """Add a way; it counts from now on, and is verified by the code of a trial."""
    at, caller = here(request), caller_of(request)
    _may(request, "contact.edit", person)
    wanted = await body_of(request, Adding)

    def change(tx: Tx) -> ContactView:
        way = ways.way_of(person, wanted.method, wanted.address, wanted.position)
        ways.add(tx.connection, way, caller.by, at.now())
        return _view(way)

    try:
        return await once(request, ContactView, change)
    except WayError as error:
        raise _refused(error, wanted, person) from None


@delete("/people/{person:str}/contacts/{contact:str}", opt={"verb": "contact.edit"}, status_code=204)
async def remove(request: Asked, person: FromPath[str], contact: FromPath[str]) -> None:
    """Take a way away."""
    at, by = here(request), caller_of(request).by
    _may(request, "contact.edit", person)

    def change(connection: Connection) -> None:
        ways.remove(connection, _the(connection, person, contact), by, at.now())

    await at.gate.write(change)
    await sync_to_thread(at.site.worlds.refresh)


@post("/people/{person:str}/contacts/{contact:str}/test", opt={"verb": "contact.test"}, status_code=202)
async def test(request: Asked, person: FromPath[str], contact: FromPath[str]) -> Trial:
    """Send a trial there; GET tells what came of it."""
    at = here(request)
    _may(request, "contact.test", person)

    def change(tx: Tx) -> Trial:
        way = _the(tx.connection, person, contact)
        return Trial(ways.send_trial(tx, way, at.now(), at.site.secret), "waiting", when(at.now()))

    return await once(request, Trial, change)


@get("/people/{person:str}/contacts/{contact:str}/test", opt={"verb": "contact.read"}, sync_to_thread=True)
def result(request: Asked, person: FromPath[str], contact: FromPath[str]) -> Trial:
    """What came of the latest trial."""
    _may(request, "contact.read", person)

    def query(connection: Connection) -> Sent | None:
        return ways.latest_trial(connection, reference(_the(connection, person, contact)))

    found = here(request).read(query)
    if found is None:
        raise Problem(404, "unknown", "It was not tried yet.", "POST here tries it.")
    return Trial(found.id, found.state, when(found.created_at), when(found.sent_at), found.outcome)  # type: ignore[arg-type]


@post(
    "/people/{person:str}/contacts/{contact:str}/verify",
    opt={"verb": "contact.edit", "takes": Proving},
    status_code=200,
)
async def verify(request: Asked, person: FromPath[str], contact: FromPath[str]) -> ContactView:
    """Show the code that the trial brought: the way is verified, and used before others of its method."""
    at, caller = here(request), caller_of(request)
    _may(request, "contact.edit", person)
    shown = (await body_of(request, Proving)).code
    pause = at.guesses.begin((f"account:contact:{person[:80]}:{contact[:40]}",), at.now())
    if pause:
        raise Problem(429, "too-many", "These are too many tries.", retry_after=-(-pause // SECOND))

    def change(tx: Tx) -> ContactView:
        way, keys = _the(tx.connection, person, contact), (at.site.secret, *at.site.old_secrets)
        good = ways.verify(tx.connection, way, shown, caller.by, at.now(), *keys)
        if good is None:
            raise Problem(409, "wrong-code", "That is not the code, or it is too old.", "Send another trial.")
        return _view(good)

    return await once(request, ContactView, change)
