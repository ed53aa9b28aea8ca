"""A step that needs more acknowledgements than there are people to give them: nothing that they do ends the ladder.

Counted are all whom the ladder ever calls, for an earlier step's acknowledgement counts too.
"""

from collections.abc import Iterator

from tocsin.core.ids import TeamId
from tocsin.core.phrase import Phrase
from tocsin.core.policy.policy import Policy
from tocsin.lab.verifier.audience import NOBODY, all_of, teams_under, walk
from tocsin.lab.verifier.case import Case
from tocsin.lab.verifier.contract import Check
from tocsin.lab.verifier.finding import Finding

CODE = "V030"


def find(case: Case) -> Iterator[Finding]:
    """Each such step, once."""
    for name, teams in teams_under(case.rulebook).items():
        seen: set[int] = set()
        for team in teams:
            for number, finding in _of(case.rulebook.policies[name], team, case):
                if number not in seen:
                    seen.add(number)
                    yield finding


def _of(policy: Policy, team: TeamId, case: Case) -> Iterator[tuple[int, Finding]]:
    steps = list(walk(policy, team, case.rulebook))
    people = NOBODY.union(*(all_of(step.targets, owner, case) for _, step, owner in steps))
    for number, step, _ in steps:
        if step.need > max(len(people), 1):
            values = {
                "policy": policy.id, "step": str(number + 1), "need": str(step.need), "n": str(len(people)),
                "people": ", ".join(sorted(people)) or "-", "team": team,
            }  # fmt: skip
            where = ("policies", policy.id, "functional", str(number), "need")
            hint = Phrase("lab.hole.need.hint", {"n": str(max(len(people), 1))})
            yield number, Finding(CODE, "warning", where, Phrase("lab.hole.need", values), hint)


CHECK = Check(CODE, "need-unmet", "warning", find)
