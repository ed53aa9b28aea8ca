"""Who is on call, at any instant, and why; and a schedule laid out as shifts."""

from collections.abc import Iterable, Mapping
from typing import Annotated

from litestar import get
from litestar.params import FromPath, FromQuery, QueryParameter
from msgspec import Struct

from tocsin.api.here import Asked, Here, here
from tocsin.api.problem import Problem
from tocsin.api.reading import LONGEST, invalid, time_of
from tocsin.api.v1.plain import when
from tocsin.config.complaints import nearest
from tocsin.core.ids import ScheduleId
from tocsin.core.instant import Instant
from tocsin.core.oncall.coverage import shifts as laid_out
from tocsin.core.oncall.roster import Duty, roster
from tocsin.core.world import World
from tocsin.lib.translate import say
from tocsin.store import people


class OnDuty(Struct, frozen=True):
    """Somebody on call, since and until when nothing of it changes, and why."""

    person: str
    name: str
    since: str | None
    until: str | None
    why: tuple[str, ...]


class OnSchedule(Struct, frozen=True):
    """Who is on call in one schedule, and why others are not."""

    schedule: str
    since: str | None
    until: str | None
    people: tuple[OnDuty, ...]
    why_not: tuple[str, ...]


class OnCall(Struct, frozen=True):
    """Every schedule at one instant."""

    at: str | None
    schedules: tuple[OnSchedule, ...]


class ShiftView(Struct, frozen=True):
    """The same people all through [start, end); nobody is a gap."""

    start: str | None
    end: str | None
    people: tuple[str, ...]
    why: tuple[str, ...]
    gap: bool
    deliberate: bool


class Shifts(Struct, frozen=True):
    """A schedule laid out from the first instant to the last, gaps included."""

    schedule: str
    shifts: tuple[ShiftView, ...]


@get("/oncall", opt={"verb": "oncall.read"}, sync_to_thread=True)
def oncall(request: Asked, at: FromQuery[str] = "") -> OnCall:
    """Every schedule, now or at another time; of the past, by the rules and the roster facts of then."""
    site = here(request)
    now = site.now()
    instant = time_of(at, now, "at")
    instant = now if instant is None else instant
    worlds, names = site.site.worlds, site.read(people.names)
    world = worlds.at(instant) if instant < now else worlds.world()
    found = (_on(world, names, ScheduleId(name), instant) for name in sorted(world.rulebook.schedules))
    return OnCall(when(instant), tuple(found))


def _on(world: World, names: Mapping[str, str], schedule: ScheduleId, at: Instant) -> OnSchedule:
    book = world.rulebook
    answer = roster(schedule, at, book.schedules, book.hours, world.facts)
    return OnSchedule(
        schedule,
        when(answer.since),
        when(answer.until),
        tuple(_duty(duty, names) for duty in answer.duties),
        tuple(say(phrase) for phrase in answer.why_not),
    )


def _duty(duty: Duty, names: Mapping[str, str]) -> OnDuty:
    why = tuple(say(phrase) for phrase in duty.why)
    return OnDuty(duty.person, names.get(duty.person, ""), when(duty.since), when(duty.until), why)


@get("/schedules/{schedule:str}/shifts", opt={"verb": "oncall.read"}, sync_to_thread=True)
def shifts(
    request: Asked,
    schedule: FromPath[str],
    start: Annotated[str, QueryParameter(name="from")] = "",
    to: FromQuery[str] = "28d",
) -> Shifts:
    """The shifts of a schedule, by default of the coming four weeks."""
    at: Here = here(request)
    world = at.site.worlds.world()
    if schedule not in world.rulebook.schedules:
        raise no_schedule(schedule, world.rulebook.schedules)
    now = at.now()
    begin = time_of(start, now, "from")
    begin = now if begin is None else begin
    end = time_of(to, begin, "to")
    if end is None or not begin < end <= begin + LONGEST:
        raise invalid("to: it must come after from, and at most 400 days later.")
    book = world.rulebook
    found = laid_out(ScheduleId(schedule), begin, end, book.schedules, book.hours, world.facts)
    views = (
        ShiftView(when(one.start), when(one.end), one.people, tuple(map(say, one.why)), one.gap, one.deliberate)
        for one in found
    )
    return Shifts(schedule, tuple(views))


def no_schedule(name: str, known: Iterable[str] = ()) -> Problem:
    """404, with the name that was perhaps meant."""
    return Problem(404, "unknown", f"There is no schedule {name[:80]}.", nearest(name, known))
