"""Overriding: a plain form, what it would change before and after, making it, and calling it off again."""

import asyncio
from typing import Any

from litestar import Response, get, post
from litestar.exceptions import NotFoundException
from litestar.params import FromPath
from litestar.response import Redirect
from msgspec import Struct

from tocsin.access.about import about_schedule
from tocsin.access.permissions import allowed
from tocsin.core.instant import Span
from tocsin.core.oncall.override import Override
from tocsin.core.oncall.overriding import changes, together, with_override
from tocsin.store import facts
from tocsin.store.facts import Revoked
from tocsin.web.entrance import ForbiddenError
from tocsin.web.here import Asked, Here, here
from tocsin.web.layout.frame import Frame, framed
from tocsin.web.pages.oncall.asked import (
    REASON,
    Refusal,
    Wish,
    meant,
    refusals,
    rounded,
    tomorrow,
    wish,
)
from tocsin.web.pages.oncall.handlers import viewing
from tocsin.web.pages.oncall.saying import listed
from tocsin.web.pages.oncall.view import Viewing, what
from tocsin.web.parts.walltime import instant, written
from tocsin.web.parts.words import name_of

__all__ = ["ask", "call_off", "override"]


class Difference(Struct, frozen=True):
    """One stretch of a confirmation: who is on now, and who would be."""

    when: str
    before: str
    after: str
    bare: bool


@get("/oncall/override")
async def ask(request: Asked) -> Response[str]:
    """The form, with what the address says already filled in."""
    frame, asked = await framed(request), wish(request.query_params)
    return await asyncio.to_thread(lambda: _form(editing(here(request), frame, asked.schedule), asked))


@post("/oncall/override", status_code=200)
async def override(request: Asked) -> Response[Any]:
    """What it would change; made, when the form says that this is meant."""
    frame, form = await framed(request), await request.form()
    asked, sure = wish(form), bool(form.get("sure"))
    return await asyncio.to_thread(_judged, here(request), frame, asked, sure)


@post("/oncall/override/{override:str}/off", status_code=200)
async def call_off(request: Asked, override: FromPath[str]) -> Response[Any]:
    """Call one off, both halves where it is a swap; from now on nobody ever heard of it."""
    frame = await framed(request)
    return await asyncio.to_thread(_called_off, here(request), frame, override)


def _form(seen: Viewing, asked: Wish, wrong: tuple[Refusal, ...] = ()) -> Response[str]:
    zone, book = seen.shown.zone, seen.world.rulebook
    start, end = instant(asked.start, zone, ends=False), instant(asked.end, zone, ends=True)
    if not asked.start and not asked.end:
        start, end = tomorrow(seen)
    people = sorted(((one, name_of(one, seen.names)) for one in book.people), key=lambda one: one[1])
    refused = {one.place: one for one in reversed(wrong)}
    values = {"start": written(start and rounded(start), zone), "end": written(end, zone), "people": people}
    return seen.frame.shown(
        "pages/oncall/override.html", 422 if wrong else 200, asked=asked, zone=zone, refused=refused,
        most=REASON, **values,
    )  # fmt: skip


def _judged(at: Here, frame: Frame, asked: Wish, sure: bool) -> Response[Any]:
    seen = editing(at, frame, asked.schedule)
    made = meant(asked, seen)
    if not isinstance(made, Override):
        return _form(seen, asked, made)
    wrong = refusals(made, seen, over=asked.over)
    if wrong:
        return _form(seen, asked, wrong)
    if not sure:
        return frame.shown(
            "pages/oncall/confirm.html", asked=asked, made=made, what=what(made, seen), zone=seen.shown.zone,
            when=seen.stretch(made.start, made.end), changes=_differences(made, seen),
        )  # fmt: skip
    by = frame.viewer.by
    at.site.ledger.transact(lambda tx: facts.append(tx.connection, made, at.now(), by))
    at.site.worlds.refresh()
    return _back(made, seen, "made")


def _differences(made: Override, seen: Viewing) -> tuple[Difference, ...]:
    book, known = seen.world.rulebook, seen.world.facts
    found = changes(
        made.schedule, Span(made.start, made.end), book.schedules, book.hours, known, with_override(known, made)
    )
    nobody = seen.text("nobody")
    return tuple(
        Difference(
            seen.stretch(one.start, one.end), listed(one.before, seen.names) or nobody,
            listed(one.after, seen.names) or nobody, not one.after,
        )
        for one in found
    )  # fmt: skip


def _called_off(at: Here, frame: Frame, id_: str) -> Response[Any]:
    seen = viewing(at, frame, {})
    found = next((one for one in seen.world.facts.overrides if one.id == id_), None)
    if found is None:
        raise NotFoundException
    may_edit(seen, found.schedule)

    def change(tx: Any) -> None:
        for one in together(found, seen.world.facts):
            facts.append(tx.connection, Revoked(one.id), at.now(), frame.viewer.by)

    at.site.ledger.transact(change)
    at.site.worlds.refresh()
    return _back(found, seen, "off")


def _back(made: Override, seen: Viewing, fate: str) -> Redirect:
    """To the chart, at the hours in question, where it says what was done."""
    day = written(made.start, seen.shown.zone)[:10]
    return Redirect(f"/oncall?day={day}&{fate}={made.id}", status_code=303)


def editing(at: Here, frame: Frame, schedule: str) -> Viewing:
    """What a form about that schedule is made with, for whoever may change who is on."""
    seen = viewing(at, frame, {})
    may_edit(seen, schedule)
    return seen


def may_edit(seen: Viewing, schedule: str) -> None:
    """Raises ForbiddenError; or NotFoundException, for who might, if there were such a schedule."""
    book = seen.world.rulebook
    if allowed(seen.frame.viewer, "override.edit", about_schedule(schedule, book)) != "yes":
        raise ForbiddenError
    if schedule not in book.schedules:
        raise NotFoundException
