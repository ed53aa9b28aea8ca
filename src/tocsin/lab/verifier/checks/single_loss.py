"""One loss that leaves nobody: a person is away, a way has failed or a provider is down, and nothing rings.

What leaves at least the rounds after exhaustion is no finding of its own: the proof tells it.
"""

from collections.abc import Iterator

from tocsin.core.phrase import Phrase
from tocsin.lab.verifier.case import Case
from tocsin.lab.verifier.contract import Check
from tocsin.lab.verifier.finding import Counterexample, Finding, Path
from tocsin.lab.verifier.reach import Fall, Row
from tocsin.lab.verifier.wording import served

CODE = "V014"


def find(case: Case) -> Iterator[Finding]:
    """Each loss once, with the services that it leaves with nobody and a case of one of them.

    A way that fails and its provider that is down are one loss: what helps is the same.
    """
    found: dict[tuple[bool, str], list[tuple[Row, Fall]]] = {}
    for row in case.proof.every:
        for fall in row.falls:
            if fall.worst.at is None and row.responder.at is not None:
                found.setdefault((fall.loss == "person", fall.name), []).append((row, fall))
    for same in found.values():
        yield _finding(case, same)


def _finding(case: Case, same: list[tuple[Row, Fall]]) -> Finding:
    row, fall = same[0]
    values = {"name": fall.name}
    zone, told = case.rulebook.timezone, Phrase("lab.check.loss.case", values)
    assuming = (*case.proof.assuming, *fall.worst.assuming)
    example = Counterexample(row.service, row.priority, row.kind, fall.worst.opening, zone, told, None, assuming)
    what = "person" if fall.loss == "person" else "way"
    which, services = served(one.service for one, _ in same)
    text, hint = (
        Phrase(f"lab.check.loss.{what}{which}", values | services),
        Phrase(f"lab.check.loss.{what}.hint", values),
    )
    return Finding(CODE, "warning", _where(fall), text, hint, example)


def _where(fall: Fall) -> Path:
    return ("people", fall.name) if fall.loss == "person" else ("contact",)


CHECK = Check(CODE, "single-loss", "warning", find, proves=True)
