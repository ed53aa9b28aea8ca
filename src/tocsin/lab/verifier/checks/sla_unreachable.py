"""An SLA unreachable: when all but the last answer too late, the ladder comes to those after what was promised.

Its clock starts at the opening, or where it `starts: hand_over` at the first of the ladder. One that starts when
somebody accepts is never late: whoever accepts has responded.

Where the proof is made, it says which promises cannot be kept besides: in other weeks than the first five, under
policies that criteria choose. Without it the policies of services are looked at, at every priority, so that it does not
matter which of them a criterion raises to.

Steps with a condition are taken to come, unless it cannot hold at a priority. What is P3 or milder waits for a closed
team to open. The worst opening is looked for at every
edge of the hours involved, and at what lies the waits before one.
"""

from collections.abc import Hashable, Iterator

from msgspec import Struct
from msgspec.structs import replace

from tocsin.core.calendar import working
from tocsin.core.calendar.hours import Hours
from tocsin.core.catalogue.priority import PRIORITIES, Priority, at_least
from tocsin.core.catalogue.service import Service
from tocsin.core.ids import ALWAYS, SlaId, TeamId
from tocsin.core.instant import DAY, Duration, Instant, Period, format_duration
from tocsin.core.phrase import Phrase
from tocsin.core.policy.policy import Policy
from tocsin.core.rulebook import Rulebook
from tocsin.core.sla.target import Sla
from tocsin.core.steps import FunctionalStep, HandOver
from tocsin.lab.verifier.audience import walk
from tocsin.lab.verifier.case import Case
from tocsin.lab.verifier.contract import Check
from tocsin.lab.verifier.finding import Counterexample, Finding
from tocsin.lab.verifier.reach import Proof, Respond, Row
from tocsin.lab.verifier.satisfying import consistent

CODE = "V021"


class _Late(Struct, frozen=True):
    """What opens at `at` must be answered by `due`, and its last people are called at `last`; `step` passes it.

    The clock starts at `begun`; `ends` is the step that calls those last people.
    """

    priority: Priority
    at: Instant
    begun: Instant
    due: Instant
    last: Instant
    step: int
    ends: int


class _Rung(Struct, frozen=True):
    """A step as far as time goes: its wait in those hours, and the doors that must be open before it calls anybody.

    At the first hand-over the clock `starts`, where it waits for that.
    """

    number: int
    wait: Period
    hours: str
    doors: str
    starts: bool


def find(case: Case) -> Iterator[Finding]:
    """For each policy and SLA that do not go together one finding, or two where it has two reasons."""
    seen: set[tuple[str, str]] = set()
    known: _Known = {}
    for service in case.rulebook.services.values():
        policy, sla = case.rulebook.policies.get(service.policy), case.rulebook.slas.get(service.sla or "")
        if policy is None or sla is None or (policy.id, sla.id) in seen or "respond" not in sla.targets:
            continue
        late = [one for each in PRIORITIES if (one := _late(each, service, policy, sla, case, known)) is not None]
        for closed in (False, True):
            counted = case.rulebook.hours.get(sla.hours)
            if some := [one for one in late if _waits_for_doors(one, policy, counted) is closed]:
                seen.add((policy.id, sla.id))
                yield _finding(some, service, policy, sla, case, closed=closed)
    if case.made is not None:
        yield from _proved(case, case.made, seen)


def _proved(case: Case, proof: Proof, seen: set[tuple[str, str]]) -> Iterator[Finding]:
    """What the proof shows of policies of which nothing has been said yet: each with each promise once."""
    for row in proof.rows:
        one = row.respond
        if one is None or one.met or one.worst.at is None or one.worst.by[:1] != ("policies",):
            continue
        policy, sla = one.worst.by[1], one.sla
        if (policy, sla) not in seen:
            seen.add((policy, sla))
            yield _of_row(case, row, one, one.worst.at)


def _of_row(case: Case, row: Row, one: Respond, last: Instant) -> Finding:
    opening, by, book = one.worst.opening, one.worst.by, case.rulebook
    counted = book.hours.get(book.slas[SlaId(one.sla)].hours)
    number = str(int(by[3]) + 1) if len(by) > 3 else "1"
    values = {
        "sla": one.sla, "policy": by[1], "priority": row.priority, "priorities": row.priority,
        "last": number, "step": number, "service": row.service, **_lengths(one.begun, one.due, last, counted),
    }  # fmt: skip
    kind = "" if one.handed is None else "_handed"
    told, assuming = Phrase(f"lab.hole.sla{kind}.case", values), (*case.proof.assuming, *one.worst.assuming)
    zone = case.rulebook.timezone
    example = Counterexample(row.service, row.priority, row.kind, opening, zone, told, last, assuming)
    text, hint = Phrase(f"lab.hole.sla{kind}", values), Phrase("lab.hole.sla_closed.hint", values)
    return Finding(CODE, "warning", by, text, hint, example)


def _waits_for_doors(late: _Late, policy: Policy, counted: Hours | None) -> bool:
    """Whether more of the promise's time passes than the waits themselves: a night, a closed team."""
    return working.elapsed(late.at, late.last, counted) > sum(step.wait.elapsed for step in policy.functional[:-1])


def _lengths(begun: Instant, due: Instant, last: Instant, counted: Hours | None) -> dict[str, str]:
    """What is promised and what it takes, in the time that the promise counts."""
    hours = "" if counted is None else f" ({counted.id})"
    ends = {"promised": due, "takes": last}
    return {name: format_duration(working.elapsed(begun, end, counted)) + hours for name, end in ends.items()}


