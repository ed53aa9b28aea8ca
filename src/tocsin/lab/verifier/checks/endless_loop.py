"""An endless loop of hand-overs: a team gets the incident again after it has already passed through its hands."""

from collections.abc import Iterator

from tocsin.core.phrase import Phrase
from tocsin.core.steps import HandOver
from tocsin.lab.verifier.case import Case
from tocsin.lab.verifier.contract import Check
from tocsin.lab.verifier.finding import Finding, Path
from tocsin.lab.verifier.uses import Use, functional, uses

CODE = "V003"


def find(case: Case) -> Iterator[Finding]:
    """Each hand-over once, for the first team with which it comes back."""
    seen: set[Path] = set()
    for use in uses(case):
        for where, team, between in _returns(case, use):
            if where not in seen:
                seen.add(where)
                values = {"policy": use.policy, "step": str(int(where[-1]) + 1), "team": team, "between": between}
                text, hint = Phrase("lab.check.loop", values), Phrase("lab.check.loop.hint", values)
                yield Finding(CODE, "warning", where, text, hint)


def _returns(case: Case, use: Use) -> Iterator[tuple[Path, str, str]]:
    """Hand-overs to a team that owned the incident at an earlier step, with the one from which it comes back."""
    had: list[str] = []
    for one in functional(case, use):
        if isinstance(one.step, HandOver) and one.team in had and had[-1] != one.team:
            yield one.where, one.team, had[-1]
        had.append(one.team)


CHECK = Check(CODE, "endless-loop", "warning", find)
