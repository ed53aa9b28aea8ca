"""An expectation of a rulebook as a question: what is sent, who answers, and whether it comes true of one opening."""

from tocsin.core.ids import SourceId
from tocsin.core.incident import events as ev
from tocsin.core.incident.state import Incident
from tocsin.core.incident.turn import Turn
from tocsin.core.incident.whom import resolve
from tocsin.core.instant import HOUR, MINUTE, Instant, Span
from tocsin.core.routing.expectation import Expectation
from tocsin.core.signal import Signal
from tocsin.core.world import World
from tocsin.lab.behaviour import Behaviour, Habit, Happening, Signals
from tocsin.lab.simulator import Simulation, Transcript, Tried, play
from tocsin.lab.verifier.case import Case
from tocsin.lab.verifier.hearing import hears
from tocsin.lab.verifier.reach import RUNGS
from tocsin.lab.verifier.regimes import Question
from tocsin.lab.verifier.spans import joined
from tocsin.lab.verifier.surely import surely
from tocsin.lab.verifier.timeline import Ground

HEARD = ("page", "ask", "decide", "offer", "still_on_it", "inform")

_LOOKS = (0, MINUTE, 10 * MINUTE, HOUR, 4 * HOUR)
"""So long after the opening it is looked whether somebody has been reached, so that no more need be played."""


def question(one: Expectation, part: str) -> Question:
    """Whether its `priority` or its `reaches` comes true."""
    if part == "priority":
        return Question(_signal(one), Behaviour(), (0,), lambda played: opened(played).priority == one.priority)
    within = one.within.elapsed
    looks = (*(look for look in _LOOKS if look < within), within)
    return Question(_signal(one), _behaviour(one), looks, lambda played: reached(one, played))


def proved(case: Case, one: Expectation) -> tuple[Span, ...]:
    """Where the proof knows that it comes true: before anybody is rung nobody can have answered."""
    claimed = case.rulebook.priorities.of_severity(_signal(one).severity)
    names = (one.signal.service, claimed, one.signal.kind)
    row = next((each for each in case.proof.rows if (each.service, each.priority, each.kind) == names), None)
    if row is None or one.reaches is None:
        return ()
    within, ground = one.within.elapsed, Ground(case.world, case.start)
    if not one.nobody_answers:
        return surely(ground, row, one.reaches, within, RUNGS[:1])
    service = case.rulebook.services[row.service]
    heard = hears(ground, case.end, service, _signal(one), one.reaches, within)
    return joined((*heard, *surely(ground, row, one.reaches, within, RUNGS)))


def played(world: World, one: Expectation, at: Instant) -> Transcript:
    """What opens then, played as long as it has time."""
    opening = Happening(at, Signals(SourceId("expect"), (_signal(one),)))
    return play(world, (opening,), at + one.within.elapsed, _behaviour(one))


def opened(played: Simulation | Transcript) -> ev.Opened:
    """How it was opened."""
    return next(told.event for told in played.told if isinstance(told.event, ev.Opened))


def reached(one: Expectation, played: Simulation) -> bool:
    """Whether something arrived at somebody whom the target names at that moment."""
    for tried in played.tried:
        if one.reaches is not None and arrived(tried):
            turn = Turn(Incident(id=tried.message.incident), played.world, tried.at)
            if tried.message.to in resolve(turn, one.reaches, True).people:
                return True
    return False


def arrived(tried: Tried) -> bool:
    """Whether somebody hears of it by that."""
    return tried.outcome == "sent" and tried.message.purpose in HEARD


def _signal(one: Expectation) -> Signal:
    said = one.signal
    return Signal(
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


def _behaviour(one: Expectation) -> Behaviour:
    return Behaviour(habits=() if one.nobody_answers else (Habit("", "acknowledge"),))
