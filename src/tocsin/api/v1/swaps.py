"""Swaps of shifts: offered by one, accepted or declined by the other; accepted, they are two overrides at once."""

from collections.abc import Callable
from typing import Literal

from litestar import get, post
from litestar.params import FromPath
from msgspec import Struct
from uuid_utils import uuid7

from tocsin.access.about import about_schedule
from tocsin.api.here import Asked, allow_with, caller_of, forbidden, here
from tocsin.api.problem import Problem
from tocsin.api.reading import body_of, invalid, person_of, span_of
from tocsin.api.v1.oncall import no_schedule
from tocsin.api.v1.once import once
from tocsin.api.v1.overrides import known
from tocsin.api.v1.plain import when
from tocsin.core.ids import PersonId, ScheduleId
from tocsin.core.instant import Instant, Span
from tocsin.core.oncall.objection import Objection
from tocsin.core.oncall.override import Swap, SwapState
from tocsin.core.rulebook import Rulebook
from tocsin.engine.swapping import SwapOverError, Swapping, SwapRefusedError, speaks
from tocsin.store.contract import Tx

Answer = Literal["accept", "decline", "withdraw"]
STATES: dict[Answer, SwapState] = {"accept": "accepted", "decline": "declined", "withdraw": "withdrawn"}

SAYS = {
    "away": "{person} is away, {start} to {end}.",
    "unreachable": "nothing leads to {person}.",
    "already": "{person} is on call already, {start} to {end}.",
    "not_on": "{person} is not on call, {start} to {end}.",
    "oneself": "{person} would swap with themselves.",
    "meets": "the two shifts overlap, {start} to {end}.",
    "over": "the first of the two shifts has begun.",
}


class SwapView(Struct, frozen=True):
    """`person` gives [give_start, give_end) and takes [take_start, take_end) of `other`; until `ends_at`."""

    id: str
    schedule: str
    person: str
    other: str
    give_start: str | None
    give_end: str | None
    take_start: str | None
    take_end: str | None
    state: SwapState
    ends_at: str | None


class Swaps(Struct, frozen=True):
    """In the order in which they were offered."""

    swaps: tuple[SwapView, ...]


class Offering(Struct, frozen=True, forbid_unknown_fields=True):
    """Ends are times, or durations from their starts. `person` is by default whoever is signed in.

    Example: {"person": "dana", "other": "eve", "give_start": "2026-01-06T09:00:00Z", "give_end": "1d",
    "take_start": "2026-01-13T09:00:00Z", "take_end": "1d"}
    """

    other: str
    give_start: str
    give_end: str
    take_start: str
    take_end: str
    person: str = ""


class Answering(Struct, frozen=True, forbid_unknown_fields=True):
    """`accept` and `decline` are for whom it was offered to, `withdraw` for whoever offered it.

    Example: {"answer": "accept"}
    """

    answer: Answer


@get("/schedules/{schedule:str}/swaps", opt={"verb": "oncall.read"}, sync_to_thread=True)
def swaps(request: Asked, schedule: FromPath[str]) -> Swaps:
    """Those of a schedule whose shifts are not over, however they stand."""
    at = here(request)
    book, now = at.site.worlds.world().rulebook, at.now()
    if schedule not in book.schedules:
        raise no_schedule(schedule, book.schedules)
    found = (one for one in at.read(known).swaps if one.schedule == schedule)
    return Swaps(tuple(view(one, now) for one in found if max(one.give.end, one.take.end) > now))


@post("/schedules/{schedule:str}/swaps", opt={"verb": "override.edit", "takes": Offering}, status_code=201)
async def offer(request: Asked, schedule: FromPath[str]) -> SwapView:
    """Offer a shift for one of somebody else's, who is told."""
    at = here(request)
    book, now = at.site.worlds.world().rulebook, at.now()
    _may_edit(request, schedule, book)
    made = _made(await body_of(request, Offering), request, ScheduleId(schedule), now)
    _speak_for(request, made.person, book)
    return await _done(request, lambda swapping, tx: swapping.offer(tx, made), 422)


@post(
    "/schedules/{schedule:str}/swaps/{swap:str}/answer",
    opt={"verb": "override.edit", "takes": Answering},
    status_code=200,
)
async def answer(request: Asked, schedule: FromPath[str], swap: FromPath[str]) -> SwapView:
    """Accept, decline or withdraw one; whom it concerns is told."""
    at = here(request)
    book = at.site.worlds.world().rulebook
    _may_edit(request, schedule, book)
    wanted = (await body_of(request, Answering)).answer
    found = next((one for one in (await at.gate.read(known)).swaps if (one.id, one.schedule) == (swap, schedule)), None)
    if found is None:
        raise Problem(404, "unknown", f"There is no swap {swap[:80]}.")
    _speak_for(request, found.person if wanted == "withdraw" else found.other, book)
    return await _done(request, lambda swapping, tx: swapping.settle(tx, swap, STATES[wanted]), 409)


def _made(wanted: Offering, request: Asked, schedule: ScheduleId, now: Instant) -> Swap:
    book = here(request).site.worlds.world().rulebook
    person = person_of(wanted.person or caller_of(request).person or "", book, "person")
    other = person_of(wanted.other, book, "other")
    give, take = span_of(wanted.give_start, wanted.give_end, now), span_of(wanted.take_start, wanted.take_end, now)
    return Swap(str(uuid7()), schedule, PersonId(person), PersonId(other), Span(*give), Span(*take))


def _may_edit(request: Asked, schedule: str, book: Rulebook) -> None:
    missing = no_schedule(schedule, book.schedules)
    allow_with(caller_of(request), "override.edit", about_schedule(schedule, book), missing)
    if schedule not in book.schedules:
        raise missing


def _speak_for(request: Asked, person: PersonId, book: Rulebook) -> None:
    """Raises Problem 403 for who is not that person."""
    if not speaks(caller_of(request), person, book):
        raise forbidden(caller_of(request), "incident.speak-for")


async def _done(request: Asked, change: Callable[[Swapping, Tx], Swap], status: int) -> SwapView:
    at = here(request)
    swapping = Swapping(at.site.worlds.world(), at.site.url, at.now(), caller_of(request).by)
    try:
        return await once(request, SwapView, lambda tx: view(change(swapping, tx), at.now()))
    except SwapRefusedError as error:
        raise _refused(error.objections[0], status) from None
    except SwapOverError as error:
        raise Problem(409, "settled", f"That swap is {error.state}.", "Offer another one.") from None


def _refused(one: Objection, status: int) -> Problem:
    told = SAYS.get(one.kind, one.kind).format(person=one.person, start=when(one.start), end=when(one.end))
    hint = "Look at GET /api/v1/schedules/NAME/shifts."
    return invalid(f"swap: {told}", hint) if status == 422 else Problem(409, "changed", f"swap: {told}", hint)


def view(swap: Swap, now: Instant) -> SwapView:
    """As programs read it."""
    give, take = swap.give, swap.take
    return SwapView(
        swap.id, swap.schedule, swap.person, swap.other, when(give.start), when(give.end), when(take.start),
        when(take.end), swap.standing(now), when(swap.ends_at),
    )  # fmt: skip
