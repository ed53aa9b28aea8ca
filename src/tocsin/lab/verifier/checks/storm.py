"""A storm-prone rule: one incident that rings a crowd before anybody could have answered, or every report urgent.

Whoever is woken needs a minute or two to find the telephone and press a button. So whom a ladder calls within its first
two minutes is called in vain for all but one; with more than five of them a bad night of ten incidents is a night for
everybody. The language has no grouping: what joins a flood is that a report of no weight pages nobody urgently. Where
even the mildest severity is urgent, every alert rings telephones.
"""

from collections.abc import Iterator

from tocsin.core.catalogue.target import Target
from tocsin.core.ids import TeamId
from tocsin.core.instant import MINUTE, Duration
from tocsin.core.phrase import Phrase
from tocsin.core.policy.policy import Policy
from tocsin.core.policy.run import spacing
from tocsin.core.steps import FunctionalStep
from tocsin.lab.verifier.audience import NOBODY, People, one_of, teams_under, walk
from tocsin.lab.verifier.case import Case
from tocsin.lab.verifier.contract import Check
from tocsin.lab.verifier.finding import Finding

CODE = "V025"
SOON: Duration = 2 * MINUTE
CROWD = 5


def find(case: Case) -> Iterator[Finding]:
    """Steps that make a crowd, then severities that are all urgent."""
    for name, teams in teams_under(case.rulebook).items():
        policy = case.rulebook.policies[name]
        found = (one for team in teams if (one := _crowd(policy, team, case)) is not None)
        yield from list(found)[:1]
    yield from _all_urgent(case)


def _crowd(policy: Policy, team: TeamId, case: Case) -> Finding | None:
    """The step with which the crowd is too large, for incidents of that team."""
    at, people = 0, NOBODY
    for number, step, owner in walk(policy, team, case.rulebook):
        if at >= SOON:
            return None
        people |= _at_once(step, owner, SOON - at, case)
        if len(people) > CROWD:
            names = ", ".join(sorted(people))
            values = {"policy": policy.id, "step": str(number + 1), "n": str(len(people)), "people": names}
            where = ("policies", policy.id, "functional", str(number))
            return Finding(CODE, "warning", where, Phrase("lab.hole.crowd", values), Phrase("lab.hole.crowd.hint"))
        at += step.wait.elapsed
    return None


def _at_once(step: FunctionalStep, team: TeamId, left: Duration, case: Case) -> People:
    """Whom a step rings within that time: of an assigned team, one after the other; of a schedule, whoever is on."""
    people = NOBODY
    for target in step.targets:
        named = sorted(one_of(target, team, case))
        people |= frozenset(named[: _most(target, team, step, left, case)])
    return people


def _most(target: Target, team: TeamId, step: FunctionalStep, left: Duration, case: Case) -> int | None:
    """How many of those whom a target may mean are rung in that time; None: all of them."""
    if target.kind in ("schedule", "role"):
        return 1
    known = case.rulebook.teams.get(team if target.kind == "word" else target.name)
    responders = target.kind == "team" or target.name in ("team", "team.next", "owner")
    if known is None or not responders:
        return None
    if known.on_call is not None:
        return 1
    each = spacing(step.wait.elapsed, len(known.members))
    return None if known.assign == "everyone" else 1 + (left - 1) // each


def _all_urgent(case: Case) -> Iterator[Finding]:
    rules = case.rulebook.priorities
    mildest = max(rules.severity.values())
    if not case.rulebook.sources or mildest not in rules.urgent:
        return
    text = Phrase("lab.hole.all_urgent", {"priority": mildest, "urgent": ", ".join(rules.urgent)})
    hint = Phrase("lab.hole.all_urgent.hint", {"example": "{critical: P1, error: P2, warning: P3, info: P5, else: P2}"})
    yield Finding(CODE, "warning", ("priorities", "severity"), text, hint)


CHECK = Check(CODE, "storm", "warning", find)