def _hint(late: _Late, service: Service, policy: Policy, sla: Sla, book: Rulebook) -> str:
    """The hours in which somebody is there, where they are one: what helps where a night comes between."""
    rungs = _rungs(late.priority, policy, service.team, book, sla.starts)
    names = {name for rung in rungs for name in (rung.hours, rung.doors) if name} - {ALWAYS}
    return names.pop() if len(names) == 1 and sla.hours not in names else ""


def _finding(late: list[_Late], service: Service, policy: Policy, sla: Sla, case: Case, *, closed: bool) -> Finding:
    worst = max(late, key=lambda one: (one.last - one.due, -PRIORITIES.index(one.priority)))
    hours = case.rulebook.hours.get(sla.hours)
    kind = "_handed" if sla.starts == "hand_over" else ""
    values = {
        "sla": sla.id, "policy": policy.id, "priority": worst.priority,
        "priorities": ", ".join(one.priority for one in late), "last": str(worst.ends + 1),
        "step": str(worst.step + 1), "service": service.id, "hours": _hint(worst, service, policy, sla, case.rulebook),
        **_lengths(worst.begun, worst.due, worst.last, hours),
    }  # fmt: skip
    example = Counterexample(
        service.id, worst.priority, "incident", worst.at, hours.timezone if hours else case.rulebook.timezone,
        Phrase(f"lab.hole.sla{kind}.case", values), worst.last, (Phrase("lab.hole.assuming_late"),),
    )  # fmt: skip
    where = ("policies", policy.id, "functional", str(worst.step))
    there = "lab.hole.sla_hours.hint" if values["hours"] else "lab.hole.sla_closed.hint"
    hint = Phrase(there if closed else f"lab.hole.sla{kind}.hint", values)
    return Finding(CODE, "warning", where, Phrase(f"lab.hole.sla{kind}", values), hint, example)


_Known = dict[Hashable, "_Late | None"]
"""Answers by waits and promise: most policies of an organisation wait alike."""


def _late(priority: Priority, service: Service, policy: Policy, sla: Sla, case: Case, known: _Known) -> _Late | None:
    promised = sla.targets["respond"].get(priority)
    if promised is None:
        return None
    question = (_rungs(priority, policy, service.team, case.rulebook, sla.starts), promised, sla.hours)
    if sla.starts != "opening" and not any(one.starts for one in question[0]):
        return None
    if question not in known:
        counted = case.rulebook.hours.get(sla.hours)
        known[question] = _worst(priority, question[0], promised, counted, case) if question[0] else None
    found = known[question]
    return None if found is None else replace(found, priority=priority)


def _rungs(priority: Priority, policy: Policy, team: TeamId, book: Rulebook, starts: str) -> tuple[_Rung, ...]:
    """The steps that may come; what is not grave waits for a closed team to open, unless a step says its own hours."""
    grave = at_least(priority, "P2")
    some = [(number, step) for number, step in enumerate(policy.functional) if _may_come(step, priority)]
    coming = replace(policy, functional=tuple(step for _, step in some))
    steps = tuple(walk(coming, team, book)) if starts != "acceptance" else ()
    first = next((place for place, step, _ in steps if isinstance(step, HandOver) and starts == "hand_over"), None)
    return tuple(
        _Rung(
            some[place][0],
            step.wait,
            step.hours or "",
            "" if grave or step.hours else _doors(step, owner, book),
            place == first,
        )
        for place, step, owner in steps
    )


def _may_come(step: FunctionalStep, priority: Priority) -> bool:
    return step.when is None or consistent(frozenset({(step.when, True), (f"incident.priority == {priority}", True)}))


def _doors(step: FunctionalStep, owner: TeamId, book: Rulebook) -> str:
    """The hours of the one team that a step calls; none where it calls anybody else, too."""
    names = set()
    for target in step.targets:
        if target.kind != "team" and target.name not in ("team", "team.next", "team.all"):
            return ""
        team = book.teams.get(target.name if target.kind == "team" else owner)
        names.add("" if team is None else str(team.hours))
    return names.pop() if len(names) == 1 else ""


def _worst(
    priority: Priority, rungs: tuple[_Rung, ...], promised: Period, counted: Hours | None, case: Case
) -> _Late | None:
    found = None
    for at in sorted(set(_openings(rungs, promised, counted, case))):
        entered, begun = _entered(at, rungs, case)
        due = _after(begun, promised, counted)
        if entered[-1] > due and (found is None or entered[-1] - due > found.last - found.due):
            late = next(place for place, entry in enumerate(entered) if entry > due)
            step = rungs[max(late - 1, 0)].number
            found = _Late(priority, at, begun, due, entered[-1], step, rungs[-1].number)
    return found


def _entered(at: Instant, rungs: tuple[_Rung, ...], case: Case) -> tuple[list[Instant], Instant]:
    """When each step of the first lap calls somebody, nobody answering; and when the clock starts.

    It is handed over at once, also to a team whose doors are closed.
    """
    entered, begun = [], at
    for rung in rungs:
        begun = at if rung.starts else begun
        opened = working.next_opening(at, case.rulebook.hours.get(rung.doors))
        entered.append(at if opened is None else opened)
        at = _after(entered[-1], rung.wait, case.rulebook.hours.get(rung.hours))
    return entered, begun


def _openings(rungs: tuple[_Rung, ...], promised: Period, counted: Hours | None, case: Case) -> Iterator[Instant]:
    """Openings among which the worst one is: the start, and around every edge of hours."""
    yield case.start
    names = {name for rung in rungs for name in (rung.hours, rung.doors)}
    every = {one.id: one for one in (counted, *map(case.rulebook.hours.get, names)) if one is not None}
    if not every:
        return
    back: set[Duration] = {0, promised.elapsed}
    for rung in rungs[:-1]:
        back |= {before + rung.wait.elapsed for before in tuple(back)} if len(back) < _MOST else set()
    for hours in every.values():
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
