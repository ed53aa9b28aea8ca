"""Server-sent events for open pages: ids of what changed, never what it holds, only of what exists for the reader."""

from collections.abc import AsyncIterator

import msgspec
from litestar import get
from litestar.response import Stream

from tocsin.access.permissions import Caller, allowed
from tocsin.engine.changes import Change, News, Watch
from tocsin.web.entrance import viewer_of
from tocsin.web.here import Asked, Here, here

__all__ = ["changes"]

BEAT = 10.0
"""Seconds of silence after which the stream says that it is alive, and asks whether its reader still is signed in."""

HEADERS = {"x-accel-buffering": "no", "cache-control": "no-store"}


@get("/changes")
async def changes(request: Asked) -> Stream:
    """Open until the reader leaves, is signed out, or tocsin stops."""
    return Stream(_told(request, here(request), viewer_of(request)), media_type="text/event-stream", headers=HEADERS)


async def _told(request: Asked, at: Here, viewer: Caller) -> AsyncIterator[bytes]:
    with at.site.changes.watch() as watch:
        yield b"retry: 2000\n\n"
        async for event in _events(request, at, viewer, watch):
            yield event


async def _events(request: Asked, at: Here, viewer: Caller, watch: Watch) -> AsyncIterator[bytes]:
    checked = at.site.clock.steady()
    while True:
        news = await watch.next(BEAT)
        if watch.ended:
            return
        if at.site.clock.steady() - checked >= BEAT * 1_000_000:
            checked = at.site.clock.steady()
            if await at.viewer(request) != viewer:
                yield b"event: over\ndata: {}\n\n"
                return
        told = _about(viewer, news) if news is not None else None
        if told is not None:
            yield b"event: changed\ndata: " + msgspec.json.encode(told) + b"\n\n"
        elif news is None:
            yield b"event: beat\ndata: {}\n\n"


def _about(viewer: Caller, news: News) -> dict[str, object] | None:
    """What that reader is told; None when it is none of their business."""
    if news.all:
        return {"all": True}
    ids = [one.id for one in news.changes if _exists(viewer, one)]
    return {"incidents": ids} if ids else None


def _exists(viewer: Caller, change: Change) -> bool:
    return change.about is None or allowed(viewer, "incident.read", change.about) == "yes"
