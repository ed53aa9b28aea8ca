"""One service whole: whose it is, who would be reached and when, what it needs and who needs it, what went wrong."""

from collections.abc import Callable, Iterable, Iterator

from msgspec import Struct
from sqlalchemy import Connection

from tocsin.access.permissions import Caller, may
from tocsin.core.catalogue.priority import PRIORITIES, Priority
from tocsin.core.catalogue.service import Service
from tocsin.core.ids import ServiceId
from tocsin.core.incident.rehearsal import rehearse
from tocsin.core.incident.state import Incident
from tocsin.core.rulebook import Rulebook
from tocsin.lib.moments import span
from tocsin.web.here import Here
from tocsin.web.layout.frame import Frame
from tocsin.web.pages.catalogue.cover import Cover, by_hours, cover_of, schedules_of, shut_at_times
from tocsin.web.parts.covers import Covers
from tocsin.web.parts.glance import Glance, glance, of_service
from tocsin.web.parts.naming import naming
from tocsin.web.parts.proving import Line, table
from tocsin.web.parts.rungs import Rung, rungs_of
from tocsin.web.parts.words import Names, called_now, name_of, names_of, spoken, whom, zone_at

TARGETS = ("respond", "update", "resolve")
"""What is promised, in the order in which it comes."""

LAST = 8
"""Incidents of each kind that are shown."""


class Reach(Struct, frozen=True):
    """Of one priority: who is called at once. `raised` is what criteria make of it, '' where they do not."""

    priority: str
    who: tuple[str, ...]
    raised: str
    urgent: bool


class Open(Struct, frozen=True):
    """A team that is called by its hours: `hours` '' is always."""

    team: str
    hours: str
    members: tuple[str, ...]


class Promise(Struct, frozen=True):
    """One target of the SLA by priority, in the order of priorities."""

    target: str
    by: tuple[tuple[str, str], ...]


class Seen(Struct, frozen=True):
    """What is on the page. `reporters` are sources that report nothing else, `others` those that may name it."""

    service: Service
    zone: str
    lead: str
    members: tuple[str, ...]
    priority: str
    reached: tuple[Reach, ...]
    rungs: tuple[Rung, ...]
    laps: int
    covers: tuple[Cover, ...]
    opens: tuple[Open, ...]
    needs: tuple[str, ...]
    needed_by: tuple[str, ...]
    beneath: tuple[str, ...]
    above: tuple[str, ...]
    promises: tuple[Promise, ...]
    promise_hours: str
    stakeholders: str
    live: tuple[Glance, ...]
    ended: tuple[Glance, ...]
    proved: tuple[Line, ...]
    proving: bool
    assuming: tuple[str, ...]
    reporters: tuple[str, ...]
    others: tuple[str, ...]


def seen(at: Here, frame: Frame, id_: ServiceId, priority: Priority) -> Seen:
    """That service for that viewer."""
    world = at.site.worlds.world()
    book = world.rulebook

    def query(connection: Connection) -> tuple[Names, tuple[Glance, ...], tuple[Glance, ...]]:
        names = naming(connection, at, frame)
        live, ended = of_service(connection, id_, frame.viewer, book, LAST)
        return names, tuple(glance(one, names) for one in live), tuple(glance(one, names) for one in ended)

    names, live, ended = at.read(query)
    service = book.services[id_]
    made = {one: rehearse(id_, one, world, frame.now) for one in PRIORITIES}
    verdict = at.site.verdicts.of(book, world.facts, frame.now)
    rungs, laps = rungs_of(made[priority], frame.now, names)
    team = book.teams.get(service.team)
    return Seen(
        service=service,
        zone=zone_at(service.team, book),
        lead=name_of(team.lead, names) if team is not None and team.lead else "",
        members=names_of(team.members if team is not None else (), names),
        priority=priority,
        reached=tuple(_reach(one, made[one].state, book, names) for one in PRIORITIES),
        rungs=rungs,
        laps=laps,
        covers=tuple(
            cover_of(name, at.kept(Covers).of(name, world, frame.now), frame.now, names)
            for name in schedules_of(service, book)
        ),
        opens=tuple(_opens(service, book, names)),
        needs=service.depends_on,
        needed_by=_above(service.id, book),
        beneath=_whole(service.id, lambda one: book.services[one].depends_on if one in book.services else ()),
        above=_whole(service.id, lambda one: _above(one, book)),
        promises=tuple(_promises(service, book, names.language)),
        promise_hours=_promise_hours(service, book),
        stakeholders=whom(service.stakeholders, names),
        live=live,
        ended=ended,
        proved=() if verdict.proof is None else table(verdict.proof, book.timezone, names, frozenset((service.id,))),
        proving=verdict.under_way,
        assuming=() if verdict.proof is None else tuple(spoken(one, names) for one in verdict.proof.assuming),
        **_sources(service, book, frame.viewer),
    )


def _reach(priority: Priority, state: Incident, book: Rulebook, names: Names) -> Reach:
    raised = state.priority if state.priority != priority else ""
    return Reach(priority, names_of(called_now(state), names), raised, state.priority in book.priorities.urgent)


def _opens(service: Service, book: Rulebook, names: Names) -> Iterator[Open]:
    for team in by_hours(service, book):
        yield Open(team.id, team.hours if shut_at_times(team, book) else "", names_of(team.members, names))


def _above(id_: str, book: Rulebook) -> tuple[str, ...]:
    return tuple(sorted(one.id for one in book.services.values() if id_ in one.depends_on))


def _whole(id_: str, next_of: Callable[[str], Iterable[str]]) -> tuple[str, ...]:
    """All that can be come to from there, the nearest first."""
    found: dict[str, None] = {}
    waiting = list(next_of(id_))
    while waiting:
        one = waiting.pop(0)
        if one not in found and one != id_:
            found[one] = None
            waiting += next_of(one)
    return tuple(found)


def _promises(service: Service, book: Rulebook, language: str) -> Iterator[Promise]:
    sla = book.slas.get(service.sla or "")
    targets = sla.targets if sla is not None else {}
    for target in sorted(targets, key=lambda one: (TARGETS.index(one) if one in TARGETS else len(TARGETS), one)):
        values = targets[target]
        known = [(one, values.get(one) or values.get("else")) for one in PRIORITIES]
        told = (
            (one, "" if period is None else span(period.time, period.days, language=language)) for one, period in known
        )
        yield Promise(target, tuple(told))


def _promise_hours(service: Service, book: Rulebook) -> str:
    sla = book.slas.get(service.sla or "")
    return "" if sla is None or sla.hours not in book.hours else sla.hours


def _sources(service: Service, book: Rulebook, viewer: Caller) -> dict[str, tuple[str, ...]]:
    known = sorted(book.sources.values(), key=lambda one: one.id) if may(viewer, "source.read") else []
    return {
        "reporters": tuple(one.id for one in known if one.service == service.id),
        "others": tuple(one.id for one in known if one.service.startswith("label:") or not one.service),
    }
