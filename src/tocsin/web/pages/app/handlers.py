"""Manifest, worker and the page without a network: all the same for everybody, but for the language."""

from functools import cache
from typing import Any

import msgspec
from litestar import Response, get
from litestar.params import FromQuery

from tocsin.lib.translate import languages, text
from tocsin.web.here import Asked, here
from tocsin.web.layout.assets import assets, static
from tocsin.web.layout.frame import reader_of
from tocsin.web.layout.reader import Reader
from tocsin.web.layout.render import page

__all__ = ["manifest", "offline", "worker"]

DARK, LIGHT = "#15110d", "#f6efe3"
"""The ground of every page, as tocsin.css has it; the theme of the system decides."""

SHORTCUTS = (("page.board", "/"), ("app.mine", "/mine"), ("app.report", "/report"))

SHELL = (
    "tocsin.css",
    "shell.css",
    "offline.js",
    "seen.js",
    "time.js",
    "morph.js",
    "bell.svg",
    "icon-192.png",
    "badge-96.png",
)
"""What the page without a network and notifications are made of."""

SAID = ("/offline", "/offline?act=yes")
"""One for pages that do not come, one for acts that did not arrive."""

ENDED = ("title", "text")
"""What a device shows when its browser has ended its notifications."""


@get("/manifest.webmanifest")
async def manifest(request: Asked) -> Response[bytes]:
    """How the app is called, what it looks like, and where it begins."""
    reader = await _reader(request)
    told = msgspec.json.encode(_manifest(reader.language))
    return Response(told, media_type="application/manifest+json")


def _manifest(language: str) -> dict[str, Any]:
    return {
        "id": "/",
        "name": "tocsin",
        "short_name": "tocsin",
        "description": text("web.app.description", {}, language),
        "lang": language,
        "start_url": "/",
        "scope": "/",
        "display": "standalone",
        "background_color": DARK,
        "theme_color": DARK,
        "icons": [
            {"src": static("icon-192.png"), "sizes": "192x192", "type": "image/png", "purpose": "any"},
            {"src": static("icon-512.png"), "sizes": "512x512", "type": "image/png", "purpose": "any"},
            {"src": static("icon-mask-512.png"), "sizes": "512x512", "type": "image/png", "purpose": "maskable"},
        ],
        "shortcuts": [
            {"name": text(f"web.{key}", {}, language), "url": path, "icons": [_icon()]} for key, path in SHORTCUTS
        ],
    }


def _icon() -> dict[str, str]:
    return {"src": static("icon-192.png"), "sizes": "192x192", "type": "image/png"}


@get("/worker.js", sync_to_thread=False)
def worker() -> Response[str]:
    """The worker, at the root, whence it may serve all of tocsin; another version of any file makes another one."""
    return Response(_worker(), media_type="text/javascript")


@cache
def _worker() -> str:
    body, _ = assets()["worker.js"]
    found: dict[str, Any] = {"version": _version(), "shell": [*SAID, *(static(name) for name in SHELL)]}
    found |= {"icon": static("icon-192.png"), "badge": static("badge-96.png")}
    found |= {"ended": {one: [text(f"web.app.ended.{part}", {}, one) for part in ENDED] for one in sorted(languages())}}
    return f"const APP = {msgspec.json.encode(found).decode()};\n{body.decode('utf-8')}"


def _version() -> str:
    """Moves with every file that browsers keep."""
    return "".join(mark[:4] for _, (_, mark) in sorted(assets().items()))


@get("/offline")
async def offline(request: Asked, act: FromQuery[str] = "") -> Response[str]:
    """What is shown where there is no network. It holds nothing of anybody; a script adds what this reader saw."""
    reader = await _reader(request)
    return page("pages/app/offline.html", here(request).now(), reader, act=act == "yes")


async def _reader(request: Asked) -> Reader:
    return await reader_of(request, await here(request).viewer(request))
