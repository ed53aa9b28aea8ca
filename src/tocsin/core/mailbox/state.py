"""The mailbox as a value, what can be put to it, and the facts about it. Its stream is `mailbox:` and the person."""

from msgspec import Struct

from tocsin.core.catalogue.priority import Priority
from tocsin.core.ids import IncidentId
from tocsin.core.instant import SECOND, Duration, Instant

SHORTEST: Duration = 15 * SECOND
LONGEST: Duration = 60 * SECOND
"""The distance of bundles: it doubles from the one to the other for as long as the storm goes on."""

HEADLINES = 5
"""Incidents that a bundle names; the others are counted."""


class Waiting(Struct, frozen=True, array_like=True):
    """Pages of one incident that wait for the next bundle."""

    service: str
    priority: Priority
    n: int


class Mailbox(Struct, frozen=True):
    """The decider's value. `bundle_at` is when the next bundle leaves, None in calm; `gap` is the distance in force."""

    id: str
    seq: int = 0
    at: Instant = 0
    gap: Duration = 0
    bundle_at: Instant | None = None
    waiting: dict[IncidentId, Waiting] = {}


class Offer(Struct, frozen=True, tag="offer"):
    """A page wants to reach this person."""

    incident: IncidentId
    service: str
    priority: Priority


class Drop(Struct, frozen=True, tag="drop"):
    """The pages of an incident are not wanted any more: somebody has it, or it is over."""

    incident: IncidentId


class Tick(Struct, frozen=True, tag="tick"):
    """Do what is due."""


Command = Offer | Drop | Tick


class Fact(Struct, frozen=True, kw_only=True):
    """`at` is when it happened, UTC microseconds."""

    at: Instant


class SentAlone(Fact, frozen=True, tag="sent_alone"):
    """A page left by itself; `bundle_at` is when what comes after it leaves."""

    incident: IncidentId
    bundle_at: Instant


class Kept(Fact, frozen=True, tag="kept"):
    """A page waits for the next bundle."""

    incident: IncidentId
    service: str
    priority: Priority


class Dropped(Fact, frozen=True, tag="dropped"):
    """So many waiting pages of an incident are not wanted any more."""

    incident: IncidentId
    n: int


class Bundled(Fact, frozen=True, tag="bundled"):
    """`n` pages left as one: counts by service, the worst incidents first. The next bundle leaves at `bundle_at`."""

    n: int
    services: dict[str, int]
    worst: tuple[IncidentId, ...]
    gap: Duration
    bundle_at: Instant


class Calmed(Fact, frozen=True, tag="calmed"):
    """Nothing came for a whole gap: the next page leaves at once again."""


Event = SentAlone | Kept | Dropped | Bundled | Calmed
