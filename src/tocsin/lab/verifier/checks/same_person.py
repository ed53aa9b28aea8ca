"""One person on both steps: the second call goes to whoever has just not answered the first."""

from collections.abc import Iterator
from itertools import pairwise

from tocsin.core.ids import PersonId
from tocsin.core.instant import Duration, Instant
from tocsin.core.phrase import Phrase
from tocsin.lab.verifier.case import Case
from tocsin.lab.verifier.contract import Check
from tocsin.lab.verifier.finding import NOWHERE, Counterexample, Finding, Path
from tocsin.lab.verifier.uses import UsedStep, functional, spells, uses
from tocsin.lab.verifier.wording import lasting, wall

CODE = "V006"


def find(case: Case) -> Iterator[Finding]:
    """Each step once, for the first team for which it happens; with the first time and how much time it is."""
    seen: set[Path] = set()
    for use in uses(case):
        steps = list(functional(case, use))
        for first, second in pairwise(steps):
            if second.where not in seen and (finding := _pair(case, first, second)) is not None:
                seen.add(second.where)
                yield finding


def _pair(case: Case, first: UsedStep, second: UsedStep) -> Finding | None:
    if _relative(second):
        return None
    found = list(_alone(case, first, second))
    if not found:
        return None
    total: Duration = sum(end - start for start, end, _ in found)
    at, _, person = found[0]
    zone = case.rulebook.timezone
    values = {
        "person": person,
        "step": str(second.number + 1),
        "before": str(first.number + 1),
        "from": wall(at, zone),
        "zone": zone,
        "total": lasting(total),
        "team": second.use.team,
    }
    text, hint = Phrase("lab.check.same", values), Phrase("lab.check.same.hint", values)
    told, priority = Phrase("lab.check.same.case", values), case.rulebook.priorities.of_severity("")
    example = Counterexample(second.use.service or NOWHERE, priority, "incident", at, zone, told)
    return Finding(CODE, "warning", second.where, text, hint, example)


def _relative(step: UsedStep) -> bool:
    """Whether it goes by who has been called already, so that it never calls the same again while others are there."""
    return any(one.name in ("team.next", "owner", "requester") for one in step.step.targets)


def _alone(case: Case, first: UsedStep, second: UsedStep) -> Iterator[tuple[Instant, Instant, PersonId]]:
    """Both steps over time, side by side: when both name the same one person and nobody else."""
    ones, others = spells(case, first), spells(case, second)
    one, other = next(ones, None), next(others, None)
    while one is not None and other is not None:
        end = min(one.end, other.end)
        if len(one.people) == 1 and one.people == other.people:
            yield max(one.start, other.start), end, one.people[0]
        one = one if one.end > end else next(ones, None)
        other = other if other.end > end else next(others, None)


CHECK = Check(CODE, "same-person", "warning", find)
