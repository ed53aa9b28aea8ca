"""What is known of a condition before any signal has come: from the priority alone, and only where it reads no more."""

from tocsin.core.catalogue.priority import Priority
from tocsin.core.ids import IncidentId
from tocsin.core.incident.state import Incident
from tocsin.core.incident.turn import context_of
from tocsin.core.routing.criteria import CriteriaError, Error, compile_condition
from tocsin.lab.verifier.case import Case

PRIORITY = "incident.priority"


def possible(case: Case, when: str | None, priority: Priority) -> bool:
    """Whether it may hold of an incident of that priority; what cannot be known beforehand may.

    One that cannot be judged counts as true, as it does live.
    """
    if when is None:
        return True
    try:
        condition = compile_condition(when)
    except CriteriaError:
        return True
    if {name for name, _ in condition.reads} - {PRIORITY}:
        return True
    state = Incident(id=IncidentId("proof"), status="open", priority=priority)
    verdict = condition.judge(context_of(state, case.world, case.start))
    return isinstance(verdict, Error) or verdict
