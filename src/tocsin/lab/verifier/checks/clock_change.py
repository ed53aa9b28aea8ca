"""A DST hole, torn by a change of the clock alone: hours that the wall never shows, zones out of step."""

from collections.abc import Iterator

from tocsin.core.calendar.hours import Hours
from tocsin.core.calendar.working import elapsed
from tocsin.core.calendar.zones import end_of, format_day, local, start_of, transitions
from tocsin.core.ids import HoursId
from tocsin.core.instant import Instant
from tocsin.core.phrase import Phrase
from tocsin.lab.verifier.case import Case
from tocsin.lab.verifier.contract import Check
from tocsin.lab.verifier.finding import Finding
from tocsin.lab.verifier.irregular import example, torn
from tocsin.lab.verifier.uses import called_on, hours_in_use
from tocsin.lab.verifier.wording import lasting, wall

CODE = "V008"


def find(case: Case) -> Iterator[Finding]:
    """Schedules first, then hours."""
    for schedule in called_on(case):
        holes = [one for one in torn(case, schedule) if one.clocks]
        if holes:
            first = holes[0]
            values = {
                "n": str(len(holes)),
                "schedule": schedule,
                "from": wall(first.gap.start, first.zone),
                "until": wall(first.gap.end, first.zone),
                "zone": first.zone,
                "total": lasting(sum(one.gap.end - one.gap.start for one in holes)),
            }
            text, hint = Phrase("lab.check.clock", values), Phrase("lab.check.clock.hint")
            yield Finding(CODE, "warning", ("schedules", schedule), text, hint, example(case, schedule, first))
    for name in hours_in_use(case):
        yield from _swallowed(case, name)


def _swallowed(case: Case, name: HoursId) -> Iterator[Finding]:
    """The first day on which the clock jumps over a whole opening."""
    hours = case.rulebook.hours[name]
    for change in transitions(hours.timezone, case.start, case.end):
        if change.after > change.before and (lost := _lost(hours, change.at)) is not None:
            values = {
                "hours": name,
                "opening": lost,
                "day": wall(change.at, hours.timezone)[:10],
                "zone": hours.timezone,
            }
            text, hint = Phrase("lab.check.clock.hours", values), Phrase("lab.check.clock.hours.hint", values)
            yield Finding(CODE, "warning", ("hours", name), text, hint)
            return


def _lost(hours: Hours, change: Instant) -> str | None:
    at = local(hours.timezone, change)
    if format_day(at.day) in hours.holidays:
        return None
    for begin, end in hours.week[at.weekday]:
        span = start_of(hours.timezone, at.day, begin), end_of(hours.timezone, at.day, end)
        if not elapsed(*span, hours):
            return f"{begin // 60:02}:{begin % 60:02}-{end // 60:02}:{end % 60:02}"
    return None


CHECK = Check(CODE, "clock-change", "warning", find)
