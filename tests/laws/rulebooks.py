"""Random small rulebooks with all that makes reach change with time: layers, hours, zones, absences, both ladders.

At most five people, three steps on each ladder, two zones; the time to be proved lies about a change of the clock.
"""

from typing import Any

from hypothesis import strategies as st
from msgspec.structs import replace

from tests.laws.incidents import METHODS, TARGETS, TEAMS, ZONES, conditions, criteria, functional, hierarchical
from tocsin.core.calendar.hours import Hours, Opening
from tocsin.core.catalogue.people import ContactLadder, Entry, Person, Role, Team
from tocsin.core.catalogue.priority import PriorityRules
from tocsin.core.catalogue.service import Service
from tocsin.core.catalogue.target import Target
from tocsin.core.ids import HoursId, PersonId, PolicyId, RoleId, ScheduleId, ServiceId
from tocsin.core.instant import DAY, HOUR, MINUTE, Instant, Period, parse_instant
from tocsin.core.oncall.override import Absence, Facts, Override
from tocsin.core.oncall.schedule import Rotation, Schedule
from tocsin.core.policy.policy import Exhausted, Policy
from tocsin.core.routing.criteria import Conditions
from tocsin.core.rulebook import Rulebook, Unrouted
from tocsin.core.world import World

PEOPLE = tuple(PersonId(name) for name in ("ana", "ben", "carla", "dana", "eve"))
OFFICE, NIGHT = HoursId("office"), HoursId("night")
PRIMARY, SECONDARY = ScheduleId("primary"), ScheduleId("secondary")
STARTS = tuple(map(parse_instant, ("2026-03-27T09:30:00Z", "2026-10-23T17:00:00Z", "2026-12-23T08:00:00Z")))
"""Before either change of the clock in London, and before holidays."""

SEVERITIES: Any = {"critical": "P1", "error": "P2", "warning": "P3", "info": "P5", "else": "P2"}
WHENS = (None, None, None, "calendar.hour < 12", "calendar.weekday == 'sun'", "in_hours('night')", "signal.raw")
MIXED = (
    "at_least(P2) || signal.affected_users > 3",
    "in_hours('night') && !(signal.affected_users > 10)",
    "signal.kind == 'complaint' || signal.affected_users > 10 || incident.age_minutes > 4",
)
"""What hangs on content only where time, kind or priority do not decide it."""

AGED = ("incident.age_minutes > 4", "incident.team == 'desk'")

some_hours = st.sampled_from((None, None, None, OFFICE, NIGHT))
named = st.sampled_from(
    (*TARGETS, Target("schedule", SECONDARY), Target("team", "desk"), Target("role", "duty-manager"))
)
named_targets = st.lists(named, min_size=1, max_size=2, unique=True).map(tuple)


@st.composite
def steps(draw: Any, ladder: st.SearchStrategy[Any]) -> Any:
    """A step of that ladder with these hours, conditions and targets too."""
    step = draw(ladder)
    when = draw(st.one_of(st.just(step.when), st.sampled_from((*WHENS, *AGED, *MIXED))))
    return replace(step, when=when, hours=draw(some_hours), targets=draw(named_targets))


@st.composite
def policies(draw: Any, name: str) -> Policy:
    working = [draw(steps(functional(("acknowledged",)))) for _ in range(draw(st.integers(0, 3)))]
    managing = [draw(steps(hierarchical())) for _ in range(draw(st.integers(0, 3)))]
    repeat = draw(st.integers(0, 2))
    rounds = st.sampled_from((Period(time=30 * MINUTE), Period(time=HOUR), Period(days=1)))
    exhausted = draw(st.none() | st.builds(Exhausted, rounds, some_hours))
    return Policy(PolicyId(name), tuple(working), tuple(managing), repeat, exhausted=exhausted, digest=f"{name}-1")


@st.composite
def rotations(draw: Any, people: tuple[PersonId, ...], start: Instant) -> Rotation:
    turns = tuple(draw(st.lists(st.sampled_from((*people, PersonId(""))), min_size=1, max_size=3)))
    day = draw(st.sampled_from(("2026-01-01", "2026-03-28", "2026-10-24")))
    ends = draw(st.sampled_from((None, None, None, "2026-03-30", "2026-10-26")))
    unit = draw(st.sampled_from(("hourly", "daily", "daily", "weekly")))
    minute = draw(st.sampled_from((0, 90, 150, 540)))
    only = draw(some_hours)
    every = 7 if unit == "hourly" else 1
    return Rotation(turns, unit, day, every, minute % 60 if unit == "hourly" else minute, 0, ends=ends, only=only)


@st.composite
def openings(draw: Any, hours: HoursId, spans: tuple[Opening, ...], days: tuple[str, ...]) -> Hours:
    weekend: Any = draw(st.sampled_from(((), spans)))
    off = frozenset(draw(st.lists(st.sampled_from(days), max_size=2)))
    return Hours(hours, draw(st.sampled_from(ZONES)), (spans,) * 5 + (weekend,) * 2, 8 * HOUR, off)


