"""A manager loop: a climb that comes back to those who did not answer, instead of reaching somebody above them."""

from collections.abc import Iterator

from tocsin.core.ids import PersonId
from tocsin.core.phrase import Phrase
from tocsin.core.rulebook import Rulebook
from tocsin.lab.verifier.case import Case
from tocsin.lab.verifier.contract import Check
from tocsin.lab.verifier.finding import Finding, Severity
from tocsin.lab.verifier.uses import ever, functional, uses

CODE = "V010"


def find(case: Case) -> Iterator[Finding]:
    """Of each team whose lead stands under somebody of whom they are the lead; and circles of managers."""
    told: set[tuple[str, ...]] = set()
    for use in uses(case):
        lead = case.rulebook.teams[use.team].lead
        called = frozenset(person for one in functional(case, use) for person in ever(case, one))
        chain = () if lead is None else tuple(_above(case.rulebook, lead))
        back = next((person for person in chain if person in called or person == lead), None)
        where = ("people", str(lead), "manager")
        if back is None or where in told:
            continue
        told.add(where)
        values = {"team": use.team, "lead": str(lead), "person": back, "chain": " -> ".join([str(lead), *chain])}
        key = "lab.check.manager.circle" if back == lead else "lab.check.manager"
        severity: Severity = "error" if back == lead else "warning"
        yield Finding(CODE, severity, where, Phrase(key, values), Phrase("lab.check.manager.hint", values))


def _above(book: Rulebook, person: PersonId) -> Iterator[PersonId]:
    """Managers all the way up; in a circle each once, the person themselves last."""
    seen: set[PersonId] = set()
    known = book.people.get(person)
    while known is not None and known.manager is not None and known.manager not in seen:
        seen.add(known.manager)
        yield known.manager
        if known.manager == person:
            return
        known = book.people.get(known.manager)


CHECK = Check(CODE, "manager-loop", "warning", find)
