"""POST /api/v1/simulate: what would happen by the rules in force, or by others, and why; nothing is sent or kept"""

from litestar import post
from litestar.concurrency import sync_to_thread
from msgspec import Struct
from msgspec.structs import replace

from tocsin.api.here import Asked, Here, here
from tocsin.api.reading import FURTHEST, body_of, invalid, time_of
from tocsin.config import loads
from tocsin.config.complaints import nearest
from tocsin.core.catalogue.priority import Priority
from tocsin.core.instant import DAY, Duration, Instant
from tocsin.core.signal import Kind, Signal
from tocsin.core.world import World
from tocsin.engine.proposals import world_of
from tocsin.lab.meant import Scene
from tocsin.lab.report import Simulated, view
from tocsin.lab.whatif import simulate, with_severity
from tocsin.store import people

LONGEST: Duration = 7 * DAY
"""As long as one question may watch an incident: it is worked out while the caller waits."""

MOST = 20_000
"""Things that happen in one play at most: by rules that somebody tries they might go on without end."""

ANSWERS_LIMIT = 4_000
"""Characters of answers in one question."""


class Simulating(Struct, frozen=True, forbid_unknown_fields=True):
    """What breaks, how badly, when, and who answers how. `until` is a time, or a duration after `at`.

    With `texts` it is played by that rulebook, by file name, in place of the one in force.

    Example: {"service": "order-database", "priority": "P2", "at": "2027-03-28T01:30:00Z", "until": "8h",
    "answers": "primary ignores; secondary acknowledges at +7m; sms down"}
    """

    service: str
    priority: Priority = "P2"
    severity: str = ""
    kind: Kind = "incident"
    labels: dict[str, str] = {}
    at: str = ""
    until: str = "8h"
    answers: str = ""
    texts: dict[str, str] | None = None


@post("/simulate", opt={"verb": "rulebook.try", "takes": Simulating}, status_code=200)
async def simulation(request: Asked) -> Simulated:
    """Play one incident and tell it line by line. Mistakes in the answers are told in the answer, all at once."""
    wanted = await body_of(request, Simulating)
    return await sync_to_thread(_played, here(request), wanted)


def _played(at: Here, wanted: Simulating) -> Simulated:
    world, now = _world(at, wanted), at.now()
    services = world.rulebook.services
    if wanted.service not in services:
        raise invalid(f"service: there is no {wanted.service[:80]!r}.", nearest(wanted.service, services))
    if len(wanted.answers) > ANSWERS_LIMIT:
        raise invalid(f"answers: at most {ANSWERS_LIMIT} characters.")
    opens, until = _span(wanted, now)
    world, signal = _signal(wanted, world)
    persons = at.read(people.persons)
    names = {id_: one.name for id_, one in persons.items()}
    zones = {id_: one.zone for id_, one in persons.items() if one.zone}
    return view(simulate(Scene(world, opens, until, signal, names=names), wanted.answers, zones, MOST), names)


def _world(at: Here, wanted: Simulating) -> World:
    today = at.site.worlds.world()
    if wanted.texts is None:
        return today
    loaded = loads(wanted.texts)
    if loaded.rulebook is None:
        raise invalid("texts: the rulebook has errors.", "POST /api/v1/rulebook/check lists them.")
    return world_of(loaded.rulebook, today)


def _span(wanted: Simulating, now: Instant) -> tuple[Instant, Instant]:
    opens = time_of(wanted.at, now, "at")
    opens = now if opens is None else opens
    if abs(opens - now) > FURTHEST:
        raise invalid("at: that is too far away.")
    until = time_of(wanted.until, opens, "until")
    if until is None or not opens < until <= opens + LONGEST:
        raise invalid("until: it must come after at, and at most 7 days later.")
    return opens, until


def _signal(wanted: Simulating, world: World) -> tuple[World, Signal]:
    """A severity of the sender's stands as it is; else one that is worth the priority."""
    severity = wanted.severity.lower()
    if not severity:
        world, severity = with_severity(world, wanted.priority)
    title = f"{wanted.service} is down"
    signal = Signal("what-if", "trigger", title, severity=severity, kind=wanted.kind, service=wanted.service)
    return world, replace(signal, labels=wanted.labels)
