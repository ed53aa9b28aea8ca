"""Random small organisations, and random things that happen to one incident in them."""

from functools import cache
from typing import Any, get_args

from hypothesis import strategies as st

from tests.cast import MONDAY
from tocsin.core.calendar.hours import Hours
from tocsin.core.catalogue.people import ContactLadder, Entry, Person, Role, Team
from tocsin.core.catalogue.priority import PRIORITIES, PriorityRules
from tocsin.core.catalogue.service import Service
from tocsin.core.catalogue.target import Target
from tocsin.core.ids import (
    HoursId,
    IncidentId,
    PersonId,
    PolicyId,
    RequestId,
    RoleId,
    ScheduleId,
    ServiceId,
    SourceId,
    TeamId,
)
from tocsin.core.incident import commands as cmd
from tocsin.core.incident.state import Incident, Relation
from tocsin.core.instant import DAY, HOUR, MINUTE, Instant, Period
from tocsin.core.oncall.override import Absence, Facts
from tocsin.core.oncall.schedule import Rotation, Schedule
from tocsin.core.policy.policy import Exhausted, Policy, Updates
from tocsin.core.routing.criteria import Conditions
from tocsin.core.routing.criterion import Criterion, Raise
from tocsin.core.rulebook import Rulebook, Unrouted
from tocsin.core.signal import Signal
from tocsin.core.steps import Ask, Decide, HandOver, Inform, Notify
from tocsin.core.world import Surroundings, World

ZONES = ("Europe/London", "America/New_York")
PEOPLE = tuple(PersonId(name) for name in ("ana", "ben", "carla", "dana", "eve"))
METHODS = ("email", "sms", "voice")
SEVERITIES: dict[str, Any] = {"critical": "P1", "error": "P2", "warning": "P3", "info": "P5", "else": "P2"}
entries = st.builds(Entry, st.sampled_from(METHODS), st.sampled_from((0, 0, MINUTE, 5 * MINUTE)))
OFFICE = HoursId("office")
TEAMS = (TeamId("desk"), TeamId("infra"))
SCHEDULE = ScheduleId("primary")

CONDITIONS = (
    None,
    None,
    "at_least(P2)",
    "signal.severity == 'critical'",
    "in_hours('office')",
    "reports('10m') > 2",
    "incident.alerts / (incident.reopened - incident.reopened) > 1",
)

TARGETS = (
    *(Target("team", team) for team in TEAMS),
    Target("word", "team"),
    *(Target("person", person) for person in PEOPLE),
    *(Target("word", word) for word in ("team", "team.next", "team.all", "team.lead", "owner", "requester")),
    Target("schedule", SCHEDULE),
    Target("role", "duty-manager"),
    Target("manager", "1"),
    Target("manager", "2"),
    Target("channel", "ops"),
)

targets = st.lists(st.sampled_from(TARGETS), min_size=1, max_size=2, unique=True).map(tuple)
conditions = st.sampled_from(CONDITIONS)
waits = st.sampled_from(("0", "1m", "5m", "10m", "1h", "1d")).map(
    lambda text: {
        "0": Period(),
        "1m": Period(time=MINUTE),
        "5m": Period(time=5 * MINUTE),
        "10m": Period(time=10 * MINUTE),
        "1h": Period(time=HOUR),
        "1d": Period(days=1),
    }[text]
)
some_hours = st.sampled_from((None, None, OFFICE))


@cache
def functional(unless: tuple[str, ...]) -> st.SearchStrategy[Any]:
    parts = {
        "targets": targets,
        "wait": waits,
        "when": conditions,
        "hours": some_hours,
        "need": st.sampled_from((1, 1, 1, 2)),
        "urgency": st.sampled_from((None, "urgent", "routine")),
        "skills": st.sampled_from(((), ("linux",))),
        "unless": st.sampled_from(unless),
    }
    return st.one_of(st.builds(Notify, **parts), st.builds(HandOver, **parts))


@cache
def hierarchical() -> st.SearchStrategy[Any]:
    parts = {
        "targets": targets,
        "after": waits,
        "when": conditions,
        "hours": some_hours,
        "unless": st.sampled_from(("acknowledged", "resolved")),
    }
    within = st.none() | waits.filter(lambda wait: wait.elapsed)  # the language asks for a second at least
    decide = st.builds(
        Decide,
        question=st.just("Fall back?"),
        options=st.just(("yes", "no")),
        default=st.sampled_from((None, None, "no")),
        within=within,
        **parts,
    )
    return st.one_of(st.builds(Inform, **parts), st.builds(Ask, within=within, **parts), decide)


