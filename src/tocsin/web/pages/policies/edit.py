"""The editor: look at what was typed, play it, and only then put it in force; what was typed is never lost"""

import asyncio
from collections.abc import Mapping
from typing import Any

from litestar import Response, get, post
from litestar.params import FromQuery
from litestar.response import Redirect
from msgspec import Struct
from sqlalchemy import Connection

from tocsin.access.permissions import may, stale
from tocsin.engine.applying import SupersededError, apply
from tocsin.store import rulebooks
from tocsin.store.rulebooks import Version
from tocsin.web.entrance import ForbiddenError, viewer_of
from tocsin.web.here import Asked, Here, here
from tocsin.web.layout.frame import Frame, framed
from tocsin.web.layout.render import trouble
from tocsin.web.pages.policies.beside import Beside, beside
from tocsin.web.pages.policies.listing import services_of
from tocsin.web.pages.policies.looking import Lens, Look, look
from tocsin.web.pages.policies.typed import LONGEST, Typed, number, opened, over, typed_of
from tocsin.web.parts import whatif
from tocsin.web.parts.naming import naming
from tocsin.web.parts.whatif import Asking, asking_of
from tocsin.web.parts.words import Names

__all__ = ["edit", "open_"]


class Desk(Struct, frozen=True):
    """What the editor works with: where, for whom, and the versions that matter."""

    at: Here
    frame: Frame
    latest: Version
    base: Version | None
    earlier: Version | None
    names: Names

    def look(self, typed: Typed, *, prove: bool = False) -> Look | None:
        """What that text comes to; with `prove` also whom it reaches."""
        site = self.at.site
        lens = Lens(
            site.verdicts, site.worlds.world().facts, site.carriers, self.frame.now, self.names, prove
        )  # fmt: skip
        return look(typed, self.latest, self.base, self.earlier, lens)

    def may_save(self) -> bool:
        """Whether the viewer may put a rulebook in force."""
        return may(self.frame.viewer, "rulebook.apply")


@get("/rulebook/edit")
async def open_(
    request: Asked, policy: FromQuery[str] = "", file: FromQuery[str] = "", version: FromQuery[str] = ""
) -> Response[str]:
    """The editor at a policy, at a file, or with an earlier version to be taken back."""
    _may_try(request)
    at, frame = here(request), await framed(request)
    return await asyncio.to_thread(_opened, at, frame, (policy, file, number(version)))


@post("/rulebook/edit", status_code=200, request_max_body_size=2 * LONGEST)
async def edit(request: Asked) -> Response[Any]:
    """Look at it, play it, or save it: as the button says that was pressed."""
    _may_try(request)
    at, frame = here(request), await framed(request)
    form: Mapping[str, Any] = await request.form()
    return await asyncio.to_thread(_done, at, frame, dict(form))


def _may_try(request: Asked) -> None:
    if not may(viewer_of(request), "rulebook.try"):
        raise ForbiddenError


def _opened(at: Here, frame: Frame, asked: tuple[str, str, int]) -> Response[str]:
    policy, file, version = asked
    desk = _desk(at, frame, Typed("version", str(version), "") if version else Typed("file", file, ""))
    if desk is None:
        return frame.shown("pages/policies/nothing.html")
    if version:
        typed = Typed("version", str(version), "", desk.latest.version)
        seen = desk.look(typed)
        return _unknown(frame) if seen is None else _shown(desk, typed, seen=seen)
    found = opened(desk.latest, policy, file)
    return _unknown(frame) if found is None else _shown(desk, found)


def _done(at: Here, frame: Frame, form: Mapping[str, Any]) -> Response[Any]:
    typed = typed_of(form)
    desk = _desk(at, frame, typed)
    if desk is None:
        return frame.shown("pages/policies/nothing.html", 409)
    seen = desk.look(typed, prove=form.get("do") != "play")
    if seen is None:
        return _shown(desk, typed, status=409, wrong="gone")
    current = over(typed, desk.latest.version)
    if form.get("do") == "play":
        return _shown(desk, current, seen=seen, asking=_asking(form, desk, seen), plays=True)
    if form.get("do") != "save":
        return _shown(desk, current, seen=seen, asking=_asking(form, desk, seen))
    return _saved(desk, current, seen, form)


