"""Night load: somebody who is on call in more nights than anybody sleeps well with, two of five over the whole time.

A rotation of three comes to one night of three, one of two to every other night for good. A night counts that holds an
hour of duty between ten in the evening and seven and begins in the time that is looked at; nights of several schedules
count once, and those of a schedule that nothing leads to not at all. A layer that keeps to hours of another zone has
the nights of that zone: whoever follows the sun works by day.
"""

from collections.abc import Iterator

from tocsin.core.calendar.zones import local_time
from tocsin.core.ids import PersonId, ScheduleId
from tocsin.core.instant import DAY, HOUR, Duration
from tocsin.core.oncall.coverage import Shift, shifts
from tocsin.core.oncall.rest import NIGHT
from tocsin.core.oncall.schedule import Schedule
from tocsin.core.phrase import Phrase
from tocsin.core.rulebook import Rulebook
from tocsin.lab.verifier.case import Case
from tocsin.lab.verifier.contract import Check
from tocsin.lab.verifier.finding import Finding
from tocsin.lab.verifier.usage import in_use

CODE = "V029"
LIMIT = (2, 5)
"""At most two nights of five."""

LEAST: Duration = HOUR
_LONG: Duration = DAY - NIGHT[0] + NIGHT[1]


def find(case: Case) -> Iterator[Finding]:
    """Who has too many nights, those with most first, each at the schedule that gives them most."""
    nights: dict[PersonId, set[int]] = {}
    most: dict[PersonId, tuple[int, ScheduleId]] = {}
    used = in_use(case.rulebook)
    for schedule in (one for name, one in case.rulebook.schedules.items() if ("schedules", name) in used):
        for person, own in _nights(schedule, case).items():
            nights.setdefault(person, set()).update(own)
            most[person] = max(most.get(person, (0, schedule.id)), (len(own), schedule.id))
    whole = (case.end - case.start) // DAY
    loaded = {person: len(own) for person, own in nights.items() if len(own) * LIMIT[1] > whole * LIMIT[0]}
    for person in sorted(loaded, key=lambda one: (-loaded[one], one)):
        yield _finding(person, loaded[person], whole, most[person][1])


def _finding(person: PersonId, count: int, whole: int, schedule: ScheduleId) -> Finding:
    values = {
        "person": person, "nights": str(count), "whole": str(whole), "limit": str(whole * LIMIT[0] // LIMIT[1]),
        "schedule": schedule,
    }  # fmt: skip
    hint = Phrase("lab.hole.nights.hint", values)
    return Finding(CODE, "warning", ("schedules", schedule), Phrase("lab.hole.nights", values), hint)


def _nights(schedule: Schedule, case: Case) -> dict[PersonId, set[int]]:
    """The nights of each person, by the local day on which they begin: as many in all as there are days."""
    book = case.rulebook
    found: dict[PersonId, set[int]] = {}
    for shift in shifts(schedule.id, case.start, case.end, book.schedules, book.hours, case.facts):
        zone = _zone(shift, schedule, book)
        first = -(-(local_time(zone, case.start) - NIGHT[0]) // DAY)
        begun = range(first, first + (case.end - case.start) // DAY)
        for person in shift.people:
            found.setdefault(person, set()).update(day for day in _within(shift, zone) if day in begun)
    return found


def _zone(shift: Shift, schedule: Schedule, book: Rulebook) -> str:
    """Where its people sleep: where the hours lie that the layers keep to by which they are on, else the schedule."""
    base = schedule
    while base.follows is not None:
        base = book.schedules[base.follows]
    layers = [base.rotations[int(why.values["layer"]) - 1] for why in shift.why if why.key == "oncall.turn"]
    zones = {book.hours[one.only].timezone if one.only in book.hours else schedule.timezone for one in layers}
    return zones.pop() if len(zones) == 1 else schedule.timezone


def _within(shift: Shift, zone: str) -> Iterator[int]:
    """The nights of which a shift holds at least an hour."""
    start, end = local_time(zone, shift.start), local_time(zone, shift.end)
    for day in range((start - NIGHT[1]) // DAY, end // DAY + 1):
        evening = day * DAY + NIGHT[0]
        if min(end, evening + _LONG) - max(start, evening) >= LEAST:
            yield day


CHECK = Check(CODE, "night-load", "warning", find)
