"""Conditions in CEL behind one adapter that answers true, false or Error, and never anything else."""

import re
from collections.abc import Callable, Hashable, Iterable
from difflib import get_close_matches
from functools import lru_cache
from typing import Any, Literal, Protocol

from cel_expr_python import cel
from msgspec import Struct, field

from tocsin.core.instant import parse_duration
from tocsin.core.routing.rewrite import NotPlainError, Plan, costly, plan
from tocsin.core.routing.vocabulary import NAMES, Context, Type
from tocsin.core.signal import Signal

__all__ = [
    "Condition",
    "Conditions",
    "Context",
    "CriteriaError",
    "Engine",
    "Error",
    "Verdict",
    "compile_all",
    "compile_condition",
]

SOURCE_LIMIT = 4096
"""Bytes of one expression; with the library's budgets of iterations and depth this bounds what a judgement costs."""

_COSTLY = "a walk over a list may neither hold another walk nor a +: that could cost too much"


REMEMBERED, LONG = 5_000, 1_000
"""So many verdicts are kept before all are forgotten; none whose facts have more characters than that."""

_NOTHING = Context(Signal(key="", action="trigger", title=""))


class Error(Struct, frozen=True):
    """The expression could not be judged: a division by zero, a budget exceeded. Neither true nor false."""

    text: str


Verdict = bool | Error
"""Exactly True, False or an Error. A step's `when` counts an Error as true, a criterion as not applying."""


Mistake = Literal["compile", "type", "order", "cost"]
"""It does not compile · it is not true or false · it orders priorities by < or > · it could cost too much."""


class CriteriaError(ValueError):
    """An expression that cannot be used. `line` and `column` count from 1 within it; `hint` says what to write."""

    def __init__(self, text: str, line: int = 1, column: int = 1, hint: str = "", kind: Mistake = "compile") -> None:
        super().__init__(text)
        self.kind = kind
        self.text = text
        self.line = line
        self.column = column
        self.hint = hint


class Engine(Protocol):
    """What is needed of an expression library; CEL's own is the only one in use."""

    def check(self, source: str) -> None:
        """Raise CriteriaError with the place of the first mistake, also when the result is not true or false."""

    def evaluator(self, plan: Plan) -> Callable[[dict[str, Any]], object]:
        """A function from plain data to a value; it may raise, and may return an error's text."""


class Condition(Struct, frozen=True):
    """A compiled expression; `hours` and `durations` are what it asks in_hours and reports for, as written."""

    source: str
    hours: frozenset[str]
    durations: frozenset[str]
    reads: tuple[tuple[str, Callable[[Context], Any]], ...]
    evaluate: Callable[[dict[str, Any]], object]

    def judge(self, context: Context, known: dict[Hashable, Verdict] | None = None) -> Verdict:
        """True, False or Error; never an exception. Costs a few microseconds.

        `known` are verdicts of before; what an expression reads decides, so that equal facts need judging once.
        """
        try:
            question = (self.source, *[read(context) for _, read in self.reads])
            verdict = None if known is None else known.get(question)
            if verdict is None:
                verdict = _verdict(self.evaluate(self._plain(question[1:])))
                if known is not None:
                    _remember(known, question, verdict)
        except Exception as problem:  # noqa: BLE001  whatever context or library raise is a verdict, not an accident
            return Error(_short(str(problem)))
        return verdict

    def _plain(self, facts: Iterable[Any]) -> dict[str, Any]:
        """What was read, as the expression sees it."""
        named = zip(self.reads, facts, strict=True)
        return {name: dict(value) if type(value) is tuple else value for (name, _), value in named}


class Conditions(Struct, frozen=True):
    """All conditions of one rulebook, compiled once. One that is unknown is compiled when it is first asked for.

    `verdicts` remember, and are no part of the value.
    """

    compiled: dict[str, Condition]
    verdicts: dict[Hashable, Verdict] = field(default_factory=dict)

    def judge(self, source: str, context: Context) -> Verdict:
        """As Condition.judge; an expression that does not compile is an Error. Equal facts are judged once."""
        try:
            known = self.compiled.get(source) or compile_condition(source)
            return known.judge(context, self.verdicts)
        except CriteriaError as problem:
            return Error(problem.text)

    def reads(self, source: str, name: str) -> bool:
        """Whether an expression reads that name of the vocabulary; one that does not compile reads nothing."""
        try:
            return any(name == one for one, _ in self._of(source).reads)
        except CriteriaError:
            return False

    def _of(self, source: str) -> Condition:
        return self.compiled.get(source) or compile_condition(source)