several = st.sampled_from((2, 3, 1, 0))


@st.composite
def policies(draw: Any, name: str) -> Policy:
    unless = draw(st.sampled_from((("acknowledged",), ("acknowledged", "resolved"))))
    return Policy(
        PolicyId(name),
        tuple(draw(functional(unless)) for _ in range(draw(several))),
        tuple(draw(hierarchical()) for _ in range(draw(several))),
        repeat=draw(st.integers(0, 2)),
        updates=draw(st.none() | st.builds(Updates, st.just({"P1": Period(time=HOUR)}), targets)),
        acknowledged_for=draw(st.sampled_from(({}, {"P1": Period(time=HOUR)}, {"P3": Period(days=2)}))),
        exhausted=draw(st.none() | st.builds(Exhausted, waits, some_hours)),
        digest=f"{name}-1",
    )


@st.composite
def rulebooks(draw: Any) -> Rulebook:
    """Up to five people, two teams, one schedule, two policies."""
    people = PEOPLE[: draw(st.sampled_from((5, 4, 3, 2, 1)))]
    some = st.lists(st.sampled_from(people), min_size=1, max_size=3, unique=True).map(tuple)

    def person(index: int) -> Person:
        above = draw(st.sampled_from((None, *people[:index])))
        return Person(people[index], above, draw(st.sampled_from(((), ("linux",)))))

    def team(name: TeamId) -> Team:
        return Team(
            name,
            draw(some),
            draw(st.sampled_from((None, *people))),
            hours=draw(st.sampled_from((HoursId("always"), OFFICE))),
            on_call=draw(st.sampled_from((None, None, SCHEDULE))),
            assign=draw(st.sampled_from(("round_robin", "everyone", "least_loaded", "skilled"))),
        )

    zone = draw(st.sampled_from(ZONES))
    turns = draw(st.lists(st.sampled_from((*people, PersonId(""))), min_size=1, max_size=3).map(tuple))
    rotation = Rotation(turns, draw(st.sampled_from(("daily", "weekly"))), "2026-01-01", minute=540, weekday=0)
    holders = [Target("person", name) for name in draw(some)]
    return Rulebook(
        organisation="Acme",
        timezone=zone,
        last_resort=tuple(Target("person", one) for one in draw(some)),
        unrouted=Unrouted(TEAMS[0], PolicyId("a"), "P2"),
        people={one.id: one for one in map(person, range(len(people)))},
        contact=ContactLadder(tuple(draw(st.lists(entries, min_size=1, max_size=4)))),
        roles={"duty-manager": Role(RoleId("duty-manager"), tuple(holders))} if draw(st.booleans()) else {},
        hours={OFFICE: Hours(OFFICE, zone, (((540, 1020),),) * 5 + ((),) * 2, day=8 * HOUR)},
        teams={name: team(name) for name in TEAMS},
        schedules={SCHEDULE: Schedule(SCHEDULE, zone, (rotation,))},
        priorities=PriorityRules(severity=SEVERITIES),
        services={
            "db": Service(ServiceId("db"), TEAMS[1], PolicyId("a")),
            "web": Service(ServiceId("web"), TEAMS[0], PolicyId("b")),
        },
        criteria=tuple(draw(st.lists(criteria(), max_size=2, unique_by=lambda one: one.name))),
        policies={"a": draw(policies("a")), "b": draw(policies("b"))},
        digest="laws",
    )


@cache
def criteria() -> st.SearchStrategy[Criterion]:
    raises = st.builds(
        Raise,
        priority=st.sampled_from((None, "P1", "P3")),
        policy=st.sampled_from((None, None, PolicyId("b"))),
        major=st.booleans(),
        escalate=st.none() | st.builds(Inform, targets),
    )
    return st.builds(
        Criterion,
        st.sampled_from(("one", "two")),
        conditions.map(lambda one: one or "true"),
        raises,
        st.sampled_from((0, 10 * MINUTE)),
    )


@st.composite
def worlds(draw: Any) -> World:
    """A rulebook with roster facts; one person of the last resort can always be reached."""
    book = draw(rulebooks())
    states = st.sampled_from(("verified", "declared", "declared", "broken"))
    ways = st.sampled_from((True, True, True, False)).flatmap(
        lambda plain: st.just({"email": "verified"}) if plain else st.dictionaries(st.sampled_from(METHODS), states)
    )
    methods = {person: draw(ways) for person in book.people}
    rescuer = book.last_resort[0].name
    methods[rescuer] = {**methods[rescuer], "email": "verified"}
    away = draw(st.lists(st.sampled_from(tuple(book.people)), max_size=2))
    spans = [(MONDAY + draw(st.integers(0, 48)) * HOUR, draw(st.integers(1, 100)) * HOUR) for _ in away]
    absences = tuple(
        Absence(str(number), PersonId(person), start, start + length)
        for number, (person, (start, length)) in enumerate(zip(away, spans, strict=True))
    )
    load = {person: draw(st.integers(0, 3)) for person in book.people}
    return World(book, Conditions({}), Facts(1, absences=absences, methods=methods), Surroundings(load=load))


