"""The hierarchical ladder: management is informed, asked or made to decide; ownership stays."""

from tocsin.core.catalogue.priority import at_least
from tocsin.core.catalogue.target import Target
from tocsin.core.incident import events as ev
from tocsin.core.incident.asking import ask
from tocsin.core.incident.calls import call
from tocsin.core.incident.state import Rung
from tocsin.core.incident.turn import Turn
from tocsin.core.incident.whom import everybody, resolve
from tocsin.core.instant import MINUTE, Duration, Instant
from tocsin.core.phrase import Phrase
from tocsin.core.policy.policy import Policy
from tocsin.core.policy.run import planned, respaced
from tocsin.core.steps import HierarchicalStep, Inform
from tocsin.core.steps.contract import Question, Tell

OVERDUE: Duration = MINUTE
"""A hierarchical step this late comes after an outage: those that follow are re-spaced."""


def plan(turn: Turn, policy: Policy, start: Instant) -> tuple[Rung, ...]:
    """The rungs of a ladder that starts at `start`."""
    if not policy.hierarchical:
        return ()
    return turn.once(("plan", policy.id, policy.digest, start), _plan, policy, start)


def _plan(turn: Turn, policy: Policy, start: Instant) -> tuple[Rung, ...]:
    return tuple(Rung(_planned(turn, step, start)) for step in policy.hierarchical)


def _planned(turn: Turn, step: HierarchicalStep, start: Instant) -> Instant:
    return planned(step, start, lambda period, hours, at: turn.after(period, turn.hours(hours), at))


def at_once(turn: Turn) -> None:
    """Rungs that are planned for the very moment need no tick."""
    for index in range(len(turn.state.hierarchical)):
        rung = turn.state.hierarchical[index]
        if rung.state == "planned" and rung.at <= turn.now:
            rung_due(turn, index)


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
    """Do one rung whose time has come. True: somebody was reached; False: nobody; None: it was passed over."""
    step = _step(turn, index)
    if step is None:
        turn.emit(ev.RungUnmatched(at=turn.now, index=index))
        return None
    if turn.state.status == "acknowledged" and step.unless == "acknowledged":
        turn.emit(ev.RungSkipped(at=turn.now, index=index))
        return None
    if not turn.holds(step.when):
        turn.emit(ev.RungUnmatched(at=turn.now, index=index))
        return None
    opens_at = None if at_least(turn.state.priority, "P2") else _opening(turn, step)
    if opens_at is not None:
        turn.emit(ev.Replanned(at=turn.now, plan={str(index): opens_at}, why=Phrase("rung.shut")))
        return None
    return _fire(turn, index, step, why)


def _opening(turn: Turn, step: HierarchicalStep) -> Instant | None:
    """When the closed teams that a question is for open; None where it names anybody else, or hours of its own."""
    if isinstance(step, Inform) or step.hours is not None:
        return None
    groups = [resolve(turn, target) for target in step.targets]
    opens = [group.opens_at for group in groups if group.opens_at is not None]
    return None if any(group.people for group in groups) else min(opens, default=None)


def _step(turn: Turn, index: int) -> HierarchicalStep | None:
    """The step of a rung; None where the policy that the incident opened under is known no more."""
    steps = turn.policy.hierarchical
    return steps[index] if index < len(steps) else None


def _fire(turn: Turn, index: int, step: HierarchicalStep, why: Phrase) -> bool:
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


def fire_next(turn: Turn, why: Phrase, by_hand: bool = False) -> bool:
    """The next unfired rung, before its time; those that do not apply or reach nobody give way to the one after.

    What does not apply now is left as planned: it is judged when it is due. A person who moves the ladder by hand does
    so whether or not somebody has acknowledged.
    """
    for index, rung in enumerate(turn.state.hierarchical):
        step = _step(turn, index)
        if step is None or rung.state not in ("planned", "skipped"):
            continue
        held = turn.state.status == "acknowledged" and step.unless == "acknowledged" and not by_hand
        if not held and turn.holds(step.when) and _fire(turn, index, step, why):
            return True
    return False


def after_acknowledgement(turn: Turn) -> None:
    """The acknowledgement has ended: rungs that were passed over because of it and whose time has passed fire now.

    They come in the order of their times; one that the one before has brought forward has fired.
    """
    why = Phrase("rung.acknowledgement_ended")
    rungs = turn.state.hierarchical
    for index in sorted(range(len(rungs)), key=lambda one: rungs[one].at):
        if turn.state.hierarchical[index].state == "skipped" and attempt(turn, index, why) is False:
            fire_next(turn, Phrase("rung.empty"))


def held_back(turn: Turn) -> frozenset[int]:
    """The rungs that have not fired and whose condition does not hold as things are."""
    return frozenset(
        index
        for index, rung in enumerate(turn.state.hierarchical)
        if rung.state in ("planned", "unmatched") and not _applies(turn, index)
    )


def after_raise(turn: Turn, held: frozenset[int]) -> None:
    """The priority was raised: rungs that it makes apply, passed over already or still to come, begin from now."""
    times = {
        str(index): _planned(turn, turn.policy.hierarchical[index], turn.now)
        for index, rung in enumerate(turn.state.hierarchical)
        if (rung.state == "unmatched" or index in held) and _applies(turn, index)
    }
    if at_least(turn.state.priority, "P2"):
        waiting = (index for index in range(len(turn.state.hierarchical)) if _waits_for_opening(turn, index))
        times |= {str(index): turn.now for index in waiting}
    if times:
        turn.emit(ev.Replanned(at=turn.now, plan=times, why=Phrase("rung.raised")))


def _waits_for_opening(turn: Turn, index: int) -> bool:
    """Whether a rung's own time is over and it has been put off until a team opens."""
    rung, step = turn.state.hierarchical[index], _step(turn, index)
    if step is None or rung.state != "planned" or rung.at <= turn.now:
        return False
    return _planned(turn, step, turn.state.ladder_start) <= turn.now and _opening(turn, step) == rung.at


def _applies(turn: Turn, index: int) -> bool:
    step = _step(turn, index)
    return step is not None and turn.holds(step.when)


def _respace(turn: Turn, was: Instant) -> None:
    """The rungs after an overdue one that are overdue too come at a distance, not all at once."""
    rungs = turn.state.hierarchical
    late = [(i, rungs[i].at) for i in range(len(rungs)) if rungs[i].state == "planned" and rungs[i].at <= turn.now]
    if late:
        times = respaced(sorted(late, key=lambda one: one[1]), turn.now, was)
        turn.emit(ev.Replanned(at=turn.now, plan={str(i): at for i, at in times.items()}, why=Phrase("rung.respaced")))