def compile_all(sources: Iterable[str]) -> Conditions:
    """Compile every expression once; CriteriaError at the first that is wrong (`config` has checked them)."""
    return Conditions({source: compile_condition(source) for source in sources})


@lru_cache(maxsize=4096)
def compile_condition(source: str) -> Condition:
    """Compile one expression, or raise CriteriaError with the place and a hint. Cached by its text."""
    if len(source.encode("utf-8", "replace")) > SOURCE_LIMIT:
        raise CriteriaError(f"the expression is longer than {SOURCE_LIMIT} bytes", hint="split it", kind="cost")
    engine = _engine()
    engine.check(source)
    start = costly(source)
    if start is not None:
        raise CriteriaError(_COSTLY, *_place(source, start), hint="compare with the parts instead", kind="cost")
    try:
        planned = plan(source)
    except NotPlainError as problem:
        example = "reports('10m')" if problem.function == "reports" else "in_hours('office')"
        raise CriteriaError(str(problem), *_place(source, problem.start), hint=f"write {example}") from None
    counts = {text: _duration(source, text) for text in planned.durations}
    reads, evaluate = _reads(planned, counts), engine.evaluator(planned)
    condition = Condition(source, planned.hours, planned.durations, reads, evaluate)
    trial = condition.judge(_NOTHING)
    if isinstance(trial, Error) and "No value with name" in trial.text:
        raise CriteriaError(trial.text, hint="write a name as signal.severity: no dot in front, no name of your own")
    return condition


def _reads(planned: Plan, counts: dict[str, int]) -> tuple[tuple[str, Callable[[Context], Any]], ...]:
    """One reader per variable that the expression mentions, so that nothing else is ever computed."""
    labels, hours = sorted(planned.labels), sorted(planned.hours)
    reads: list[tuple[str, Callable[[Context], Any]]] = [(r.name, r.read) for r in NAMES if r.name in planned.variables]
    if labels:
        reads.append(("label", lambda c: tuple([(name, c.signal.labels.get(name, "")) for name in labels])))
    if hours:
        reads.append(("in_hours", lambda c: tuple([(name, c.in_hours(name)) for name in hours])))
    if counts:
        reads.append(("reports", lambda c: tuple([(text, c.reports(within)) for text, within in counts.items()])))
    return tuple(reads)


def _duration(source: str, text: str) -> int:
    try:
        return parse_duration(text)
    except ValueError as problem:
        what, _sign, hint = str(problem).partition("; ")
        raise CriteriaError(f"reports: {what}", *_place(source, source.find(text)), hint) from None


def _place(source: str, start: int) -> tuple[int, int]:
    before = source[: max(start, 0)]
    return before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1


def _remember(known: dict[Hashable, Verdict], question: Hashable, verdict: Verdict) -> None:
    if len(known) >= REMEMBERED:
        known.clear()
    if len(repr(question)) <= LONG:
        known[question] = verdict


def _verdict(value: object) -> Verdict:
    return value if value is True or value is False else Error(_short(str(value)))


def _short(text: str) -> str:
    return text.replace("\n", " ")[:300] or "no value"


