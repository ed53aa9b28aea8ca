"""A policy, or a priority of it, under which no functional step is ever entered: nobody is called to work on it."""

from collections.abc import Iterator

from tocsin.core.catalogue.priority import PRIORITIES, Priority
from tocsin.core.phrase import Phrase
from tocsin.core.policy.policy import Policy
from tocsin.lab.verifier.case import Case
from tocsin.lab.verifier.contract import Check
from tocsin.lab.verifier.finding import Counterexample, Finding
from tocsin.lab.verifier.uses import Use, ever, functional, uses
from tocsin.lab.verifier.whens import possible
from tocsin.lab.verifier.wording import listed

CODE = "V004"


def find(case: Case) -> Iterator[Finding]:
    """By the conditions of its steps first; then by whom they name, for each team."""
    by_policy: dict[str, list[Use]] = {}
    for use in uses(case):
        by_policy.setdefault(use.policy, []).append(use)
    for name, mine in by_policy.items():
        policy = case.rulebook.policies[name]
        silent = [one for one in PRIORITIES if not any(possible(case, step.when, one) for step in policy.functional)]
        if silent:
            yield _finding(case, policy, mine[0], silent)
        for use in mine:
            if len(silent) < len(PRIORITIES) and not any(ever(case, one) for one in functional(case, use)):
                values = {"policy": name, "team": use.team}
                text, hint = Phrase("lab.check.silent_for", values), Phrase("lab.check.silent_for.hint", values)
                yield Finding(CODE, "error", ("policies", name, "functional"), text, hint)


def _finding(case: Case, policy: Policy, use: Use, silent: list[Priority]) -> Finding:
    values = {"policy": policy.id, "priorities": listed(silent)}
    text, hint = Phrase("lab.check.silent", values), Phrase("lab.check.silent.hint", values)
    example = None
    if use.service is not None:
        told = Phrase("lab.check.silent.case", values)
        zone = case.rulebook.timezone
        example = Counterexample(use.service, silent[0], "incident", case.start, zone, told)
    return Finding(CODE, "error", ("policies", policy.id, "functional"), text, hint, example)


CHECK = Check(CODE, "silent-policy", "error", find)
