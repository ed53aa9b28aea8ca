"""An `expect:` of the rulebook that does not come true: at its time, or without one at any instant of the 400 days.

One without `at` holds where the proof says so; all other openings are played, at one of each kind that goes alike.
"""

from collections.abc import Iterator

from tocsin.core.calendar.civil import civil
from tocsin.core.instant import Instant, Span
from tocsin.core.phrase import Phrase
from tocsin.core.routing.expectation import Expectation
from tocsin.lab.verifier.case import Case
from tocsin.lab.verifier.contract import Check
from tocsin.lab.verifier.expecting import arrived, opened, played, proved, question
from tocsin.lab.verifier.finding import Counterexample, Finding
from tocsin.lab.verifier.regimes import Regimes
from tocsin.lab.verifier.spans import without
from tocsin.lab.verifier.wording import listed, wall

CODE = "V012"
PARTS = ("priority", "reaches")
PLAYS = 6000
"""Openings that are played for all expectations of a rulebook that have no time of their own."""


def find(case: Case) -> Iterator[Finding]:
    """Each expectation in its order."""
    always = sum((one.priority is not None) + (one.reaches is not None) for one in case.rulebook.expect if not one.at)
    for number, one in enumerate(case.rulebook.expect):
        for part in PARTS:
            if getattr(one, part) is None:
                continue
            if one.at is None:
                yield from _at_every_instant(case, one, part, number, PLAYS // always)
            elif not _holds(case, one, part, at := civil(one.at, case.rulebook.timezone)):
                yield _broken(case, one, part, number, at)


def _at_every_instant(case: Case, one: Expectation, part: str, number: int, most: int) -> Iterator[Finding]:
    """The first opening at which it does not come true; else, where not all could be played, up to when it does."""
    whole = Span(case.start, case.end)
    spans = tuple(without(whole, proved(case, one) if part == "reaches" else ()))
    looked = case.start if spans else case.end
    regimes = Regimes(case.world, case.start, question(one, part), most)
    for regime in regimes.over(spans):
        if not regime.holds:
            yield _broken(case, one, part, number, regime.start)
            return
        looked = regime.end
    if spans and looked < spans[-1].end:
        values = {"until": wall(looked, case.rulebook.timezone), "zone": case.rulebook.timezone}
        yield _noted("cut", part, number, values)
    elif regimes.turned and part == "reaches":
        yield _noted("turns", part, number, {"target": str(one.reaches), "within": str(one.within)})


def _noted(name: str, part: str, number: int, values: dict[str, str]) -> Finding:
    """It comes true as far as was looked; what is still taken for granted."""
    text, hint = Phrase(f"lab.check.expect.{name}", values), Phrase(f"lab.check.expect.{name}.hint")
    return Finding(CODE, "info", ("expect", str(number), part), text, hint)


def _holds(case: Case, one: Expectation, part: str, at: Instant) -> bool:
    return Regimes(case.world, at, question(one, part), 1).holds(at)


def _broken(case: Case, one: Expectation, part: str, number: int, at: Instant) -> Finding:
    """What does not come true of what opens then, in words."""
    transcript, zone = played(case.world, one, at), case.rulebook.timezone
    given = opened(transcript).priority
    values = {
        "at": wall(at, zone),
        "zone": zone,
        "service": one.signal.service or "-",
        "given": given,
        "expected": one.priority or "",
        "target": str(one.reaches),
        "within": str(one.within),
        "people": listed(tried.message.to for tried in transcript.tried if arrived(tried)) or "-",
    }
    assuming = (Phrase("lab.check.expect.silent" if one.nobody_answers else "lab.check.expect.first"),)
    told = Phrase(f"lab.check.expect.{part}.case", values)
    example = Counterexample(one.signal.service, given, one.signal.kind, at, zone, told, None, assuming)
    where, text = ("expect", str(number), part), Phrase(f"lab.check.expect.{part}", values)
    return Finding(CODE, "error", where, text, Phrase("lab.check.expect.hint"), example)


CHECK = Check(CODE, "expectation", "error", find, proves=True)
