"""Doing something to an incident: a form becomes one command; what hurts is asked once more, a refusal says why."""

import asyncio
from typing import Any

from litestar import Response, post
from litestar.params import FromPath
from litestar.response import Redirect
from msgspec import Struct
from sqlalchemy import Connection
from uuid_utils import uuid7

from tocsin.core.ids import PersonId
from tocsin.core.incident import commands as cmd
from tocsin.core.incident.state import Incident
from tocsin.core.rulebook import Rulebook
from tocsin.engine.linked import hidden, partner
from tocsin.engine.submission import Answer, Submission
from tocsin.engine.working import decode_event
from tocsin.store.contract import Text
from tocsin.store.queries.states import events_of
from tocsin.web.here import Asked, Here, here
from tocsin.web.layout.directory import Directory
from tocsin.web.layout.frame import Frame, framed
from tocsin.web.layout.render import trouble
from tocsin.web.pages.incident.acts import ACTS, WRITTEN, Act, Case, Form, Wrong, noted
from tocsin.web.pages.incident.linking import wrong
from tocsin.web.pages.incident.view import offered, visible
from tocsin.web.parts.acting import actor, speaks_for
from tocsin.web.parts.timeline import Entry, entries
from tocsin.web.parts.undo import UNDOABLE, Deed, deeds_of, done_by, told
from tocsin.web.parts.words import Names, name_of

__all__ = ["act"]

SINCE_SHOWN = 30
REFUSALS = (
    "stale",
    "ended",
    "live",
    "not_asked",
    "nothing_left",
    "nobody",
    "not_acknowledged",
    "unknown_request",
    "not_linked",
    "full",
)
OF_UNDO = ("too_late", "overtaken", "undone", "not_yours", "nothing_to_undo")
"""Those that have a sentence of their own; taking back has others."""


class Press(Struct, frozen=True):
    """What was pressed, on what, with which form."""

    name: str
    act: Act
    state: Incident
    form: Form

    @property
    def seen(self) -> int | None:
        """The seq that the form was made from."""
        given = self.form.get("seen", "")
        return int(given) if given.isascii() and given.isdigit() and len(given) < 10 else None


@post("/incidents/{incident:str}/{act:str}", status_code=200)
async def act(request: Asked, incident: FromPath[str], act: FromPath[str]) -> Response[Any]:
    """Carry out one act, as oneself."""
    at, frame = here(request), await framed(request)
    given = await request.form()
    form = {name: str(given.get(name, "")) for name in given}
    state = await asyncio.to_thread(at.read, lambda connection: _state(connection, at, frame, incident))
    known = ACTS.get(act)
    if known is None or state is None:
        return trouble(at.now(), frame.reader, 404, "unknown")
    press = Press(act, known, state, form)
    if not _allowed(frame, press, at.site.worlds.world().rulebook):
        return trouble(at.now(), frame.reader, 403, "forbidden")
    return await _pressed(at, frame, press)


def _state(connection: Connection, at: Here, frame: Frame, incident: str) -> Incident | None:
    at.kept(Directory).names(connection, at.site.clock.steady())
    return visible(connection, frame.viewer, incident, at.site.worlds.world())


def _allowed(frame: Frame, press: Press, book: Rulebook) -> bool:
    """By their rights alone: what the state does not allow is the rules' to refuse, with what changed."""
    return press.name in offered(frame.viewer, press.state, book, whatever_stands=True)


async def _pressed(at: Here, frame: Frame, press: Press) -> Response[Any]:
    book = at.site.worlds.world().rulebook
    by = actor(frame.viewer, press.form, book)
    if press.name == "undo":
        by = await asyncio.to_thread(at.read, lambda connection: _did(connection, at, frame, press))
    if by is None:
        return trouble(at.now(), frame.reader, 400, "nobody")
    if not speaks_for(frame.viewer, by, book):
        return trouble(at.now(), frame.reader, 403, "forbidden")
    if press.act.hurts(press.state, press.form) and press.form.get("sure") != "yes":
        return _asked_once_more(frame, press)
    if press.name in ("link", "unlink") and (key := await asyncio.to_thread(_misled, at, frame, press)):
        return await asyncio.to_thread(_refused, at, frame, press, key, 409 if key.startswith("refused.") else 400)
    texts = (Text(str(uuid7()), noted(press.form)),) if press.name in WRITTEN else ()
    case = Case(by, frame.now, book, press.state, press.seen, texts[0].key if texts else "")
    try:
        command = press.act.make(press.form, case)
    except Wrong as wrong:
        return await asyncio.to_thread(_refused, at, frame, press, f"wrong.{wrong.key}", 400)
    answer = await at.site.door.submit(Submission(str(uuid7()), command, press.state.id, texts=texts))
    return await asyncio.to_thread(_afterwards, at, frame, press, command, answer)


