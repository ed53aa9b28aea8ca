"""The catalogue: services with team, policy and dependencies; teams; sources, and a sample sent as one of them"""

from collections.abc import Iterator
from typing import Any

import msgspec
from litestar import get, post
from litestar.params import FromPath
from msgspec import Struct

from tocsin.access.source_keys import SourceKeys
from tocsin.api.here import Asked, caller_of, here
from tocsin.api.intake import taken
from tocsin.api.problem import Problem
from tocsin.api.reading import body_of
from tocsin.api.v1.acts import once_of
from tocsin.config.complaints import nearest
from tocsin.core.catalogue.people import Team
from tocsin.core.catalogue.service import Service
from tocsin.core.routing.source import Source
from tocsin.core.rulebook import Rulebook
from tocsin.engine.sampling import send
from tocsin.engine.submission import Answer
from tocsin.intake.contract import Arrival, Refusal
from tocsin.intake.samples import samples

JSON = "application/json"


class ServiceView(Struct, frozen=True):
    """What is looked after, by whom, under which policy. `needed_by` are the services that depend on it."""

    id: str
    team: str
    policy: str
    sla: str | None
    runbook: str
    depends_on: tuple[str, ...]
    needed_by: tuple[str, ...]
    stakeholders: tuple[str, ...]
    on_call: str | None


class Services(Struct, frozen=True):
    services: tuple[ServiceView, ...]


class TeamView(Struct, frozen=True):
    """Who owns work, and by which schedule they are called."""

    id: str
    members: tuple[str, ...]
    lead: str | None
    tier: int
    hours: str
    on_call: str | None
    assign: str


class Teams(Struct, frozen=True):
    teams: tuple[TeamView, ...]


class SourceView(Struct, frozen=True):
    """Where signals come from. `keys` is how many keys are good now: with none nobody may send for it."""

    id: str
    intake: str
    scope: str
    service: str
    kind: str
    url: str
    keys: int


class Sources(Struct, frozen=True):
    sources: tuple[SourceView, ...]


class Sample(Struct, frozen=True, forbid_unknown_fields=True):
    """`body` as the source would send it; without one a sample of its format that comes with tocsin."""

    body: Any = None


class Incident(Struct, frozen=True):
    """What became of one signal of the sample."""

    id: str
    url: str
    outcome: str


class Sampled(Struct, frozen=True):
    """What the sample did: it is taken for real, and pages."""

    incidents: tuple[Incident, ...]


@get("/services", opt={"verb": "service.read"}, sync_to_thread=True)
def services(request: Asked) -> Services:
    """All of them by id."""
    book = here(request).site.worlds.world().rulebook
    return Services(tuple(_service(book.services[id_], book) for id_ in sorted(book.services)))


@get("/services/{service:str}", opt={"verb": "service.read"}, sync_to_thread=True)
def service(request: Asked, service: FromPath[str]) -> ServiceView:
    """One of them."""
    book = here(request).site.worlds.world().rulebook
    if service not in book.services:
        raise Problem(404, "unknown", f"There is no service {service[:80]}.", nearest(service, book.services))
    return _service(book.services[service], book)


def _service(one: Service, book: Rulebook) -> ServiceView:
    team = book.teams.get(one.team)
    return ServiceView(
        one.id, one.team, one.policy, one.sla, one.runbook, one.depends_on,
        tuple(sorted(other.id for other in book.services.values() if one.id in other.depends_on)),
        tuple(map(str, one.stakeholders)), None if team is None else team.on_call,
    )  # fmt: skip


@get("/teams", opt={"verb": "person.read"}, sync_to_thread=True)
def teams(request: Asked) -> Teams:
    """All of them by id."""
    book = here(request).site.worlds.world().rulebook
    return Teams(tuple(_team(book.teams[id_]) for id_ in sorted(book.teams)))


def _team(one: Team) -> TeamView:
    return TeamView(one.id, one.members, one.lead, one.tier, one.hours, one.on_call, one.assign)


# --------------------------------------------------------------------------------------------- sources


@get("/sources", opt={"verb": "source.read"}, sync_to_thread=True)
def sources(request: Asked) -> Sources:
    """All of them by id, without their keys."""
    at = here(request)
    keys, book = SourceKeys(at.site.environment), at.site.worlds.world().rulebook
    at.read(keys.load)
    return Sources(tuple(_source(book.sources[id_], at.site.url, keys) for id_ in sorted(book.sources)))


def _source(one: Source, url: str, keys: SourceKeys) -> SourceView:
    return SourceView(
        one.id, one.intake, one.scope, one.service, one.kind, f"{url}/in/{one.id}", len(keys.of(one))
    )  # fmt: skip


@post("/sources/{source:str}/sample", opt={"verb": "source.test", "takes": Sample}, status_code=202)
async def sample(request: Asked, source: FromPath[str]) -> Sampled:
    """Send a sample as that source would: it is taken for real, and pages whom a real one would."""
    at = here(request)
    wanted = await body_of(request, Sample)
    known = at.site.worlds.world().rulebook.sources.get(source)
    if known is None:
        raise Problem(404, "unknown", f"There is no source {source[:80]}.")
    given = None if wanted.body is None else msgspec.json.encode(wanted.body)
    arrival = samples(known.intake)[0].arrival(known.id) if given is None else Arrival(known.id, given, JSON)
    answers = await send(at.site, known, arrival, caller_of(request).by, once_of(request))
    if isinstance(answers, Refusal):
        raise Problem(422, "invalid", answers.text, answers.hint)
    return Sampled(tuple(_told(answers, at.site.url)))


def _told(answers: list[Answer], url: str) -> Iterator[Incident]:
    for answer in answers:
        one = taken(answer, url)
        yield Incident(one.id, one.url, one.outcome)
