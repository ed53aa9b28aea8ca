"""A step too fast for a human: it ends before the people it calls have been rung by every way of their contact ladder.

The next step then wakes others while the voice call that would have woken the first has not begun. The last step counts
too where the ladder is walked again.
"""

from collections.abc import Iterator

from tocsin.core.ids import PersonId, TeamId
from tocsin.core.instant import MINUTE, Duration, format_duration
from tocsin.core.phrase import Phrase
from tocsin.core.policy.policy import Policy
from tocsin.core.policy.run import spacing
from tocsin.core.steps import FunctionalStep
from tocsin.lab.verifier.audience import all_of, last_ring, teams_under, walk
from tocsin.lab.verifier.case import Case
from tocsin.lab.verifier.contract import Check
from tocsin.lab.verifier.finding import Finding

CODE = "V026"
TO_ANSWER: Duration = MINUTE
"""What whoever is rung last is left at least."""


def find(case: Case) -> Iterator[Finding]:
    """Each step that is too short, once."""
    for name, teams in teams_under(case.rulebook).items():
        policy = case.rulebook.policies[name]
        seen: set[int] = set()
        for team in teams:
            for number, step, owner in walk(policy, team, case.rulebook):
                another = policy.repeat > 0 or number + 1 < len(policy.functional)
                slow = _slowest(step, owner, case) if another and number not in seen else None
                if slow is not None and slow[1] > slow[0]:
                    seen.add(number)
                    yield _finding(policy, number, step, *slow, _in_turn(step, owner, case))


def _finding(
    policy: Policy, number: int, step: FunctionalStep, given: Duration, needed: Duration, person: PersonId, sharing: int
) -> Finding:
    values = {
        "policy": policy.id, "step": str(number + 1), "person": person, "wait": str(step.wait),
        "given": format_duration(given), "needed": format_duration(needed),
        "enough": format_duration((needed + TO_ANSWER) * sharing),
    }  # fmt: skip
    shared = given < step.wait.elapsed
    text = Phrase("lab.hole.too_fast_each", values) if shared else Phrase("lab.hole.too_fast", values)
    where = ("policies", policy.id, "functional", str(number), "wait")
    return Finding(CODE, "warning", where, text, Phrase("lab.hole.too_fast.hint", values))


def _slowest(step: FunctionalStep, team: TeamId, case: Case) -> tuple[Duration, Duration, PersonId] | None:
    """The time that one of them is given, the time that the slowest needs, and who that is."""
    urgent = step.urgency == "urgent" or (step.urgency is None and bool(case.rulebook.priorities.urgent))
    people = all_of(step.targets, team, case)
    if not people:
        return None
    needed, person = max((last_ring(one, urgent, case), one) for one in people)
    sharing = _in_turn(step, team, case)
    wait = step.wait.elapsed
    return (spacing(wait, sharing) if sharing > 1 else wait), needed, person


def _in_turn(step: FunctionalStep, team: TeamId, case: Case) -> int:
    """How many share the wait, being called one after the other."""
    most = 1
    for target in step.targets:
        named = team if target.kind == "word" and target.name == "team" else target.name
        known = case.rulebook.teams.get(named) if target.kind in ("team", "word") else None
        if known is not None and known.on_call is None and known.assign != "everyone":
            most = max(most, len(known.members))
    return most


CHECK = Check(CODE, "too-fast", "warning", find)
