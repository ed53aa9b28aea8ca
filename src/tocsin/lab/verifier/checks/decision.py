"""A decision that nobody may take: none of those whom it names is ever there and can be reached."""

from collections.abc import Iterator

from tocsin.core.phrase import Phrase
from tocsin.core.steps import Decide
from tocsin.lab.verifier.case import Case
from tocsin.lab.verifier.contract import Check
from tocsin.lab.verifier.finding import Finding, Path
from tocsin.lab.verifier.uses import ever, hierarchical, uses
from tocsin.lab.verifier.wording import listed

CODE = "V011"


def find(case: Case) -> Iterator[Finding]:
    """Each decision once, for the first team for which it is so."""
    seen: set[Path] = set()
    for use in uses(case):
        for one in hierarchical(case, use):
            if not isinstance(one.step, Decide) or one.where in seen or _known_later(one.step):
                continue
            deciders = {person for person in ever(case, one) if person in case.rulebook.people}
            if not deciders:
                seen.add(one.where)
                targets = listed(str(target) for target in one.step.targets)
                values = {"question": one.step.question, "targets": targets, "team": use.team}
                text, hint = Phrase("lab.check.decision", values), Phrase("lab.check.decision.hint", values)
                yield Finding(CODE, "error", (*one.where, "by"), text, hint)


def _known_later(step: Decide) -> bool:
    return any(target.name in ("owner", "requester") for target in step.targets)


CHECK = Check(CODE, "decision", "error", find)
