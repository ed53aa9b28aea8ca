"""Every timer of an incident, read from its state; the earliest is when it wants to be asked again."""

from collections.abc import Iterator
from operator import itemgetter
from typing import Literal

from msgspec import Struct

from tocsin.core.catalogue.priority import PRIORITIES
from tocsin.core.incident.state import Incident
from tocsin.core.instant import Instant

TimerKind = Literal[
    "suspension", "snooze", "lease", "ring", "call", "step", "rung", "request", "pending", "quiet", "close", "hold"
]


class Timer(Struct, frozen=True, gc=False):
    """One thing that will happen by itself. `key` names the rung, round or request; '' where there is only one."""

    at: Instant
    kind: TimerKind
    key: str = ""


RANK_OF_ENDED = 6

Running = tuple[Instant, TimerKind, int | str]
"""A timer as it is read from the state; most are only compared, so that few are made into values."""

_AT = itemgetter(0)


def due(state: Incident) -> Instant | None:
    """When the next timer of `state` runs out, or None when nothing will ever happen by itself.

    The instant of `next_timer`, without making timers of what runs: every decision is followed by this question.
    """
    if not state.live:
        return state.close_at if state.status == "resolved" else None
    resting = state.resting
    instants = [at for at, _, _ in _overlays(state)] if resting or _overlaid(state) else []
    if state.rounds:
        instants += [ring.at for one in state.rounds for ring in one.rings if ring.state == "waiting"]
    cursor = state.functional
    if not resting:
        if cursor.due_at is not None:
            instants.append(cursor.due_at)
        if cursor.call_at is not None and cursor.queue and state.calling:
            instants.append(cursor.call_at)
    if state.hierarchical:
        instants += [rung.at for rung in state.hierarchical if rung.state == "planned"]
    if state.requests:
        instants += [request.deadline for request in state.requests]
    return min(instants) if instants else None


def next_timer(state: Incident) -> Timer | None:
    """The timer that runs out first; of equal ones, the first that `timers` names."""
    running = _running(state)
    if not running:
        return None
    return _timer(running[0] if len(running) == 1 else min(running, key=_AT))


def rank(state: Incident) -> int:
    """How soon it is served among all that is due, 0 first: by priority, and what has ended after all that is live."""
    return PRIORITIES.index(state.priority) if state.live else RANK_OF_ENDED


def precedence(badness: int, at: Instant, id_: str) -> tuple[int, Instant, int, str]:
    """To sort by, of what is due together: the worst first, then what was due first, then what opened first.

    What one incident does may decide whose turn it is in the next, so that chance must not order them.
    """
    return badness, at, len(id_), id_


def timers(state: Incident) -> Iterator[Timer]:
    """All that run. A live incident always has one; the order decides between equal instants."""
    return map(_timer, _running(state))


def _timer(one: Running) -> Timer:
    at, kind, key = one
    return Timer(at, kind, str(key))


def _running(state: Incident) -> list[Running]:
    """All timers, in order."""
    if not state.live:
        return [(state.close_at, "close", "")] if state.status == "resolved" and state.close_at is not None else []
    resting = state.resting
    found = _overlays(state) if resting or _overlaid(state) else []
    for one in state.rounds:
        found += [(ring.at, "ring", one.number) for ring in one.rings if ring.state == "waiting"]
    if not resting:
        _functional(state, found)
    if state.hierarchical:
        found += [(rung.at, "rung", index) for index, rung in enumerate(state.hierarchical) if rung.state == "planned"]
    if state.requests:
        found += [(request.deadline, "request", request.id) for request in state.requests]
    return found


def _overlaid(state: Incident) -> bool:
    """Whether anything lies over the ladders, though they do not rest, or anybody has it: `_overlays` finds a timer."""
    return state.lease is not None or state.pending is not None or state.flap.quiet_at is not None


def _overlays(state: Incident) -> list[Running]:
    found: list[Running] = []
    if state.suspended_until is not None:
        found.append((state.suspended_until, "suspension", ""))
    if state.snoozed_until is not None:
        found.append((state.snoozed_until, "snooze", ""))
    if state.pending is not None:
        found.append((state.pending.review_at, "pending", ""))
    if state.held_until is not None:
        found.append((state.held_until, "hold", ""))
    if state.flap.quiet_at is not None:
        found.append((state.flap.quiet_at, "quiet", ""))
    if state.status == "acknowledged" and state.lease is not None:
        asked = state.lease.asked_until
        found.append((state.lease.ends_at if asked is None else asked, "lease", ""))
    return found


def _functional(state: Incident, found: list[Running]) -> None:
    cursor = state.functional
    if cursor.call_at is not None and cursor.queue and state.calling:
        found.append((cursor.call_at, "call", ""))
    if cursor.due_at is not None:
        found.append((cursor.due_at, "step", ""))
