"""A step that leaves what is urgent with those it called for more than half an hour before anybody else hears of it.

Those who run large services call the next after five to thirty minutes. A wait that counts in hours of its own is left
alone, and so is one during which management hears of it.
"""

from collections.abc import Iterator

from tocsin.core.instant import MINUTE, Duration
from tocsin.core.phrase import Phrase
from tocsin.core.policy.policy import Policy
from tocsin.lab.verifier.audience import teams_under
from tocsin.lab.verifier.case import Case
from tocsin.lab.verifier.contract import Check
from tocsin.lab.verifier.finding import Finding

CODE = "V033"
LONG: Duration = 30 * MINUTE


def find(case: Case) -> Iterator[Finding]:
    """Each such step."""
    if not case.rulebook.priorities.urgent:
        return
    for name in teams_under(case.rulebook):
        yield from _of(case.rulebook.policies[name])


def _of(policy: Policy) -> Iterator[Finding]:
    start = 0
    for number, step in enumerate(policy.functional):
        end = start + step.wait.elapsed
        told = any(start <= rung.after.elapsed < start + LONG for rung in policy.hierarchical if rung.hours is None)
        if step.hours is None and step.wait.elapsed > LONG and step.urgency != "routine" and not told:
            values = {"policy": policy.id, "step": str(number + 1), "wait": str(step.wait)}
            where = ("policies", policy.id, "functional", str(number), "wait")
            hint = Phrase("lab.hole.slow.hint")
            yield Finding(CODE, "info", where, Phrase("lab.hole.slow", values), hint)
        start = end


CHECK = Check(CODE, "slow-step", "info", find)
