"""GET /api/v1/events: what changed, told as it happens; ids alone, and only of what exists for whoever asks"""

from collections.abc import AsyncIterator

import msgspec
from litestar import get
from litestar.response import Stream

from tocsin.access.permissions import Caller, allowed
from tocsin.api.here import Asked, Here, caller_of, here
from tocsin.api.problem import Problem
from tocsin.core.instant import SECOND
from tocsin.engine.changes import News, Watch

MEDIA = "text/event-stream"

BEAT = 10
"""Seconds of silence after which the stream says that it is alive; as often it asks whether its reader still may."""

HEADERS = {"x-accel-buffering": "no"}


@get("/events", opt={"verb": "incident.read", "gives": MEDIA})
async def events(request: Asked) -> Stream:
    """`changed`: `incidents` that changed, or `all`. `beat`: nothing did. `over`: you are known no more."""
    return Stream(_told(request, here(request), caller_of(request)), media_type=MEDIA, headers=HEADERS)


async def _told(request: Asked, at: Here, caller: Caller) -> AsyncIterator[bytes]:
    with at.site.changes.watch() as watch:
        yield b"retry: 2000\n\n"
        async for event in _events(request, at, caller, watch):
            yield event


async def _events(request: Asked, at: Here, caller: Caller, watch: Watch) -> AsyncIterator[bytes]:
    checked = at.site.clock.steady()
    while True:
        news = await watch.next(BEAT)
        if watch.ended:
            return
        if at.site.clock.steady() - checked >= BEAT * SECOND:
            checked = at.site.clock.steady()
            if not await _still(request, at, caller):
                yield _event("over", {})
                return
        told = _about(caller, news) if news is not None else None
        if told is not None:
            yield _event("changed", told)
        elif news is None:
            yield _event("beat", {})


async def _still(request: Asked, at: Here, caller: Caller) -> bool:
    try:
        return await at.caller(request) == caller
    except Problem:
        return False


def _about(caller: Caller, news: News) -> dict[str, object] | None:
    """What that caller is told; None when it is none of their business."""
    if news.all:
        return {"all": True}
    open_to = [
        one.id
        for one in news.changes
        if one.about is None or allowed(caller, "incident.read", one.about) == "yes"
    ]  # fmt: skip
    return {"incidents": open_to} if open_to else None


def _event(name: str, data: dict[str, object]) -> bytes:
    return b"event: %b\ndata: %b\n\n" % (name.encode(), msgspec.json.encode(data))
