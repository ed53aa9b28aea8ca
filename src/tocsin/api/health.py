"""How it is: alive, ready, measured; and, for those who may, in detail."""

from litestar import Response, get
from msgspec import Struct

from tocsin import __version__
from tocsin.api.here import ANYBODY, Asked, here
from tocsin.api.problem import Problem
from tocsin.api.v1.plain import when
from tocsin.engine.wellbeing import look
from tocsin.lib import metrics


class Detail(Struct, frozen=True):
    """What an operator looks at first. `silent` and `overdue` are ids; both should be empty."""

    version: str
    store: str
    rulebook: str
    roster: int
    faults: tuple[str, ...]
    waiting: int
    live: dict[str, int]
    next_due: str | None
    silent: tuple[str, ...]
    overdue: tuple[str, ...]


@get("/health", opt={"verb": ANYBODY}, sync_to_thread=False)
def health() -> dict[str, str]:
    """The process is alive; nothing more is looked at."""
    return {"status": "alive"}


@get("/ready", opt={"verb": ANYBODY}, sync_to_thread=False)
def ready(request: Asked) -> dict[str, str]:
    """Whether it can do its work; 503 with what is wrong."""
    faults = here(request).site.ready.faults()
    if faults:
        raise Problem(503, "not-ready", "This process cannot do its work.", faults=faults, retry_after=5)
    return {"status": "ready"}


@get("/metrics", opt={"verb": "metrics.read", "gives": metrics.CONTENT_TYPE}, sync_to_thread=True)
def exposition(request: Asked) -> Response[bytes]:
    """The numbers, in Prometheus's text format."""
    return Response(here(request).site.metrics.exposition(), media_type=metrics.CONTENT_TYPE)


@get("/health", opt={"verb": "health.read"}, sync_to_thread=True)
def detail(request: Asked) -> Detail:
    """Store, rulebook, faults, and what waits."""
    site = here(request).site
    world, found = site.worlds.world(), look(site)
    return Detail(
        version=__version__,
        store=found.store,
        rulebook=world.rulebook.digest,
        roster=world.facts.version,
        faults=found.faults,
        waiting=found.waiting,
        live=found.live,
        next_due=when(found.next_due),
        silent=found.silent,
        overdue=found.overdue,
    )
