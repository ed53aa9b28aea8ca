"""One loss that leaves nobody: a person is away, a way has failed or a provider is down, and nothing rings.

What leaves at least the last resort is no finding of its own: the proof tells it.
"""

from collections.abc import Iterator

from tocsin.core.phrase import Phrase
from tocsin.lab.verifier.case import Case
from tocsin.lab.verifier.contract import Check
from tocsin.lab.verifier.finding import Counterexample, Finding, Path
from tocsin.lab.verifier.reach import Fall, Row
from tocsin.lab.verifier.wording import listed

CODE = "V014"


def find(case: Case) -> Iterator[Finding]:
    """Each loss once, with the services that it leaves with nobody and a case of one of them."""
    found: dict[tuple[str, str], list[tuple[Row, Fall]]] = {}
    for row in case.proof.rows:
        for fall in row.falls:
            if fall.worst.at is None and row.responder.at is not None:
                found.setdefault((fall.loss, fall.name), []).append((row, fall))
    for same in found.values():
        yield _finding(case, same)


def _finding(case: Case, same: list[tuple[Row, Fall]]) -> Finding:
    row, fall = same[0]
    values = {"name": fall.name, "services": listed(one.service for one, _ in same)}
    zone, told = case.rulebook.timezone, Phrase(f"lab.check.loss.{fall.loss}.case", values)
    assuming = (*case.proof.assuming, *fall.worst.assuming)
    example = Counterexample(row.service, row.priority, row.kind, fall.worst.opening, zone, told, None, assuming)
    text, hint = Phrase(f"lab.check.loss.{fall.loss}", values), Phrase(f"lab.check.loss.{fall.loss}.hint", values)
    return Finding(CODE, "error", _where(fall), text, hint, example)


def _where(fall: Fall) -> Path:
    return ("people", fall.name) if fall.loss == "person" else ("contact",)


CHECK = Check(CODE, "single-loss", "error", find, proves=True)
