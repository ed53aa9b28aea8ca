"""What of a rulebook is in use: whatever a service, a criterion or the last resort leads to, by way of what else."""

from collections.abc import Iterator

from tocsin.core.catalogue.target import Target
from tocsin.core.policy.policy import Policy
from tocsin.core.rulebook import Rulebook
from tocsin.lab.verifier.audience import teams_under

_SECTION = {"team": "teams", "schedule": "schedules", "role": "roles"}


def in_use(book: Rulebook) -> set[tuple[str, str]]:
    """Everything that something in use leads to, by section and name."""
    teams = {*(service.team for service in book.services.values()), book.unrouted.team}
    used: set[tuple[str, str]] = set()
    waiting = [("policies", str(name)) for name in teams_under(book)] + [("teams", str(name)) for name in teams]
    waiting += list(_mentions(_everywhere(book)))
    while waiting:
        one = waiting.pop()
        if one not in used:
            used.add(one)
            waiting += _leads_to(*one, book)
    return used


def _everywhere(book: Rulebook) -> Iterator[Target]:
    """Targets that stand outside policies."""
    yield from book.last_resort
    for service in book.services.values():
        yield from service.stakeholders
    for criterion in book.criteria:
        yield from criterion.then.escalate.targets if criterion.then.escalate else ()
    for sla in book.slas.values():
        for levels in sla.levels.values():
            for level in levels:
                yield from level.action.targets


def _leads_to(section: str, name: str, book: Rulebook) -> list[tuple[str, str]]:
    if section == "policies":
        return list(_mentions(_of_policy(book.policies[name])))
    if section == "teams" and name in book.teams:
        schedule = book.teams[name].on_call
        return [] if schedule is None else [("schedules", str(schedule))]
    if section == "schedules" and name in book.schedules:
        follows = book.schedules[name].follows
        return [] if follows is None else [("schedules", str(follows))]
    return list(_mentions(book.roles[name].holders)) if section == "roles" and name in book.roles else []


def _of_policy(policy: Policy) -> Iterator[Target]:
    for step in (*policy.functional, *policy.hierarchical):
        yield from step.targets
    if policy.updates is not None:
        yield from policy.updates.targets
        yield from policy.updates.overdue.targets if policy.updates.overdue else ()


def _mentions(targets: Iterator[Target] | tuple[Target, ...]) -> Iterator[tuple[str, str]]:
    return ((_SECTION[target.kind], target.name) for target in targets if target.kind in _SECTION)
