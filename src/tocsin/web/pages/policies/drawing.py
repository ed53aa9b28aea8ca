"""Both ladders of one policy as the rules would walk them: for a service, a priority and a time to start at."""

from msgspec import Struct
from msgspec.structs import replace

from tocsin.core.catalogue.priority import PRIORITIES, Priority
from tocsin.core.catalogue.service import Service
from tocsin.core.ids import PolicyId, ServiceId
from tocsin.core.incident.rehearsal import rehearse
from tocsin.core.instant import Instant
from tocsin.core.world import World
from tocsin.web.pages.policies.listing import services_of
from tocsin.web.parts.rungs import Rung, rungs_of
from tocsin.web.parts.walltime import instant
from tocsin.web.parts.words import Names


class Start(Struct, frozen=True):
    """What begins: `service` '' is something that names none, where no service is under the policy."""

    service: str
    priority: Priority
    at: Instant


class Drawing(Struct, frozen=True):
    """The steps by time. `priority` and `policy` are what criteria made of it: mostly what was asked for."""

    start: Start
    rungs: tuple[Rung, ...]
    laps: int
    priority: str
    policy: str


def start_of(policy: str, world: World, now: Instant, zone: str, asked: tuple[str, str, str]) -> Start:
    """What an address asks for, as far as there is such a thing; else the first service, the worst, and now."""
    service, priority, at = asked
    known = services_of(policy, world.rulebook)
    chosen = service if service in known else known[0] if known else ""
    worst = next((one for one in PRIORITIES if one == priority), PRIORITIES[0])
    begins = instant(at[:40], zone, ends=False) if at else None
    return Start(chosen, worst, now if begins is None else begins)


def draw(policy: PolicyId, start: Start, world: World, names: Names) -> Drawing:
    """As the rules of that world would go along while nobody acts."""
    book = world.rulebook
    if start.service not in book.services:
        own = Service(ServiceId(start.service), book.unrouted.team, policy)
        world = replace(world, rulebook=replace(book, services={**book.services, own.id: own}))
    made = rehearse(ServiceId(start.service), start.priority, world, start.at)
    rungs, laps = rungs_of(made, start.at, names)
    return Drawing(start, rungs, laps, made.state.priority, made.state.policy)
