"""The policy value: ordered steps of both ladders, repeats, leases, and what happens when everything is exhausted."""

from msgspec import Struct

from tocsin.core.catalogue.priority import ByPriority
from tocsin.core.catalogue.target import Target
from tocsin.core.ids import HoursId, PolicyId
from tocsin.core.instant import Period
from tocsin.core.steps import Ask, FunctionalStep, HierarchicalStep, Inform


class Exhausted(Struct, frozen=True):
    """How often the rounds of an exhausted ladder come: `every` replaces the default of each priority."""

    every: Period
    hours: HoursId | None = None


class Updates(Struct, frozen=True):
    """The promised cadence of news to `targets`; kept, not yet active."""

    every: ByPriority[Period]
    targets: tuple[Target, ...]
    overdue: Ask | Inform | None = None


class Policy(Struct, frozen=True):
    """`repeat` walks the functional ladder that many more times. `digest` pins the content at opening."""

    id: PolicyId
    functional: tuple[FunctionalStep, ...]
    hierarchical: tuple[HierarchicalStep, ...] = ()
    repeat: int = 0
    acknowledged_for: ByPriority[Period] = {}
    updates: Updates | None = None
    exhausted: Exhausted | None = None
    digest: str = ""
