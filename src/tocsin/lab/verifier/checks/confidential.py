"""A confidential policy with nobody cleared: none of those who work on it may read such incidents.

Those whom it pages see it all the same; but that anybody of them may see such things, nobody has said.
"""

from collections.abc import Iterator

from tocsin.core.ids import PolicyId, TeamId
from tocsin.core.phrase import Phrase
from tocsin.core.routing.criterion import Criterion
from tocsin.lab.verifier.audience import NOBODY, People, all_of, walk
from tocsin.lab.verifier.case import Case
from tocsin.lab.verifier.concerning import concerns
from tocsin.lab.verifier.content import CRITERIA
from tocsin.lab.verifier.contract import Check
from tocsin.lab.verifier.finding import Finding
from tocsin.lab.verifier.opening import nowhere

CODE = "V028"


def find(case: Case) -> Iterator[Finding]:
    """The policies under which a confidential incident may run without anybody cleared, each once."""
    seen: set[PolicyId] = set()
    for criterion in case.rulebook.criteria:
        for policy, teams in _runs(criterion, case).items() if criterion.then.confidential else ():
            people = NOBODY.union(*(_responders(policy, team, case) for team in teams))
            if policy not in seen and not any(_cleared(one, case) for one in people):
                seen.add(policy)
                yield _finding(criterion, policy, people)


def _finding(criterion: Criterion, policy: PolicyId, people: People) -> Finding:
    values = {"policy": policy, "criterion": criterion.name, "people": ", ".join(sorted(people)[:8]) or "-"}
    where = ("policies", policy, "functional")
    hint = Phrase("lab.hole.uncleared.hint", {"people": values["people"]})
    return Finding(CODE, "warning", where, Phrase("lab.hole.uncleared", values), hint)


def _runs(criterion: Criterion, case: Case) -> dict[PolicyId, list[TeamId]]:
    """The policies under which an incident may run to which the criterion applies, and the teams."""
    book = case.rulebook
    found: dict[PolicyId, list[TeamId]] = {}
    for service in (*book.services.values(), nowhere(book)):
        policy = criterion.then.policy or service.policy
        if policy in book.policies and concerns(book, criterion.when, service.id, CRITERIA):
            found.setdefault(policy, []).append(service.team)
    return found


def _responders(policy: PolicyId, team: TeamId, case: Case) -> People:
    steps = walk(case.rulebook.policies[policy], team, case.rulebook)
    return NOBODY.union(*(all_of(step.targets, owner, case) for _, step, owner in steps))


def _cleared(person: str, case: Case) -> bool:
    known = case.rulebook.people.get(person)
    return known is not None and known.cleared


CHECK = Check(CODE, "confidential-uncleared", "warning", find)
