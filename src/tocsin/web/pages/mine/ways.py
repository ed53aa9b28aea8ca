"""How somebody is reached: each way with its state and the result of its latest trial, and what is missing."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from msgspec import Struct
from sqlalchemy import Connection

from tocsin.channels.registry import kinds
from tocsin.core.ids import PersonId
from tocsin.core.instant import Instant
from tocsin.core.oncall.override import MethodState
from tocsin.core.oncall.readiness import Lack, Way, readiness
from tocsin.core.phrase import Phrase
from tocsin.core.world import World
from tocsin.engine import ways
from tocsin.engine.trial import GOOD, reference
from tocsin.lib.translate import knows, say, text
from tocsin.store import people
from tocsin.store.people import Contact
from tocsin.store.queries.sent import Sent
from tocsin.web.parts.letters import opened

BY_HAND = ("email", "sms", "voice", "webhook")
"""Addresses that people can type; those of devices are written by browsers."""


class WayView(Struct, frozen=True):
    """One way. `usable`: this installation can send by it. `body` is what the built-in outbox kept of its trial.
    `asks` for the code that the trial brought.
    """

    id: str
    method: str
    address: str
    state: MethodState
    usable: bool
    trial: Sent | None
    body: str
    asks: bool

    @property
    def waits(self) -> bool:
        """Whether the trial's result is still to come."""
        return self.trial is not None and self.trial.under_way


def ways_of(connection: Connection, person: PersonId, world: World, now: Instant) -> tuple[WayView, ...]:
    """All of them, the best of each method first."""
    usable = world.facts.methods.get(person, {})
    return tuple(_view(connection, way, way.method in usable, now) for way in people.of(connection, person))


def _view(connection: Connection, way: Contact, usable: bool, now: Instant) -> WayView:
    last = ways.latest_trial(connection, reference(way))
    kept = last.detail if last is not None and last.state == "sent" else ""
    asks = last is not None and last.state == "sent" and way.state != "verified" and now - last.created_at < 2 * GOOD
    subject, body = opened(kept)
    address = "" if way.method == "push" else way.address
    return WayView(reference(way), way.method, address, way.state, usable, last, body if subject else "", asks)


def methods(known: Mapping[str, object]) -> Iterator[str]:
    """What can be added by hand: what there are channels for, and what leads to others already."""
    yield from (name for name in BY_HAND if name in kinds() or name in known)


class LackView(Struct, frozen=True):
    """Something that is missing, as a sentence."""

    said: str
    grave: bool


def said(lacks: Iterable[Lack], language: str) -> tuple[LackView, ...]:
    """In the words of a language, methods by their names."""
    return tuple(LackView(say(_named(lack.what, language), language), lack.grave) for lack in lacks)


def _named(phrase: Phrase, language: str) -> Phrase:
    def name(method: str) -> str:
        key = f"web.mine.method.{method}"
        return text(key, {}, language) if knows(key) else method

    values = {key: ", ".join(map(name, value.split(", "))) for key, value in phrase.values.items()}
    return Phrase(phrase.key, values)


def lacks_of(
    person: PersonId,
    views: Sequence[WayView],
    failures: Mapping[str, Instant],
    next_on: Instant | None,
    world: World,
    now: Instant,
) -> tuple[Lack, ...]:
    """What is missing for them to be reached when it counts."""
    offered = {method for known in world.facts.methods.values() for method in known} | _set_up()
    ladder = world.facts.contact.get(person, world.rulebook.contact)
    return readiness((_way(view, failures) for view in views), ladder, offered, next_on, now)


def _set_up() -> set[str]:
    """Channels that need no setting: they are there for whoever begins to use them."""
    return {name for name, kind in kinds().items() if not kind.needs and name != "outbox"}


def _way(view: WayView, failures: Mapping[str, Instant]) -> Way:
    failed = failures.get(view.method)
    last = view.trial
    if last is not None and not view.waits and (failed is None or last.created_at > failed):
        failed = last.created_at if last.state in ("failed", "dead") else None
    return Way(view.method, view.state, failed)
