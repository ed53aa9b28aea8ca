"""`tocsin check`: what is proved of a rulebook, and all that is wrong with it, each with place, line and what helps."""

from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
from cyclopts import Parameter

from tocsin.cli.against import report
from tocsin.cli.check_progress import Progress
from tocsin.cli.check_proof import Amount
from tocsin.cli.check_proof import as_data as proof_as_data
from tocsin.cli.check_proof import as_text as proof_as_text
from tocsin.cli.check_reports import Allowed, junit, sarif
from tocsin.cli.options import introduce, within
from tocsin.cli.output import MistakeError, safe, say, say_json
from tocsin.cli.rules import facts_of
from tocsin.cli.times import read_time
from tocsin.config import Complaint, Loaded, excerpt, load
from tocsin.config.places import Places
from tocsin.core.instant import DAY, MINUTE
from tocsin.engine.clock import SystemClock
from tocsin.engine.found import accepted, of_checks, of_text
from tocsin.engine.proposals import case_of
from tocsin.lab.verifier.case import HORIZON, Case
from tocsin.lab.verifier.examine import Examined, examine
from tocsin.lab.verifier.finding import Finding, Severity
from tocsin.lab.verifier.reach import Proof
from tocsin.lab.verifier.registry import UNPROVED
from tocsin.lab.verifier.told import example
from tocsin.lib import translate

app = introduce(
    "check",
    """
tocsin check examples/acme.yaml
tocsin check rules/ --format sarif --proof none
tocsin check rules/ --fail-on error --severity warning
tocsin check rules/ --at 2027-01-01 --horizon 90
tocsin check rules/ --against old-rules/
tocsin check rules/ --format json --proof full
""",
    "It proves for every service, priority and kind whom an incident reaches, whenever it opens within the time ahead: "
    "the first human, the first responder and management with their longest waits, whether the ladders end at a human, "
    "whether the promised response can be kept, and what the loss of one person, way or provider leaves. Exit status: "
    "0 when nothing is found as grave as --fail-on, 1 when something is, 2 when the rulebook cannot be used. What each "
    "code means stands in docs/reference/findings.md; allow: in the rulebook accepts one for a time, with a reason.",
)

Report = Annotated[
    Literal["text", "json", "sarif", "junit"],
    Parameter(name="--format", help="text for people; json, sarif or junit: one document on standard output"),
]
Days = Annotated[int, Parameter(name="--horizon", help="how many days are proved"), within(int, 1, 3660)]

CLEAN, FINDINGS, UNUSABLE = 0, 1, 2
GRAVITY: tuple[Severity, ...] = ("info", "warning", "error")
"""From mild to grave."""


