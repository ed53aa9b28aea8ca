"""A coverage gap: a schedule that is called on and has times in which nobody is on, though nobody meant it so."""

from collections.abc import Iterator

from tocsin.core.ids import ScheduleId
from tocsin.core.oncall.coverage import Shift
from tocsin.core.phrase import Phrase
from tocsin.lab.verifier.case import Case
from tocsin.lab.verifier.contract import Check
from tocsin.lab.verifier.finding import Counterexample, Finding
from tocsin.lab.verifier.irregular import laid_out
from tocsin.lab.verifier.uses import called_on
from tocsin.lab.verifier.wording import lasting, wall

CODE = "V001"


def find(case: Case) -> Iterator[Finding]:
    """One finding for each schedule, with the first gap, how many there are, and how long they last together."""
    for schedule in called_on(case):
        gaps = [one for one in laid_out(case, schedule) if one.gap and not one.deliberate]
        if gaps:
            yield _finding(case, schedule, gaps)


def _finding(case: Case, schedule: ScheduleId, gaps: list[Shift]) -> Finding:
    zone = case.rulebook.schedules[schedule].timezone
    first = gaps[0]
    values = {
        "n": str(len(gaps)),
        "schedule": schedule,
        "from": wall(first.start, zone),
        "until": wall(first.end, zone),
        "zone": zone,
        "total": lasting(sum(one.end - one.start for one in gaps)),
    }
    text, hint = Phrase("lab.check.gap", values), Phrase("lab.check.gap.hint", {"schedule": schedule})
    return Finding(CODE, "warning", ("schedules", schedule), text, hint, _example(case, schedule, first, zone))


def _example(case: Case, schedule: ScheduleId, gap: Shift, zone: str) -> Counterexample | None:
    """What opens at the beginning of the gap for a service whose team is called by this schedule."""
    book = case.rulebook
    teams = {team.id for team in book.teams.values() if team.on_call == schedule}
    service = next((one.id for one in book.services.values() if one.team in teams), None)
    if service is None:
        return None
    why = gap.why[0] if gap.why else Phrase("lab.check.gap.nobody")
    text = Phrase("lab.check.gap.case", {"schedule": schedule, "until": wall(gap.end, zone)})
    return Counterexample(service, book.priorities.of_severity(""), "incident", gap.start, zone, text, None, (why,))


CHECK = Check(CODE, "coverage-gap", "warning", find)
