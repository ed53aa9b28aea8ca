"""`tocsin schedule`: the shifts of a schedule, one after the other, and the gaps in which nobody is on."""

from typing import Annotated, Any

from cyclopts import Parameter

from tocsin.cli.oncall import known
from tocsin.cli.options import DATABASE, Database, Format, RulebookPath, introduce
from tocsin.cli.output import MistakeError, say_json, table
from tocsin.cli.rules import Rules, find_rules
from tocsin.cli.times import read_time, show_time
from tocsin.core.ids import ScheduleId
from tocsin.core.instant import DAY, Duration, format_duration, format_instant
from tocsin.core.oncall.coverage import Shift, shifts
from tocsin.engine.clock import SystemClock
from tocsin.lib.translate import say as sentence

app = introduce(
    "schedule",
    """
tocsin schedule shifts infra-primary
tocsin schedule shifts infra-primary --from 2026-03-23 --to 2026-04-06
tocsin schedule shifts weekend-duty --to +90d --format json
""",
)

LONGEST: Duration = 3660 * DAY


@app.command(name="shifts")
def lay_out(
    name: Annotated[str, Parameter(help="the schedule's id")],
    /,
    *,
    start: Annotated[
        str,
        Parameter(name="--from", help="the first instant: a day, a time, now, +2h or -7d", allow_leading_hyphen=True),
    ] = "now",
    end: Annotated[
        str,
        Parameter(
            name="--to", help="the end, itself not included; a day means its midnight", allow_leading_hyphen=True
        ),
    ] = "+14d",
    rulebook: RulebookPath = None,
    database: Database = DATABASE,
    form: Format = "text",
) -> None:
    """Print the shifts of a schedule between two times, gaps included."""
    rules = find_rules(rulebook, database)
    known(rules, name)
    book, now = rules.rulebook, SystemClock().now()
    first = read_time(start, book.timezone, now)
    last = read_time(end, book.timezone, first if end.startswith("+") else now)
    if not first < last <= first + LONGEST:
        raise MistakeError(
            f"from {start} to {end} is no stretch of time", "--to is later than --from, by ten years at most"
        )
    found = shifts(ScheduleId(name), first, last, book.schedules, book.hours, rules.facts)
    if form == "json":
        edges = {"from": format_instant(first), "to": format_instant(last)}
        say_json({"schedule": name, **edges, "shifts": [_as_data(rules, shift) for shift in found]})
        return
    table(("from", "to", "length", "who", "why"), [_as_row(rules, shift) for shift in found])


def _as_data(rules: Rules, shift: Shift) -> dict[str, Any]:
    return {
        "start": format_instant(shift.start),
        "end": format_instant(shift.end),
        "people": [{"person": person, "name": rules.names.get(person, "")} for person in shift.people],
        "gap": shift.gap,
        "deliberate": shift.deliberate,
        "why": [sentence(phrase) for phrase in shift.why],
    }


def _as_row(rules: Rules, shift: Shift) -> tuple[str, ...]:
    zone = rules.rulebook.timezone
    who = ", ".join(rules.name(person) for person in shift.people) or "nobody"
    why = "; ".join(sentence(phrase) for phrase in shift.why)
    length = format_duration(shift.end - shift.start)
    return show_time(shift.start, zone), show_time(shift.end, zone), length, who, why
