"""`tocsin oncall`: who is on call at an instant, past or future, and why."""

from typing import Annotated, Any

from cyclopts import Parameter

from tocsin.cli.known import instead
from tocsin.cli.options import DATABASE, Database, Format, RulebookPath, introduce
from tocsin.cli.output import MistakeError, safe, say, say_json
from tocsin.cli.rules import Rules, find_rules
from tocsin.cli.times import read_time, show_time
from tocsin.core.ids import ScheduleId
from tocsin.core.instant import Instant, format_instant
from tocsin.core.oncall.roster import Duty, Roster, roster
from tocsin.engine.clock import SystemClock
from tocsin.lib.translate import say as sentence

app = introduce(
    "oncall",
    """
tocsin oncall
tocsin oncall infra-primary --at "2026-03-29 02:30"
tocsin oncall --at 2026-12-24T18:00:00Z --rulebook examples/acme.yaml --format json
""",
    "Overrides, swaps and absences are those of the database; a rulebook that is given with --rulebook has none. "
    "A past time is answered by the rulebook that was in force then and by what had been entered by then.",
)


@app.default
def oncall(
    schedules: Annotated[tuple[str, ...], Parameter(help="ids of schedules; all of them without any")] = (),
    /,
    *,
    at: Annotated[
        str,
        Parameter(
            help="a time, such as 2026-03-29 02:30 on the organisation's clock, or +2h, or -1d",
            allow_leading_hyphen=True,
        ),
    ] = "now",
    rulebook: RulebookPath = None,
    database: Database = DATABASE,
    form: Format = "text",
) -> None:
    """Look each schedule up."""
    rules, now = find_rules(rulebook, database), SystemClock().now()
    instant = read_time(at, rules.rulebook.timezone, now)
    if instant < now:
        rules = find_rules(rulebook, database, instant)
    found = {name: look_up(rules, name, instant) for name in schedules or rules.rulebook.schedules}
    if form == "json":
        answers = [as_data(rules, name, answer) for name, answer in found.items()]
        say_json({"at": format_instant(instant), "schedules": answers})
        return
    zone = rules.rulebook.timezone
    say(f"On call at {show_time(instant, zone)} ({zone}), by {safe(rules.origin)}")
    for name, answer in found.items():
        as_text(rules, name, answer)


def look_up(rules: Rules, name: str, at: Instant) -> Roster:
    """The roster of one schedule."""
    known(rules, name)
    book = rules.rulebook
    return roster(ScheduleId(name), at, book.schedules, book.hours, rules.facts)


def known(rules: Rules, name: str) -> None:
    """MistakeError when there is no schedule of that name."""
    schedules = rules.rulebook.schedules
    if name not in schedules:
        raise MistakeError(f"{rules.origin} has no schedule {name}", instead(name, schedules))


def as_data(rules: Rules, name: str, answer: Roster) -> dict[str, Any]:
    """One schedule for programs; an end that nobody can see is null."""
    return {
        "schedule": name,
        "since": _instant(answer.since),
        "until": _instant(answer.until),
        "people": [_duty(rules, duty) for duty in answer.duties],
        "why_not": [sentence(phrase) for phrase in answer.why_not],
    }


def _duty(rules: Rules, duty: Duty) -> dict[str, Any]:
    return {
        "person": duty.person,
        "name": rules.names.get(duty.person, ""),
        "since": _instant(duty.since),
        "until": _instant(duty.until),
        "why": [sentence(phrase) for phrase in duty.why],
    }


def _instant(instant: Instant | None) -> str | None:
    return None if instant is None else format_instant(instant)


def as_text(rules: Rules, name: str, answer: Roster) -> None:
    """One schedule for people."""
    zone = rules.rulebook.timezone
    say(f"\n{safe(name)}")
    for duty in answer.duties:
        until = f"until {show_time(duty.until, zone)}" if duty.until is not None else "with no end in sight"
        say(f"  {safe(rules.name(duty.person))}, {until}")
        for phrase in duty.why:
            say(f"    {safe(sentence(phrase))}")
    if not answer.duties:
        say("  nobody")
    for phrase in answer.why_not:
        say(f"    not: {safe(sentence(phrase))}")
