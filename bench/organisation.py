"""A large organisation as a rulebook value: so many services, schedules and people, always the same."""

from random import Random
from typing import Any

from tocsin.core.calendar.hours import Hours
from tocsin.core.catalogue.people import ContactLadder, Entry, Person, Role, Team
from tocsin.core.catalogue.priority import PriorityRules
from tocsin.core.catalogue.service import Service
from tocsin.core.catalogue.target import Target
from tocsin.core.ids import HoursId, PersonId, PolicyId, RoleId, ScheduleId, ServiceId, SlaId, TeamId
from tocsin.core.instant import DAY, HOUR, MINUTE, Instant, Period
from tocsin.core.oncall.override import Absence, Facts
from tocsin.core.oncall.schedule import Rotation, Schedule
from tocsin.core.policy.policy import Policy
from tocsin.core.routing.criterion import Criterion, Raise
from tocsin.core.rulebook import Rulebook, Unrouted
from tocsin.core.sla.target import Sla
from tocsin.core.steps import Ask, HandOver, Inform, Notify

SERVICES, SCHEDULES, PEOPLE = 1_000, 300, 2_000
POLICIES, ABSENCES = 20, 400
ZONES = ("Europe/London", "America/New_York", "Asia/Kolkata", "Australia/Sydney")
PAIRS = SCHEDULES // 2
"""Half of the schedules follow another as its secondary."""

_WORD, _TEAM_NEXT, _LEAD = Target("word", "team"), Target("word", "team.next"), Target("word", "team.lead")


def rulebook() -> Rulebook:
    """The rules: a primary and a secondary for each team, twenty policies, three criteria, an SLA."""
    people = [PersonId(f"p{n}") for n in range(PEOPLE)]
    top = people[:10]
    known = {one: Person(one, None if one == top[0] else (people[n // 10])) for n, one in enumerate(people)}
    return Rulebook(
        organisation="Large",
        timezone=ZONES[0],
        last_resort=tuple(Target("person", one) for one in top[:3]),
        unrouted=Unrouted(TeamId("t0"), PolicyId("policy0"), "P2"),
        people=known,
        contact=ContactLadder((Entry("push"), Entry("sms", MINUTE), Entry("voice", 3 * MINUTE)), (Entry("email"),)),
        roles={"duty": Role(RoleId("duty"), tuple(Target("person", one) for one in top[3:6]))},
        hours={f"office-{zone}": _office(zone) for zone in ZONES},
        teams={f"t{n}": _team(n, people) for n in range(PAIRS)},
        schedules={one.id: one for n in range(PAIRS) for one in _schedules(n, people)},
        priorities=PriorityRules(severity=_severities()),
        services={f"s{n}": _service(n) for n in range(SERVICES)},
        criteria=_criteria(),
        policies={f"policy{n}": _policy(n) for n in range(POLICIES)},
        slas={"gold": Sla(SlaId("gold"), {"respond": _respond()})},
        digest="large",
    )


def facts(start: Instant) -> Facts:
    """Ways to everybody, and absences over the year."""
    chance = Random(1)
    away = []
    for n in range(ABSENCES):
        begin = start + chance.randrange(380) * DAY
        person = PersonId(f"p{chance.randrange(10, PEOPLE)}")
        away.append(Absence(f"a{n}", person, begin, begin + chance.randint(1, 20) * DAY))
    ways: dict[str, Any] = {
        f"p{n}": {"email": "verified", "push": "verified", "sms": "declared"} for n in range(PEOPLE)
    }
    return Facts(1, absences=tuple(away), methods=ways)


def _severities() -> dict[str, Any]:
    return {"critical": "P1", "error": "P2", "warning": "P3", "notice": "P4", "info": "P5", "else": "P2"}


def _office(zone: str) -> Hours:
    days = frozenset(("2026-12-25", "2027-01-01"))
    return Hours(HoursId(f"office-{zone}"), zone, (((540, 1080),),) * 5 + ((),) * 2, 9 * HOUR, days)


def _crew(n: int, people: list[PersonId]) -> list[PersonId]:
    return [people[10 + (n * 13 + m) % (PEOPLE - 10)] for m in range(7)]


def _team(n: int, people: list[PersonId]) -> Team:
    crew = _crew(n, people)
    hours = HoursId(f"office-{ZONES[n % 4]}") if n % 5 == 0 else HoursId("always")
    return Team(TeamId(f"t{n}"), tuple(crew[1:]), crew[0], hours=hours, on_call=ScheduleId(f"primary{n}"))


def _schedules(n: int, people: list[PersonId]) -> tuple[Schedule, Schedule]:
    turn, zone = ("daily", ZONES[n % 4]) if n % 10 == 0 else ("weekly", ZONES[n % 4])
    crew = tuple(_crew(n, people)[1:])
    layers = [Rotation(crew, turn, "2026-01-05", minute=540, weekday=n % 5)]  # type: ignore[arg-type]
    if n % 6 == 0:
        only = HoursId(f"office-{zone}")
        layers.append(Rotation(crew[::-1], "weekly", "2026-01-05", minute=480, weekday=0, only=only))
    primary = Schedule(ScheduleId(f"primary{n}"), zone, tuple(layers))
    return primary, Schedule(ScheduleId(f"secondary{n}"), zone, follows=primary.id, by=1)


def _service(n: int) -> Service:
    sla = SlaId("gold") if n % 2 else None
    return Service(ServiceId(f"s{n}"), TeamId(f"t{n * 7 % PAIRS}"), PolicyId(f"policy{n * 7 % PAIRS % POLICIES}"), sla)


def _respond() -> Any:
    return {"P1": Period(time=15 * MINUTE), "P2": Period(time=30 * MINUTE), "P3": Period(time=4 * HOUR)}


def _criteria() -> tuple[Criterion, ...]:
    breach = "signal.labels.category == 'security' && signal.severity == 'critical'"
    many = "signal.affected_users > 500 || reports('10m') >= 20"
    return (
        Criterion("Security breach", breach, Raise(priority="P1", policy=PolicyId("policy1"), confidential=True)),
        Criterion("Many users", many, Raise(priority="P1", major=True)),
    )


def _policy(n: int) -> Policy:
    minutes = 5 + n % 3 * 5
    wait = Period(time=minutes * MINUTE)
    functional = (
        HandOver((_WORD,), wait),
        Notify((_TEAM_NEXT,), wait, when="at_least(P2)" if n % 4 == 3 else None),
        Notify((Target("word", "team.all"),), wait),
    )
    hierarchical = (
        Inform((_LEAD,), Period(time=3 * minutes * MINUTE)),
        Ask((Target("role", "duty"),), Period(time=HOUR)),
        Ask((Target("manager", "1"),), Period(time=2 * HOUR)),
    )
    return Policy(PolicyId(f"policy{n}"), functional, hierarchical, repeat=n % 3, digest=f"policy{n}")
