"""A coverage gap: a schedule that is called on and has times in which nobody is on, though nobody meant it so.

A layer that is closed was meant to be. But where one layer closes and another one opens a little later, they were to
meet: hours of which every one is right leave a hole between them. A schedule that follows another has no layers of its
own; what is torn in the other is told there, once.
"""

from collections.abc import Iterator

from tocsin.core.ids import ScheduleId
from tocsin.core.instant import HOUR, Duration, Instant
from tocsin.core.oncall.coverage import Shift
from tocsin.core.phrase import Phrase
from tocsin.lab.verifier.case import Case
from tocsin.lab.verifier.contract import Check
from tocsin.lab.verifier.finding import Counterexample, Finding
from tocsin.lab.verifier.irregular import laid_out, torn
from tocsin.lab.verifier.opening import nowhere
from tocsin.lab.verifier.uses import called_on
from tocsin.lab.verifier.wording import lasting, wall

CODE = "V001"
SEAM: Duration = 4 * HOUR
"""What is longer between two layers was rather meant: a night, a weekend."""


def find(case: Case) -> Iterator[Finding]:
    """Of each schedule one finding, or two, with the first gap, how many there are, and how long they last together."""
    for schedule in called_on(case):
        gaps = [one for one in laid_out(case, schedule) if one.gap and not one.deliberate]
        if gaps:
            yield _finding(case, schedule, gaps)
        if seams := _seams(case, schedule):
            yield _finding(case, schedule, seams, seam=True)


def _seams(case: Case, schedule: ScheduleId) -> list[Shift]:
    """Short gaps between two layers, less what a clock or a holiday has torn: other checks tell of these."""
    if case.rulebook.schedules[schedule].follows is not None:
        return []
    found = [one for one in laid_out(case, schedule) if _short(one) and _between_layers(case, schedule, one)]
    others = {one.gap.start for one in torn(case, schedule)} if found else set()
    return [one for one in found if one.start not in others]


def _short(shift: Shift) -> bool:
    return shift.gap and shift.end - shift.start <= SEAM and {phrase.key for phrase in shift.why} == {"oncall.closed"}


def _between_layers(case: Case, schedule: ScheduleId, gap: Shift) -> bool:
    """Whether other layers are on after it than before."""
    before, after = (_layers(case, schedule, at) for at in (gap.start - 1, gap.end))
    return bool(before) and bool(after) and not before & after


def _layers(case: Case, schedule: ScheduleId, at: Instant) -> frozenset[str]:
    reasons = (phrase for duty in case.world.roster(schedule, at).duties for phrase in duty.why)
    return frozenset(phrase.values["layer"] for phrase in reasons if phrase.key == "oncall.turn")


def _finding(case: Case, schedule: ScheduleId, gaps: list[Shift], *, seam: bool = False) -> Finding:
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
    text = Phrase("lab.check.seam" if seam else "lab.check.gap", values)
    hint = Phrase("lab.check.seam.hint" if seam else "lab.check.gap.hint", {"schedule": schedule})
    return Finding(CODE, "warning", ("schedules", schedule), text, hint, _example(case, schedule, first, zone))


def _example(case: Case, schedule: ScheduleId, gap: Shift, zone: str) -> Counterexample | None:
    """What opens at the beginning of the gap for a service, or none, whose team is called by this schedule."""
    book = case.rulebook
    teams = {team.id for team in book.teams.values() if team.on_call == schedule}
    service = next((one.id for one in (*book.services.values(), nowhere(book)) if one.team in teams), None)
    if service is None:
        return None
    why = gap.why[0] if gap.why else Phrase("lab.check.gap.nobody")
    text = Phrase("lab.check.gap.case", {"schedule": schedule, "until": wall(gap.end, zone)})
    return Counterexample(service, book.priorities.of_severity(""), "incident", gap.start, zone, text, None, (why,))


CHECK = Check(CODE, "coverage-gap", "warning", find)
