"""An unreachable route: what nothing leads to, such as services that no source can name, policies, teams, schedules and
roles that no service, criterion or step uses.

A service can be named by a source that reads a label, or whose messages may say it themselves, whatever the source is
for; also by people on the form for reports, which is no help while they sleep. With no sources, none is missed.
"""

from collections.abc import Iterator

from tocsin.core.phrase import Phrase
from tocsin.core.routing.source import Source
from tocsin.core.rulebook import Rulebook
from tocsin.lab.verifier.case import Case
from tocsin.lab.verifier.contract import Check
from tocsin.lab.verifier.finding import Finding
from tocsin.lab.verifier.usage import in_use

CODE = "V024"
BY_HAND = ("form", "email")
"""Intakes by which only people report."""

SAYING = ("alertmanager", "generic")
"""Intakes whose messages may name a service themselves; that of the source is for those that do not."""


def find(case: Case) -> Iterator[Finding]:
    """Sources that lead nowhere, then what nothing leads to."""
    yield from _sources(case.rulebook)
    yield from _services(case.rulebook)
    used = in_use(case.rulebook)
    book = case.rulebook
    for name in book.policies:
        if ("policies", name) not in used:
            yield _idle("policies", name, Phrase("lab.hole.idle_policy.hint", {"name": name}))
    for section, names in (("teams", book.teams), ("schedules", book.schedules), ("roles", book.roles)):
        for name in names:
            if (section, name) not in used:
                yield _idle(section, name, Phrase("lab.hole.idle.hint", {"name": name, "kind": section[:-1]}))


def _sources(book: Rulebook) -> Iterator[Finding]:
    for source in book.sources.values():
        named = source.service
        if named and not named.startswith("label:") and book.service_of(named) is None:
            values = {"source": source.id, "service": named}
            text = Phrase("lab.hole.source_nowhere", values)
            hint = Phrase("lab.hole.source_nowhere.hint", values)
            yield Finding(CODE, "warning", ("sources", source.id, "service"), text, hint)


def _services(book: Rulebook) -> Iterator[Finding]:
    tools = [one for one in book.sources.values() if one.intake not in BY_HAND]
    if not book.sources or any(_any_service(one) for one in tools):
        return
    named = {one.service for one in book.sources.values()}
    for service in book.services.values():
        if service.id not in named:
            values = {"service": str(service.id)}
            text, hint = Phrase("lab.hole.unnamed", values), Phrase("lab.hole.unnamed.hint", values)
            yield Finding(CODE, "warning", ("services", service.id), text, hint)


def _any_service(source: Source) -> bool:
    return not source.service or source.service.startswith("label:") or source.intake in SAYING


def _idle(section: str, name: str, hint: Phrase) -> Finding:
    text = Phrase("lab.hole.idle", {"name": name, "kind": section})
    return Finding(CODE, "info", (section, name), text, hint)


CHECK = Check(CODE, "unreachable-route", "warning", find)
