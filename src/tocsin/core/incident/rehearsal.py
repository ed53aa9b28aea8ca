"""What would happen if a service failed now: an incident that nobody opens, made and foreseen by the rules"""

from msgspec import Struct
from msgspec.structs import replace

from tocsin.core.catalogue.priority import Priority
from tocsin.core.decider import Refused
from tocsin.core.ids import ServiceId, SourceId
from tocsin.core.incident import commands as cmd
from tocsin.core.incident import events as ev
from tocsin.core.incident.decide import decided
from tocsin.core.incident.evolve import initial
from tocsin.core.incident.state import Incident
from tocsin.core.instant import Instant
from tocsin.core.signal import Signal
from tocsin.core.world import World

NAME = "rehearsal"


class Rehearsal(Struct, frozen=True):
    """The incident just after it opened, and the facts that opened it. It must be asked about in the same `world`."""

    state: Incident
    world: World
    facts: tuple[ev.Event, ...]


def rehearse(service: ServiceId, priority: Priority, world: World, now: Instant) -> Rehearsal:
    """As if a tool reported at `now` (UTC microseconds) that this service fails, with that priority, and nothing else.

    Criteria speak as they would of a report that has no labels; they may raise the priority.
    """
    severities = world.rulebook.priorities.severity
    word = next((name for name, worth in severities.items() if worth == priority and name != "else"), "")
    rules = replace(world.rulebook.priorities, severity={"else": priority})
    known = replace(world, rulebook=replace(world.rulebook, priorities=rules))
    signal = Signal(key=NAME, action="trigger", title=service, service=service, severity=word)
    facts = decided(initial(NAME), cmd.Report(SourceId(""), NAME, (signal,)), known, now)
    if isinstance(facts, Refused) or not facts:
        return Rehearsal(initial(NAME), known, ())
    return Rehearsal(facts[-1][1], known, tuple(event for event, _ in facts))
