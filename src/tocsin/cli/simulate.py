"""`tocsin simulate`: what would happen, whom it would reach and why; once to the letter, or many times by chance."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import msgspec
from cyclopts import Parameter

from tocsin.cli.options import DATABASE, Database, Format, introduce, within
from tocsin.cli.output import Form, MistakeError, complain, safe, say, say_json
from tocsin.cli.rules import Rules, find_rules
from tocsin.cli.simulate_opening import Opening, scene_of, when
from tocsin.cli.telling import in_words
from tocsin.cli.times import read_duration, show_time
from tocsin.core.calendar.zones import begin_of_day
from tocsin.core.instant import format_duration
from tocsin.engine.clock import SystemClock
from tocsin.lab.grammar import Complaint
from tocsin.lab.meant import Scene
from tocsin.lab.report import lasting, view
from tocsin.lab.telling import Line
from tocsin.lab.whatif import WhatIf, simulate
from tocsin.lib.translate import say as sentence

EXAMPLES = """
tocsin simulate rules.yaml --service mail --priority P2 --at "2027-03-28 02:30"
tocsin simulate rules.yaml --service mail --answers "primary ignores; secondary acknowledges at +7m; sms down"
tocsin simulate rules.yaml --service mail --answers "ann is away; sms down until +20m; push fails for ben"
tocsin simulate rules.yaml --service mail --answers 'management answers "roll back"; source resolves at +1h'
tocsin simulate rules.yaml --signal alert.json --until +2d --format json
tocsin simulate rules.yaml --service mail --runs 5000 --seed 7 --svg charts --csv runs.csv
tocsin simulate rules.yaml --service mail --runs 5000 --ack-median 10m --ack-chance 0.6 --sms-down 0.05
"""

DETAILS = """Nothing is sent and nothing is stored.

Answers are sentences, parted by ; or line ends. Who: a name or id; primary or secondary (on call for the team at the
opening, who takes over next); schedule:ID, team, team:ID, role:ID; step 2 (whom that step calls); management (whoever
is asked or has to decide); everybody, nobody. What: ignores, acknowledges, takes over, declines, accepts, answers
"option", confirms (still on it), resolves; each at +7m (from the opening), at 02:45, after 3m of being called, or at
once. Also: is away from +1h until +3h. Methods: sms down, sms down until +20m, everything down for 10m, push fails for
ann (broken for good). The source: source resolves at +30m, source fires at +1h. What is said of one person holds before
what is said of a group, and that before what is said of everybody. Whatever is not said does not happen.

