"""An opening of which no human ever hears, or a last resort that is empty at times: it is reported, and nothing rings.

It is read off the proof, and so it holds for every instant of the time ahead, whatever signals say.
"""

from collections.abc import Iterable, Iterator

from tocsin.core.phrase import Phrase
from tocsin.lab.verifier.case import Case
from tocsin.lab.verifier.contract import Check
from tocsin.lab.verifier.finding import Counterexample, Finding
from tocsin.lab.verifier.reach import Row, Worst
from tocsin.lab.verifier.wording import listed

CODE = "V013"


def find(case: Case) -> Iterator[Finding]:
    """Each service that reaches nobody, with the worst of its openings; and the last resort once."""
    rows: dict[str, list[Row]] = {}
    for row in case.proof.rows:
        rows.setdefault(row.service, []).append(row)
    for service, mine in rows.items():
        if silent := [one for one in mine if one.first.at is None]:
            yield _silent(case, service, silent)
    if endless := [name for name, mine in rows.items() if not all(one.ends_at_human for one in mine)]:
        values = {"services": listed(endless)}
        text, hint = Phrase("lab.check.endless", values), Phrase("lab.check.endless.hint")
        yield Finding(CODE, "error", ("last_resort",), text, hint)


def _silent(case: Case, service: str, rows: Iterable[Row]) -> Finding:
    silent = list(rows)
    values = {"service": service, "priorities": listed(one.priority for one in silent)}
    text, hint = Phrase("lab.check.unreached", values), Phrase("lab.check.unreached.hint")
    return Finding(CODE, "error", ("services", service), text, hint, _example(case, silent[0], silent[0].first))


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
