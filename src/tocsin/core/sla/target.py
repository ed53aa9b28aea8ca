"""An SLA: targets by priority, when their clocks run, and what happens at each level on the way to a breach."""

from msgspec import Struct

from tocsin.core.catalogue.priority import ByPriority
from tocsin.core.ids import ALWAYS, HoursId, SlaId
from tocsin.core.instant import Period
from tocsin.core.steps import Ask, Inform


class Level(Struct, frozen=True):
    """At `percent` of a target's time, this is done once."""

    percent: int
    action: Ask | Inform


class Sla(Struct, frozen=True):
    """`targets['respond']['P1']` is a promise; a priority without one has none. Parsed and kept, not yet active."""

    id: SlaId
    targets: dict[str, ByPriority[Period]]
    hours: HoursId = ALWAYS
    starts: str = "opening"
    pause_on: tuple[str, ...] = ()
    stops_on: tuple[str, ...] = ()
    levels: dict[str, tuple[Level, ...]] = {}