@st.composite
def facts(draw: Any, people: tuple[PersonId, ...], start: Instant) -> Facts:
    """Absences, overrides, and ways to people: some broken, some with delays, some missing."""
    one = st.sampled_from(people)

    def span() -> tuple[Instant, Instant]:
        begin = start + draw(st.integers(-24, 120)) * HOUR + draw(st.sampled_from((0, 1, 30 * MINUTE)))
        return begin, begin + draw(st.integers(1, 72)) * HOUR

    absences = tuple(Absence(f"a{n}", draw(one), *span()) for n in range(draw(st.integers(0, 2))))
    overrides = tuple(
        Override(
            f"o{n}",
            draw(st.sampled_from((PRIMARY, SECONDARY))),
            *span(),
            draw(one),
            draw(st.sampled_from(("replace", "add", "remove"))),
        )
        for n in range(draw(st.integers(0, 2)))
    )
    states = st.sampled_from(("verified", "declared", "declared", "broken"))
    ways = {person: draw(st.dictionaries(st.sampled_from(METHODS), states, max_size=3)) for person in people}
    return Facts(
        1, overrides, absences, {person: {"email": "verified"} if len(own) > 2 else own for person, own in ways.items()}
    )


@st.composite
def worlds(draw: Any) -> tuple[World, Instant]:
    """A rulebook with roster facts, and the instant from which it is to be proved."""
    start = draw(st.sampled_from(STARTS))
    people = PEOPLE[: draw(st.integers(1, 5))]
    some = st.lists(st.sampled_from(people), min_size=1, max_size=3, unique=True).map(tuple)
    entries = st.builds(Entry, st.sampled_from(METHODS), st.sampled_from((0, 0, MINUTE, 7 * MINUTE)))
    contact = st.lists(entries, min_size=1, max_size=3).map(tuple)
    layers = tuple(draw(st.lists(rotations(people, start), min_size=1, max_size=3)))
    schedules = {
        PRIMARY: Schedule(PRIMARY, draw(st.sampled_from(ZONES)), layers),
        SECONDARY: Schedule(SECONDARY, draw(st.sampled_from(ZONES)), follows=PRIMARY, by=draw(st.integers(1, 2))),
    }
    teams = {
        name: Team(
            name,
            draw(some),
            draw(st.sampled_from((None, *people))),
            hours=draw(st.sampled_from((HoursId("always"), OFFICE, NIGHT))),
            on_call=draw(st.sampled_from((None, PRIMARY, SECONDARY))),
            assign=draw(st.sampled_from(("everyone", "round_robin", "least_loaded", "skilled"))),
        )
        for name in TEAMS
    }
    holders = (Target("schedule", PRIMARY), Target("team", "infra"), *(Target("person", one) for one in draw(some)))
    rescuers = (*(Target("person", one) for one in people), Target("schedule", PRIMARY), Target("channel", "ops"))
    stakeholders = draw(named_targets)
    book = Rulebook(
        organisation="Acme",
        timezone=draw(st.sampled_from(ZONES)),
        last_resort=tuple(draw(st.lists(st.sampled_from(rescuers), min_size=1, max_size=2, unique=True))),
        unrouted=Unrouted(TEAMS[0], PolicyId("a"), "P2"),
        people={one: Person(one, draw(st.sampled_from((None, *people[:n])))) for n, one in enumerate(people)},
        contact=ContactLadder(draw(contact), draw(contact)),
        roles={"duty-manager": Role(RoleId("duty-manager"), tuple(draw(st.permutations(holders))))},
        hours={
            OFFICE: draw(openings(OFFICE, ((540, 1020),), ("2026-03-30", "2026-10-26", "2026-12-25"))),
            NIGHT: draw(openings(NIGHT, ((0, 120), (1200, 1440)), ("2026-03-29", "2026-10-25"))),
        },
        teams=teams,
        schedules=schedules,
        priorities=PriorityRules(severity=SEVERITIES),
        services={"db": Service(ServiceId("db"), TEAMS[1], PolicyId("a"), stakeholders=stakeholders)},
        criteria=tuple(draw(st.lists(timed_criteria(), max_size=2, unique_by=lambda one: one.name))),
        policies={"a": draw(policies("a")), "b": draw(policies("b"))},
        digest="proof",
    )
    return World(book, Conditions({}), draw(facts(people, start))), start


@st.composite
def timed_criteria(draw: Any) -> Any:
    one = draw(criteria())
    when = draw(
        st.one_of(st.just(one.when), conditions.map(lambda text: text or "true"), st.sampled_from((*WHENS, *MIXED)))
    )
    return replace(one, when=when or "at_least(P2)")


PROVED = 4 * DAY
"""How much time is proved of each: a weekend with a change of the clock in it, and the Monday after."""
