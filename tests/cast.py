"""The fixed cast of all tests, and one small rulebook in which they work.

Acme Retail keeps shops running. Whoever appears in a test is always the same person:

| who            | is                                                                                     |
|----------------|----------------------------------------------------------------------------------------|
| ana, ben       | the service desk (tier 1); ana knows linux, ben windows; led by carla                  |
| carla          | leads the service desk, is duty manager, stands first in `last_resort`                 |
| dana, eve, finn| infrastructure (tier 2), on call by weeks in that order; databases, network, storage   |
| frank          | leads infrastructure, and is never on call                                             |
| gita, ines     | payments (tier 2), on call by weeks in that order                                      |
| hugo           | leads payments; deputy duty manager                                                    |
| kai, tom       | complaints (tier 1), taken in turns; led by sofia; tom is her deputy                   |
| sofia          | leads complaints; the service manager                                                  |
| lena           | security (tier 3), alone; reports to nadia                                             |
| omar           | head of IT, above carla, frank, hugo and sofia                                         |
| nadia          | the chief executive: above omar, below nobody                                          |

Only addresses under `acme.example` exist.
"""

from typing import Any

from msgspec import structs

from tocsin.core.calendar.hours import Hours
from tocsin.core.catalogue.people import ContactLadder, Entry, Person, Role, Team
from tocsin.core.catalogue.priority import PriorityRules
from tocsin.core.catalogue.service import Service
from tocsin.core.catalogue.target import WORDS, Target, TargetKind
from tocsin.core.ids import HoursId, PersonId, PolicyId, RoleId, ScheduleId, ServiceId, SourceId, TeamId
from tocsin.core.instant import DAY, HOUR, MINUTE, Period, parse_instant, parse_period
from tocsin.core.oncall.override import Facts, MethodState
from tocsin.core.oncall.schedule import Rotation, Schedule
from tocsin.core.policy.policy import Policy
from tocsin.core.routing.source import Source
from tocsin.core.rulebook import Rulebook, Unrouted
from tocsin.core.steps import Ask, Decide, HandOver, Inform, Notify

CAST = tuple(map(PersonId, ("ana", "ben", "carla", "dana", "eve", "finn", "frank", "gita"))) + tuple(
    map(PersonId, ("hugo", "ines", "kai", "lena", "nadia", "omar", "sofia", "tom"))
)
ANA, BEN, CARLA, DANA, EVE, FINN, FRANK, GITA, HUGO, INES, KAI, LENA, NADIA, OMAR, SOFIA, TOM = CAST

MONDAY = parse_instant("2026-01-05T09:00:00Z")
"""A Monday in winter, 09:00 in London: dana's and gita's week begins here."""

OFFICE, PRODUCTION = HoursId("office"), PolicyId("production")
OFFICE_DAY = ((8 * 60, 18 * 60),)


def target(text: str) -> Target:
    """`person:ana`, `role:duty-manager`, `manager:1` or a closed word, as a rulebook writes it."""
    if text in WORDS:
        return Target("word", text)
    kind, _, name = text.partition(":")
    kinds: dict[str, TargetKind] = {k: k for k in ("person", "team", "schedule", "role", "channel", "manager")}
    return Target(kinds[kind], name)


def period(text: str) -> Period:
    """`10m`, `1d`."""
    return parse_period(text)


def email(person: str) -> str:
    """Where that person reads mail."""
    return f"{person}@acme.example"


def contact(urgent: str = "email", routine: str = "email") -> ContactLadder:
    """`contact("push, email, sms after 1m")`."""

    def entry(text: str) -> Entry:
        method, _, delay = text.strip().partition(" after ")
        return Entry(method, parse_period(delay).elapsed if delay else 0)

    return ContactLadder(*(tuple(entry(part) for part in ladder.split(",")) for ladder in (urgent, routine)))


def facts(state: MethodState = "declared", *methods: str, **changes: Any) -> Facts:
    """Everybody of the cast reachable over `methods` (by default e-mail alone), each in that `state`."""
    ways = dict.fromkeys(methods or ("email",), state)
    return structs.replace(Facts(version=1, methods={person: dict(ways) for person in CAST}), **changes)


def small_rulebook(**changes: Any) -> Rulebook:
    """The cast at work: five teams, two schedules, four services, three policies; `changes` replace whole fields."""
    return structs.replace(_acme(), **changes)


def _acme() -> Rulebook:
    return Rulebook(
        organisation="Acme Retail",
        timezone="Europe/London",
        last_resort=(target("person:carla"), target("person:nadia")),
        unrouted=Unrouted(TeamId("service-desk"), PRODUCTION, "P2"),
        people={person.id: person for person in _people()},
        contact=contact(),
        roles=_roles(),
        hours={OFFICE: Hours(OFFICE, "Europe/London", (OFFICE_DAY,) * 5 + ((),) * 2, day=10 * HOUR)},
        teams={team.id: team for team in _teams()},
        schedules={schedule.id: schedule for schedule in _schedules()},
        priorities=PriorityRules(
            severity={"critical": "P1", "error": "P2", "warning": "P3", "info": "P5", "else": "P2"},
        ),
        services={service.id: service for service in _services()},
        policies={policy.id: policy for policy in (_production(), _network(), _complaint())},
        sources={"scripts": Source(SourceId("scripts"), "generic", "scripts", "label:service")},
        digest="acme",
    )


