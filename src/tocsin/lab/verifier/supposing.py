"""What is not known beforehand: conditions on the content of signals, and whose turn it is in an assigned team.

What service, priority, kind and time decide is decided. Anything else is explored both ways: the walk stops at the
first thing that it would have to suppose, and is made again under each of the suppositions.
"""

from msgspec import Struct

from tocsin.core.calendar import zones
from tocsin.core.catalogue.priority import Priority
from tocsin.core.ids import ALWAYS, HoursId, ServiceId, TeamId
from tocsin.core.instant import DAY, HOUR, Duration, Instant
from tocsin.core.phrase import Phrase
from tocsin.core.routing.criteria import Context, Verdict
from tocsin.core.signal import Kind, Signal
from tocsin.lab.verifier.content import APART, Rest, known, known_of, reads, rest
from tocsin.lab.verifier.front import Front, Moment
from tocsin.lab.verifier.satisfying import consistent
from tocsin.lab.verifier.timeline import Ground
from tocsin.lab.verifier.witness import witness

Supposed = dict[str, bool | str]
"""By name: whether a condition holds, or who of an assigned team comes first."""


class Undecided(Exception):
    """The walk goes on differently for each of `options`; `name` is what is to be supposed."""

    def __init__(self, name: str, options: tuple[bool | str, ...]) -> None:
        super().__init__(name)
        self.name = name
        self.options = options


class Asking(Struct, frozen=True):
    """What a condition is told of the incident."""

    priority: Priority
    kind: Kind
    service: ServiceId | None
    team: TeamId


def judged(
    ground: Ground, source: str, site: str, asking: Asking, supposed: Supposed, front: Front, now: Moment
) -> Verdict:
    """Whether a condition holds; Undecided where that has to be supposed first."""
    if not reads(source).content:
        verdict = _known(ground, source, asking, front, now)
        assert verdict is not None, "only what a report calls its service may be open"
        return verdict
    left = rest(source, tuple(_known(ground, one, asking, front, now) for one in known_of(source)))
    if not isinstance(left, Rest):
        return left
    name = left.named(site)
    if name not in supposed:
        raise Undecided(name, options(supposed, name))
    return supposed[name] is True


def options(supposed: Supposed, name: str) -> tuple[bool, ...]:
    """What may be supposed of it beside what is supposed; both where neither can be excluded."""
    others = content(supposed)
    found = tuple(one for one in (True, False) if consistent(others | {(name, one)}))
    return found or (True, False)


def content(supposed: Supposed) -> frozenset[tuple[str, bool]]:
    """What is supposed of signals."""
    return frozenset((name, value) for name, value in supposed.items() if isinstance(value, bool))


def _known(ground: Ground, source: str, asking: Asking, front: Front, now: Moment) -> Verdict | None:
    """What no signal has to tell; None where it hangs on what a signal calls its service."""
    verdict, until = ground.remember(("judged", source, asking), now[0], lambda at: _judge(ground, source, asking, at))
    if reads(source).age:
        ground.singular = True
        verdict = _aged(ground, source, asking, front, now)
    front.holds_until(now, until)
    return verdict


def _judge(ground: Ground, source: str, asking: Asking, at: Instant) -> tuple[Verdict | None, Instant | None]:
    read = reads(source)
    ends = [ground.open(name, at)[1] for name in read.hours if ground.hours(name) is not None]
    if read.clock or read.daily:
        ends.append(wall_until(ground.world.rulebook.timezone, at, HOUR if read.clock else DAY))
    return _ask(ground, source, asking, at, at), min((one for one in ends if one is not None), default=None)


def _aged(ground: Ground, source: str, asking: Asking, front: Front, now: Moment) -> Verdict | None:
    """The age in whole minutes stays for what moves; what stands is the younger the later it opens."""
    if not now[1]:
        age = (now[0] - front.opening) // (60 * 10**6)
        front.until = min(front.until, now[0] - age * 60 * 10**6 + 1)
    return _ask(ground, source, asking, front.opening, now[0])


def _ask(ground: Ground, source: str, asking: Asking, opened: Instant, now: Instant) -> Verdict | None:
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
    return known(source, context, ground.world.conditions.judge, ground.world.rulebook.services)


def _open(ground: Ground, name: str, now: Instant) -> bool:
    return ground.hours(HoursId(name)) is not None and ground.open(HoursId(name), now)[0]


def wall_until(zone: str, at: Instant, unit: Duration) -> Instant:
    """When the wall clock shows another hour or day, or jumps."""
    following = at + unit - zones.local_time(zone, at) % unit
    jumps = zones.transitions(zone, at + 1, following)
    return jumps[0].at if jumps else following


def said(supposed: Supposed) -> tuple[Phrase, ...]:
    """Suppositions in words, without those that follow from the others; and a report of which they are true."""
    bare = dict(supposed)
    for name in reversed(supposed):
        others = {one: value for one, value in bare.items() if one != name}
        if isinstance(supposed[name], bool) and options(others, name) == (supposed[name],):
            bare = others
    return tuple(_said(name, value) for name, value in bare.items())


def example(supposed: Supposed) -> tuple[Phrase, ...]:
    """A report of which all this is true, in words; nothing where none is known, or where it need not say anything."""
    found = witness(content(supposed))
    return () if found is None else found.said


def _said(name: str, value: bool | str) -> Phrase:
    if isinstance(value, str):
        return Phrase("lab.proof.turn", {"team": name.removeprefix("turn:"), "person": value})
    when = name.partition(APART)[0]
    return Phrase("lab.proof.holds" if value else "lab.proof.holds_not", {"when": when})
