"""The signature as a value, what can be put to it, and the facts about it. Its stream is `signature:` and a digest."""

from msgspec import Struct

from tocsin.core.ids import IncidentId
from tocsin.core.instant import DAY, Duration, Instant

THRESHOLDS: tuple[tuple[int, Duration], ...] = ((3, 7 * DAY), (5, 30 * DAY))
"""So many incidents within such a time are a recurrence: either is enough."""

REMEMBERED = max(n for n, _ in THRESHOLDS)
"""No threshold looks back at more incidents than this."""


class Sighting(Struct, frozen=True, array_like=True):
    """One incident of this kind, and when it opened."""

    incident: IncidentId
    at: Instant


class Signature(Struct, frozen=True):
    """The decider's value: the last few incidents of this kind, how many there ever were, whether it recurs now."""

    id: str
    seq: int = 0
    at: Instant = 0
    seen: tuple[Sighting, ...] = ()
    total: int = 0
    recurring: bool = False


class See(Struct, frozen=True, tag="see"):
    """An incident of this kind has opened."""

    incident: IncidentId


class Tick(Struct, frozen=True, tag="tick"):
    """Do what is due."""


Command = See | Tick


class Fact(Struct, frozen=True, kw_only=True):
    """`at` is when it happened, UTC microseconds."""

    at: Instant


class Seen(Fact, frozen=True, tag="seen"):
    """One more incident of this kind."""

    incident: IncidentId


class Recurred(Fact, frozen=True, tag="recurred"):
    """These incidents came within a threshold's time: there is a cause behind them."""

    incidents: tuple[IncidentId, ...]
    within: Duration


class Faded(Fact, frozen=True, tag="faded"):
    """It does not recur any more."""


Event = Seen | Recurred | Faded
