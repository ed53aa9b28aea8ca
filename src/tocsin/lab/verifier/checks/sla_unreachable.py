"""A promise to respond that cannot be kept when all but the last answer too late: the ladder comes to them after it.

Steps with a condition are taken to come, for nothing says that they will not. The worst opening is looked for at every
edge of the hours involved, and at what lies the waits before one.
"""

from collections.abc import Hashable, Iterator

from msgspec import Struct
from msgspec.structs import replace

from tocsin.core.calendar import working
from tocsin.core.calendar.hours import Hours
from tocsin.core.catalogue.priority import PRIORITIES, Priority
from tocsin.core.catalogue.service import Service
from tocsin.core.instant import DAY, Duration, Instant, Period, format_duration
from tocsin.core.phrase import Phrase
from tocsin.core.policy.policy import Policy
from tocsin.core.sla.target import Sla
from tocsin.lab.verifier.case import Case
from tocsin.lab.verifier.contract import Check
from tocsin.lab.verifier.finding import Counterexample, Finding

CODE = "V021"


class _Late(Struct, frozen=True):
    """What opens at `at` must be answered by `due`, and its last people are called at `last`; `step` passes it."""

    priority: Priority
    at: Instant
    due: Instant
    last: Instant
    step: int


def find(case: Case) -> Iterator[Finding]:
    """One finding for each policy and SLA that do not go together."""
    seen: set[tuple[str, str]] = set()
    known: _Known = {}
    for service in case.rulebook.services.values():
        policy, sla = case.rulebook.policies.get(service.policy), case.rulebook.slas.get(service.sla or "")
        if policy is None or sla is None or (policy.id, sla.id) in seen or "respond" not in sla.targets:
            continue
        seen.add((policy.id, sla.id))
        late = [one for priority in PRIORITIES if (one := _late(priority, policy, sla, case, known)) is not None]
        if late:
            yield _finding(late, service, policy, sla, case)


def _finding(late: list[_Late], service: Service, policy: Policy, sla: Sla, case: Case) -> Finding:
    worst = max(late, key=lambda one: (one.last - one.due, one.priority))
    promised, takes = format_duration(worst.due - worst.at), format_duration(worst.last - worst.at)
    values = {
        "sla": sla.id, "policy": policy.id, "priority": worst.priority, "promised": promised, "takes": takes,
        "priorities": ", ".join(one.priority for one in late), "last": str(len(policy.functional)),
        "step": str(worst.step + 1), "service": service.id,
    }  # fmt: skip
    hours = case.rulebook.hours.get(sla.hours)
    example = Counterexample(
        service.id, worst.priority, "incident", worst.at, hours.timezone if hours else case.rulebook.timezone,
        Phrase("lab.hole.sla.case", values), worst.last, (Phrase("lab.hole.assuming_late"),),
    )  # fmt: skip
    where = ("policies", policy.id, "functional", str(worst.step))
    return Finding(CODE, "warning", where, Phrase("lab.hole.sla", values), Phrase("lab.hole.sla.hint", values), example)


_Known = dict[Hashable, "_Late | None"]
"""Answers by waits and promise: most policies of an organisation wait alike."""


def _late(priority: Priority, policy: Policy, sla: Sla, case: Case, known: _Known) -> _Late | None:
    promised = sla.targets["respond"].get(priority)
    if promised is None:
        return None
    question = (tuple((step.wait, step.hours) for step in policy.functional[:-1]), promised, sla.hours)
    if question not in known:
        known[question] = _worst(priority, policy, promised, case.rulebook.hours.get(sla.hours), case)
    found = known[question]
    return None if found is None else replace(found, priority=priority)


def _worst(priority: Priority, policy: Policy, promised: Period, counted: Hours | None, case: Case) -> _Late | None:
    found = None
    for at in sorted(set(_openings(policy, promised, counted, case))):
        due = _after(at, promised, counted)
        entered = _entered(at, policy, case)
        if entered[-1] > due and (found is None or entered[-1] - due > found.last - found.due):
            step = next(number for number, end in enumerate(entered[1:]) if end > due)
            found = _Late(priority, at, due, entered[-1], step)
    return found


def _entered(at: Instant, policy: Policy, case: Case) -> list[Instant]:
    """When each step of the first lap is entered, nobody answering."""
    entered = [at]
    for step in policy.functional[:-1]:
        entered.append(_after(entered[-1], step.wait, case.rulebook.hours.get(step.hours or "")))
    return entered


def _openings(policy: Policy, promised: Period, counted: Hours | None, case: Case) -> Iterator[Instant]:
    """Openings among which the worst one is: the start, and around every edge of hours."""
    yield case.start
    involved = {step.hours: case.rulebook.hours.get(step.hours or "") for step in policy.functional[:-1]}
    every = [hours for hours in (*involved.values(), counted) if hours is not None]
    if not every:
        return
    back: set[Duration] = {0, promised.elapsed}
    for step in policy.functional[:-1]:
        back |= {before + step.wait.elapsed for before in tuple(back)} if len(back) < _MOST else set()
    for hours in every:
        for span in working.openings(case.start, min(case.end, case.start + _FAR), hours):
            for edge in (span.start, span.end):
                yield from (at for before in back for at in (edge - before, edge - before + 1) if at >= case.start)


_MOST = 16
_FAR = 35 * DAY
"""Weeks of hours are alike, and one that misses the promise is enough."""


def _after(start: Instant, period: Period, hours: Hours | None) -> Instant:
    due = working.due(start, period, hours)
    return start + period.elapsed if due is None else due


CHECK = Check(CODE, "sla-unreachable", "warning", find)
