"""An `expect:` of the rulebook that does not come true when it is played by the rules.

One without `at` is played where the time that is proved begins, and says so: it is not proved of every instant.
"""

from collections.abc import Iterator

from tocsin.core.calendar.zones import first_instant, parse_day, start_of
from tocsin.core.ids import SourceId
from tocsin.core.incident import events as ev
from tocsin.core.incident.turn import Turn
from tocsin.core.incident.whom import resolve
from tocsin.core.instant import HOUR, MINUTE, Instant
from tocsin.core.phrase import Phrase
from tocsin.core.routing.expectation import Expectation
from tocsin.core.signal import Signal
from tocsin.lab.behaviour import Behaviour, Habit, Happening, Signals
from tocsin.lab.simulator import Transcript, play
from tocsin.lab.verifier.case import Case
from tocsin.lab.verifier.contract import Check
from tocsin.lab.verifier.finding import Counterexample, Finding
from tocsin.lab.verifier.wording import listed, wall

CODE = "V012"
HEARD = ("page", "ask", "decide", "offer", "still_on_it", "inform")


def find(case: Case) -> Iterator[Finding]:
    """Each expectation in its order."""
    for number, one in enumerate(case.rulebook.expect):
        at = case.start if one.at is None else _instant(one.at, case.rulebook.timezone)
        transcript = _played(case, one, at)
        yield from _judged(case, one, number, at, transcript)
        if one.at is None:
            values = {"at": wall(at, case.rulebook.timezone)}
            text, hint = Phrase("lab.check.expect.one_time", values), Phrase("lab.check.expect.one_time.hint")
            yield Finding(CODE, "info", ("expect", str(number)), text, hint)


def _instant(text: str, zone: str) -> Instant:
    """As the wall clock shows it; a time that is skipped is the first after it."""
    day, _, clock = text.partition(" ")
    hour, minute = clock.split(":")
    return first_instant(zone, start_of("UTC", parse_day(day)) + int(hour) * HOUR + int(minute) * MINUTE)


def _played(case: Case, one: Expectation, at: Instant) -> Transcript:
    said = one.signal
    signal = Signal(
        key="expect",
        action="trigger",
        title=said.title or "expected",
        severity=said.severity.lower(),
        kind=said.kind,
        service=said.service,
        labels=said.labels,
        reported_by=said.reported_by,
        affected_users=said.affected_users,
        wants_escalation=said.wants_escalation,
    )
    habits = () if one.nobody_answers else (Habit("", "acknowledge"),)
    opening = Happening(at, Signals(SourceId("expect"), (signal,)))
    return play(case.world, (opening,), at + one.within.elapsed, Behaviour(habits=habits))


def _judged(case: Case, one: Expectation, number: int, at: Instant, played: Transcript) -> Iterator[Finding]:
    opened = next(event for told in played.told if isinstance(event := told.event, ev.Opened))
    where = ("expect", str(number))
    if one.priority is not None and opened.priority != one.priority:
        values: dict[str, str] = {"expected": one.priority, "given": opened.priority}
        yield _finding(case, one, at, opened, (*where, "priority"), Phrase("lab.check.expect.priority", values))
    if one.reaches is not None and not _reached(case, one, played):
        heard = listed(tried.message.to for tried in played.tried if _arrived(tried.message.purpose, tried.outcome))
        values = {"target": str(one.reaches), "within": str(one.within), "people": heard or "-"}
        yield _finding(case, one, at, opened, (*where, "reaches"), Phrase("lab.check.expect.reaches", values))


def _reached(case: Case, one: Expectation, played: Transcript) -> bool:
    """Whether something arrived at somebody whom the target names at that moment."""
    for tried in played.tried:
        if one.reaches is not None and _arrived(tried.message.purpose, tried.outcome):
            turn = Turn(played.incidents[tried.message.incident], case.world, tried.at)
            if tried.message.to in resolve(turn, one.reaches, True).people:
                return True
    return False


def _arrived(purpose: str, outcome: str) -> bool:
    return outcome == "sent" and purpose in HEARD


def _finding(
    case: Case, one: Expectation, at: Instant, opened: ev.Opened, where: tuple[str, ...], text: Phrase
) -> Finding:
    zone = case.rulebook.timezone
    assuming = (Phrase("lab.check.expect.silent" if one.nobody_answers else "lab.check.expect.first"),)
    example = Counterexample(one.signal.service, opened.priority, one.signal.kind, at, zone, text, None, assuming)
    return Finding(CODE, "error", where, text, Phrase("lab.check.expect.hint"), example)


CHECK = Check(CODE, "expectation", "error", find)
