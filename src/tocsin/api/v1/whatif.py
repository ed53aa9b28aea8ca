"""What if: something begins, people answer as told, and the rules, in force or tried, play on; nobody is called"""

from typing import Annotated

from litestar import post
from litestar.concurrency import sync_to_thread
from msgspec import Meta, Struct

from tocsin.api.here import Asked, Here, here
from tocsin.api.reading import body_of, invalid, time_of
from tocsin.api.v1.plain import when
from tocsin.config import loads
from tocsin.config.complaints import nearest
from tocsin.core.catalogue.priority import Priority
from tocsin.core.instant import DAY, SECOND, Duration, format_duration
from tocsin.core.signal import Kind
from tocsin.core.world import World
from tocsin.engine.proposals import world_of
from tocsin.lab.telling import Line
from tocsin.lab.whatif import WhatIf, simulate_one
from tocsin.lib.translate import say
from tocsin.store import people

MOST = 5_000
"""Things that one play does at most."""

LONGEST: Duration = 3 * DAY


class Asking(Struct, frozen=True, forbid_unknown_fields=True):
    """`answers` in the language of `tocsin simulate`. With `texts` by those rules, else by those in force; `until` is a
    time or a duration from `at`.
    """

    service: str
    priority: Priority = "P1"
    kind: Kind = "incident"
    at: str = ""
    answers: Annotated[str, Meta(max_length=4_000)] = ""
    until: str = ""
    texts: dict[str, str] | None = None


class Happened(Struct, frozen=True):
    """One thing that would happen, so long after the beginning."""

    at: str | None
    after: str
    incident: str
    type: str
    text: str
    why: str


class Simulated(Struct, frozen=True):
    """`reached`, `acknowledged` and `resolved` count from the beginning; null: never, in the time that was watched.

    `pages` are calls by person. Not `whole`: more would happen than was played.
    """

    at: str | None
    until: str | None
    reached: str | None
    acknowledged: str | None
    resolved: str | None
    pages: dict[str, int]
    night_pages: dict[str, int]
    management: bool
    exhausted: bool
    whole: bool
    notes: tuple[str, ...]
    transcript: tuple[Happened, ...]


@post("/rulebook/simulate", opt={"verb": "rulebook.try", "takes": Asking, "also": (503,)}, status_code=200)
async def simulate(request: Asked) -> Simulated:
    """Play one incident on a clock of its own, and tell all that would happen, with reasons."""
    wanted = await body_of(request, Asking)
    return await sync_to_thread(_simulated, here(request), wanted)


def _simulated(at: Here, wanted: Asking) -> Simulated:
    now = at.now()
    world = _world(at, wanted)
    if wanted.service not in world.rulebook.services:
        known = nearest(wanted.service, world.rulebook.services)
        raise invalid(f"service: there is no service {wanted.service[:80]!r}.", known or "GET /api/v1/services.")
    start = time_of(wanted.at, now, "at") or now
    until = time_of(wanted.until, start, "until")
    if abs(start - now) > 4_000 * DAY or (until is not None and not start < until <= start + LONGEST):
        raise invalid("until: it must come after at, and at most 3 days later.")
    names = at.read(people.names)
    given = (wanted.service, wanted.priority, wanted.kind, start, wanted.answers, until)
    found = simulate_one(world, *given, names=names, most=MOST)
    wrong = [one for one in found.complaints if not one.note]
    if wrong:
        told = [f"{one.line}:{one.column}: {say(one.text)}" for one in wrong]
        raise invalid(f"answers: {told[0]}", "" if wrong[0].hint is None else say(wrong[0].hint), complaints=told)
    return _told(found)


def _world(at: Here, wanted: Asking) -> World:
    today = at.site.worlds.world()
    if wanted.texts is None:
        return today
    loaded = loads(wanted.texts)
    if loaded.rulebook is None:
        raise invalid("texts: the rulebook has errors.", "POST /api/v1/rulebook/check lists them.")
    return world_of(loaded.rulebook, today)


def _told(found: WhatIf) -> Simulated:
    measured = found.measured
    return Simulated(
        at=when(found.scene.at),
        until=when(found.scene.until),
        reached=_length(measured.reached),
        acknowledged=_length(measured.acknowledged),
        resolved=_length(measured.resolved),
        pages=measured.pages,
        night_pages=measured.night,
        management=measured.management,
        exhausted=measured.exhausted,
        whole=found.transcript.whole,
        notes=tuple(say(one.text) for one in found.complaints),
        transcript=tuple(_happened(one) for one in found.lines),
    )


def _happened(one: Line) -> Happened:
    why = "" if one.why is None else say(one.why)
    return Happened(when(one.at), _length(one.offset) or "", one.incident, one.kind, say(one.what), why)


def _length(one: Duration | None) -> str | None:
    return None if one is None else format_duration(one - one % SECOND)
