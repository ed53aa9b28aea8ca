"""A policy behind whose first responder nobody stands: whatever its steps and rounds, it calls one and the same duty.

Whoever sleeps through the first call sleeps through the second. What comes then are only the rounds after exhaustion,
and they were made for what nobody foresaw. One and the same person is another finding, of a lone responder.
"""

from collections.abc import Iterator

from tocsin.core.catalogue.target import Target
from tocsin.core.ids import TeamId
from tocsin.core.phrase import Phrase
from tocsin.core.policy.policy import Policy
from tocsin.lab.verifier.audience import one_of, teams_under, walk
from tocsin.lab.verifier.case import Case
from tocsin.lab.verifier.contract import Check
from tocsin.lab.verifier.finding import Finding

CODE = "V032"


def find(case: Case) -> Iterator[Finding]:
    """Each such policy, once."""
    for name, teams in teams_under(case.rulebook).items():
        policy = case.rulebook.policies[name]
        if policy.hierarchical or not policy.functional:
            continue
        alone = [team for team in teams if _only(policy, team, case)]
        if alone:
            yield _finding(policy, alone[0], case)


def _only(policy: Policy, team: TeamId, case: Case) -> bool:
    """Whether all steps call whoever is on by the same one schedule."""
    called = {
        one
        for _, step, owner in walk(policy, team, case.rulebook)
        for target in step.targets
        for one in _voices(target, owner, case)
    }
    return len(called) == 1 and not next(iter(called)).startswith("person:")


def _voices(target: Target, team: TeamId, case: Case) -> Iterator[str]:
    """What a target calls, so that two that call the same are equal: a schedule is one voice, a team's members many."""
    known = case.rulebook.teams.get(team if target.kind == "word" else target.name)
    responders = target.kind == "team" or target.name in ("team", "owner")
    if target.kind == "schedule":
        yield f"schedule:{target.name}"
    elif responders and known is not None and known.on_call is not None:
        yield f"schedule:{known.on_call}"
    elif target.name == "team.next" and known is not None and known.on_call is not None:
        yield f"next:{known.on_call}"
    else:
        yield from (f"person:{person}" for person in one_of(target, team, case))


def _finding(policy: Policy, team: TeamId, case: Case) -> Finding:
    whom = next(iter(_voices(policy.functional[0].targets[0], team, case)))
    values = {"policy": policy.id, "whom": whom, "n": str(len(policy.functional) * (1 + policy.repeat))}
    where = ("policies", policy.id, "functional", str(len(policy.functional) - 1))
    hint = Phrase("lab.hole.behind.hint", {"example": "{notify: team.next, wait: 10m}"})
    return Finding(CODE, "warning", where, Phrase("lab.hole.behind", values), hint)


CHECK = Check(CODE, "nobody-behind", "warning", find)
