"""When the clock of a promise starts: at the opening, at the first hand-over, or when somebody accepts."""

from functools import lru_cache

import pytest

from tests.lab.broken import GOLD, LADDER, SOUND, broken, case_of
from tocsin.core.calendar import working
from tocsin.core.ids import SourceId
from tocsin.core.incident import events as ev
from tocsin.core.instant import DAY, HOUR, MINUTE, Duration, Instant
from tocsin.core.signal import Signal
from tocsin.lab.behaviour import Behaviour, Happening, Signals
from tocsin.lab.simulator import Simulation
from tocsin.lab.verifier.case import Case
from tocsin.lab.verifier.checks import sla_unreachable
from tocsin.lab.verifier.finding import Finding
from tocsin.lab.verifier.reach import Respond
from tocsin.lab.verifier.table import lines
from tocsin.lab.verifier.told import facts
from tocsin.lib.translate import knows, say

LATER = """    functional:
      - {notify: team, wait: 20m}
      - {hand_over: team:payments, wait: 10m}
      - {notify: team.next, wait: 10m}
"""
NEVER = LATER.replace("hand_over:", "notify:")
CLOSED = LATER.replace("hand_over: team:payments", "hand_over: team:complaints")


@lru_cache
def case(starts: str, promised: str, ladder: str = LATER, hours: str = "always") -> Case:
    """`production` with that ladder, under a promise for P1 and P3 with a clock that starts then."""
    targets = f"{{respond: {{P1: {promised}, P3: {promised}, else: 40d}}}}"
    gold = f"    hours: {hours}\n    starts: {starts}\n    targets: {targets}\n"
    elsewhere = "priority: P1, policy: security-breach, major: true, confidential: true"
    return case_of(broken((LADDER, ladder), (GOLD, gold), (elsewhere, "priority: P1")), horizon=10 * DAY)


def found(*given: str) -> list[Finding]:
    return [one for one in sla_unreachable.CHECK.find(case(*given)) if one.where[1] == "production"]


def promise(*given: str, priority: str = "P1") -> Respond | None:
    rows = [one for one in case(*given).proof.rows if one.service == "order-database" and one.priority == priority]
    return rows[0].respond


@pytest.mark.parametrize(
    ("starts", "promised", "ladder", "kept"),
    [
        ("opening", "15m", LATER, False),
        ("opening", "30m", LATER, True),
        ("hand_over", "15m", LATER, True),
        ("hand_over", "10m", LATER, True),
        ("hand_over", "9m", LATER, False),
        ("hand_over", "9m", NEVER, None),
        ("hand_over", "9m", LATER.replace("hand_over", "notify").replace("notify: team,", "hand_over: team,"), False),
        ("acceptance", "1m", LATER, None),
    ],
)
def test_it_is_kept_where_the_last_are_called_in_time_from_then_on(
    starts: str, promised: str, ladder: str, kept: bool | None
) -> None:
    """A ladder that never hands over starts no clock, and whoever accepts has responded."""
    proved = promise(starts, promised, ladder)
    assert (proved and proved.met) is kept
    assert bool(found(starts, promised, ladder)) is (kept is False)


def test_what_is_late_from_the_hand_over_on_is_told_so() -> None:
    (finding,) = found("hand_over", "9m")
    assert finding.where == ("policies", "production", "functional", "1")
    assert say(finding.text).startswith("P1 promises a response within 9m of the hand-over (gold), but the last step")
    assert "is called only 10m after it" in say(finding.text)
    assert "so that step 3 comes within 9m of the hand-over" in say(finding.hint)
    example = finding.counterexample
    assert example is not None
    assert say(example.text).endswith("step 3 is called 10m after the hand-over instead of 9m")
    assert example.reached_at == example.at + 30 * MINUTE
    proved = promise("hand_over", "9m")
    assert proved is not None
    assert (proved.begun - proved.worst.opening, proved.due - proved.begun) == (20 * MINUTE, 9 * MINUTE)
    (line,) = (
        one for one in lines(case("hand_over", "9m").proof) if "P1" in one.priorities and "checkout" in one.services
    )
    told = {one.label: one.told for one in facts(line.row, "Europe/London")}["Response promised"]
    assert "is called after 30m, and 9m is promised from the hand-over on, after 20m; for what opens" in told


def test_what_opens_begins_its_clock_at_the_opening_as_ever() -> None:
    (finding,) = found("opening", "15m")
    assert say(finding.text).startswith("P1 promises a response within 15m (gold), but")
    proved = promise("opening", "15m")
    assert proved is not None
    assert (proved.handed, proved.begun) == (None, proved.worst.opening)


@lru_cache(256)
def played(given: tuple[str, ...], opening: Instant, severity: str) -> tuple[Instant | None, Instant]:
    """When the simulator hands it over, and when it calls the last person of the first lap, that is the first time."""
    signal = Signal(key="x", action="trigger", title="x", service="order-database", severity=severity)
    playing = Simulation(case(*given).world, Behaviour())
    playing.expect([Happening(opening, Signals(SourceId("any"), (signal,)))])
    again: list[Instant] = []
    until = opening
    while not again:
        until += HOUR
        playing.run(until)
        facts = [one.event for one in playing.told]
        again = [one.at for one in facts if isinstance(one, ev.StepEntered) and one.cursor.lap]
    moved = next((one.at for one in facts if isinstance(one, ev.HandedOver)), None)
    pages = [one for one in facts if isinstance(one, ev.Paged) and one.round.purpose == "page" and one.at < again[0]]
    return moved, max({one.round.person: one.at for one in reversed(pages)}.values())


@pytest.mark.parametrize(
    ("given", "priority", "severity"),
    [
        (("hand_over", "9m"), "P1", "critical"),
        (("hand_over", "2h", LATER, "office"), "P1", "critical"),
        (("hand_over", "15m", LATER.replace("wait: 20m", "wait: 2h, hours: office")), "P1", "critical"),
        (("hand_over", "15m", CLOSED), "P3", "warning"),
    ],
)
def test_the_proof_says_of_it_what_the_simulator_does_and_nothing_is_worse(
    given: tuple[str, ...], priority: str, severity: str
) -> None:
    proved = promise(*given, priority=priority)
    assert proved is not None
    whole = case(*given)
    book = whole.rulebook
    sla = book.slas["gold"]
    promised = sla.targets["respond"][priority]

    def left(opening: Instant) -> tuple[Duration, Instant]:
        begun, last = played(given, opening, severity)
        assert begun is not None
        due = working.due(begun, promised, book.hours.get(sla.hours))
        return (begun + promised.elapsed if due is None else due) - last, begun

    worst = proved.worst.opening
    assert proved.worst.at is not None
    assert left(worst) == (proved.due - proved.worst.at, proved.begun)
    for opening in (*range(whole.start, whole.end, 23 * HOUR + 11 * MINUTE), worst + 1, max(worst - 1, whole.start)):
        assert left(opening)[0] >= proved.due - proved.worst.at, opening


def test_all_that_is_said_has_sentences() -> None:
    for name in ("", "_handed"):
        assert all(knows(f"lab.hole.sla{name}{what}") for what in ("", ".hint", ".case"))
    assert LADDER in SOUND
