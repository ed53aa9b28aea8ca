"""Why somebody was or was not reached, and why the next step is what it is: one person, one instant, explained."""

import asyncio
from collections.abc import Callable

from litestar import Response, get
from litestar.params import FromPath, FromQuery
from msgspec import Struct
from sqlalchemy import Connection

from tocsin.core.ids import PersonId
from tocsin.core.incident import events as ev
from tocsin.core.instant import Instant
from tocsin.core.phrase import Phrase
from tocsin.engine.pasts import Pasts, changes
from tocsin.engine.working import decode_event
from tocsin.lab.why.answer import Answer, Coming, Letter, dated
from tocsin.lab.why.asking import why as explain
from tocsin.lib import moments
from tocsin.store.queries.states import events_of
from tocsin.web.here import Asked, Here, here
from tocsin.web.layout.directory import Directory
from tocsin.web.layout.frame import Frame, framed
from tocsin.web.pages.incident.view import visible
from tocsin.web.parts import walltime
from tocsin.web.parts.words import Names, name_of, spoken

Said = Callable[[Phrase], str]


class LineView(Struct, frozen=True):
    """One line of the answer, in words."""

    at: Instant
    kind: str
    what: str
    why: tuple[str, ...]


class BecameView(Struct, frozen=True):
    """What became of a message."""

    at: Instant
    what: str
    why: str


class LetterView(Struct, frozen=True):
    """One message to the person."""

    due_at: Instant
    method: str
    purpose: str
    cause: str
    became: tuple[BecameView, ...]


class ComingView(Struct, frozen=True):
    """What comes next; `whom` are names with their reasons."""

    at: Instant
    what: str
    why: tuple[str, ...]
    whom: tuple[tuple[str, tuple[str, ...]], ...]


class Explained(Struct, frozen=True):
    """The whole answer in the reader's words."""

    at: Instant
    begun: bool
    person: str
    verdict: str
    lines: tuple[LineView, ...]
    letters: tuple[LetterView, ...]
    coming: ComingView | None
    notes: tuple[str, ...]


@get("/incidents/{incident:str}/why")
async def why(
    request: Asked, incident: FromPath[str], person: FromQuery[str] = "", at: FromQuery[str] = ""
) -> Response[str]:
    """The form, and the answer to what it asked."""
    return await asyncio.to_thread(_page, here(request), await framed(request), incident, person, at)


def _page(at: Here, frame: Frame, incident: str, person: str, when: str) -> Response[str]:
    world, zone = at.site.worlds.world(), frame.reader.zone
    found = at.read(lambda connection: _past(connection, at, frame, incident))
    if found is None:
        return frame.shown("pages/incident/missing.html", 404, incident=incident)
    past, changed, names = found
    asked = walltime.instant(when, zone, ends=True) if when else frame.now
    people = sorted(((one, name_of(one, names)) for one in world.rulebook.people), key=lambda one: one[1].casefold())
    about = PersonId(person) if person in world.rulebook.people else None
    wrong = asked is None
    instant = min(asked if asked is not None else frame.now, frame.now)
    answer = explain(incident, past, Pasts(at.site.worlds, changed), instant, about)
    return frame.shown(
        "pages/incident/why.html",
        422 if wrong else 200,
        incident=incident,
        people=people,
        person=about or "",
        written=when if wrong or when else "",
        wrong=wrong,
        it=_view(answer, names, _saying(frame, names)),
    )


def _past(
    connection: Connection, at: Here, frame: Frame, incident: str
) -> tuple[list[ev.Event], list[Instant], Names] | None:
    if visible(connection, frame.viewer, incident, at.site.worlds.world()) is None:
        return None
    names = Names(at.kept(Directory).names(connection, at.site.clock.steady()), frame.reader.language)
    return [decode_event(one.body) for one in events_of(connection, incident)], changes(connection), names


def _saying(frame: Frame, names: Names) -> Said:
    """Phrases as this reader reads them, with times on their own clock."""
    zone, language = frame.reader.zone, frame.reader.language
    return lambda phrase: spoken(
        dated(phrase, lambda one: moments.clock(one, zone, frame.now, language=language)), names
    )


def _view(answer: Answer, names: Names, said: Said) -> Explained:
    return Explained(
        at=answer.at,
        begun=answer.begun,
        person=name_of(answer.person, names) if answer.person is not None else "",
        verdict=said(answer.verdict) if answer.verdict is not None else "",
        lines=tuple(LineView(one.at, one.kind, said(one.what), tuple(map(said, one.why))) for one in answer.lines),
        letters=tuple(_letter(one, said) for one in answer.letters),
        coming=_coming(answer.coming, names, said) if answer.coming is not None else None,
        notes=tuple(map(said, answer.notes)),
    )


def _letter(one: Letter, said: Said) -> LetterView:
    became = tuple(
        BecameView(
            fate.at,
            said(Phrase(f"lab.why.outcome.{fate.outcome}")),
            fate.detail if fate.why is None else said(fate.why),
        )
        for fate in one.fates
    )
    return LetterView(one.due_at, one.method, one.purpose, said(one.cause), became)


def _coming(one: Coming, names: Names, said: Said) -> ComingView:
    whom = tuple((name_of(two.person, names), tuple(map(said, two.why))) for two in one.whom)
    return ComingView(one.at, said(one.what), tuple(map(said, one.why)), whom)
