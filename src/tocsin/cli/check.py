"""`tocsin check`: everything that is wrong with a rulebook at once, each with its place, its line and what helps."""

from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
from cyclopts import Parameter

from tocsin.cli.against import report
from tocsin.cli.check_reports import junit, sarif
from tocsin.cli.options import introduce
from tocsin.cli.output import MistakeError, safe, say, say_json
from tocsin.cli.rules import facts_of
from tocsin.config import Complaint, Loaded, excerpt, load
from tocsin.config.places import Places
from tocsin.core.instant import Instant, format_instant
from tocsin.engine.clock import SystemClock
from tocsin.engine.proposals import case_of
from tocsin.lab.verifier.examine import Examined, examine
from tocsin.lab.verifier.finding import Counterexample, Finding
from tocsin.lib import translate

app = introduce(
    "check",
    """
tocsin check examples/acme.yaml
tocsin check rules/ --format sarif
tocsin check rules/ --against old-rules/
""",
    "It exits 0 when the rulebook is clean, 1 when there are findings, 2 when it cannot be used at all.",
)

Report = Annotated[
    Literal["text", "json", "sarif", "junit"],
    Parameter(name="--format", help="text for people; json, sarif or junit: one document on standard output"),
]

CLEAN, FINDINGS, UNUSABLE = 0, 1, 2


@app.default
def check(
    path: Annotated[Path, Parameter(help="a rulebook file, or a folder of them")],
    /,
    *,
    against: Annotated[
        Path | None, Parameter(help="another one: tell who is reached differently than by it, as Markdown")
    ] = None,
    form: Report = "text",
) -> int:
    """Load the rulebook, run every check on it, and report."""
    loaded = load(path)
    found = examined(loaded)
    if against is not None and loaded.rulebook is not None:
        _compare(path, against, form)
        return verdict(loaded, found)
    whole = _with(loaded, found)
    if form == "json":
        say_json(as_data(path, loaded, found))
    elif form == "sarif":
        say_json(sarif(whole.complaints))
    elif form == "junit":
        say(junit(str(path), whole.complaints))
    else:
        as_text(path, whole)
        _say_allowed(found)
    return verdict(loaded, found)


def _compare(path: Path, old: Path, form: Report) -> None:
    if form not in ("text", "json"):
        raise MistakeError(f"--against has no {form}", "leave --format out, or write --format json")
    report(path, old, form)


def examined(loaded: Loaded) -> Examined:
    """What the checks find from now on; nothing of a rulebook that cannot be used."""
    if loaded.rulebook is None:
        return Examined(())
    return examine(case_of(loaded.rulebook, facts_of(loaded), SystemClock().now()))


def verdict(loaded: Loaded, found: Examined) -> int:
    """The exit status; what is only worth knowing is no reason to stop."""
    if loaded.rulebook is None:
        return UNUSABLE
    grave = any(one.severity != "info" for one in found.findings)
    return FINDINGS if loaded.complaints or grave else CLEAN


def as_data(path: Path, loaded: Loaded, found: Examined) -> dict[str, Any]:
    """Stable keys: path, usable, digest, findings, suppressed, notices."""
    places = Places(dict(loaded.texts))
    return {
        "path": str(path),
        "usable": loaded.rulebook is not None,
        "digest": loaded.rulebook.digest if loaded.rulebook else None,
        "findings": [
            *(_complained(one) for one in loaded.complaints),
            *(_data(one, places) for one in found.findings),
        ],
        "suppressed": [
            _data(one.finding, places) | {"reason": one.by.reason, "until": one.by.until} for one in found.suppressed
        ],
        "notices": [msgspec.to_builtins(one) for one in loaded.notices],
    }


def _complained(one: Complaint) -> dict[str, Any]:
    told: dict[str, Any] = msgspec.to_builtins(one)
    return told | {"place": "", "counterexample": None}


def _data(one: Finding, places: Places) -> dict[str, Any]:
    told: dict[str, Any] = msgspec.to_builtins(_complaint(one, places))
    return told | {"place": ".".join(one.where), "counterexample": _case(one.counterexample)}


def _case(one: Counterexample | None) -> dict[str, Any] | None:
    if one is None:
        return None
    told: dict[str, Any] = msgspec.to_builtins(one)
    said = {"text": translate.say(one.text), "assuming": [translate.say(each) for each in one.assuming]}
    return told | said | {"at": format_instant(one.at), "reached_at": _instant(one.reached_at)}


def _instant(at: Instant | None) -> str | None:
    return None if at is None else format_instant(at)


def _with(loaded: Loaded, found: Examined) -> Loaded:
    """What was loaded, with what was found among its complaints."""
    places = Places(dict(loaded.texts))
    more = tuple(_complaint(one, places) for one in found.findings)
    return msgspec.structs.replace(loaded, complaints=(*loaded.complaints, *more))


def _complaint(one: Finding, places: Places) -> Complaint:
    at = places.find(one.where)
    text = translate.say(one.text)
    if one.counterexample is not None:
        text = f"{text} ({translate.say(one.counterexample.text)})"
    return Complaint(at.file, at.line, at.column, one.code, one.severity, text, translate.say(one.hint))


def _say_allowed(found: Examined) -> None:
    for one in found.suppressed:
        said = f"{one.finding.code} at {'.'.join(one.finding.where)}, until {one.by.until}: {one.by.reason}"
        say(safe(f"allowed: {said}"))


def as_text(path: Path, loaded: Loaded) -> None:
    """As compilers do it: place and code, the line with a caret, a hint; in the end a count."""
    texts = dict(loaded.texts)
    for one in loaded.complaints:
        say(f"{_place(one)}: {one.severity} {one.code}: {safe(one.text)}")
        for line in excerpt(one, texts).splitlines():
            say(safe(line))
        if one.hint:
            say(f"  hint: {safe(one.hint)}")
    for one in loaded.notices:
        say(f"{_place(one)}: {one.code}: {safe(one.text)}")
    say(f"{safe(path)}: {_summary(loaded)}")


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