def _saved(desk: Desk, typed: Typed, seen: Look, form: Mapping[str, Any]) -> Response[Any]:
    """In force, if it was looked at as it is, and nobody else was faster; else the editor again, and why."""
    viewer, now, asking = desk.frame.viewer, desk.at.now(), _asking(form, desk, seen)
    if not desk.may_save():
        raise ForbiddenError
    wrong, status = _against(typed, seen)
    if not wrong and stale(viewer, "rulebook.apply", now):
        wrong, status = "prove", 403
    if wrong:
        return _shown(desk, typed, seen=seen, asking=asking, status=status, wrong=wrong)
    told = (typed.reason, seen.version)
    try:
        version = apply(desk.at.site.ledger, seen.proposal.loaded, now, viewer.by, *told, despite=seen.weighed.told())
    except SupersededError:
        return _done(desk.at, desk.frame, form)
    desk.at.site.worlds.refresh()
    return Redirect(f"/rulebook/versions/{version}", status_code=303)


def _against(typed: Typed, seen: Look) -> tuple[str, int]:
    """What speaks against saving it, '' where nothing does."""
    if seen.late is not None:
        return "late", 409
    if seen.errors or seen.book is None:
        return "errors", 422
    if typed.seen != seen.mark:
        return "unseen", 422
    if seen.weighed.refused and typed.force != seen.weighed.mark:
        return "worse" if seen.weighed.bad else "unproved", 422
    return ("reason", 422) if not typed.reason else ("", 200)


def _desk(at: Here, frame: Frame, typed: Typed) -> Desk | None:
    def query(connection: Connection) -> Desk | None:
        latest = rulebooks.latest(connection)
        base = rulebooks.find(connection, typed.base) if typed.base else None
        earlier = rulebooks.find(connection, number(typed.name)) if typed.scope == "version" else None
        return None if latest is None else Desk(at, frame, latest, base, earlier, naming(connection, at, frame))

    return at.read(query)


def _asking(form: Mapping[str, Any], desk: Desk, seen: Look) -> Asking:
    book = seen.book or desk.at.rulebook()
    return asking_of(form, {} if book is None else book.services)


def _shown(
    desk: Desk,
    typed: Typed,
    *,
    seen: Look | None = None,
    asking: Asking | None = None,
    plays: bool = False,
    wrong: str = "",
    status: int = 200,
) -> Response[str]:
    """The editor with all that was typed."""
    at, frame = desk.at, desk.frame
    book = at.rulebook() if seen is None or seen.book is None else seen.book
    services = () if book is None else tuple(sorted(book.services))
    if asking is None:
        own = services_of(typed.name, book) if book is not None and typed.scope == "policy" else ()
        asking = asking_of({"service": (own or services or ("",))[0]}, dict.fromkeys(services))
    values = {
        "typed": typed, "seen": seen, "asking": asking, "wrong": wrong, "services": services,
        "started": whatif.shown_at(asking, frame.now, frame.reader.zone), "kinds": whatif.KINDS,
        "hours": whatif.HOURS, "saves": desk.may_save(), "files": sorted(desk.latest.texts),
        "version": desk.latest.version, "beside": _beside(desk, typed, seen, asking), "plays": plays,
    }  # fmt: skip
    return frame.shown("pages/policies/edit.html", status, **values)


def _beside(desk: Desk, typed: Typed, seen: Look | None, asking: Asking) -> Beside:
    """What would happen by the rules that were typed; by those in force, where none were yet, and nothing by none."""
    if desk.at.rulebook() is None or (seen is not None and seen.book is None):
        return Beside()
    told = (desk.frame.now, desk.frame.reader.zone, desk.names)
    return beside(typed, None if seen is None else seen.book, asking, desk.at.site.worlds.world(), told)


def _unknown(frame: Frame) -> Response[str]:
    return trouble(frame.now, frame.reader, 404, "unknown")
