"""POST /csp: a browser tells that a page tried what its policy forbids: counted always, written down now and then."""

from typing import Any

import msgspec
from litestar import Response, post

from tocsin.core.instant import MINUTE, Duration, Instant
from tocsin.lib.logs import logger
from tocsin.web.forms import OPEN
from tocsin.web.here import Asked, here

EVERY: Duration = MINUTE
"""One line of the log in that time: whoever sends thousands fills a counter and no disk."""

log = logger("web")


class Noted:
    """When one was written down last."""

    at: Instant | None = None


@post("/csp", opt=OPEN, status_code=204)
async def broken_policy(request: Asked) -> Response[None]:
    """Anybody may tell; nothing is believed of it but that it was told."""
    at = here(request)
    at.site.metrics.policy_reports.inc()
    noted, now = at.kept(Noted), at.site.clock.steady()
    if noted.at is None or now - noted.at >= EVERY:
        noted.at = now
        log.warning("policy_broken", **_gist(await request.body()))
    return Response(None, status_code=204)


def _gist(body: bytes) -> dict[str, str]:
    """The three members that help to find it."""
    try:
        told: Any = msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError):
        return {}
    report = told.get("csp-report") if isinstance(told, dict) else None
    if not isinstance(report, dict):
        return {}
    return {
        "page": _page(str(report.get("document-uri", ""))),
        "directive": str(report.get("effective-directive", ""))[:100],
        "blocked": str(report.get("blocked-uri", ""))[:200],
    }


def _page(address: str) -> str:
    """Which page it was; of a signed or one-time link only that it was one."""
    _, _, path = address.partition("://")[2].partition("/")
    kind, more, _ = path.partition("/")
    return f"/{kind}/***" if more and kind in ("l", "setup") else f"/{path}"[:200]
