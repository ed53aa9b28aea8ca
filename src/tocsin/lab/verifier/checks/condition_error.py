"""A criterion that may error, for some signal makes its condition fail: it does not apply; a step comes unmeant.

Each is tried with made-up signals of every shape: empty, negative and enormous numbers, labels that are missing or no
number, texts that are no pattern, and whatever the condition itself compares with. What fails, has failed here.
"""

from collections.abc import Iterator, Sequence
from itertools import islice, product
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from tocsin.core.catalogue.priority import PRIORITIES
from tocsin.core.instant import Duration, parse_duration
from tocsin.core.phrase import Phrase
from tocsin.core.routing.criteria import Condition, CriteriaError, Error, compile_condition
from tocsin.core.routing.rewrite import tokens
from tocsin.core.routing.vocabulary import LARGEST, NAMES, Context
from tocsin.core.signal import Signal
from tocsin.lab.verifier.case import Case
from tocsin.lab.verifier.contract import Check
from tocsin.lab.verifier.finding import Finding, Path
from tocsin.lab.verifier.wording import of_ladder

CODE = "V023"
TRIES = 2_000
"""Signals that one condition is tried with; few have more combinations."""

_TEXTS = ("", "x", "0", "-1", "12", "3.5", "9" * 20, "(", "critical", "é" * 40)
_NUMBERS = (0, 1, -1, 7, LARGEST, -LARGEST)


class _Use(Struct, frozen=True):
    source: str
    where: Path
    who: dict[str, str]
    criterion: bool


class _Try(Struct, frozen=True):
    """One thing that a condition reads, with a value."""

    name: str
    value: Any


def find(case: Case) -> Iterator[Finding]:
    """The conditions that can fail, each at every place where it stands."""
    failures: dict[str, tuple[str, str] | None] = {}
    for use in _uses(case):
        if use.source not in failures:
            failures[use.source] = _failure(use.source)
        failure = failures[use.source]
        if failure is not None:
            yield _finding(use, *failure)


def _uses(case: Case) -> Iterator[_Use]:
    for number, one in enumerate(case.rulebook.criteria):
        who = {"criterion": one.name}
        yield _Use(one.when, ("criteria", str(number), "when"), who, criterion=True)
    for policy in case.rulebook.policies.values():
        for ladder, steps in (("functional", policy.functional), ("hierarchical", policy.hierarchical)):
            for number, step in enumerate(steps):
                if step.when is not None:
                    who = {"policy": policy.id, "step": str(number + 1)}
                    yield _Use(step.when, ("policies", policy.id, ladder, str(number), "when"), who, criterion=False)


def _finding(use: _Use, signal: str, error: str) -> Finding:
    values = {**use.who, "error": error, "signal": signal}
    step = of_ladder(use.where, "lab.hole.step_fails", "lab.hole.step_fails.management")
    key = "lab.hole.criterion_fails" if use.criterion else step
    return Finding(CODE, "warning", use.where, Phrase(key, values), _hint(use.source))


def _hint(source: str) -> Phrase:
    """What to write instead, by what the condition is made of."""
    words = {token.text for token in tokens(source)}
    if words & {"/", "%"}:
        example = "signal.affected_users > 0 && 100 / signal.affected_users > 2"
        return Phrase("lab.hole.fails_division.hint", {"example": example})
    if words & {"int", "double", "uint", "timestamp", "duration"}:
        example = "signal.labels.n.matches('^[0-9]{1,9}$') && int(signal.labels.n) > 5"
        return Phrase("lab.hole.fails_conversion.hint", {"example": example})
    if "[" in words:
        return Phrase("lab.hole.fails_index.hint")
    return Phrase("lab.hole.fails.hint")


def _failure(source: str) -> tuple[str, str] | None:
    """The signal, in words, and the error of the first try that fails."""
    try:
        condition = compile_condition(source)
    except CriteriaError:
        return None  # config has refused it
    for tries in islice(_tries(condition), TRIES):
        verdict = condition.judge(_context(tries))
        if isinstance(verdict, Error):
            return ", ".join(f"{one.name} = {_shown(one.value)}" for one in tries) or "-", verdict.text
    return None


