"""An unverified or broken contact: ways to somebody who is called that failed, are missing or were never tried."""

from collections.abc import Iterator

from tocsin.core.ids import PersonId
from tocsin.core.phrase import Phrase
from tocsin.lab.verifier.case import Case
from tocsin.lab.verifier.contract import Check
from tocsin.lab.verifier.finding import Finding
from tocsin.lab.verifier.uses import names_people
from tocsin.lab.verifier.wording import listed

CODE = "V007"


def find(case: Case) -> Iterator[Finding]:
    """An error where nothing leads to them; a warning where something is broken; else worth knowing.

    Of rulebook files alone, with no roster facts (version 0), nothing was ever verified: that is no news.
    """
    for person in names_people(case):
        if person in case.rulebook.people:
            yield from _person(case, person)


def _person(case: Case, person: PersonId) -> Iterator[Finding]:
    ways = case.facts.methods.get(person, {})
    broken = [method for method, state in sorted(ways.items()) if state == "broken"]
    where = ("people", str(person))
    values = {"person": str(person), "methods": listed(broken)}
    if len(broken) == len(ways):
        key = "lab.check.unreachable" if broken else "lab.check.no_way"
        yield Finding(CODE, "error", where, Phrase(key, values), Phrase("lab.check.unreachable.hint", values))
    elif broken:
        yield Finding(
            CODE, "warning", where, Phrase("lab.check.broken", values), Phrase("lab.check.broken.hint", values)
        )
    elif case.facts.version and "verified" not in ways.values():
        values = {"person": str(person), "methods": listed(sorted(ways))}
        text, hint = Phrase("lab.check.unverified", values), Phrase("lab.check.unverified.hint", values)
        yield Finding(CODE, "info", where, text, hint)


CHECK = Check(CODE, "contact", "error", find)
