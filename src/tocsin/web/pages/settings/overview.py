"""How is it wired, in one look: each place of the settings with the one thing about it that matters now."""

import asyncio

from litestar import Response, get
from msgspec import Struct
from sqlalchemy import Connection

from tocsin.access.source_keys import SourceKeys
from tocsin.channels.registry import kinds
from tocsin.lib.translate import text
from tocsin.store import audit_log, rulebooks
from tocsin.store import tokens as store
from tocsin.web.here import Asked, Here, here
from tocsin.web.pages.settings.places import Seat, seated

__all__ = ["show"]


class Card(Struct, frozen=True):
    """One place in a sentence; `ill` where something wants to be looked at."""

    name: str
    path: str
    says: str
    ill: bool = False


@get("/settings")
async def show(request: Asked) -> Response[str]:
    """What the viewer may see."""
    seat = await seated(request)
    cards = await asyncio.to_thread(_cards, here(request), seat)
    return seat.shown("overview", cards=cards)


def _cards(at: Here, seat: Seat) -> list[Card]:
    return at.read(lambda connection: [_card(at, seat, connection, one.name, one.path) for one in seat.places])


def _card(at: Here, seat: Seat, connection: Connection, name: str, path: str) -> Card:
    key, n, ill = _KNOWN[name](at, connection)
    return Card(name, path, text(f"web.settings.card.{key}", {"n": str(n)}, seat.frame.reader.language), ill)


Says = tuple[str, int, bool]


def _sources(at: Here, connection: Connection) -> Says:
    keys, known = SourceKeys(at.site.environment), at.site.worlds.world().rulebook.sources
    keys.load(connection)
    without = sum(not keys.of(one) for one in known.values())
    return ("keyless", without, True) if without else ("sources", len(known), not known)


def _channels(at: Here, _: Connection) -> Says:
    real = [kind for kind in kinds() if kind != "outbox" and at.site.carriers.get(kind) == kind]
    return ("channels", len(real), False) if real else ("no_channel", 0, True)


def _people(at: Here, _: Connection) -> Says:
    world = at.site.worlds.world()
    ways = (world.facts.methods.get(one, {}) for one in world.rulebook.people)
    unreached = sum(not any(state != "broken" for state in mine.values()) for mine in ways)
    return ("unreached", unreached, True) if unreached else ("people", len(world.rulebook.people), False)


def _tokens(at: Here, connection: Connection) -> Says:
    return "tokens", sum(one.good(at.now()) for one in store.everything(connection)), False


def _audit(_: Here, connection: Connection) -> Says:
    return "audit", audit_log.last(connection), False


def _health(at: Here, _: Connection) -> Says:
    faults = at.site.ready.faults()
    return ("faults", len(faults), True) if faults else ("well", 0, False)


def _rulebook(_: Here, connection: Connection) -> Says:
    return "rulebook", rulebooks.number(connection), False


_KNOWN = {
    "sources": _sources,
    "channels": _channels,
    "people": _people,
    "tokens": _tokens,
    "audit": _audit,
    "health": _health,
    "rulebook": _rulebook,
}
