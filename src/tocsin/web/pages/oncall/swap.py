"""Swapping: a shift of one's own offered for one of somebody else's, and the other's answer."""

import asyncio
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from litestar import Response, get, post
from litestar.exceptions import NotFoundException
from litestar.params import FromPath
from litestar.response import Redirect
from msgspec import Struct
from uuid_utils import uuid7

from tocsin.core.ids import PersonId, ScheduleId
from tocsin.core.instant import DAY, Duration, Instant, Span
from tocsin.core.oncall.coverage import shifts
from tocsin.core.oncall.override import Swap, SwapState
from tocsin.engine.swapping import SwapOverError, Swapping, SwapRefusedError, at_once, speaks
from tocsin.store.contract import Tx
from tocsin.web.entrance import ForbiddenError
from tocsin.web.here import Asked, Here, here
from tocsin.web.layout.frame import Frame, framed
from tocsin.web.pages.oncall.asked import Refusal, refusal
from tocsin.web.pages.oncall.handlers import viewing
from tocsin.web.pages.oncall.override import editing, may_edit
from tocsin.web.pages.oncall.view import Viewing
from tocsin.web.parts.words import name_of

__all__ = ["answer", "offer", "offering"]

AHEAD: Duration = 84 * DAY
"""How far ahead shifts are offered for a swap."""

ANSWERS: dict[str, SwapState] = {"accept": "accepted", "decline": "declined", "withdraw": "withdrawn"}


class Turn(Struct, frozen=True):
    """A shift of somebody that has not begun."""

    person: PersonId
    span: Span

    @property
    def value(self) -> str:
        """As a field of the form holds it."""
        return f"{self.span.start}-{self.span.end}-{self.person}"


@get("/oncall/swap")
async def offering(request: Asked) -> Response[str]:
    """The form: which of mine, for which of theirs."""
    frame, schedule = await framed(request), request.query_params.get("schedule", "")
    return await asyncio.to_thread(_offering, here(request), frame, schedule)


@post("/oncall/swap", status_code=200)
async def offer(request: Asked) -> Response[Any]:
    """Offer it; the other is told."""
    frame, form = await framed(request), await request.form()
    chosen = [str(form.get(name, ""))[:200] for name in ("schedule", "give", "take")]
    return await asyncio.to_thread(_offered, here(request), frame, *chosen)


@post("/oncall/swap/{swap:str}/{word:str}", status_code=200)
async def answer(request: Asked, swap: FromPath[str], word: FromPath[str]) -> Response[Any]:
    """Accept, decline or withdraw one."""
    frame = await framed(request)
    return await asyncio.to_thread(_answered, here(request), frame, swap, word)


def _offering(at: Here, frame: Frame, schedule: str) -> Response[str]:
    seen = editing(at, frame, schedule)
    return _form(seen, schedule, tuple(_turns(schedule, seen)))


def _form(
    seen: Viewing, schedule: str, turns: Iterable[Turn], give: str = "", take: str = "",
    wrong: tuple[Refusal, ...] = (),
) -> Response[str]:  # fmt: skip
    viewer, book = seen.frame.viewer, seen.world.rulebook
    mine = [(one.value, _told(one, seen)) for one in turns if speaks(viewer, one.person, book)]
    others = [(one.value, _told(one, seen)) for one in turns if one.person != viewer.person]
    return seen.frame.shown(
        "pages/oncall/swap.html", 422 if wrong else 200, schedule=schedule, mine=mine, others=others, give=give,
        take=take, wrong=wrong, zone=seen.shown.zone,
    )  # fmt: skip


def _turns(schedule: str, seen: Viewing) -> Iterator[Turn]:
    """The shifts to come, whole ones, of everybody in turn."""
    book, now = seen.world.rulebook, seen.frame.now
    laid_out = shifts(ScheduleId(schedule), now, now + AHEAD, book.schedules, book.hours, seen.world.facts)
    for one in laid_out:
        if now < one.start and one.end < now + AHEAD:
            yield from (Turn(person, Span(one.start, one.end)) for person in one.people)


def _told(turn: Turn, seen: Viewing) -> str:
    when = seen.stretch(turn.span.start, turn.span.end)
    return when if turn.person == seen.me else f"{name_of(turn.person, seen.names)}: {when}"


def _offered(at: Here, frame: Frame, schedule: str, give: str, take: str) -> Response[Any]:
    seen = editing(at, frame, schedule)
    turns = {one.value: one for one in _turns(schedule, seen)}
    mine, other = turns.get(give), turns.get(take)
    if mine is None or other is None:
        wrong = Refusal("give" if mine is None else "take", seen.text("no.shift"), seen.text("no.shift.hint"))
        return _form(seen, schedule, turns.values(), give, take, (wrong,))
    if not speaks(frame.viewer, mine.person, seen.world.rulebook):
        raise ForbiddenError
    made = Swap(str(uuid7()), ScheduleId(schedule), mine.person, other.person, mine.span, other.span)
    try:
        _done(at, frame, lambda swapping, tx: swapping.offer(tx, made))
    except SwapRefusedError as error:
        wrongs = tuple(refusal(one, seen) for one in error.objections)
        return _form(seen, schedule, turns.values(), give, take, wrongs)
    return Redirect("/oncall?swap=offered", status_code=303)


def _answered(at: Here, frame: Frame, id_: str, word: str) -> Response[Any]:
    seen = viewing(at, frame, {})
    found = next((one for one in seen.world.facts.swaps if one.id == id_), None)
    if found is None or word not in ANSWERS:
        raise NotFoundException
    may_edit(seen, found.schedule)
    if not speaks(frame.viewer, found.person if word == "withdraw" else found.other, seen.world.rulebook):
        raise ForbiddenError
    try:
        fate: str = _done(at, frame, lambda swapping, tx: swapping.settle(tx, id_, ANSWERS[word])).state
    except SwapOverError:
        fate = "over"
    except SwapRefusedError:
        fate = "changed"
    return Redirect(f"/oncall?swap={fate}", status_code=303)


def _done(at: Here, frame: Frame, change: Callable[[Swapping, Tx], Swap]) -> Swap:
    now: Instant = at.now()
    swapping = Swapping(at.site.worlds.world(), at.site.url, now, frame.viewer.by)
    made = at_once(at.site.ledger, lambda tx: change(swapping, tx))
    at.site.worlds.refresh()
    return made
