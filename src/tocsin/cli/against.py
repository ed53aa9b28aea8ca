"""`tocsin check --against OLD`: who is reached differently, and when, as Markdown for a review comment, or as data."""

import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from msgspec import Struct, to_builtins
from msgspec.structs import replace

from tocsin.cli.check_progress import Progress
from tocsin.cli.output import Form, safe, say_json
from tocsin.cli.output import say as tell
from tocsin.cli.rules import Rules, rules_of
from tocsin.config import Loaded, load
from tocsin.config.places import Places
from tocsin.core.calendar.zones import begin_of_day
from tocsin.core.instant import Instant
from tocsin.engine.clock import SystemClock
from tocsin.engine.found import Found, of_checks, of_text
from tocsin.engine.proposals import case_of
from tocsin.lab.verifier import changed
from tocsin.lab.verifier.against import Against, against
from tocsin.lab.verifier.changed import Line, Table, Words
from tocsin.lab.verifier.examine import Examined, examine
from tocsin.lab.verifier.newly import newly
from tocsin.lab.verifier.plain import plain
from tocsin.lib.translate import ENGLISH, text

FINDINGS = 20
"""Findings that are written out; the others are counted."""

_SIGNS = re.compile(r"([\\`*_{}\[\]()#+.!|~$^=-])")
_CALLS = re.compile(r"([@#]|://|\b[wW]{3}\.)(?=\S)")


class Told(Struct, frozen=True):
    """Who is reached differently, what is found of the new rulebook alone (`new`), and what of the old alone (`gone`).

    `examined` is all that is found of the new one; `rules` name people of both.
    """

    reach: Against
    new: tuple[Found, ...]
    gone: tuple[Found, ...]
    examined: Examined
    rules: Rules


COMPARING = "comparing"


def compared(loaded: Loaded, path: Path, old: Path, now: Instant) -> Told:
    """Both proved with the same roster from the begin of the day on. MistakeError where one of them cannot be used."""
    known = load(old)
    after, before = rules_of(loaded, path), rules_of(known, old)
    facts = replace(after.facts, methods={**before.facts.methods, **after.facts.methods})
    cases = [case_of(one.rulebook, facts, begin_of_day(one.rulebook.timezone, now)) for one in (before, after)]
    with Progress() as progress:
        had, has = (examine(one, progress, prove=True) for one in cases)
        progress(COMPARING, 0, 1)
        reach = against(*cases)
    rules = Rules(after.rulebook, facts, {**before.names, **after.names}, after.origin)
    return Told(reach, _only(loaded, has, known, had), _only(known, had, loaded, has), has, rules)


def _only(mine: Loaded, has: Examined, other: Loaded, had: Examined) -> tuple[Found, ...]:
    """What the first has and the other has not: mistakes of its text, then what the checks find."""
    known = {(one.code, one.text) for one in other.complaints}
    texts = [one for one in mine.complaints if (one.code, one.text) not in known]
    return (*of_text(texts), *of_checks(newly(had.findings, has.findings), Places(dict(mine.texts))))


def report(loaded: Loaded, path: Path, old: Path, form: Form) -> Examined:
    """Compare from the beginning of today on, so that two runs of a day say the same; what is found of the new one."""
    told = compared(loaded, path, old, SystemClock().now())
    if form == "json":
        findings = {"new": to_builtins(told.new), "gone": to_builtins(told.gone)}
        reach = to_builtins(plain(told.reach))
        say_json({"path": str(path), "against": str(old), **reach, "findings": findings})
    else:
        tell(markdown(told))
    return told.examined


def escaped(told: object) -> str:
    """What comes from a rulebook, as Markdown that shows it: no markup, no tags, and nobody is mentioned or linked."""
    plain = safe(told).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return _SIGNS.sub(r"\\\1", _CALLS.sub("\\1\u200b", plain))  # a space that is not seen keeps words from linking


def markdown(told: Told, language: str = ENGLISH) -> str:
    """The whole comment."""
    return "\n".join(_Teller(told, language).lines())


class _Teller:
    """The difference as it is told everywhere, as Markdown, and the findings below it."""

    def __init__(self, told: Told, language: str) -> None:
        rules = told.rules
        words = Words(rules.rulebook.timezone, rules.name, language, escaped)
        self.told, self.reach, self.language = told, changed.tell(told.reach, words), language

    def say(self, name: str, **values: object) -> str:
        return text(f"lab.against.{name}", {key: str(value) for key, value in values.items()}, self.language)

    def lines(self) -> Iterator[str]:
        reach = self.reach
        yield f"### {reach.title}"
        for told in (reach.proved, *reach.only):
            yield from ("", told)
        for table in reach.tables:
            yield from self._table(table)
        for told in (reach.more, reach.moments):
            yield from ("", told) if told else ()
        yield from self._findings("new", self.told.new)
        yield from self._findings("gone", self.told.gone)

    def _findings(self, name: str, found: Sequence[Found]) -> Iterator[str]:
        if not found:
            return
        yield from ("", f"#### {self.say(f'findings.{name}', n=len(found))}", "")
        yield from (f"- {_finding(one)}" for one in found[:FINDINGS])
        if len(found) > FINDINGS:
            yield f"- {self.say('more', n=len(found) - FINDINGS)}"

    def _table(self, table: Table) -> Iterator[str]:
        yield from ("", f"#### {table.service}: {table.rows}")
        for told in (table.minutes, table.cut):
            yield from ("", told) if told else ()
        heads = ("rung", "windows", "before", "after", "mark", "minutes")
        yield ""
        yield _row(self.say(f"head.{head}") for head in heads)
        yield _row(["---"] * (len(heads) - 1) + ["---:"])
        yield from map(_line, table.lines)
        if table.more:
            yield _row([table.more, *[""] * (len(heads) - 1)])


def _line(one: Line) -> str:
    what, when = "<br>".join((one.rung, *one.supposed)), "<br>".join(one.windows)
    return _row((what, when, one.before, one.after, one.change, str(one.minutes)))


def _finding(one: Found) -> str:
    place = f"{one.file}:{one.line}:{one.column}"
    case = "" if one.counterexample is None else f" ({escaped(one.counterexample.text)})"
    return f"{one.severity} {one.code} {escaped(place)}: {escaped(one.text)}{case}"


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"
