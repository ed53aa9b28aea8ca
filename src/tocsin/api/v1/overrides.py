"""Overrides of a schedule and absences of people: listed, made, called off; each is a fact that is never changed"""

from collections.abc import Iterable
from typing import Literal, TypeVar

from litestar import delete, get, post
from litestar.concurrency import sync_to_thread
from litestar.params import FromPath, FromQuery
from msgspec import Struct
from sqlalchemy import Connection
from uuid_utils import uuid7

from tocsin.access.about import About, about_person, about_schedule
from tocsin.access.permissions import Verb
from tocsin.api.here import Asked, allow_with, caller_of, here
from tocsin.api.problem import Problem
from tocsin.api.reading import body_of, invalid, person_of, span_of
from tocsin.api.v1.oncall import no_schedule
from tocsin.api.v1.once import once
from tocsin.api.v1.plain import when
from tocsin.config.complaints import nearest
from tocsin.core.ids import PersonId, ScheduleId
from tocsin.core.instant import Span
from tocsin.core.oncall.objection import unfit
from tocsin.core.oncall.override import Absence, Facts, Override
from tocsin.core.oncall.overriding import together
from tocsin.core.rulebook import Rulebook
from tocsin.store import facts
from tocsin.store.contract import Tx
from tocsin.store.facts import Revoked

F = TypeVar("F", Override, Absence)

REASON = 200
"""Characters of a reason: as long as a title."""


class OverrideView(Struct, frozen=True):
    """For a schedule in [start, end): `person` replaces `of` (null: everybody), is added, or is removed.

    `swap` is the swap that it is one half of; both halves are called off together.
    """

    id: str
    schedule: str
    start: str | None
    end: str | None
    person: str
    mode: str
    of: str | None
    reason: str
    swap: str | None


class Overrides(Struct, frozen=True):
    """In the order in which they were made: where two meet, the later one wins."""

    overrides: tuple[OverrideView, ...]


class Overriding(Struct, frozen=True, forbid_unknown_fields=True):
    """`start` and `end` as times, or as durations: from now, and from `start`. `reason` has 200 characters at most.

    Example: {"schedule": "infra-primary", "start": "2026-01-06T09:00:00Z", "end": "8h", "person": "eve", "of": "dana"}
    """

    schedule: str
    end: str
    person: str
    start: str = ""
    mode: Literal["replace", "add", "remove"] = "replace"
    of: str = ""
    reason: str = ""


class AbsenceView(Struct, frozen=True):
    """`person` is on no shift and in no target in [start, end)."""

    id: str
    person: str
    start: str | None
    end: str | None


class Absences(Struct, frozen=True):
    absences: tuple[AbsenceView, ...]


class Leaving(Struct, frozen=True, forbid_unknown_fields=True):
    """`start` and `end` as times, or as durations: from now, and from `start`.

    Example: {"person": "dana", "start": "2026-02-02T08:00:00Z", "end": "5d"}
    """

    person: str
    end: str
    start: str = ""


def known(connection: Connection) -> Facts:
    """What is in force now, as the store has it."""
    return facts.gathered(connection, {})


# ------------------------------------------------------------------------------------------- overrides


@get("/overrides", opt={"verb": "oncall.read"}, sync_to_thread=True)
def overrides(request: Asked, schedule: FromQuery[str] = "", person: FromQuery[str] = "") -> Overrides:
    """Those that are not over, of a schedule or a person."""
    at = here(request)
    now, found = at.now(), at.read(known).overrides
    chosen = (one for one in found if one.end > now and schedule in ("", one.schedule))
    return Overrides(tuple(_override(one) for one in chosen if person in ("", one.person, one.of)))


@post("/overrides", opt={"verb": "override.edit", "takes": Overriding}, status_code=201)
async def override(request: Asked) -> OverrideView:
    """Put somebody on, in somebody's place, or off, for a while."""
    at = here(request)
    wanted = await body_of(request, Overriding)
    world = at.site.worlds.world()
    made = _made(wanted, world.rulebook, at.now())
    about = about_schedule(made.schedule, world.rulebook)
    allow_with(caller_of(request), "override.edit", about, no_schedule(made.schedule))
    if made.mode != "remove":
        _fit(made.person, Span(made.start, made.end), world.facts)

    def change(tx: Tx) -> OverrideView:
        facts.append(tx.connection, made, at.now(), caller_of(request).by)
        return _override(made)

    return await once(request, OverrideView, change)