@app.default
def check(
    path: Annotated[Path, Parameter(help="a rulebook file, or a folder of them")],
    /,
    *,
    against: Annotated[
        Path | None,
        Parameter(
            help="another one: tell as Markdown who is reached differently than by it, and which findings are new or "
            "gone; the exit status stays that of PATH"
        ),
    ] = None,
    proof: Annotated[
        Amount,
        Parameter(help="summary: of many services the worst of each; full: all; none: do not prove, the checks alone"),
    ] = "summary",
    fail_on: Annotated[Severity, Parameter(help="exit 1 for findings as grave as this, or graver")] = "warning",
    severity: Annotated[Severity, Parameter(help="show findings as grave as this, or graver")] = "info",
    at: Annotated[str, Parameter(help="prove from then on: 2027-01-01, 2027-01-01 08:00, now, +30d")] = "now",
    horizon: Days = HORIZON // DAY,
    form: Report = "text",
) -> int:
    """Load the rulebook, prove it, run every check on it, and report."""
    loaded = load(path)
    if against is not None and (at, horizon) != ("now", HORIZON // DAY):
        raise MistakeError("--against compares from today on", "leave --at and --horizon out")
    case = case_from(loaded, at, horizon)
    if against is not None and case is not None:
        return verdict(loaded, _compared(loaded, path, against, form), fail_on)
    found = Examined(()) if case is None else _examined(case, prove=proof != "none")
    status = verdict(loaded, found, fail_on)
    last = _summary(_with(loaded, found))
    made = _made(case, found, proof)
    loaded, found = at_least(loaded, found, severity)
    whole = _with(loaded, found)
    if form == "json":
        say_json(as_data(path, loaded, found) | {"proof": proof_as_data(made, proof)})
    elif form == "sarif":
        say_json(sarif(whole.complaints, _allowed(loaded, found)))
    elif form == "junit":
        say(junit(str(path), whole.complaints, _allowed(loaded, found)))
    else:
        _say(path, whole, found, made, proof, last)
    return status


def _compared(loaded: Loaded, path: Path, old: Path, form: Report) -> Examined:
    if form not in ("text", "json"):
        raise MistakeError(f"--against has no {form}", "leave --format out, or write --format json")
    return report(loaded, path, old, form)


def case_from(loaded: Loaded, at: str = "now", horizon: int = HORIZON // DAY) -> Case | None:
    """What is to be proved, from that minute on; nothing of a rulebook that cannot be used."""
    book, now = loaded.rulebook, SystemClock().now()
    start = read_time(at, "UTC" if book is None else book.timezone, now)
    return None if book is None else case_of(book, facts_of(loaded), start - start % MINUTE, horizon * DAY)


def _examined(case: Case, *, prove: bool) -> Examined:
    """What is found; on a terminal with a line that says how far it is."""
    with Progress() as progress:
        return examine(case, progress, prove=prove)


def verdict(loaded: Loaded, found: Examined, fail_on: Severity = "warning") -> int:
    """The exit status; of what is milder than `fail_on` one may know without stopping."""
    if loaded.rulebook is None:
        return UNUSABLE
    every = [*(one.severity for one in loaded.complaints), *(one.severity for one in found.findings)]
    return FINDINGS if any(GRAVITY.index(one) >= GRAVITY.index(fail_on) for one in every) else CLEAN


def at_least(loaded: Loaded, found: Examined, severity: Severity) -> tuple[Loaded, Examined]:
    """Without what is milder."""
    kept = GRAVITY[GRAVITY.index(severity) :]
    complaints = tuple(one for one in loaded.complaints if one.severity in kept)
    findings = tuple(one for one in found.findings if one.severity in kept)
    suppressed = tuple(one for one in found.suppressed if one.finding.severity in kept)
    return msgspec.structs.replace(loaded, complaints=complaints), Examined(findings, suppressed)


def as_data(path: Path, loaded: Loaded, found: Examined) -> dict[str, Any]:
    """Stable keys: path, usable, digest, findings, suppressed, notices; beside them the proof."""
    places = Places(dict(loaded.texts))
    return {
        "path": str(path),
        "usable": loaded.rulebook is not None,
        "digest": loaded.rulebook.digest if loaded.rulebook else None,
        "findings": msgspec.to_builtins((*of_text(loaded.complaints), *of_checks(found.findings, places))),
        "suppressed": msgspec.to_builtins(accepted(found.suppressed, places)),
        "notices": [msgspec.to_builtins(one) for one in loaded.notices],
    }


def _made(case: Case | None, found: Examined, amount: Amount) -> Proof | None:
    """The proof, where one was wanted and has not broken down."""
    broken = any(one.code == UNPROVED for one in found.findings)
    return None if case is None or broken or amount == "none" else case.proof


def _with(loaded: Loaded, found: Examined) -> Loaded:
    """What was loaded, with what was found among its complaints."""
    places = Places(dict(loaded.texts))
    more = tuple(_complaint(one, places) for one in found.findings)
    return msgspec.structs.replace(loaded, complaints=(*loaded.complaints, *more))


def _allowed(loaded: Loaded, found: Examined) -> tuple[Allowed, ...]:
    """What is accepted for now, with its place."""
    places = Places(dict(loaded.texts))
    return tuple(Allowed(_complaint(one.finding, places), one.by.reason, one.by.until) for one in found.suppressed)


def _complaint(one: Finding, places: Places) -> Complaint:
    at = places.find(one.where)
    text = translate.say(one.text)
    if one.counterexample is not None:
        text = f"{text} ({example(one.counterexample)})"
    return Complaint(at.file, at.line, at.column, one.code, one.severity, text, translate.say(one.hint))


def _say(path: Path, whole: Loaded, found: Examined, made: Proof | None, amount: Amount, last: str) -> None:
    _say_found(whole)
    for one in found.suppressed:
        said = f"{one.finding.code} at {'.'.join(one.finding.where)}, until {one.by.until}: {one.by.reason}"
        say(safe(f"allowed: {said}"))
    if made is not None and whole.rulebook is not None:
        say()
        for line in proof_as_text(made, whole.rulebook.timezone, amount):
            say(line)
        say()
    say(f"{safe(path)}: {last}")


def as_text(path: Path, loaded: Loaded) -> None:
    """As compilers do it: place and code, the line with a caret, a hint; in the end a count."""
    _say_found(loaded)
    say(f"{safe(path)}: {_summary(loaded)}")


def _say_found(loaded: Loaded) -> None:
    texts = dict(loaded.texts)
    for one in loaded.complaints:
        say(f"{_place(one)}: {one.severity} {one.code}: {safe(one.text)}")
        for line in excerpt(one, texts).splitlines():
            say(safe(line))
        if one.hint:
            say(f"  hint: {safe(one.hint)}")
    for one in loaded.notices:
        say(f"{_place(one)}: {one.code}: {safe(one.text)}")


def _place(one: Complaint) -> str:
    return safe(f"{one.file}:{one.line}:{one.column}")


def _summary(loaded: Loaded) -> str:
    parts = [
        _count(sum(one.severity == severity for one in loaded.complaints), severity)
        for severity in ("error", "warning", "info")
    ]
    if loaded.notices:
        parts.append(f"{len(loaded.notices)} not yet active")
    told = ", ".join(part for part in parts if part)
    if loaded.rulebook is None:
        return f"unusable: {told}"
    return f"{'usable' if loaded.complaints else 'clean'}{': ' if told else ''}{told}"


def _count(n: int, word: str) -> str:
    return f"{n} {word}{'' if n == 1 else 's'}" if n else ""
