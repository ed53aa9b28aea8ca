"""Whether a condition can hold of any incident of a rulebook at all: of which service, owned by whom, how bad.

What nobody can know beforehand may be so. A report names its service, or leaves that to its source.
"""

from collections.abc import Collection, Iterator
from functools import lru_cache
from itertools import product

from tocsin.core.catalogue.priority import Priority
from tocsin.core.ids import ServiceId
from tocsin.core.phrase import Phrase
from tocsin.core.routing.criteria import CriteriaError, compile_condition
from tocsin.core.rulebook import Rulebook
from tocsin.lab.verifier import domain, logic
from tocsin.lab.verifier.content import APART
from tocsin.lab.verifier.satisfying import consistent

_NAMES = ("incident.service", "incident.team")


def concerns(book: Rulebook, when: str, service: ServiceId, role: str) -> bool:
    """Whether it may hold of that service, '' for what names none; `role` is who asks, criteria or steps."""
    return _may(when, role, _of_service(service) if service else _of_none(book))


def somewhere(book: Rulebook, when: str, role: str, priority: Priority | None = None) -> bool:
    """Whether it may hold of any service, or of what names none, whatever team owns it by then."""
    try:
        read = {name for name, _ in compile_condition(when).reads}
    except CriteriaError:
        return True
    ranks = () if priority is None else (f"incident.priority == {priority}",)
    services: list[tuple[str, ...]] = [()]
    if read & {"incident.service", "signal.service"}:
        services = [*map(_of_service, book.services), _of_none(book)]
    teams: list[tuple[str, ...]] = [()]
    if "incident.team" in read:
        teams = [(f"incident.team == '{team}'",) for team in book.teams]
    return any(_may(when, role, (*own, *team, *ranks)) for own, team in product(services, teams))


def unknown(book: Rulebook, when: str) -> tuple[str, Phrase] | None:
    """A part that asks for a service or a team that the rulebook does not have, and what there is."""
    there: dict[str, Collection[str]] = dict(zip(_NAMES, (book.services, book.teams), strict=True))
    for part in logic.parts(logic.formula(when)):
        if part.claim is None or part.denied or part.claim[0] not in there:
            continue
        name, asked = part.claim[0], [one for one in part.claim[1] or () if isinstance(one, str)]
        if asked and not any(one in there[name] for one in asked):
            return part.text, domain.one_of(name, there[name], sorted(asked))
    return None


@lru_cache(maxsize=16384)
def _may(when: str, role: str, facts: tuple[str, ...]) -> bool:
    return consistent(frozenset(((f"{when}{APART}{role}", True), *((fact, True) for fact in facts))))


def _of_service(service: str) -> tuple[str, ...]:
    return f"incident.service == '{service}'", f"signal.service == '' || signal.service == '{service}'"


def _of_none(book: Rulebook) -> tuple[str, ...]:
    return "incident.service == ''", *_others(book.services)


def _others(services: Collection[str]) -> Iterator[str]:
    return (f"signal.service != '{service}'" for service in services)
