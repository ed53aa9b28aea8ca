"""`tocsin check --against OLD`: who is reached differently, and when, as Markdown for a review comment, or as data."""

import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from msgspec import Struct, to_builtins
from msgspec.structs import replace

from tocsin.cli.output import Form, safe, say_json
from tocsin.cli.output import say as tell
from tocsin.cli.rules import Rules, rules_of
from tocsin.cli.simulate_opening import begin_of_day
from tocsin.config import Loaded, load
from tocsin.config.places import Places
from tocsin.core.instant import DAY, MINUTE, SECOND, Instant, Span, format_instant
from tocsin.core.phrase import Phrase
from tocsin.engine.clock import SystemClock
from tocsin.engine.found import Found, of_checks, of_text
from tocsin.engine.proposals import case_of
from tocsin.lab.verifier.against import Against, Alike, Change, Reached, against, minutes
from tocsin.lab.verifier.examine import Examined, examine
from tocsin.lab.verifier.newly import newly
from tocsin.lab.verifier.windows import Windows, folded
from tocsin.lib.moments import day, length, local
from tocsin.lib.translate import ENGLISH, say, text

GROUPS, CHANGES, WINDOWS, NAMES, FINDINGS = 30, 20, 6, 12, 20
"""How many tables, rows of one, windows and names of a row, and findings are written out; the others are counted."""

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


def compared(loaded: Loaded, path: Path, old: Path, now: Instant) -> Told:
    """Both proved with the same roster from the same instant on. MistakeError where one of them cannot be used."""
    known = load(old)
    after, before = rules_of(loaded, path), rules_of(known, old)
    facts = replace(after.facts, methods={**before.facts.methods, **after.facts.methods})
    cases = [case_of(one.rulebook, facts, now) for one in (before, after)]
    had, has = (examine(one, prove=True) for one in cases)
    rules = Rules(after.rulebook, facts, {**before.names, **after.names}, after.origin)
    return Told(against(*cases), _only(loaded, has, known, had), _only(known, had, loaded, has), has, rules)


def _only(mine: Loaded, has: Examined, other: Loaded, had: Examined) -> tuple[Found, ...]:
    """What the first has and the other has not: mistakes of its text, then what the checks find."""
    known = {(one.code, one.text) for one in other.complaints}
    texts = [one for one in mine.complaints if (one.code, one.text) not in known]
    return (*of_text(texts), *of_checks(newly(had.findings, has.findings), Places(dict(mine.texts))))


