"""The fourth step: a source with a key that is shown once, and a signal to try it with"""

from typing import Any

import msgspec
from litestar import Response, get, post
from litestar.response import Redirect
from msgspec import Struct
from uuid_utils import uuid7

from tocsin.access import source_keys
from tocsin.access.source_keys import SourceKeys, TwoLiveError
from tocsin.config.sources import ACTIVE
from tocsin.core.instant import Instant
from tocsin.core.routing.source import Source
from tocsin.engine import sampling
from tocsin.intake.contract import Arrival, Refusal
from tocsin.lib.moments import iso
from tocsin.lib.translate import text
from tocsin.web.here import Asked, Here, prove_first
from tocsin.web.layout.frame import Frame
from tocsin.web.pages.start.standing import Standing, shown, stands

LABEL = "label:"


class SourceView(Struct, frozen=True):
    """One source that takes signals; `keys` is how many are good now."""

    id: str
    intake: str
    url: str
    keys: int
    service: str


@get("/start/source")
async def show(request: Asked) -> Response[str]:
    """The sources of the rulebook."""
    at, frame, found = await stands(request)
    return await _page(at, frame, found)


@get("/start/source/fresh")
async def fresh(request: Asked) -> Response[Any]:
    """The incident that is there by now: a signal may come before the page listens."""
    _, frame, found = await stands(request)
    return Response({"now": frame.now, "incident": found.incident})


@post("/start/source/key", status_code=200)
async def make(request: Asked) -> Response[Any]:
    """Make a key; this answer shows it, and nothing ever will again."""
    at, frame, found = await stands(request)
    source = _chosen(at, str((await request.form()).get("source", "")))
    if source is None:
        return await _page(at, frame, found, 422, wrong="gone")
    if (first := prove_first(request, frame.viewer, "source.keys", "/start/source")) is not None:
        return first
    try:
        key, _ = await at.gate.write(
            lambda connection: source_keys.make(connection, source.id, frame.viewer.by, at.now())
        )
    except TwoLiveError:
        return await _page(at, frame, found, 409, wrong="two", chosen=source.id)
    return await _page(at, frame, found, chosen=source.id, key=key)


@post("/start/source/test", status_code=200)
async def test(request: Asked) -> Response[Any]:
    """Send a signal as that source would: it is taken for real, and rings."""
    at, frame, found = await stands(request)
    source = _chosen(at, str((await request.form()).get("source", "")))
    if source is None:
        return await _page(at, frame, found, 422, wrong="gone")
    said = text("web.first.test.title", {}, frame.reader.language)
    body = msgspec.json.encode(_signal(source, said, _service(at, source), at.now()))
    arrival = Arrival(source.id, body, "application/json")
    answers = await sampling.send(at.site, source, arrival, frame.viewer.by)
    if isinstance(answers, Refusal):
        return await _page(at, frame, found, 422, wrong="gone", chosen=source.id)
    opened = next((one.incident for one in answers if one.incident), "")
    return Redirect(f"/start/ring?incident={opened}" if opened else "/start/ring", status_code=303)


HANDLERS = (show, fresh, make, test)


def _usable(at: Here) -> list[Source]:
    """The plainest format first."""
    book = at.rulebook()
    found = [] if book is None else [one for one in book.sources.values() if one.intake in ACTIVE]
    return sorted(found, key=lambda one: (one.intake != "generic", one.id))


def _chosen(at: Here, name: str) -> Source | None:
    return next((one for one in _usable(at) if one.id == name), None)


def _service(at: Here, source: Source) -> str:
    """One that exists, where the source leaves it to the signal; the label is only a place to say it."""
    book = at.rulebook()
    fixed = source.service if source.service and not source.service.startswith(LABEL) else ""
    return fixed or next(iter(book.services if book is not None else ()), "")


def _signal(source: Source, title: str, service: str, now: Instant) -> dict[str, Any]:
    """The same little signal in either format; each is a condition of its own."""
    label = source.service.removeprefix(LABEL) if source.service.startswith(LABEL) else "service"
    key = f"first-run-{str(uuid7())[-12:]}"
    if source.intake == "generic":
        return {"title": title, "severity": "critical", "key": key, "service": service, "labels": {label: service}}
    labels = {"alertname": title, "severity": "critical", "instance": key, label: service}
    alert = {"status": "firing", "labels": labels, "annotations": {"summary": title}, "startsAt": iso(now)}
    return {"version": "4", "groupKey": key, "status": "firing", "receiver": "tocsin", "alerts": [alert]}


async def _page(
    at: Here, frame: Frame, found: Standing, status: int = 200, wrong: str = "", chosen: str = "", key: str = ""
) -> Response[str]:
    keys = SourceKeys(at.site.environment)
    await at.gate.read(keys.load)
    views = [
        SourceView(one.id, one.intake, f"{at.site.url}/in/{one.id}", len(keys.of(one)), _service(at, one))
        for one in _usable(at)
    ]
    mine = next((one for one in views if one.id == chosen), views[0] if views else None)
    return shown(frame, "source", found, status, sources=views, mine=mine, key=key, wrong=wrong)
