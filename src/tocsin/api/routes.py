"""All routes for programs, and how whatever goes wrong in them is told."""

from collections.abc import Mapping
from typing import Any

from litestar import Request, Response, Router
from litestar.exceptions import HTTPException

from tocsin.access.passwords import CrowdedError
from tocsin.api import health
from tocsin.api.here import guard
from tocsin.api.openapi import routes as openapi
from tocsin.api.problem import CONTENT_TYPE, Problem
from tocsin.api.v1 import (
    accounts,
    acts,
    audit,
    bulk,
    calendars,
    catalogue,
    contacts,
    entrances,
    events,
    export,
    findings,
    glass,
    ical,
    incidents,
    oncall,
    outbox,
    overrides,
    people,
    proof,
    reaching,
    report,
    rulebook,
    sessions,
    similar,
    simulate,
    source_keys,
    swaps,
    tokens,
    versions,
    why,
)
from tocsin.engine.door import OverloadedError
from tocsin.engine.worlds import NoRulebookError
from tocsin.lib.logs import logger
from tocsin.store.errors import StoreError

log = logger("api")


INCIDENTS = (
    incidents.incidents,
    incidents.incident,
    incidents.timeline,
    why.why,
    similar.similar,
    export.export,
    report.report,
    bulk.acts,
    bulk.undo,
    acts.do,
    events.events,
    glass.break_,
)
ROSTER = (
    oncall.oncall,
    oncall.shifts,
    ical.of_schedule,
    ical.of_person,
    overrides.overrides,
    overrides.override,
    overrides.cancel,
    calendars.calendars,
    calendars.make,
    calendars.revoke,
    swaps.swaps,
    swaps.offer,
    swaps.answer,
    overrides.absences,
    overrides.absence,
    overrides.back,
    people.people,
    people.person,
    people.settle,
    contacts.contacts,
    contacts.add,
    contacts.remove,
    contacts.test,
    contacts.result,
    contacts.verify,
)
WIRING = (
    catalogue.services,
    catalogue.service,
    catalogue.teams,
    catalogue.sources,
    catalogue.sample,
    source_keys.keys,
    source_keys.make,
    source_keys.revoke,
    outbox.outbox,
    rulebook.rulebook,
    rulebook.replace,
    versions.versions,
    versions.version,
    versions.difference,
    proof.proof,
    reaching.reach,
    findings.findings,
    findings.check,
    simulate.simulation,
    health.detail,
)
ACCESS = (
    accounts.accounts,
    accounts.create,
    accounts.change,
    accounts.invite,
    accounts.set_up,
    audit.audit,
    sessions.me,
    sessions.prove,
    sessions.choose,
    sessions.sessions,
    sessions.end_all,
    sessions.end,
    entrances.keys,
    entrances.forget,
    entrances.identities,
    entrances.part,
    tokens.tokens,
    tokens.make,
    tokens.revoke,
)


def routers() -> list[Router]:
    """Everything under /api, and the three addresses that machines look at."""
    common: dict[str, Any] = {"guards": [guard], "exception_handlers": HANDLERS, "response_headers": HEADERS}
    machines = (health.health, health.ready, health.exposition)
    return [
        Router("/api/v1", route_handlers=(*INCIDENTS, *ROSTER, *WIRING, *ACCESS), **common),
        Router("/api", route_handlers=(openapi.openapi, openapi.docs), **common),
        Router("/", route_handlers=machines, **common),
    ]


HEADERS: Mapping[str, str] = {
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
}
"""On every answer to a program."""


def answer(problem: Problem) -> Response[bytes]:
    """A problem as an answer."""
    return Response(
        problem.body, status_code=problem.status, media_type=CONTENT_TYPE, headers={**HEADERS, **problem.headers}
    )


def _problem(_request: Request[Any, Any, Any], problem: Problem) -> Response[bytes]:
    return answer(problem)


def _framework(_request: Request[Any, Any, Any], error: HTTPException) -> Response[bytes]:
    """What the framework refuses: no such route, a wrong method, a query that is no number."""
    status = 422 if error.status_code == 400 and error.extra else error.status_code
    told = [str(one.get("message", "")) for one in error.extra] if isinstance(error.extra, list) else []
    detail = "; ".join(told) or error.detail or "The request was refused."
    allow = {name.lower(): value for name, value in (error.headers or {}).items()}.get("allow", "")
    return answer(Problem(status, _CODES.get(status, "refused"), detail, allow=allow))


_CODES = {404: "unknown", 405: "method", 413: "too-large", 422: "invalid"}


def _overloaded(_request: Request[Any, Any, Any], error: OverloadedError) -> Response[bytes]:
    hint = "It may still be carried out; send it again with the same Idempotency-Key."
    return answer(Problem(503, "busy", str(error), hint, retry_after=error.retry_after))


def _crowded(_request: Request[Any, Any, Any], _error: CrowdedError) -> Response[bytes]:
    return answer(Problem(503, "busy", "Too many passwords are being checked.", "Try again.", retry_after=5))


def _store(_request: Request[Any, Any, Any], error: StoreError) -> Response[bytes]:
    log.error("store_failed", error=str(error))
    return answer(Problem(503, "store", "The store does not answer at the moment.", "Try again.", retry_after=10))


def _no_rulebook(_request: Request[Any, Any, Any], error: NoRulebookError) -> Response[bytes]:
    return answer(Problem(503, "no-rulebook", str(error), retry_after=60))


def _defect(_request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    """A mistake of ours: told in the log, never to the caller."""
    log.error("defect", error=type(error).__name__, exc_info=error)
    return answer(Problem(500, "defect", "This is a mistake of tocsin's own; the log has it."))


HANDLERS: dict[Any, Any] = {
    Problem: _problem,
    HTTPException: _framework,
    OverloadedError: _overloaded,
    CrowdedError: _crowded,
    StoreError: _store,
    NoRulebookError: _no_rulebook,
    Exception: _defect,
}
