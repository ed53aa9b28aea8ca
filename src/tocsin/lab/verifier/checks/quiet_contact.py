"""An urgent contact ladder that wakes nobody: mail alone is read in the morning."""

from collections.abc import Iterator

from tocsin.core.catalogue.people import ContactLadder
from tocsin.core.oncall.readiness import LOUD
from tocsin.core.phrase import Phrase
from tocsin.lab.verifier.case import Case
from tocsin.lab.verifier.contract import Check
from tocsin.lab.verifier.finding import Finding

CODE = "V031"


def find(case: Case) -> Iterator[Finding]:
    """The ladder of all who have none of their own; those of single persons are theirs to see to."""
    ladder = case.rulebook.contact
    if case.rulebook.priorities.urgent and not _wakes(ladder):
        text = Phrase("lab.hole.quiet", {"methods": ", ".join(one.method for one in ladder.urgent) or "-"})
        hint = Phrase("lab.hole.quiet.hint", {"example": "[push, email, sms after 1m, voice after 3m]"})
        yield Finding(CODE, "warning", ("contact", "urgent"), text, hint)


def _wakes(ladder: ContactLadder) -> bool:
    return any(entry.method in LOUD for entry in ladder.urgent)


CHECK = Check(CODE, "quiet-contact", "warning", find)
