"""An opening of which no human ever hears, or a last resort that is empty at times: it is reported, and nothing rings.

It is read off the proof, and so it holds for every instant of the time ahead, whatever signals say.
"""

from collections.abc import Iterable, Iterator

from tocsin.core.phrase import Phrase
from tocsin.lab.verifier.case import Case
from tocsin.lab.verifier.contract import Check
from tocsin.lab.verifier.finding import Counterexample, Finding
from tocsin.lab.verifier.reach import Row, Worst
from tocsin.lab.verifier.wording import home, listed, served

CODE = "V013"


def find(case: Case) -> Iterator[Finding]:
    """Each service that reaches nobody, and what names none, with the worst of its openings; the last resort once."""
    rows: dict[str, list[Row]] = {}
    for row in case.proof.every:
        rows.setdefault(row.service, []).append(row)
    for service, mine in rows.items():
        if silent := [one for one in mine if one.first.at is None]:
            yield _silent(case, service, silent)
    if endless := [name for name, mine in rows.items() if not all(one.ends_at_human for one in mine)]:
        which, values = served(endless)
        text, hint = Phrase(f"lab.check.endless{which}", values), Phrase("lab.check.endless.hint")
        yield Finding(CODE, "error", ("last_resort",), text, hint)


def _silent(case: Case, service: str, rows: Iterable[Row]) -> Finding:
    silent = list(rows)
    values = {"service": service, "priorities": listed(one.priority for one in silent)}
    text = Phrase("lab.check.unreached" if service else "lab.check.unreached.nowhere", values)
    hint, example = Phrase("lab.check.unreached.hint"), _example(case, silent[0], silent[0].first)
    return Finding(CODE, "error", home(service), text, hint, example)


def _example(case: Case, row: Row, worst: Worst) -> Counterexample:
    zone, told = case.rulebook.timezone, Phrase("lab.check.unreached.case")
    return Counterexample(
        row.service,
        row.priority,
        row.kind,
        worst.opening,
        zone,
        told,
        worst.at,
        (*case.proof.assuming, *worst.assuming),
    )


CHECK = Check(CODE, "nobody-reached", "error", find, proves=True)