def _tries(condition: Condition) -> Iterator[tuple[_Try, ...]]:
    """Each thing by itself through all its values, the others being plain; then combinations."""
    axes = [[_Try(name, value) for value in _values(name, condition.source)] for name in _read_by(condition)]
    for plain in (0, 1):
        usual = [axis[min(plain, len(axis) - 1)] for axis in axes]
        for number, axis in enumerate(axes):
            yield from ((*usual[:number], one, *usual[number + 1 :]) for one in axis)
    yield from product(*axes)


def _read_by(condition: Condition) -> list[str]:
    names = {name for name, _ in condition.reads}
    labels = [f"signal.labels.{label}" for label in _labels(condition.source)]
    plain = [row.name for row in NAMES if row.name in names and row.name in _FIELDS]
    counts = [f"reports({text})" for text in sorted(condition.durations)]
    return [*labels, *plain, *counts, *(f"in_hours({name})" for name in sorted(condition.hours))]


def _labels(source: str) -> list[str]:
    """The labels that a condition names, in brackets or behind a dot."""
    found = [token.text for token in tokens(source)]
    named = [
        found[at + 4].strip("'\"")
        for at in range(len(found) - 4)
        if found[at : at + 3] == ["signal", ".", "labels"] and found[at + 3] in (".", "[")
    ]
    return list(dict.fromkeys(named))


def _values(name: str, source: str) -> Sequence[Any]:
    literals = [token for token in tokens(source) if token.kind in ("text", "number")]
    if name.startswith("in_hours("):
        return (False, True)
    if name.startswith("reports(") or name in _COUNTED:
        own = [int(one.text) for one in literals if one.text.isdigit() and len(one.text) < 18]
        return tuple(dict.fromkeys((0, 1, *own, *(one + 1 for one in own), *_NUMBERS)))
    if name == "incident.priority":
        return PRIORITIES
    if name in ("signal.raw", "signal.wants_escalation"):
        return (False, True)
    own_texts = [one.text.strip("rb").strip("'\"") for one in literals if one.kind == "text"]
    return tuple(dict.fromkeys(("", *own_texts, *_TEXTS)))


_FIELDS = {
    "signal.service": "service", "signal.severity": "severity", "signal.key": "key", "signal.title": "title",
    "signal.text": "text", "signal.reporter": "reporter", "signal.affected_users": "affected_users",
    "signal.wants_escalation": "wants_escalation", "signal.raw": "raw", "signal.source": "source",
    "incident.priority": "priority", "incident.service": "service", "incident.team": "team",
    "incident.alerts": "alerts", "incident.reopened": "reopened",
}  # fmt: skip
_COUNTED = frozenset({"signal.affected_users", "incident.alerts", "incident.reopened"})
_OF_CONTEXT = frozenset({"signal.source"})


def _context(tries: Sequence[_Try]) -> Context:
    signal, context = Signal(key="", action="trigger", title=""), Context(Signal(key="", action="trigger", title=""))
    labels: dict[str, str] = {}
    counts: dict[Duration, int] = {}
    hours: dict[str, bool] = {}
    for one in tries:
        if one.name.startswith("signal.labels."):
            if one.value:
                labels[one.name.removeprefix("signal.labels.")] = one.value
        elif one.name.startswith("reports("):
            counts[parse_duration(one.name[8:-1])] = one.value
        elif one.name.startswith("in_hours("):
            hours[one.name[9:-1]] = one.value
        elif one.name.startswith("signal.") and one.name not in _OF_CONTEXT:
            signal = replace(signal, **{_FIELDS[one.name]: one.value})
        else:
            context = replace(context, **{_FIELDS[one.name]: one.value})
    asked = replace(context, in_hours=lambda name: hours.get(name, False), reports=lambda time: counts.get(time, 0))
    return replace(asked, signal=replace(signal, labels=labels))


def _shown(value: Any) -> str:
    return f"'{value[:20]}'" if isinstance(value, str) else str(value).lower()


CHECK = Check(CODE, "condition-error", "warning", find)
