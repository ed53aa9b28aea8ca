"""A policy without a hierarchical ladder: however long it lasts, nobody hears of it but those who are to work on it.

Where an SLA or a criterion asks or informs somebody, management hears of it by that way, and nothing is said.
"""

from collections.abc import Iterator

from tocsin.core.catalogue.service import Service
from tocsin.core.phrase import Phrase
from tocsin.lab.verifier.audience import teams_under
from tocsin.lab.verifier.case import Case
from tocsin.lab.verifier.contract import Check
from tocsin.lab.verifier.finding import Finding
from tocsin.lab.verifier.opening import nowhere

CODE = "V034"


def find(case: Case) -> Iterator[Finding]:
    """Each such policy; to what names no known service nothing is promised."""
    book = case.rulebook
    if not book.priorities.urgent or any(one.then.escalate is not None for one in book.criteria):
        return
    for name in teams_under(book):
        services = [one for one in (*book.services.values(), nowhere(book)) if one.policy == name]
        if not book.policies[name].hierarchical and not (services and all(_promised(one, case) for one in services)):
            text = Phrase("lab.hole.unaware", {"policy": name})
            hint = Phrase("lab.hole.unaware.hint", {"example": "{after: 30m, unless: acknowledged, inform: team.lead}"})
            yield Finding(CODE, "info", ("policies", name), text, hint)


def _promised(service: Service, case: Case) -> bool:
    """Whether an SLA tells somebody on the way to a breach."""
    sla = case.rulebook.slas.get(service.sla or "")
    return sla is not None and any(sla.levels.values())


CHECK = Check(CODE, "management-unaware", "info", find)
