"""The hierarchical ladder: management is informed, asked or made to decide; ownership stays."""

from tocsin.core.catalogue.target import Target
from tocsin.core.incident import events as ev
from tocsin.core.incident.asking import ask
from tocsin.core.incident.calls import call
from tocsin.core.incident.state import Rung
from tocsin.core.incident.turn import Turn
from tocsin.core.incident.whom import everybody
from tocsin.core.instant import MINUTE, Duration, Instant
from tocsin.core.phrase import Phrase
from tocsin.core.policy.policy import Policy
from tocsin.core.policy.run import planned, respaced
from tocsin.core.steps import HierarchicalStep
from tocsin.core.steps.contract import Question, Tell

OVERDUE: Duration = MINUTE
"""A hierarchical step this late comes after an outage: those that follow are re-spaced."""


def plan(turn: Turn, policy: Policy, start: Instant) -> tuple[Rung, ...]:
    """The rungs of a ladder that starts at `start`."""
    return tuple(Rung(_planned(turn, step, start)) for step in policy.hierarchical)


def _planned(turn: Turn, step: HierarchicalStep, start: Instant) -> Instant:
    return planned(step, start, lambda period, hours, at: turn.after(period, turn.hours(hours), at))


def rung_due(turn: Turn, index: int) -> None:
    """A rung's time has come: judge `unless`, then `when`, then do it."""
    rung = turn.state.hierarchical[index]
    late = turn.now - rung.at > OVERDUE
    reached = attempt(turn, index, Phrase("rung.time"))
    if late:
        _respace(turn, rung.at)
    if reached is False:
        fire_next(turn, Phrase("rung.empty"))


def attempt(turn: Turn, index: int, why: Phrase) -> bool | None:
    """Do one rung. True: somebody was reached; False: nobody; None: it was passed over."""
    step = turn.policy.hierarchical[index]
    if turn.state.status == "acknowledged" and step.unless == "acknowledged":
        turn.emit(ev.RungSkipped(at=turn.now, index=index))
        return None
    if not turn.holds(step.when):
        turn.emit(ev.RungUnmatched(at=turn.now, index=index))
        return None
    turn.emit(ev.RungFired(at=turn.now, index=index, why=why))
    return perform(turn, step, why)


def perform(turn: Turn, step: HierarchicalStep, why: Phrase) -> bool:
    """Carry out a step's moves; whether anybody was reached."""
    reached = False
    for move in step.moves():
        if isinstance(move, Tell):
            reached |= inform(turn, move.targets, why)
        elif isinstance(move, Question):
            reached |= ask(turn, move, why)
    return reached


def inform(turn: Turn, targets: tuple[Target, ...], why: Phrase) -> bool:
    """Tell whom `targets` name now, routinely; whether anybody can be told."""
    people = everybody(turn, targets, hours_given=True)
    told = [person for person in people if call(turn, person, "inform", why, urgent=False)]
    humans = tuple(person for person in told if not person.startswith("channel:"))
    channels = tuple(person for person in told if person.startswith("channel:"))
    turn.emit(ev.Informed(at=turn.now, people=humans, channels=channels, text=why))
    return bool(told)


def fire_next(turn: Turn, why: Phrase) -> bool:
    """The next unfired rung, now; those that do not apply or reach nobody give way to the one after."""
    for index, rung in enumerate(turn.state.hierarchical):
        if rung.state in ("planned", "skipped") and attempt(turn, index, why):
            return True
    return False


def after_acknowledgement(turn: Turn) -> None:
    """The acknowledgement has ended: rungs that were passed over because of it and whose time has passed fire now."""
    for index, rung in enumerate(turn.state.hierarchical):
        if rung.state == "skipped" and rung.at <= turn.now:
            attempt(turn, index, Phrase("rung.acknowledgement_ended"))


def after_raise(turn: Turn) -> None:
    """The priority was raised: rungs whose condition now holds begin from this moment."""
    steps = turn.policy.hierarchical
    ready = [
        index
        for index, rung in enumerate(turn.state.hierarchical)
        if rung.state == "unmatched" and turn.holds(steps[index].when)
    ]
    if ready:
        times = {str(index): _planned(turn, steps[index], turn.now) for index in ready}
        turn.emit(ev.Replanned(at=turn.now, plan=times, why=Phrase("rung.raised")))


def _respace(turn: Turn, was: Instant) -> None:
    """The rungs after an overdue one that are overdue too come at a distance, not all at once."""
    rungs = turn.state.hierarchical
    late = [(i, rungs[i].at) for i in range(len(rungs)) if rungs[i].state == "planned" and rungs[i].at <= turn.now]
    if late:
        times = respaced(sorted(late, key=lambda one: one[1]), turn.now, was)
        turn.emit(ev.Replanned(at=turn.now, plan={str(i): at for i, at in times.items()}, why=Phrase("rung.respaced")))