With --runs responders act by chance, except for those whom the answers settle: somebody who is called is there with
--ack-chance, notices a call mostly, a mail at night hardly ever, and acknowledges after a log-normal time around
--ack-median. Openings are spread over the year from today on, or all --at one time. The same seed gives the same."""

app = introduce("simulate", EXAMPLES, DETAILS)

METHODS = ("sms", "voice", "email", "push")
MOST_RUNS = 1_000_000
_SHARE = within(float, 0, 1)


@Parameter(name="*")
@dataclass(frozen=True)
class Many:
    """How often, and what is assumed of people and providers."""

    runs: Annotated[int, Parameter(help="so many runs by chance"), within(int, 1, MOST_RUNS)] = 1
    seed: Annotated[
        int | None, Parameter(help="what decides the chances; 1 where only --runs is given"), within(int)
    ] = None
    ack_chance: Annotated[
        float | None,
        Parameter(help="the chance, of 1, that somebody who is called is there; 0.8"),
        _SHARE,
    ] = None
    ack_median: Annotated[str, Parameter(help="how long half of them take at most to acknowledge; 4m")] = ""
    resolve_median: Annotated[str, Parameter(help="how long half of them then take to resolve; 45m")] = ""
    sms_down: Annotated[
        float | None,
        Parameter(help="the chance, of 1, that text messages are down at an opening; 0.01"),
        _SHARE,
    ] = None
    voice_down: Annotated[float | None, Parameter(help="the same of phone calls"), _SHARE] = None
    email_down: Annotated[float | None, Parameter(help="the same of mail"), _SHARE] = None
    push_down: Annotated[float | None, Parameter(help="the same of pushes"), _SHARE] = None
    processes: Annotated[int, Parameter(help="how many work on it; 0 is as many as pay"), within(int, 0, 256)] = 0
    csv: Annotated[Path | None, Parameter(help="write a row for each run to this file")] = None
    svg: Annotated[Path | None, Parameter(help="write charts, and a page of them, to this folder")] = None


@app.default
def simulate_(
    rulebook: Annotated[
        Path | None, Parameter(help="a rulebook file or folder; without it the one in force in the database")
    ] = None,
    /,
    *,
    opening: Opening = Opening(),
    answers: Annotated[str, Parameter(help="who answers how; @FILE reads it from a file")] = "",
    many: Many = Many(),
    database: Database = DATABASE,
    form: Format = "text",
) -> int:
    """Play it and tell."""
    chance = many.runs > 1 or many.seed is not None
    if not chance and (idle := _idle(many)):
        raise MistakeError(f"{idle} is about chance, and one run leaves nothing to it", "add --runs 1000, or --seed 1")
    rules = find_rules(rulebook, database)
    scene, heading = scene_of(opening, rules, SystemClock().now())
    said = Path(answers[1:]).read_text("utf-8", "replace") if answers.startswith("@") else answers
    if chance and not opening.at:
        begin = begin_of_day(rules.rulebook.timezone, scene.at)
        scene = msgspec.structs.replace(scene, at=begin, until=begin + scene.until - scene.at)
    found = simulate(scene, said, rules.zones)
    if not chance and form == "json":
        say_json(_as_data(rules, heading, found))
    elif not found.answers.usable or not chance:
        _as_text(rules, heading, found)
    if not found.answers.usable:
        return 2
    if chance:
        _many(rules, scene, heading, said, many, form, at_once=bool(opening.at))
    return 0


def _idle(many: Many) -> str:
    """The first option that says anything of chance, or of what comes of many runs; '' where none does."""
    names = ("ack_chance", "ack_median", "resolve_median", *(f"{one}_down" for one in METHODS), "csv", "svg")
    given = (name for name in names if getattr(many, name) not in (None, ""))
    return "".join(f"--{name.replace('_', '-')}" for name in [*given][:1])


def _many(rules: Rules, scene: Scene, heading: str, said: str, many: Many, form: Form, *, at_once: bool) -> None:
    from tocsin.cli import simulate_many as runs

    given = {
        "chance": many.ack_chance,
        "ack_median": read_duration(many.ack_median) if many.ack_median else None,
        "resolve_median": read_duration(many.resolve_median) if many.resolve_median else None,
    }
    down = {name: getattr(many, f"{name}_down") for name in METHODS}
    habits = runs.habits_of(given, {name: share for name, share in down.items() if share is not None})
    job = runs.Job(
        scene.world.rulebook, rules.facts, scene.at, scene.until, scene.signal, scene.source, many.runs,
        1 if many.seed is None else many.seed, habits, said, at_once, rules.names, rules.zones,
    )  # fmt: skip
    runs.prepare(many.csv, many.svg)
    found = runs.measured(job, many.processes)
    summary = runs.summary_of(job, found)
    if many.csv is not None:
        runs.write_csv(many.csv, found)
    if many.svg is not None:
        runs.write_svg(many.svg, job, found, summary, heading)
    if form == "json":
        runs.as_json(job, summary)
    else:
        runs.as_text(job, summary, heading)


# ---------------------------------------------------------------------------------------------------- one


def _as_data(rules: Rules, heading: str, found: WhatIf) -> dict[str, object]:
    told: dict[str, object] = msgspec.to_builtins(view(found, rules.names))
    return {"what": heading, "origin": rules.origin, **told}


def _as_text(rules: Rules, heading: str, found: WhatIf) -> None:
    """What is wrong with the answers on standard error; else the transcript, and what it comes to."""
    for one in found.complaints:
        _complain(one)
    if not found.answers.usable:
        return
    say(f"{heading}, at {when(found.scene)}, by {safe(rules.origin)}\n")
    for line in found.lines:
        say(_told(line, rules))
    say()
    _measured(found, rules)


def _complain(one: Complaint) -> None:
    """As compilers do it: place, what, and what helps."""
    hint = sentence(one.hint) if one.hint is not None else ""
    word = "note: " if one.note else ""
    complain(f"answers:{one.line}:{one.column}: {word}{sentence(one.text)}", hint)


def _told(line: Line, rules: Rules) -> str:
    zone = rules.rulebook.timezone
    why = f" ({in_words(line.why, rules.names)})" if line.why is not None else ""
    late = f" [planned {show_time(line.planned, zone, seconds=True)}]" if line.late else ""
    clock, after = show_time(line.at, zone, seconds=True), f"+{format_duration(line.offset)}"
    return f"  {clock}  {after:<8}  {line.incident}  {in_words(line.what, rules.names)}{why}{late}"


def _measured(found: WhatIf, rules: Rules) -> None:
    one = found.measured
    watched = f"not within {format_duration(found.scene.until - found.scene.at)}"
    calls = ", ".join(
        f"{safe(rules.name(person))} {n}{f' ({one.night[person]} at night)' if person in one.night else ''}"
        for person, n in sorted(one.pages.items(), key=lambda pair: (-pair[1], pair[0]))
    )
    facts = {
        "a human was called": lasting(one.reached) or watched,
        "acknowledged": lasting(one.acknowledged) or watched,
        "resolved": lasting(one.resolved) or watched,
        "management": "reached" if one.management else "not reached",
        "steps": "all went unanswered" if one.exhausted else "not exhausted",
        "calls": calls or "none",
    }
    for name, value in facts.items():
        say(f"  {name:<18}  {value}")
