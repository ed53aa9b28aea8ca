"""The page, what of it is new, absences, and the language and zone that somebody reads in."""

import asyncio
from collections.abc import Mapping
from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect
from markupsafe import Markup

from tocsin.core.ids import PersonId
from tocsin.lib.moments import zone_of
from tocsin.lib.translate import languages
from tocsin.store import facts, people
from tocsin.store.facts import Revoked
from tocsin.web.here import Asked, Here, here
from tocsin.web.layout.directory import Directory
from tocsin.web.layout.frame import Frame, framed
from tocsin.web.layout.render import trouble
from tocsin.web.pages.mine.duty import Leave, leave_of, step_in
from tocsin.web.pages.mine.view import NOTHING, choices, pieces, seen, values
from tocsin.web.pages.mine.who import Mine, ours, whose

__all__ = ["away", "back", "fresh", "settle", "show", "shown"]

DONE = ("away", "back", "settled", "added", "removed", "verified", "trial")


@get("/mine")
async def show(request: Asked) -> Response[str]:
    """All of it; `done` says what led here."""
    frame = await framed(request)
    return await asyncio.to_thread(shown, here(request), frame, dict(request.query_params))


@get("/mine/fresh")
async def fresh(request: Asked) -> Response[Any]:
    """The pieces whose marks are not among those `known`, as `{name: [mark, html]}`, and what time it is here."""
    frame, asked = await framed(request), dict(request.query_params)
    return Response(await asyncio.to_thread(_fresh, here(request), frame, asked))


@post("/mine/away", status_code=200)
async def away(request: Asked) -> Response[Any]:
    """Be away for a while. What that changes on call is shown first, and made when the form says it is meant."""
    frame, form = await framed(request), await request.form()
    return await asyncio.to_thread(_away, here(request), frame, dict(form))


@post("/mine/away/{absence:str}/off", status_code=200)
async def back(request: Asked, absence: FromPath[str]) -> Response[Any]:
    """Not away after all."""
    at, frame, form = here(request), await framed(request), dict(await request.form())
    mine, person = await asyncio.to_thread(ours, at, frame, form, "absence.edit")
    if not any(one.id == absence and one.person == person for one in mine.world.facts.absences):
        return trouble(at.now(), frame.reader, 404, "unknown")
    by = frame.viewer.by
    await at.gate.write(lambda connection: facts.append(connection, Revoked(absence), at.now(), by))
    await asyncio.to_thread(at.site.worlds.refresh)
    return to(mine, "back", "away")


@post("/mine/settings", status_code=200)
async def settle(request: Asked) -> Response[Any]:
    """Another language, another zone; '' is what the browser and the organisation say."""
    at, frame, form = here(request), await framed(request), dict(await request.form())
    mine, person = await asyncio.to_thread(ours, at, frame, form, "person.settle")
    language, zone = (str(form.get(name, "")).strip()[:60] for name in ("language", "zone"))
    if (language and language not in languages()) or (zone and zone_of(zone) is None):
        return await asyncio.to_thread(shown, at, frame, form, 422, "zone")
    await at.gate.write(lambda connection: people.settle(connection, person, language, zone, at.now()))
    at.kept(Directory).forget(person)
    return to(mine, "settled", "settings")


def to(mine: Mine, done: str, place: str) -> Redirect:
    """Back to the page, at that part of it."""
    tail = mine.tail
    return Redirect(f"/mine{tail}{'&' if tail else '?'}done={done}#{place}", status_code=303)


def shown(
    at: Here, frame: Frame, asked: Mapping[str, Any], status: int = 200, wrong: str = "", leave: Leave = NOTHING
) -> Response[str]:
    """The page; `wrong` says which form has to be looked at again, which holds what was written."""
    mine = whose(at, frame, asked)
    if mine.person is None:
        return frame.shown("pages/mine/nobody.html", mine=mine)
    told = values(at, frame, mine, seen(at, frame, mine, mine.person))
    made = pieces(frame, told)
    done = str(asked.get("done", ""))
    return frame.shown(
        "pages/mine/mine.html", status,
        parts={name: Markup(html) for name, (_, html) in made.items()},  # noqa: S704  made by our own templates
        marks={name: mark for name, (mark, _) in made.items()},
        wrong=wrong, leave=leave, given={name: str(asked.get(name, "")) for name in ("method", "address")},
        done=done if done in DONE else "", **choices(mine), **told,
    )  # fmt: skip


def _fresh(at: Here, frame: Frame, asked: Mapping[str, Any]) -> dict[str, Any]:
    mine, known = whose(at, frame, asked), str(asked.get("known", "")).split(",")
    if mine.person is None:
        return {"now": frame.now, "parts": {}, "waits": False}
    told = values(at, frame, mine, seen(at, frame, mine, mine.person))
    made = pieces(frame, told)
    new = {name: list(one) for name, one in made.items() if f"{name}-{one[0]}" not in known}
    return {"now": frame.now, "parts": new, "waits": any(way.waits for way in told["seen"].ways)}


def _away(at: Here, frame: Frame, form: Mapping[str, Any]) -> Response[Any]:
    mine, person = ours(at, frame, form, "absence.edit")
    leave = leave_of(form, person, frame.reader.zone, frame.now)
    if leave.absence is None:
        return shown(at, frame, form, 422, f"away.{leave.wrong}", leave)
    changes = step_in(leave.absence, mine.world, mine.names)
    if changes and not form.get("sure"):
        return frame.shown(
            "pages/mine/away.html", leave=leave, absence=leave.absence, changes=changes, me=_named(mine, person),
            bare=[one for one in changes if not one.who], mine=mine, person=person,
        )  # fmt: skip
    made, by = leave.absence, frame.viewer.by
    at.site.ledger.transact(lambda tx: facts.append(tx.connection, made, at.now(), by))
    at.site.worlds.refresh()
    return to(mine, "away", "away")


def _named(mine: Mine, person: PersonId) -> str:
    return person if mine.actors else ""
