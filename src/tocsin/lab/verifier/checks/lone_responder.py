"""A lone responder: as long as they sleep, travel or are ill, nobody works on what is reported."""

from collections.abc import Iterator

from tocsin.core.ids import PersonId, TeamId
from tocsin.core.phrase import Phrase
from tocsin.core.steps import Inform
from tocsin.lab.verifier.case import Case
from tocsin.lab.verifier.contract import Check
from tocsin.lab.verifier.finding import Finding, Severity
from tocsin.lab.verifier.uses import Use, ever, functional, hierarchical, uses

CODE = "V005"


def find(case: Case) -> Iterator[Finding]:
    """Worth knowing where management is asked at any rate; a warning where only the last resort is left."""
    told: dict[tuple[TeamId, PersonId], Finding] = {}
    for use in uses(case):
        steps = list(functional(case, use))
        people = frozenset(person for one in steps for person in ever(case, one))
        if len(people) == 1:
            (person,) = people
            team = steps[-1].team
            finding = _finding(case, use, team, person)
            before = told.get((team, person))
            if before is None or (before.severity, finding.severity) == ("info", "warning"):
                told[team, person] = finding
    yield from told.values()


def _finding(case: Case, use: Use, team: TeamId, person: PersonId) -> Finding:
    asked = [one for one in hierarchical(case, use) if not isinstance(one.step, Inform)]
    behind = frozenset(other for one in asked for other in ever(case, one)) - {person}
    values = {"team": team, "person": person, "policy": use.policy}
    text = Phrase("lab.check.lone" if behind else "lab.check.lone.last", values)
    severity: Severity = "info" if behind else "warning"
    return Finding(CODE, severity, ("teams", team), text, Phrase("lab.check.lone.hint", values))


CHECK = Check(CODE, "lone-responder", "warning", find)