# -------------------------------------------------------------------------------------------- commands

signals = st.builds(
    Signal,
    key=st.just("k"),
    action=st.sampled_from(("trigger",) * 6 + ("resolve",) * 3 + ("acknowledge",)),
    title=st.just("down"),
    alert=st.sampled_from(("", "a", "b")),
    severity=st.sampled_from(("critical", "error", "warning", "info", "")),
    service=st.sampled_from(("db", "db", "web", "nowhere")),
    at=st.sampled_from((None, None, None, MONDAY, MONDAY + MINUTE)),
    reporter=st.sampled_from(("", "ana")),
    raw=st.sampled_from((False, False, False, True)),
)

reports = st.builds(
    cmd.Report,
    st.just(SourceId("scripts")),
    st.sampled_from(("scripts",) * 7 + ("other",)),
    st.lists(signals, min_size=1, max_size=3).map(tuple),
)

FIRST = IncidentId("INC-0")
"""The incident beside which this one may be held."""

kept_beside = st.sampled_from((None,) * 7 + (cmd.Beside(FIRST), cmd.Beside(FIRST, confidential=True)))
of_siblings = st.one_of(
    st.builds(cmd.Overflow, st.just((IncidentId("INC-2"),)), st.lists(signals, min_size=1, max_size=2).map(tuple)),
    st.builds(cmd.FirstEnded, st.sampled_from((IncidentId("INC-1"), IncidentId("INC-2")))),
)

people = st.sampled_from(PEOPLE)
links = st.sampled_from(("INC-1", "INC-2", "PRB-12", "https://problems.example/12", "javascript:alert(1)"))
actors = st.sampled_from((*PEOPLE, "token:ci", "source:scripts"))


def acts(state: Incident, now: Instant) -> st.SearchStrategy[cmd.Command]:
    """Whatever people may put to `state`, sensible or not."""
    requests = st.sampled_from([RequestId("r1"), RequestId("r99"), *(one.id for one in state.requests)])
    seen = st.sampled_from((None, None, 0, state.seq))
    times = st.none() | st.sampled_from((now - 1, now + 5 * MINUTE, now + 3 * HOUR, now + 30 * DAY))
    by = {"by": actors, "seen": seen}
    return st.one_of(
        st.builds(cmd.Acknowledge, eta=times, by=people, seen=seen, soft=st.booleans()),
        st.builds(cmd.Acknowledge, eta=times, **by),
        st.builds(cmd.Acknowledge, soft=st.just(True), **by),
        st.builds(cmd.TakeOver, eta=times, **by),
        st.builds(cmd.Unacknowledge, **by),
        st.builds(cmd.Answer, request=requests, option=st.sampled_from(("", "yes", "maybe")), **by),
        st.builds(cmd.Accept, request=requests, soft=st.booleans(), **by),
        st.builds(cmd.Decline, request=requests, **by),
        st.builds(cmd.Decline, by=st.sampled_from(state.functional.called or PEOPLE)),
        st.builds(cmd.Resolve, **by),
        st.builds(cmd.Reopen, **by),
        st.builds(
            cmd.Escalate,
            ladder=st.sampled_from(("functional", "hierarchical")),
            reason=st.just("why"),
            target=st.none() | st.sampled_from(TARGETS),
            **by,
        ),
        st.builds(cmd.Reassign, target=st.sampled_from(TARGETS), **by),
        st.builds(cmd.Snooze, until=times, **by),
        st.builds(cmd.Pend, reason=st.just("waiting"), review_at=times, **by),
        st.builds(cmd.Note, text=st.just("t1"), **by),
        st.builds(cmd.PostUpdate, text=st.just("t2"), **by),
        st.builds(cmd.Link, to=links, relation=st.sampled_from(get_args(Relation)), back=st.booleans(), **by),
        st.builds(cmd.Unlink, to=links, **by),
        st.builds(cmd.SetPriority, priority=st.sampled_from(PRIORITIES), reason=st.just("because"), **by),
    )
