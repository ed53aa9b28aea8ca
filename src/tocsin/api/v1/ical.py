"""Shifts as calendars that other programs subscribe to: of a schedule, and of a person over all schedules (RFC 5545)"""

import re
from collections.abc import Iterable, Iterator, Mapping
from hashlib import sha256

from litestar import Response, get
from litestar.params import FromPath
from msgspec import Struct

from tocsin.api.here import Asked, here
from tocsin.api.v1.oncall import no_schedule
from tocsin.api.v1.people import no_person
from tocsin.core.ids import ScheduleId
from tocsin.core.instant import DAY, Duration, Instant, format_instant
from tocsin.core.oncall.coverage import shifts as laid_out
from tocsin.core.world import World
from tocsin.store import people

MEDIA = "text/calendar"
BACK: Duration = 28 * DAY
AHEAD: Duration = 180 * DAY
"""How far a calendar reaches from now."""

FOLD = 73
"""Octets of a line; what is longer goes on in the next one."""


class Shift(Struct, frozen=True):
    """One person on call by one schedule, without a break."""

    schedule: str
    person: str
    start: Instant
    end: Instant


@get("/schedules/{schedule:str}/shifts.ics", opt={"verb": "oncall.read", "gives": MEDIA}, sync_to_thread=True)
def of_schedule(request: Asked, schedule: FromPath[str]) -> Response[str]:
    """Who is on call by a schedule: the last four weeks and the coming half year."""
    at = here(request)
    world, now = at.site.worlds.world(), at.now()
    if schedule not in world.rulebook.schedules:
        raise no_schedule(schedule, world.rulebook.schedules)
    return _answer(request, schedule, _shifts(world, schedule, now))


@get("/people/{person:str}/shifts.ics", opt={"verb": "oncall.read", "gives": MEDIA}, sync_to_thread=True)
def of_person(request: Asked, person: FromPath[str]) -> Response[str]:
    """When somebody is on call, by whatever schedule."""
    at = here(request)
    world, now = at.site.worlds.world(), at.now()
    if person not in world.rulebook.people:
        raise no_person(person, world.rulebook.people)
    every = (one for name in sorted(world.rulebook.schedules) for one in _shifts(world, name, now))
    return _answer(request, person, (one for one in every if one.person == person))


def _shifts(world: World, schedule: str, now: Instant) -> Iterator[Shift]:
    """Each person's own shifts: what is laid out ends wherever anybody changes, theirs go on."""
    book, open_ = world.rulebook, dict[str, Shift]()
    first = now - now % DAY - BACK  # by the day, so that a shift keeps its name from one look to the next
    for one in laid_out(ScheduleId(schedule), first, now + AHEAD, book.schedules, book.hours, world.facts):
        for person in [known for known in open_ if known not in one.people]:
            yield open_.pop(person)
        for person in one.people:
            began = open_[person].start if person in open_ else one.start
            open_[person] = Shift(schedule, person, began, one.end)
    yield from open_.values()


def _answer(request: Asked, name: str, found: Iterable[Shift]) -> Response[str]:
    at = here(request)
    names = at.read(people.names)
    text = calendar(name, sorted(found, key=lambda one: (one.start, one.schedule, one.person)), names, at.now())
    headers = {"content-disposition": 'inline; filename="shifts.ics"'}
    return Response(text, media_type=MEDIA, headers=headers)


def calendar(name: str, found: Iterable[Shift], names: Mapping[str, str], now: Instant) -> str:
    """Lines of a calendar."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//tocsin//on call//EN", f"X-WR-CALNAME:{_text(name)}"]
    for one in found:
        who = names.get(one.person, one.person)
        ident = sha256(f"{one.schedule}\0{one.person}\0{one.start}".encode()).hexdigest()[:32]
        lines += (
            "BEGIN:VEVENT",
            f"UID:{ident}@tocsin",
            f"DTSTAMP:{_stamp(now)}",
            f"DTSTART:{_stamp(one.start)}",
            f"DTEND:{_stamp(one.end)}",
            f"SUMMARY:{_text(f'{who} ({one.schedule})')}",
            "TRANSP:TRANSPARENT",
            "END:VEVENT",
        )
    return "".join(f"{part}\r\n" for line in [*lines, "END:VCALENDAR"] for part in _folded(line))


def _stamp(instant: Instant) -> str:
    return format_instant(instant - instant % 1_000_000).replace("-", "").replace(":", "")


def _text(text: str) -> str:
    """A text as a value: what has a meaning in the format has none in it, and a line stays one."""
    for one, other in (("\\", "\\\\"), (";", "\\;"), (",", "\\,"), ("\n", "\\n")):
        text = text.replace(one, other)
    return _CONTROL.sub("", text)


_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
"""What some reader takes for the end of a line, or for the end of the octets; the format allows none of it."""


def _folded(line: str) -> Iterator[str]:
    """Lines of at most 75 octets, cut between characters."""
    part, size = "", 0
    for character in line:
        more = len(character.encode())
        if size + more > FOLD:
            yield part
            part, size = " ", 1
        part, size = part + character, size + more
    yield part