def _made(wanted: Overriding, rulebook: Rulebook, now: int) -> Override:
    if wanted.schedule not in rulebook.schedules:
        raise invalid(f"schedule: there is no {wanted.schedule!r}.", nearest(wanted.schedule, rulebook.schedules))
    start, end = span_of(wanted.start, wanted.end, now)
    person = person_of(wanted.person, rulebook, "person")
    of = person_of(wanted.of, rulebook, "of") if wanted.of else None
    if len(wanted.reason) > REASON:
        raise invalid(f"reason: {REASON} characters at most.")
    if of is not None and wanted.mode != "replace":
        raise invalid("of: only who is replaced has somebody in their place.", "Leave it out, or let mode be replace.")
    return Override(
        str(uuid7()), ScheduleId(wanted.schedule), start, end, PersonId(person), wanted.mode,
        None if of is None else PersonId(of), wanted.reason,
    )  # fmt: skip


def _fit(person: PersonId, span: Span, known: Facts) -> None:
    """Raises Problem 422 for somebody who would not be there, or whom nothing reaches."""
    for one in unfit(person, span, known):
        if one.kind == "away":
            raise invalid(f"person: {person} is away, {when(one.start)} to {when(one.end)}.", "End the absence first.")
        raise invalid(f"person: nothing leads to {person}.", "Give them a contact that works.")


@delete("/overrides/{override:str}", opt={"verb": "override.edit", "also": (409,)}, status_code=204)
async def cancel(request: Asked, override: FromPath[str]) -> None:
    """Call one off, the other half with it where it is one of a swap: from now on nobody ever heard of it."""
    at = here(request)
    rulebook, roster = at.site.worlds.world().rulebook, await at.gate.read(known)
    found = _find(roster.overrides, "override", override)
    about = about_schedule(found.schedule, rulebook)
    await _revoke(request, "override.edit", [one.id for one in together(found, roster)], about, "override")


def _override(one: Override) -> OverrideView:
    return OverrideView(
        one.id, one.schedule, when(one.start), when(one.end), one.person, one.mode, one.of, one.reason, one.swap or None
    )


# -------------------------------------------------------------------------------------------- absences


@get("/absences", opt={"verb": "oncall.read"}, sync_to_thread=True)
def absences(request: Asked, person: FromQuery[str] = "") -> Absences:
    """Those that are not over."""
    at = here(request)
    now, found = at.now(), at.read(known).absences
    return Absences(tuple(_absence(one) for one in found if one.end > now and person in ("", one.person)))


@post("/absences", opt={"verb": "absence.edit", "takes": Leaving}, status_code=201)
async def absence(request: Asked) -> AbsenceView:
    """Say that somebody is away; deputies step in."""
    at, caller = here(request), caller_of(request)
    wanted = await body_of(request, Leaving)
    rulebook = at.site.worlds.world().rulebook
    person = person_of(wanted.person, rulebook, "person")
    allow_with(caller, "absence.edit", about_person(person, rulebook), _unknown("person", person))
    start, end = span_of(wanted.start, wanted.end, at.now())
    made = Absence(str(uuid7()), PersonId(person), start, end)

    def change(tx: Tx) -> AbsenceView:
        facts.append(tx.connection, made, at.now(), caller.by)
        return _absence(made)

    return await once(request, AbsenceView, change)


@delete("/absences/{absence:str}", opt={"verb": "absence.edit", "also": (409,)}, status_code=204)
async def back(request: Asked, absence: FromPath[str]) -> None:
    """They are not away after all."""
    at = here(request)
    rulebook, roster = at.site.worlds.world().rulebook, await at.gate.read(known)
    found = _find(roster.absences, "absence", absence)
    await _revoke(request, "absence.edit", [absence], about_person(found.person, rulebook), "absence")


def _absence(one: Absence) -> AbsenceView:
    return AbsenceView(one.id, one.person, when(one.start), when(one.end))


# ------------------------------------------------------------------------------------------------ both


def _find(found: Iterable[F], kind: str, id_: str) -> F:
    for one in found:
        if one.id == id_:
            return one
    raise _unknown(kind, id_)


def _unknown(kind: str, id_: str) -> Problem:
    return Problem(404, "unknown", f"There is no {kind} {id_[:80]}.")


async def _revoke(request: Asked, verb: Verb, ids: list[str], about: About, kind: str) -> None:
    at, caller = here(request), caller_of(request)
    allow_with(caller, verb, about, _unknown(kind, ids[0]))

    def change(connection: Connection) -> None:
        for id_ in ids:
            facts.append(connection, Revoked(id_), at.now(), caller.by)

    await at.gate.write(change)
    await sync_to_thread(at.site.worlds.refresh)