def report(loaded: Loaded, path: Path, old: Path, form: Form) -> Examined:
    """Compare from the beginning of today on, so that two runs of a day say the same; what is found of the new one."""
    zone = rules_of(loaded, path).rulebook.timezone
    told = compared(loaded, path, old, begin_of_day(SystemClock().now(), zone))
    if form == "json":
        findings = {"new": to_builtins(told.new), "gone": to_builtins(told.gone)}
        say_json({"path": str(path), "against": str(old), **as_data(told.reach), "findings": findings})
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
    def __init__(self, told: Told, language: str) -> None:
        self.told, self.found, self.rules, self.language = told, told.reach, told.rules, language
        self.zone = told.rules.rulebook.timezone

    def say(self, name: str, **values: object) -> str:
        return text(f"lab.against.{name}", {key: str(value) for key, value in values.items()}, self.language)

    def lines(self) -> Iterator[str]:
        found, services = self.found, len(self.found.services)
        alike = "same_known" if found.added or found.removed else "same"
        yield f"### {self.say('differ', n=services) if services else self.say(alike)}"
        yield ""
        start, end = self._day(found.proved.start), self._day(found.proved.end)
        yield self.say("proved", start=start, end=end, zone=escaped(self.zone))
        for name, only in (("added", found.added), ("removed", found.removed)):
            if only:
                yield ""
                yield self.say(name, services=", ".join(self._few(list(map(escaped, only)), NAMES)))
        for group in found.groups[:GROUPS]:
            yield from self._group(group)
        if len(found.groups) > GROUPS:
            yield ""
            yield self.say("more", n=len(found.groups) - GROUPS)
        yield from self._findings("new", self.told.new)
        yield from self._findings("gone", self.told.gone)

    def _findings(self, name: str, found: Sequence[Found]) -> Iterator[str]:
        if not found:
            return
        yield ""
        yield f"#### {self.say(f'findings.{name}', n=len(found))}"
        yield ""
        yield from self._few([f"- {_finding(one)}" for one in found], FINDINGS, before="- ")

    def _group(self, group: Alike) -> Iterator[str]:
        whole = (self.found.proved.end - self.found.proved.start) // MINUTE
        yield ""
        yield f"#### {escaped(group.service)}: {escaped(_rows(group))}"
        yield ""
        yield self.say("minutes", n=group.minutes, all=whole)
        if group.cut:
            yield ""
            yield say(Phrase("lab.proof.cut"), self.language)
        yield ""
        heads = ("rung", "windows", "before", "after", "mark", "minutes")
        yield _row(self.say(f"head.{head}") for head in heads)
        yield _row(["---"] * (len(heads) - 1) + ["---:"])
        for change in group.changes[:CHANGES]:
            yield _row(self._cells(change))
        if len(group.changes) > CHANGES:
            yield _row([self.say("more", n=len(group.changes) - CHANGES), *[""] * (len(heads) - 1)])

    def _cells(self, change: Change) -> Iterator[str]:
        supposed = [escaped(say(one, self.language)) for one in change.assuming]
        yield "<br>".join([self.say(f"rung.{change.rung}"), *supposed])
        windows = folded(change.windows, self.zone)
        left = len(windows) - WINDOWS
        yield "<br>".join([*map(self._windows, windows[:WINDOWS]), *([self.say("more", n=left)] if left > 0 else [])])
        yield self._reached(change.before)
        yield self._reached(change.after)
        yield self.say(f"mark.{change.mark}")
        yield str(minutes(change.windows))

    def _reached(self, one: Reached) -> str:
        if one.wait is None:
            return self.say("nobody")
        people = ", ".join(self._few([escaped(self.rules.name(person)) for person in one.people], NAMES))
        if one.any_of:
            people = self.say("any_of", people=people)
        if one.steady and not one.wait:
            return self.say("at_once", people=people)
        told = length(one.wait, language=self.language)
        return self.say("after" if one.steady else "within", people=people, wait=told)

    def _few(self, told: Sequence[str], most: int, before: str = "") -> list[str]:
        left = len(told) - most
        return [*told[:most], *([f"{before}{self.say('more', n=left)}"] if left > 0 else [])]

    def _windows(self, one: Windows) -> str:
        first, last = one.spans[0], one.spans[-1]
        if first == self.found.proved:
            return self.say("always")
        if len(one.spans) == 1:
            return self._single(first, clear=one.clear)
        every = self._every(one)
        begin, until = self._day(first.start), self._day(last.start)
        return self.say("recurring", every=every, times=self._times(first), n=len(one.spans), first=begin, last=until)

    def _every(self, one: Windows) -> str:
        """`every day`, `every Monday, Tuesday`, `every 2 weeks on Monday`, `every 3 days`."""
        if one.days:
            return self.say("nth_day", n=one.days)
        days = {local(span.start, self.zone).weekday(): span.start for span in one.spans}
        names = ", ".join(day(days[n], self.zone, "EEEE", language=self.language) for n in one.weekdays)
        if one.weeks > 1:
            return self.say("nth_week", n=one.weeks, days=names)
        return self.say("every_day") if len(one.weekdays) == 7 else self.say("every", days=names)

    def _single(self, one: Span, *, clear: bool) -> str:
        begin, end = (_clock(at, self.zone, named=not clear) for at in (one.start, one.end))
        same = local(one.start, self.zone).date() == local(one.end, self.zone).date()
        until = end if same else f"{self._day(one.end)} {end}"
        return f"{self._day(one.start)} {begin} – {until}"

    def _times(self, one: Span) -> str:
        """Of what recurs: where it ends on another day, that day, or how many days later."""
        begin, end = (_clock(at, self.zone) for at in (one.start, one.end))
        days = (local(one.end, self.zone).date() - local(one.start, self.zone).date()).days
        if days == 1 and end == "00:00":
            return f"{begin} – 24:00"
        later = day(one.end, self.zone, "EEEE", language=self.language) if 1 < days < 7 else f"+{days} d"
        return f"{begin} – {end}" if days < (one.end - one.start < DAY) + 1 else f"{begin} – {later} {end}"

    def _day(self, at: Instant) -> str:
        return escaped(day(at, self.zone, "yMMMEd", language=self.language))


def _clock(at: Instant, zone: str, *, named: bool = False) -> str:
    """Minutes; what is smaller only where it is not zero."""
    found = local(at - at % SECOND, zone)
    told = f"{found:%H:%M:%S}" if at % MINUTE else f"{found:%H:%M}"
    told += f".{at % SECOND:06}" if at % SECOND else ""
    return f"{told} {found:%Z}" if named else told


def _rows(group: Alike) -> str:
    """`P1, P2 (incident, security)`: priorities of the same kinds together."""
    kinds: dict[str, list[str]] = {}
    for priority, kind in group.rows:
        kinds.setdefault(priority, []).append(kind)
    alike: dict[tuple[str, ...], list[str]] = {}
    for name, those in kinds.items():
        alike.setdefault(tuple(those), []).append(name)
    return "; ".join(f"{', '.join(named)} ({', '.join(of)})" for of, named in alike.items())


def _finding(one: Found) -> str:
    place = f"{one.file}:{one.line}:{one.column}"
    case = "" if one.counterexample is None else f" ({escaped(one.counterexample.text)})"
    return f"{one.severity} {one.code} {escaped(place)}: {escaped(one.text)}{case}"


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def as_data(found: Against) -> dict[str, Any]:
    """The same for programs, with every window: instants in UTC, waits in seconds, null for never."""
    return {
        "start": format_instant(found.proved.start),
        "end": format_instant(found.proved.end),
        "added": list(found.added),
        "removed": list(found.removed),
        "differences": [
            {
                "service": group.service,
                "rows": [{"priority": priority, "kind": kind} for priority, kind in group.rows],
                "minutes": group.minutes,
                "complete": not group.cut,
                "changes": [_change(one) for one in group.changes],
            }
            for group in found.groups
        ],
    }


def _change(one: Change) -> dict[str, Any]:
    return {
        "rung": one.rung,
        "change": one.mark,
        "before": _data(one.before),
        "after": _data(one.after),
        "minutes": minutes(one.windows),
        "supposed": [say(phrase) for phrase in one.assuming],
        "windows": [{"start": format_instant(span.start), "end": format_instant(span.end)} for span in one.windows],
    }


def _data(one: Reached) -> dict[str, Any]:
    wait = None if one.wait is None else one.wait / SECOND
    return {"people": list(one.people), "any_of": one.any_of, "longest_wait_seconds": wait, "steady": one.steady}