class _Cel:
    """Google's C++ CEL in two environments.

    One checks what people wrote, with priorities as a type of their own, so that `<=` on them is a mistake; the other
    runs the rewritten form over plain data.
    """

    def __init__(self) -> None:
        kinds = cel.Type
        rank = kinds.AbstractType("priority")
        texts = kinds.Map(kinds.STRING, kinds.STRING)
        self._types: dict[Type, Any] = {"text": kinds.STRING, "number": kinds.INT, "flag": kinds.BOOL}
        self._types |= {"texts by name": texts, "priority": kinds.INT}
        running = {row.name: self._types[row.type] for row in NAMES}
        tables = {
            "label": texts,
            "in_hours": kinds.Map(kinds.STRING, kinds.BOOL),
            "reports": kinds.Map(kinds.STRING, kinds.INT),
        }
        self._running = cel.NewEnv(variables=running | tables)
        ranks = {row.name: rank for row in NAMES if row.type == "priority"} | {f"P{n}": rank for n in range(1, 6)}
        functions = [
            _declared("at_least", rank, kinds.BOOL),
            _declared("reports", kinds.STRING, kinds.INT),
            _declared("in_hours", kinds.STRING, kinds.BOOL),
            _declared("calendar.in_hours", kinds.STRING, kinds.BOOL),
        ]
        self._checking = cel.NewEnv(variables=running | ranks, functions=functions)

    def check(self, source: str) -> None:
        try:
            result = self._checking.compile(source).return_type()
        except (RuntimeError, ValueError, TypeError) as problem:  # the library says RuntimeError to everything
            raise _explained(source, str(problem)) from None
        if result != cel.Type.BOOL:
            kind = _WORDS.get(result.name(), result.name().lower())
            text = f"the expression gives {kind}, not true or false"
            raise CriteriaError(text, hint="compare it: ... == 'x'", kind="type")

    def evaluator(self, plan: Plan) -> Callable[[dict[str, Any]], object]:
        try:
            expression = self._running.compile(plan.source)
        except (RuntimeError, ValueError, TypeError) as problem:
            raise CriteriaError(f"cannot be compiled: {_short(str(problem))}") from None
        evaluate = expression.eval
        return lambda data: evaluate(data=data).value()


def _declared(name: str, takes: Any, gives: Any) -> Any:
    overload = cel.Overload(id=name.replace(".", "_"), return_type=gives, parameters=[takes], is_member=False)
    return cel.FunctionDecl(name, [overload])


@lru_cache(maxsize=1)
def _engine() -> Engine:
    return _Cel()


_WORDS = {"INT": "a number", "DOUBLE": "a number", "STRING": "a text", "DYN": "a value of unknown type"}
_MESSAGE = re.compile(r"ERROR: <input>:(\d+):(\d+): ([^\n]*)")
_ORDER = re.compile(r"for '_[<>]=?_' applied to '\([^)]*priority")
_UNDECLARED = re.compile(r"undeclared reference to '([^']*)'")
_KNOWN = [row.name for row in NAMES] + ["at_least", "reports", "in_hours", "has", "size", "contains", "startsWith"]
_KNOWN += ["endsWith", "matches", "P1", "P2", "P3", "P4", "P5"]


def _explained(source: str, message: str) -> CriteriaError:
    """The library's first complaint, with its place and what to write instead."""
    match = _MESSAGE.search(message)
    if match is None:
        return CriteriaError(_short(message))
    line, column, text = int(match.group(1)), int(match.group(2)), match.group(3)
    text = re.sub(r" \(in container ''\)| \[INVALID_ARGUMENT\]", "", text)
    text = text.split(" expecting {", maxsplit=1)[0]
    if _ORDER.search(text):
        hint = "write at_least(P2), or compare with P1 to P5 by == or in"
        return CriteriaError("priorities have no order in an expression", line, column, hint, "order")
    return CriteriaError(text, line, column, _hint(source, line, column, text))


def _hint(source: str, line: int, column: int, text: str) -> str:
    undeclared = _UNDECLARED.search(text)
    if undeclared:
        return _nearest(undeclared.group(1))
    if "priority" in text and "no matching overload" in text:
        return "compare a priority with P1 to P5, without quotes"
    rest = source.split("\n")[line - 1][column - 1 :] if line <= source.count("\n") + 1 else ""
    for wrong, right in (("and", "&&"), ("or", "||"), ("not", "!"), ("= ", "=="), ("=~", ".matches('...')")):
        if rest.startswith(wrong):
            return f"write {right}"
    return ""


def _nearest(name: str) -> str:
    tail = name.rpartition(".")[2]
    same = [known for known in _KNOWN if known.rpartition(".")[2] == tail]
    close = same or get_close_matches(name, _KNOWN, n=1, cutoff=0.6)
    if close:
        return f"did you mean {close[0]}?"
    if name in ("signal", "incident", "calendar"):
        return f"name one of its parts: {', '.join(known for known in _KNOWN if known.startswith(name + '.'))}"
    if name.startswith("labels."):
        return f"did you mean signal.{name}?"
    return "known are " + ", ".join(row.name for row in NAMES[:6]) + " ..."