def _people() -> tuple[Person, ...]:
    return (
        Person(ANA, CARLA, ("linux",)),
        Person(BEN, CARLA, ("windows",)),
        Person(CARLA, OMAR),
        Person(DANA, FRANK, ("postgres", "linux")),
        Person(EVE, FRANK, ("network",)),
        Person(FINN, FRANK, ("storage", "linux")),
        Person(FRANK, OMAR),
        Person(GITA, HUGO, ("java", "payments")),
        Person(HUGO, OMAR),
        Person(INES, HUGO, ("java",)),
        Person(KAI, SOFIA),
        Person(LENA, NADIA, ("forensics",)),
        Person(NADIA),
        Person(OMAR, NADIA),
        Person(SOFIA, OMAR),
        Person(TOM, SOFIA),
    )


def _roles() -> dict[str, Role]:
    holders = {
        "duty-manager": ("person:carla", "person:hugo"),
        "service-manager": ("person:sofia", "person:tom"),
        "head-of-it": ("person:omar",),
        "executive": ("person:nadia", "person:omar"),
    }
    return {name: Role(RoleId(name), tuple(map(target, names))) for name, names in holders.items()}


def _teams() -> tuple[Team, ...]:
    return (
        Team(TeamId("service-desk"), (ANA, BEN), CARLA, hours=OFFICE, assign="least_loaded"),
        Team(TeamId("infrastructure"), (DANA, EVE, FINN), FRANK, tier=2, on_call=ScheduleId("infra-primary")),
        Team(TeamId("payments"), (GITA, INES), HUGO, tier=2, on_call=ScheduleId("payments-primary")),
        Team(TeamId("security"), (LENA,), LENA, tier=3),
        Team(TeamId("complaints"), (KAI, TOM), SOFIA, hours=OFFICE, assign="round_robin"),
    )


def _schedules() -> tuple[Schedule, ...]:
    def weekly(name: str, *people: PersonId) -> Schedule:
        rotation = Rotation(people, "weekly", "2026-01-05", minute=9 * 60, weekday=0)
        return Schedule(ScheduleId(name), "Europe/London", (rotation,))

    return weekly("infra-primary", DANA, EVE, FINN), weekly("payments-primary", GITA, INES)


def _services() -> tuple[Service, ...]:
    return (
        Service(ServiceId("order-database"), TeamId("infrastructure"), PRODUCTION),
        Service(ServiceId("checkout"), TeamId("payments"), PRODUCTION, stakeholders=(target("role:executive"),)),
        Service(ServiceId("core-network"), TeamId("infrastructure"), PolicyId("network")),
        Service(ServiceId("customer-care"), TeamId("complaints"), PolicyId("complaint")),
    )


def _production() -> Policy:
    return Policy(
        PRODUCTION,
        functional=(
            HandOver((target("team"),), period("5m")),
            Notify((target("team.next"),), period("10m")),
            Notify((target("team.all"),), period("10m")),
        ),
        hierarchical=(
            Inform((target("team.lead"),), period("15m"), unless="acknowledged"),
            Ask((target("role:duty-manager"),), period("30m"), unless="acknowledged"),
            Ask((target("manager:1"),), period("2h")),
            Inform((target("role:head-of-it"),), period("4h"), when="at_least(P2)"),
        ),
        repeat=2,
        acknowledged_for={"P1": period("30m"), "P2": period("1h"), "P3": period("4h"), "P4": period("4h")},
        digest="production-1",
    )


def _network() -> Policy:
    question = "Fall back to manual order picking?"
    options = ("fall back", "keep waiting")
    return Policy(
        PolicyId("network"),
        functional=(
            HandOver((target("team"),), period("5m"), skills=("network",)),
            Notify((target("team.all"),), period("5m")),
        ),
        hierarchical=(
            Ask((target("role:duty-manager"),), period("10m"), unless="acknowledged"),
            Inform((target("role:executive"),), period("30m")),
            Decide(question, options, (target("role:duty-manager"),), period("1h"), within=period("15m")),
        ),
        repeat=3,
        digest="network-1",
    )


def _complaint() -> Policy:
    return Policy(
        PolicyId("complaint"),
        functional=(Notify((target("team"),), period("4h"), hours=OFFICE),),
        hierarchical=(Ask((target("role:service-manager"),), period("1d"), hours=OFFICE),),
        repeat=1,
        digest="complaint-1",
    )


__all__ = ["CAST", "DAY", "HOUR", "MINUTE", "MONDAY", "contact", "email", "facts", "period", "small_rulebook", "target"]
