"""Sources: where signals come from, what came lately, how each is wired, and a sample that shows that it works."""

import asyncio
import re
from collections.abc import Iterable, Mapping
from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath, FromQuery
from msgspec import Struct
from sqlalchemy import Connection

from tocsin.access.source_keys import LIVE, SourceKeys
from tocsin.core.routing.source import Source
from tocsin.engine.refusals import Refused
from tocsin.engine.sampling import send
from tocsin.engine.submission import SAID, Answer
from tocsin.intake.contract import Refusal
from tocsin.intake.registry import intakes
from tocsin.intake.samples import Sample, samples
from tocsin.lib.guides import Block, blocks
from tocsin.store.queries import board
from tocsin.store.queries import source_keys as store
from tocsin.store.queries.source_keys import Key
from tocsin.web.here import Asked, Here, here
from tocsin.web.layout.frame import Frame
from tocsin.web.layout.render import trouble
from tocsin.web.pages.settings.places import Seat, allowed_to, back_to, form_of, seated
from tocsin.web.parts.glance import Glance, existing, glance
from tocsin.web.parts.naming import naming

__all__ = ["guide_for", "one", "sample", "show", "the"]

LOOKED_AT = 300
"""Of the incidents that changed last so many are looked through for the latest of each source."""

_DONE = re.compile(r"(opened|joined|resolved|held|ignored)\.([A-Z]+-\d+)?")
_KEY = re.compile(r"\$[A-Z]+_KEY\b")
_HOST = "https://tocsin.example"
_INTAKE = re.compile(r"/in/[\w-]+")


class Line(Struct, frozen=True):
    """One source. `keys` are good now, in the store and the environment; `counted` by outcome since this process began.

    `known`: there is an intake for its format here.
    """

    source: Source
    keys: int
    counted: dict[str, int]
    latest: Glance | None
    refused: tuple[Refused, ...]
    known: bool


class Seen(Struct, frozen=True):
    """One source whole. `from_environment`: a key of the rulebook's variable is set."""

    line: Line
    keys: tuple[Key, ...]
    from_environment: bool
    full: bool
    guide: tuple[Block, ...]
    samples: tuple[Sample, ...]
    address: str


@get("/settings/sources")
async def show(request: Asked) -> Response[str]:
    """All of them."""
    seat = await seated(request, "sources")
    return seat.shown("sources", lines=await asyncio.to_thread(_lines, here(request), seat.frame))


@get("/settings/sources/{source:str}")
async def one(
    request: Asked, source: FromPath[str], sent: FromQuery[str] = "", did: FromQuery[str] = ""
) -> Response[str]:
    """One of them; `did` is what became of the sample that was just sent."""
    seat = await seated(request, "sources")
    found = the(here(request), source)
    if found is None:
        return trouble(seat.frame.now, seat.frame.reader, 404, "unknown")
    return await page(request, seat, found, sent=sent[:80], did=did)


async def page(request: Asked, seat: Seat, source: Source, status: int = 200, **more: Any) -> Response[str]:
    """The page of one source."""
    seen = await asyncio.to_thread(_seen, here(request), seat.frame, source)
    did = [found.groups() for found in _DONE.finditer(str(more.pop("did", "")))][:20]
    values = {"sent": "", "wrong": "", "refusal": None} | more
    return seat.shown("source", status, it=seen, did=did, most=LIVE, **values)


@post("/settings/sources/{source:str}/sample", status_code=200)
async def sample(request: Asked, source: FromPath[str]) -> Response[Any]:
    """Send one of its format's samples; it is taken for real, and pages."""
    at, seat = here(request), await seated(request, "sources")
    found, wanted = the(at, source), (await form_of(request)).get("sample", "")
    first = allowed_to(request, "source.test", f"/settings/sources/{source}")
    if first is not None:
        return first
    known = {one.name: one for one in samples(found.intake)} if found is not None else {}
    if found is None or wanted not in known:
        return trouble(seat.frame.now, seat.frame.reader, 404, "unknown")
    answers = await send(at.site, found, known[wanted].arrival(found.id), seat.frame.viewer.by)
    if isinstance(answers, Refusal):
        return await page(request, seat, found, 422, sent=wanted, refusal=answers)
    return back_to(f"/settings/sources/{found.id}?sent={wanted}&did={'_'.join(_told(answers))}")


def _told(answers: Iterable[Answer]) -> Iterable[str]:
    return (f"{SAID.get(answer.outcome, answer.outcome)}.{answer.incident}" for answer in answers)


def the(at: Here, name: str) -> Source | None:
    """The source of that id."""
    return at.site.worlds.world().rulebook.sources.get(name)


# ------------------------------------------------------------------------------------------ what is seen


def _lines(at: Here, frame: Frame) -> list[Line]:
    book = at.site.worlds.world().rulebook
    keys, counted = SourceKeys(at.site.environment), _counted(at)

    def query(connection: Connection) -> dict[str, Glance]:
        keys.load(connection)
        return _latest(connection, at, frame)

    latest = at.read(query)
    return [_line(at, book.sources[id_], keys, counted, latest) for id_ in sorted(book.sources)]


def _line(
    at: Here, source: Source, keys: SourceKeys, counted: Mapping[str, dict[str, int]], latest: Mapping[str, Glance]
) -> Line:
    return Line(
        source,
        len(keys.of(source)),
        counted.get(source.id, {}),
        latest.get(source.id),
        at.site.refusals.of(source.id),
        source.intake in intakes(),
    )


def _latest(connection: Connection, at: Here, frame: Frame) -> dict[str, Glance]:
    """By source the incident that changed last, of those that exist for the viewer."""
    names = naming(connection, at, frame)
    ids = [row.id for row in board.changed(connection, 0, LOOKED_AT)]
    found: dict[str, Glance] = {}
    for state in existing(connection, ids, frame.viewer, at.site.worlds.world().rulebook):
        found.setdefault(state.source, glance(state, names))
    return found


def _counted(at: Here) -> dict[str, dict[str, int]]:
    """What this process took of each source, by outcome."""
    families = (at.site.metrics.signals, at.site.metrics.raw_signals)
    counted: dict[str, dict[str, int]] = {}
    for one in (one for family in families for metric in family.collect() for one in metric.samples):
        if one.value:
            mine = counted.setdefault(one.labels.get("source", ""), {})
            mine[one.labels.get("outcome", "unreadable")] = int(one.value)
    return counted


def _seen(at: Here, frame: Frame, source: Source) -> Seen:
    keys = SourceKeys(at.site.environment)

    def query(connection: Connection) -> tuple[dict[str, Glance], tuple[Key, ...]]:
        keys.load(connection)
        return _latest(connection, at, frame), tuple(store.keys(connection, source.id))

    latest, kept = at.read(query)
    return Seen(
        line=_line(at, source, keys, _counted(at), latest),
        keys=kept,
        from_environment=bool(at.site.environment.get(source.key)),
        full=sum(key.state == "live" for key in kept) >= LIVE,
        guide=guide_for(at, source),
        samples=samples(source.intake) if source.intake in intakes() else (),
        address=f"{at.site.url}/in/{source.id}",
    )


def guide_for(at: Here, source: Source, key: str = "") -> tuple[Block, ...]:
    """How that source is wired, with its own address in it, and its key where that is to be shown."""
    intake = intakes().get(source.intake)
    written = "" if intake is None else intake.guide
    written = _INTAKE.sub(f"/in/{source.id}", written.replace(_HOST, at.site.url))
    return tuple(blocks(_KEY.sub(key, written) if key else written))
