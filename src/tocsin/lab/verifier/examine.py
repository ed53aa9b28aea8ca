"""Runs every check on a case: worst first, less what the rulebook allows; a check that breaks down hides no other."""

from collections.abc import Callable, Iterator, Sequence

from msgspec import Struct

from tocsin.core.calendar.zones import parse_day, start_of
from tocsin.core.catalogue.allowance import Allowance
from tocsin.core.phrase import Phrase
from tocsin.lab.verifier.case import Case
from tocsin.lab.verifier.contract import Check
from tocsin.lab.verifier.finding import Finding, Path, Severity
from tocsin.lab.verifier.registry import EXPIRED, FAILED, IDLE, UNPROVED, checks, names

ORDER: tuple[Severity, ...] = ("error", "warning", "info")
"""Worst first."""

PROOF = "proof"
"""What progress is told while the proof is made."""

Progress = Callable[[str, int, int], None]
"""Told the name of what begins, how many are done, and of how many."""


class Suppressed(Struct, frozen=True):
    """A finding that the rulebook allows for now."""

    finding: Finding
    by: Allowance


class Examined(Struct, frozen=True):
    """All that was found, worst first, then by place and code; what is suppressed stands apart."""

    findings: tuple[Finding, ...]
    suppressed: tuple[Suppressed, ...] = ()


def examine(
    case: Case, progress: Progress | None = None, of: Sequence[Check] | None = None, *, prove: bool = False
) -> Examined:
    """Everything that the checks find; whatever one of them does, the others run. `of`: those instead of all.

    With `prove` the proof is made first, and what it shows is found too.
    """
    wanted = [one for one in checks() if prove or not one.proves] if of is None else list(of)
    found: list[Finding] = []
    if prove and (failure := _proved(case, progress)) is not None:
        found.append(failure)
        wanted = [one for one in wanted if not one.proves]
    for done, check in enumerate(wanted):
        if progress is not None:
            progress(check.name, done, len(wanted))
        found += _run(check, case)
    passed_over = {one.name for one in checks() if of is None and one not in wanted}
    return _sifted(found, case, frozenset(passed_over))


def _proved(case: Case, progress: Progress | None) -> Finding | None:
    """Make the proof; what is found where it breaks down."""
    if progress is not None:
        progress(PROOF, 0, 1)
    try:
        _ = case.proof
    except Exception as error:  # noqa: BLE001 - the checks that need no proof still say what they find
        values = {"error": f"{type(error).__name__}: {error}"[:300]}
        text, hint = Phrase("lab.check.not_proved", values), Phrase("lab.check.failed.hint")
        return Finding(UNPROVED, "error", (), text, hint)
    return None


def _run(check: Check, case: Case) -> list[Finding]:
    found: list[Finding] = []
    try:
        found.extend(check.find(case))  # what came before it broke down counts
    except Exception as error:  # noqa: BLE001 - one broken check must not hide what the others find
        values = {"check": check.name, "error": f"{type(error).__name__}: {error}"[:300]}
        text, hint = Phrase("lab.check.failed", values), Phrase("lab.check.failed.hint")
        found.append(Finding(FAILED, "error", (), text, hint))
    return found


def _sifted(found: Sequence[Finding], case: Case, passed_over: frozenset[str]) -> Examined:
    """Less what is allowed; of checks that were `passed_over` nobody knows whether they would match anything."""
    known = names()
    zone = case.rulebook.timezone
    suppressed: list[Suppressed] = []
    kept: list[Finding] = []
    used: set[Allowance] = set()
    holding = [one for one in case.rulebook.allow if case.start < _end(one, zone)]
    for finding in found:
        matching = [one for one in holding if covers(one, known.get(finding.code, ""), finding.where)]
        used.update(matching)
        if matching:
            suppressed.append(Suppressed(finding, matching[0]))
        else:
            kept.append(finding)
    used.update(one for one in holding if _named(one) in passed_over)
    kept += _about_allowances(case, used, frozenset(holding))
    return Examined(tuple(sorted(kept, key=_rank)), tuple(sorted(suppressed, key=lambda one: _rank(one.finding))))


def covers(allowance: Allowance, name: str, where: Path) -> bool:
    """Whether it holds back a finding of that check at that place: there, or below."""
    place = ".".join(where)
    return _named(allowance) == name and (place == allowance.at or place.startswith(f"{allowance.at}."))


def _named(allowance: Allowance) -> str:
    """The check that is meant, by its name or by the code that every finding shows."""
    return names().get(allowance.finding, allowance.finding)


def _about_allowances(case: Case, used: set[Allowance], holding: frozenset[Allowance]) -> Iterator[Finding]:
    for number, one in enumerate(case.rulebook.allow):
        where, values = ("allow", str(number)), {"finding": one.finding, "at": one.at, "until": one.until}
        if one not in holding:
            text, hint = Phrase("lab.check.expired", values), Phrase("lab.check.expired.hint", {"reason": one.reason})
            yield Finding(EXPIRED, "warning", where, text, hint)
        elif one not in used:
            key = "lab.check.idle" if _named(one) in names().values() else "lab.check.idle.unknown"
            yield Finding(IDLE, "warning", where, Phrase(key, values), Phrase("lab.check.idle.hint"))


def _end(allowance: Allowance, zone: str) -> int:
    return start_of(zone, parse_day(allowance.until))


def _rank(finding: Finding) -> tuple[int, str, tuple[tuple[int, str], ...]]:
    """By severity, code and place; items of lists by their numbers."""
    where = tuple((int(part), "") if part.isascii() and part.isdigit() else (-1, part) for part in finding.where)
    return ORDER.index(finding.severity), finding.code, where