def _misled(at: Here, frame: Frame, press: Press) -> str:
    book = at.site.worlds.world().rulebook
    return at.read(lambda connection: wrong(connection, frame.viewer, press.name, press.form, press.state, book))


def _did(connection: Connection, at: Here, frame: Frame, press: Press) -> PersonId | None:
    """In whose name the act was done that is to be taken back."""
    found = (
        done_by(connection, one, frame.viewer, at.site.worlds.world()) for one in deeds_of(press.form.get("act", ""))
    )
    return next((one.by for one in found if one is not None), None)


def _afterwards(at: Here, frame: Frame, press: Press, command: cmd.Command, answer: Answer) -> Response[Any]:
    """Back to the incident; or what was in the way."""
    refused = answer.refused
    if refused is not None:
        if refused.code in ("busy", "failed"):
            return trouble(at.now(), frame.reader, 503, "busy")
        known = refused.code if refused.code in (OF_UNDO if press.name == "undo" else REFUSALS) else "other"
        return _refused(at, frame, press, f"refused.{known}", 409)
    if isinstance(command, cmd.Acknowledge | cmd.TakeOver | cmd.Accept) and not _took(at, frame, press, command):
        return _refused(at, frame, press, "refused.late", 409)
    back = f"&undo={told([Deed(press.state.id, answer.seq)])}" if press.name in UNDOABLE else ""
    return Redirect(f"/incidents/{press.state.id}?done={press.name}{back}", status_code=303)


def _took(at: Here, frame: Frame, press: Press, command: cmd.Acknowledge | cmd.TakeOver | cmd.Accept) -> bool:
    """Whether it is theirs now, or they are among those who have seen it; else they came too late."""
    state = at.read(lambda connection: _state(connection, at, frame, press.state.id))
    return state is not None and state.live and command.by in (state.owner, *state.acknowledged_by)


def _asked_once_more(frame: Frame, press: Press) -> Response[str]:
    """The same form, with the sentence that says what it would do."""
    firing = sum(one.firing for one in press.state.alerts.values())
    return frame.shown("pages/incident/sure.html", 409, press=press, form=_kept(press), firing=firing)


def _kept(press: Press) -> dict[str, str]:
    return {name: value for name, value in press.form.items() if name not in ("sure", "seen")}


def _refused(at: Here, frame: Frame, press: Press, key: str, status: int) -> Response[str]:
    """Nothing was done, and why; what changed since they looked; how it stands; and the same once more, knowingly."""
    names = Names(at.kept(Directory).latest, frame.reader.language)

    def query(connection: Connection) -> tuple[Incident | None, tuple[Entry, ...]]:
        seen = press.seen if press.seen is not None else press.state.seq
        past = [(row, decode_event(row.body)) for row in events_of(connection, press.state.id, seen)]
        secret = hidden(connection, frame.viewer, [event for _, event in past], at.site.worlds.world().rulebook)
        past = [one for one in past if partner(one[1]) not in secret]
        return _state(connection, at, frame, press.state.id), entries(past[-SINCE_SHOWN:], {}, names)

    state, since = at.read(query)
    now = state if state is not None else press.state
    again = press.name in offered(frame.viewer, now, at.site.worlds.world().rulebook) and not key.startswith("wrong.")
    return frame.shown(
        "pages/incident/refused.html", status, key=key, press=press, now_it_is=now, since=since,
        owner=name_of(now.owner, names) if now.owner else "", form=_kept(press), again=again,
    )  # fmt: skip
