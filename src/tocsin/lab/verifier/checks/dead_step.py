"""A dead step, which never reaches anybody, whoever owns the incident and whenever it comes, or that is never entered.

Of a decision that nobody may take another check speaks: one hole is one finding.
"""

from collections.abc import Iterable, Iterator

from tocsin.core.catalogue.priority import PRIORITIES
from tocsin.core.phrase import Phrase
from tocsin.core.steps import Decide, FunctionalStep, HierarchicalStep
from tocsin.lab.verifier import logic
from tocsin.lab.verifier.case import Case
from tocsin.lab.verifier.concerning import unknown
from tocsin.lab.verifier.contract import Check
from tocsin.lab.verifier.finding import Finding, Path
from tocsin.lab.verifier.uses import UsedStep, ever, functional, hierarchical, uses
from tocsin.lab.verifier.whens import clash, possible
from tocsin.lab.verifier.wording import listed, of_ladder

CODE = "V002"


def find(case: Case) -> Iterator[Finding]:
    """A warning where it reaches nobody for any team, else a word about the teams for which it does not."""
    steps: dict[Path, list[UsedStep]] = {}
    for use in uses(case):
        for one in (*functional(case, use), *hierarchical(case, use)):
            steps.setdefault(one.where, []).append(one)
    for where, used in steps.items():
        yield from _step(case, where, used)


def _step(case: Case, where: Path, used: list[UsedStep]) -> Iterator[Finding]:
    step = used[0].step
    policy, number = used[0].use.policy, str(used[0].number + 1)
    if step.when is not None and not any(possible(case, step.when, priority) for priority in PRIORITIES):
        values = {"policy": policy, "step": number, "when": step.when}
        text = Phrase(of_ladder(where, "lab.check.never_entered", "lab.check.never_entered.management"), values)
        known, other = clash(step.when), unknown(case.rulebook, step.when)
        hint = (known and logic.advice(known)) or (other and other[1])
        yield Finding(CODE, "warning", (*where, "when"), text, hint or Phrase("lab.check.never_entered.hint"))
        return
    if isinstance(step, Decide) or _open_ended(step):
        return
    idle = [one for one in used if not ever(case, one)]
    if not idle:
        return
    targets = listed(str(one) for one in step.targets)
    values = {"policy": policy, "step": number, "targets": targets, "teams": listed(_teams(idle))}
    if len(idle) == len(used):
        text = Phrase(of_ladder(where, "lab.check.dead_step", "lab.check.dead_step.management"), values)
        yield Finding(CODE, "warning", where, text, Phrase("lab.check.dead_step.hint"))
    else:
        text = Phrase(of_ladder(where, "lab.check.dead_for", "lab.check.dead_for.management"), values)
        yield Finding(CODE, "info", where, text, Phrase("lab.check.dead_for.hint"))


def _open_ended(step: FunctionalStep | HierarchicalStep) -> bool:
    """Whether it names somebody whom only an incident knows, or a channel."""
    return any(one.kind == "channel" or one.name in ("requester", "owner") for one in step.targets)


def _teams(used: Iterable[UsedStep]) -> list[str]:
    return [str(one.use.team) for one in used]


CHECK = Check(CODE, "dead-step", "warning", find)
