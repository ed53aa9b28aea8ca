"""The proof says otherwise than the rules themselves: a defect of tocsin, never of the rulebook. Please report it.

Every worst case and every loss is played by the real rules; where they reach somebody else, or at another time, both
are told.
"""

from collections.abc import Iterator

from tocsin.core.phrase import Phrase
from tocsin.lab.verifier.case import Case
from tocsin.lab.verifier.contract import Check
from tocsin.lab.verifier.finding import Counterexample, Finding
from tocsin.lab.verifier.reach import Disagreement
from tocsin.lab.verifier.wording import home, wall
from tocsin.lib.translate import say

CODE = "V000"


def find(case: Case) -> Iterator[Finding]:
    """One for each service (and what names none) and rung, with the first of its openings."""
    found: dict[tuple[str, str], list[Disagreement]] = {}
    for one in case.proof.disagreements:
        found.setdefault((one.service, one.rung), []).append(one)
    for same in found.values():
        yield _finding(case, same[0], len(same))


def _finding(case: Case, one: Disagreement, count: int) -> Finding:
    zone = case.rulebook.timezone
    values = {
        "n": str(count), "service": one.service, "priority": one.priority, "kind": one.kind,
        "at": wall(one.opening, zone), "zone": zone, "proved": say(one.proved), "played": say(one.played),
        "missing": one.missing,
    }  # fmt: skip
    told = Phrase(f"lab.check.disagreement.{'missing' if one.missing else one.rung}", values)
    example = Counterexample(one.service, one.priority, one.kind, one.opening, zone, told)
    text = Phrase("lab.check.disagreement" if one.service else "lab.check.disagreement.nowhere", values)
    return Finding(CODE, "error", home(one.service), text, Phrase("lab.check.disagreement.hint"), example)


CHECK = Check(CODE, "proof-disagrees", "error", find, proves=True)
