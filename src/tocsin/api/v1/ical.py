"""Shifts as calendars that other programs subscribe to: of a schedule, and of a person over all schedules (RFC 5545)"""

from collections.abc import Iterable

from litestar import Response, get
from litestar.params import FromPath

from tocsin.api.here import Asked, here
from tocsin.api.v1.oncall import no_schedule
from tocsin.api.v1.people import no_person
from tocsin.engine import calendars
from tocsin.engine.calendars import MEDIA, Shift
from tocsin.store import people


@get("/schedules/{schedule:str}/shifts.ics", opt={"verb": "oncall.read", "gives": MEDIA}, sync_to_thread=True)
def of_schedule(request: Asked, schedule: FromPath[str]) -> Response[bytes]:
    """Who is on call by a schedule: the last four weeks and the coming half year."""
    at = here(request)
    world, now = at.site.worlds.world(), at.now()
    if schedule not in world.rulebook.schedules:
        raise no_schedule(schedule, world.rulebook.schedules)
    return _answer(request, schedule, calendars.of_schedule(world, schedule, now))


@get("/people/{person:str}/shifts.ics", opt={"verb": "oncall.read", "gives": MEDIA}, sync_to_thread=True)
def of_person(request: Asked, person: FromPath[str]) -> Response[bytes]:
    """When somebody is on call, by whatever schedule."""
    at = here(request)
    world, now = at.site.worlds.world(), at.now()
    if person not in world.rulebook.people:
        raise no_person(person, world.rulebook.people)
    return _answer(request, person, calendars.of_person(world, person, now))


def _answer(request: Asked, name: str, found: Iterable[Shift]) -> Response[bytes]:
    at = here(request)
    body = calendars.calendar(name, found, at.read(people.names), at.now())
    headers = {"content-disposition": 'inline; filename="shifts.ics"'}
    return Response(body, media_type=MEDIA, headers=headers)
