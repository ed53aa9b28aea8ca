"""Shifts as calendars that other programs subscribe to: of a schedule, and of a person over all schedules (RFC 5545)"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from hashlib import sha256

from msgspec import Struct

from tocsin.core.ids import PersonId, ScheduleId
from tocsin.core.instant import DAY, SECOND, Duration, Instant
from tocsin.core.oncall.coverage import shifts as laid_out
from tocsin.core.oncall.turns import turns_of
from tocsin.core.world import World

MEDIA = "text/calendar"
BACK: Duration = 28 * DAY
AHEAD: Duration = 180 * DAY
"""How far a calendar reaches from now."""


class Shift(Struct, frozen=True):
    """One person on call by one schedule, without a break."""

    schedule: str
    person: str
    start: Instant
    end: Instant


def of_schedule(world: World, schedule: str, now: Instant) -> Iterator[Shift]:
    """Each person's own shifts: what is laid out ends wherever anybody changes, theirs go on."""
    book, open_ = world.rulebook, dict[str, Shift]()
    for one in laid_out(ScheduleId(schedule), _first(now), now + AHEAD, book.schedules, book.hours, world.facts):
        for person in [known for known in open_ if known not in one.people]:
            yield open_.pop(person)
        for person in one.people:
            began = open_[person].start if person in open_ else one.start
            open_[person] = Shift(schedule, person, began, one.end)
    yield from open_.values()


def of_person(world: World, person: str, now: Instant) -> Iterator[Shift]:
    """Somebody's shifts, by whatever schedule."""
    book = world.rulebook
    found = turns_of(PersonId(person), _first(now), now + AHEAD, book.schedules, book.hours, world.facts)
    return (Shift(one.schedule, person, one.start, one.end) for one in found)


def _first(now: Instant) -> Instant:
    """By the day, so that a shift keeps its name from one look to the next."""
    return now - now % DAY - BACK


def calendar(name: str, found: Iterable[Shift], names: Mapping[str, str], now: Instant) -> bytes:
    """The file. Names are one line each, so that nobody writes a line of their own into it."""
    from icalendar import Calendar, Event, vText  # slow to load, and seldom needed

    made = Calendar()
    made.add("prodid", "-//tocsin//on call//EN")
    made.add("version", "2.0")
    made.add("x-wr-calname", vText(_line(name)))
    for one in sorted(found, key=lambda one: (one.start, one.schedule, one.person)):
        event = Event()
        ident = sha256(f"{one.schedule}\0{one.person}\0{one.start}".encode()).hexdigest()[:32]
        event.add("uid", f"{ident}@tocsin")
        event.add("dtstamp", _moment(now))
        event.add("dtstart", _moment(one.start))
        event.add("dtend", _moment(one.end))
        event.add("summary", f"{_line(names.get(one.person, one.person))} ({one.schedule})")
        event.add("transp", "TRANSPARENT")
        made.add_component(event)
    return bytes(made.to_ical())


def _moment(instant: Instant) -> datetime:
    return datetime.fromtimestamp(instant // SECOND, UTC)


def _line(text: str) -> str:
    return " ".join("".join(one if one.isprintable() else " " for one in text).split())
