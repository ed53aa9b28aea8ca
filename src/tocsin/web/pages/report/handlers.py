"""The form, what is known of it already, sending it, saying that one is affected too, and how it stands afterwards."""

import asyncio
from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect

from tocsin.core.ids import PersonId, SourceId
from tocsin.core.rulebook import Rulebook
from tocsin.engine.door import OverloadedError
from tocsin.engine.reporting import joined, reported
from tocsin.engine.submission import Answer, Submission
from tocsin.lib.translate import text
from tocsin.store.errors import StoreError
from tocsin.web.entrance import ForbiddenError
from tocsin.web.here import Asked, Here, here
from tocsin.web.layout.frame import Frame, framed
from tocsin.web.layout.render import trouble
from tocsin.web.pages.incident.view import visible
from tocsin.web.pages.report.saying import Said, rating_of, said_of, signal_of, words_of, wrong_with
from tocsin.web.pages.report.view import form, known_of, proof, standing_of, unseen
from tocsin.web.parts.acting import speaks_for
from tocsin.web.parts.rows import Row

__all__ = ["known", "report", "show", "standing", "too"]

FORM = "pages/report/form.html"
SOURCE = SourceId("form")
"""Where reports by this form come from, and the scope in which two of them can be the same."""


@get("/report")
async def show(request: Asked, service: FromQuery[str] = "") -> Response[str]:
    """The form; `service` is chosen already for somebody who comes from its page."""
    frame = await framed(request)
    return await asyncio.to_thread(_form, here(request), frame, Said(service=service[:200]), ())


@get("/report/known")
async def known(request: Asked, service: FromQuery[str] = "") -> Response[Any]:
    """The piece of the form that says what is open at a service already, for its script."""
    frame = await framed(request)
    rows = await asyncio.to_thread(known_of, here(request), frame, service[:200])
    return Response({"html": frame.piece("pages/report/known.html", known=rows)})


@post("/report", status_code=200)
async def report(request: Asked) -> Response[Any]:
    """Send it. What is wrong or known already is said beside what was written, which stays."""
    at, frame, said = here(request), await framed(request), said_of(await request.form())
    book = at.site.worlds.world().rulebook
    wrong = wrong_with(said, book)
    if wrong:
        return await asyncio.to_thread(_form, at, frame, said, wrong, status=422)
    by, rating = _by(frame, said, book), rating_of(said, book)
    signal = signal_of(said, rating, by, frame.reader.language)
    rows = await asyncio.to_thread(unseen, at, frame, said, signal.key)
    if rows:
        return await asyncio.to_thread(_form, at, frame, said, (), asked=rows)
    once = f"form:{frame.viewer.by}:{said.nonce or signal.key}:{said.digest}"
    answer = await _put(at, reported(signal, by, SOURCE, rating, book, once))
    if answer is None:
        return await asyncio.to_thread(_form, at, frame, said, (), status=503, busy=True)
    return _sent(at, frame, answer.incident, "joined" if answer.outcome == "joined" else "opened")


@post("/report/{incident:str}/too", status_code=200)
async def too(request: Asked, incident: FromPath[str]) -> Response[Any]:
    """It is known already, and concerns them too: counted, and noted with what they wrote."""
    at, frame, said = here(request), await framed(request), said_of(await request.form())
    world = at.site.worlds.world()
    state = await asyncio.to_thread(at.read, lambda one: visible(one, frame.viewer, incident, world))
    if state is None or not state.live:
        return await asyncio.to_thread(_form, at, frame, said, (), status=409, over=incident if state else "")
    by, language = _by(frame, said, world.rulebook), frame.reader.language
    told = "\n\n".join(part for part in (said.title, words_of(said, language)) if part)
    words = told or text("web.report.told.too", {}, language)
    once = f"form:{frame.viewer.by}:{said.nonce or said.digest}:{incident}"
    answer = await _put(at, joined(state, by, words, SOURCE, once))
    if answer is None:
        return await asyncio.to_thread(_form, at, frame, said, (), status=503, busy=True)
    return _sent(at, frame, incident, "too")


@get("/report/{incident:str}")
async def standing(
    request: Asked, incident: FromPath[str], became: FromQuery[str] = "", shown: FromQuery[str] = ""
) -> Response[str]:
    """How it stands with a report, in plain words; `became` says what became of it just now."""
    at, frame = here(request), await framed(request)
    found = await asyncio.to_thread(standing_of, at, frame, incident, shown)
    if found is None:
        return trouble(at.now(), frame.reader, 404, "unknown")
    outcome = became if became in ("opened", "joined", "too") else ""
    return frame.shown(
        "pages/report/sent.html", it=found, row=found.row, became=outcome, address=f"{at.site.url}/incidents/{incident}"
    )


def _form(
    at: Here, frame: Frame, said: Said, wrong: tuple[str, ...], *,
    status: int = 200, asked: tuple[Row, ...] = (), busy: bool = False, over: str = "",
) -> Response[str]:  # fmt: skip
    """`asked` are known incidents of which none may be meant: then it is sent. `over` is one that has ended."""
    rows = asked or (known_of(at, frame, said.service) if said.service else ())
    values = form(at, frame, said)
    return frame.shown(FORM, status, wrong=wrong, known=rows, asked=bool(asked), busy=busy, over=over, **values)


def _by(frame: Frame, said: Said, book: Rulebook) -> str:
    """In whose name: their own, or of somebody for whom they may speak."""
    named = PersonId(said.by)
    if not named or frame.viewer.person is not None:
        return frame.viewer.by
    if named not in book.people or not speaks_for(frame.viewer, named, book):
        raise ForbiddenError
    return named


async def _put(at: Here, submissions: list[Submission]) -> Answer | None:
    """What became of the first; None where nothing could be stored."""
    try:
        answers = await at.site.door.submit_all(submissions)
    except (OverloadedError, StoreError):
        return None
    return answers[0] if answers[0].incident and answers[0].outcome not in ("failed", "refused") else None


def _sent(at: Here, frame: Frame, incident: str, became: str) -> Redirect:
    shown = proof(at, incident, frame.viewer.by)
    return Redirect(f"/report/{incident}?became={became}&shown={shown}", status_code=303)
