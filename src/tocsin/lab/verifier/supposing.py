"""What is not known beforehand: conditions on the content of signals, and whose turn it is in an assigned team.

What service, priority, kind and time decide is decided. Anything else is explored both ways: the walk stops at the
first thing that it would have to suppose, and is made again under each of the suppositions.
"""

from functools import lru_cache

from msgspec import Struct

from tocsin.core.calendar import zones
from tocsin.core.catalogue.priority import Priority
from tocsin.core.ids import ALWAYS, HoursId, ServiceId, TeamId
from tocsin.core.instant import DAY, HOUR, Duration, Instant
from tocsin.core.phrase import Phrase
from tocsin.core.routing.criteria import Context, CriteriaError, Verdict, compile_condition
from tocsin.core.signal import Kind, Signal
from tocsin.lab.verifier.front import Front, Moment
from tocsin.lab.verifier.timeline import Ground

Supposed = dict[str, bool | str]
"""By name: whether a condition holds, or who of an assigned team comes first."""

_KNOWN = frozenset({"signal.kind", "signal.action", "incident.reopened", "incident.status"})
_OWN = frozenset({"incident.priority", "incident.service", "incident.team"})
_TIMES = frozenset({"calendar.weekday", "calendar.hour", "calendar.date", "incident.age_minutes", "in_hours"})


class Undecided(Exception):
    """The walk goes on differently for each of `options`; `name` is what is to be supposed."""

    def __init__(self, name: str, options: tuple[bool | str, ...]) -> None:
        super().__init__(name)
        self.name = name
        self.options = options


class Reads(Struct, frozen=True):
    """What an expression rests on; `content` is what only a signal can tell."""

    content: bool
    hours: tuple[HoursId, ...]
    clock: bool
    daily: bool
    age: bool
    kind: bool
    service: bool
    priority: bool

    @property
    def timed(self) -> bool:
        """Whether its answer changes with time."""
        return bool(self.hours) or self.clock or self.daily or self.age


@lru_cache(maxsize=4096)
def reads(source: str) -> Reads:
    """What an expression reads; one that does not compile reads nothing and is an Error for ever."""
    try:
        condition = compile_condition(source)
    except CriteriaError:
        return Reads(False, (), False, False, False, False, False, False)
    names = {name for name, _ in condition.reads}
    return Reads(
        content=bool(names - _KNOWN - _OWN - _TIMES),
        hours=tuple(HoursId(name) for name in sorted(condition.hours)),
        clock="calendar.hour" in names,
        daily=bool(names & {"calendar.weekday", "calendar.date"}),
        age="incident.age_minutes" in names,
        kind="signal.kind" in names,
        service="incident.service" in names,
        priority="incident.priority" in names,
    )


class Asking(Struct, frozen=True):
    """What a condition is told of the incident."""

    priority: Priority
    kind: Kind
    service: ServiceId | None
    team: TeamId


def name_of(source: str, site: str) -> str:
    """How a supposition is called; one that changes with time too may differ from step to step."""
    return f"{source}\x00{site}" if reads(source).timed else source


def judged(
    ground: Ground, source: str, site: str, asking: Asking, supposed: Supposed, front: Front, now: Moment
) -> Verdict:
    """Whether a condition holds; Undecided where that has to be supposed first."""
    read = reads(source)
    if read.content:
        name = name_of(source, site)
        if name not in supposed:
            raise Undecided(name, (True, False))
        return supposed[name] is True
    verdict, until = ground.remember(("judged", source, asking), now[0], lambda at: _judge(ground, source, asking, at))
    if read.age:
        ground.singular = True
        verdict = _aged(ground, source, asking, front, now)
    front.holds_until(now, until)
    return verdict


def _judge(ground: Ground, source: str, asking: Asking, at: Instant) -> tuple[Verdict, Instant | None]:
    read = reads(source)
    ends = [ground.open(name, at)[1] for name in read.hours if ground.hours(name) is not None]
    if read.clock or read.daily:
        ends.append(wall_until(ground.world.rulebook.timezone, at, HOUR if read.clock else DAY))
    known = [one for one in ends if one is not None]
    return _ask(ground, source, asking, at, at), min(known, default=None)


def _aged(ground: Ground, source: str, asking: Asking, front: Front, now: Moment) -> Verdict:
    """The age in whole minutes stays for what moves; what stands is the younger the later it opens."""
    if not now[1]:
        age = (now[0] - front.opening) // (60 * 10**6)
        front.until = min(front.until, now[0] - age * 60 * 10**6 + 1)
    return _ask(ground, source, asking, front.opening, now[0])


def _ask(ground: Ground, source: str, asking: Asking, opened: Instant, now: Instant) -> Verdict:
    context = Context(
        signal=Signal(key="", action="trigger", title="", kind=asking.kind, service=asking.service or ""),
        priority=asking.priority,
        service=asking.service or "",
        team=asking.team,
        opened_at=opened,
        now=now,
        timezone=ground.world.rulebook.timezone,
        in_hours=lambda name: name == ALWAYS or _open(ground, name, now),
    )
    return ground.world.conditions.judge(source, context)


def _open(ground: Ground, name: str, now: Instant) -> bool:
    return ground.hours(HoursId(name)) is not None and ground.open(HoursId(name), now)[0]


def wall_until(zone: str, at: Instant, unit: Duration) -> Instant:
    """When the wall clock shows another hour or day, or jumps."""
    following = at + unit - zones.local_time(zone, at) % unit
    jumps = zones.transitions(zone, at + 1, following)
    return jumps[0].at if jumps else following


def said(supposed: Supposed) -> tuple[Phrase, ...]:
    """Suppositions in words."""
    return tuple(_said(name, value) for name, value in supposed.items())


def _said(name: str, value: bool | str) -> Phrase:
    if isinstance(value, str):
        return Phrase("lab.proof.turn", {"team": name.removeprefix("turn:"), "person": value})
    when = name.partition("\x00")[0]
    return Phrase("lab.proof.holds" if value else "lab.proof.holds_not", {"when": when})
