"""A silent policy, or a priority of one: no functional step is ever entered, and nobody is called to work on it.

Conditions are taken both ways: where none of them need hold, an opening is shown for which none does.
"""

from collections.abc import Iterator

from tocsin.core.catalogue.priority import PRIORITIES, Priority
from tocsin.core.phrase import Phrase
from tocsin.core.policy.policy import Policy
from tocsin.lab.verifier.case import Case
from tocsin.lab.verifier.contract import Check
from tocsin.lab.verifier.finding import NOWHERE, Counterexample, Finding
from tocsin.lab.verifier.uses import Use, ever, functional, opens_at, uses
from tocsin.lab.verifier.whens import Opening, all_fail, possible
from tocsin.lab.verifier.wording import listed

CODE = "V004"


def find(case: Case) -> Iterator[Finding]:
    """By the conditions of its steps first; then by whom they name, for each team."""
    by_policy: dict[str, list[Use]] = {}
    for use in uses(case):
        by_policy.setdefault(use.policy, []).append(use)
    for name, mine in by_policy.items():
        policy = case.rulebook.policies[name]
        asked = [one for one in PRIORITIES if any(one in opens_at(case, use) for use in mine)]
        silent = [one for one in asked if not any(possible(case, step.when, one) for step in policy.functional)]
        if silent:
            yield _finding(case, policy, mine, silent)
        elif (opening := _unheard(case, policy, mine)) is not None:
            yield _maybe(case, policy, opening)
        for use in mine:
            if len(silent) < len(asked) and not any(ever(case, one) for one in functional(case, use)):
                values = {"policy": name, "team": use.team}
                text, hint = Phrase("lab.check.silent_for", values), Phrase("lab.check.silent_for.hint", values)
                yield Finding(CODE, "error", ("policies", name, "functional"), text, hint)


def _unheard(case: Case, policy: Policy, mine: list[Use]) -> Opening | None:
    """An opening for which no condition of a functional step holds, at the priority that is most grave."""
    whens = [step.when for step in policy.functional]
    own = [use for use in mine if _own(case, use)]
    found = (
        all_fail(case, whens, use.service, use.team, one)
        for one in PRIORITIES
        for use in own
        if one in opens_at(case, use)
    )
    return next((one for one in found if one is not None), None)


def _own(case: Case, use: Use) -> bool:
    """Whether it comes to that policy without a criterion, whose condition then need not hold."""
    book = case.rulebook
    return use.policy == (book.unrouted.policy if use.service is None else book.services[use.service].policy)


def _maybe(case: Case, policy: Policy, opening: Opening) -> Finding:
    conditions = list(dict.fromkeys(step.when for step in policy.functional if step.when is not None))
    values = {"policy": policy.id, "conditions": " · ".join(conditions)}
    text, hint = Phrase("lab.check.silent_where", values), Phrase("lab.check.silent.hint", values)
    where = ("policies", policy.id, "functional")
    assuming = tuple(Phrase("lab.proof.holds_not", {"when": one}) for one in conditions)
    told, zone = Phrase("lab.check.silent.case", values), case.rulebook.timezone
    example = Counterexample(
        opening.service or NOWHERE, opening.priority, opening.kind, opening.at, zone, told, None, assuming
    )
    return Finding(CODE, "warning", where, text, hint, example)


def _finding(case: Case, policy: Policy, mine: list[Use], silent: list[Priority]) -> Finding:
    values = {"policy": policy.id, "priorities": listed(silent)}
    text, hint = Phrase("lab.check.silent", values), Phrase("lab.check.silent.hint", values)
    told, zone = Phrase("lab.check.silent.case", values), case.rulebook.timezone
    use = next(use for use in mine if silent[0] in opens_at(case, use))
    example = Counterexample(use.service or NOWHERE, silent[0], "incident", case.start, zone, told)
    return Finding(CODE, "error", ("policies", policy.id, "functional"), text, hint, example)


CHECK = Check(CODE, "silent-policy", "error", find)
