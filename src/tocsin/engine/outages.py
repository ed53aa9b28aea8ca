"""When a provider is down or an address is broken: who is told, and what is written down."""

from collections.abc import Iterator

from msgspec.structs import replace
from sqlalchemy import Connection

from tocsin.core.ids import IncidentId, PersonId
from tocsin.core.incident.state import Incident
from tocsin.core.incident.turn import Turn
from tocsin.core.incident.whom import last_resort
from tocsin.core.instant import Instant
from tocsin.core.outgoing import LANES, Message
from tocsin.core.phrase import Phrase
from tocsin.core.world import World
from tocsin.engine.clock import Clock
from tocsin.engine.site import Worlds
from tocsin.engine.trial import reference, tried
from tocsin.engine.working import queued
from tocsin.lib.logs import logger
from tocsin.store import people
from tocsin.store.contract import Ledger

log = logger("outages")


class Outages:
    """Keeps the last resort informed, once per outage, by the ways that still work."""

    def __init__(self, ledger: Ledger, worlds: Worlds, clock: Clock, methods: frozenset[str]) -> None:
        self._ledger = ledger
        self._worlds = worlds
        self._clock = clock
        self._methods = methods
        self._down: set[str] = set()

    def began(self, method: str, detail: str) -> None:
        """A provider is taken to be down: tell one person of the last resort after the other, until one has a way."""
        self._down.add(method)
        messages = list(self._notices(method, detail))
        if not messages:
            log.error("nobody_to_tell", method=method)
            return
        now = self._clock.now()
        self._ledger.transact(lambda tx: tx.queue([queued(message) for message in messages], now))

    def ended(self, method: str) -> None:
        """It answers again."""
        self._down.discard(method)

    def broken(self, message: Message, detail: str) -> None:
        """An address failed for good: it is marked, and every later decision knows."""
        now = self._clock.now()
        self._ledger.transact(lambda tx: _mark(tx.connection, message, now))
        self._worlds.refresh()
        log.warning("address_broken", person=message.to, method=message.method, detail=detail)

    def _notices(self, method: str, detail: str) -> Iterator[Message]:
        world, now = self._worlds.world(), self._clock.now()
        working = self._methods - self._down
        for person in _last_resort(world, now):
            ways = world.facts.methods.get(person, {})
            for way in sorted(working & {name for name, state in ways.items() if state != "broken"}):
                yield Message(
                    id=f"outage.{method}.{now}.{person}.{way}",
                    incident=IncidentId(""),
                    seq=0,
                    purpose="finding",
                    to=person,
                    method=way,
                    lane=LANES[0],
                    round=0,
                    due_at=now,
                    text=Phrase("finding.provider_down", {"method": method, "detail": detail[:200]}),
                )


def _mark(connection: Connection, message: Message, now: Instant) -> None:
    """The address in use; of a trial the one that it tried, for the one in use is not to blame."""
    way = tried(message)
    if not way:
        people.mark_broken(connection, message.to, message.method, now)
        return
    for one in people.of(connection, message.to):
        if reference(one) == way:
            people.put(connection, replace(one, state="broken"), now)


def _last_resort(world: World, now: int) -> Iterator[PersonId]:
    yield from last_resort(Turn(Incident(id=IncidentId("")), world, now), 0)
