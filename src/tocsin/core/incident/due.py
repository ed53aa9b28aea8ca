"""Every timer of an incident, read from its state; the earliest is when it wants to be asked again."""

from collections.abc import Iterator
from typing import Literal

from msgspec import Struct

from tocsin.core.incident.state import Incident
from tocsin.core.instant import Instant

TimerKind = Literal[
    "suspension", "snooze", "lease", "ring", "call", "step", "rung", "request", "pending", "quiet", "close"
]


class Timer(Struct, frozen=True):
    """One thing that will happen by itself. `key` names the rung, round or request; '' where there is only one."""

    at: Instant
    kind: TimerKind
    key: str = ""


def due(state: Incident) -> Instant | None:
    """When the next timer of `state` runs out, or None when nothing will ever happen by itself."""
    return min((timer.at for timer in timers(state)), default=None)


def next_timer(state: Incident) -> Timer | None:
    """The timer that runs out first; of equal ones, the first that `timers` names."""
    return min(timers(state), key=lambda timer: timer.at, default=None)


def timers(state: Incident) -> Iterator[Timer]:
    """All that run. A live incident always has one; the order decides between equal instants."""
    if state.status == "resolved" and state.close_at is not None:
        yield Timer(state.close_at, "close")
    if not state.live:
        return
    yield from _overlays(state)
    yield from _ownership(state)
    for one in state.rounds:
        for ring in one.rings:
            if ring.state == "waiting":
                yield Timer(ring.at, "ring", str(one.number))
    yield from _functional(state)
    for index, rung in enumerate(state.hierarchical):
        if rung.state == "planned":
            yield Timer(rung.at, "rung", str(index))
    for request in state.requests:
        yield Timer(request.deadline, "request", request.id)


def _overlays(state: Incident) -> Iterator[Timer]:
    if state.suspended_until is not None:
        yield Timer(state.suspended_until, "suspension")
    if state.snoozed_until is not None:
        yield Timer(state.snoozed_until, "snooze")
    if state.pending is not None:
        yield Timer(state.pending.review_at, "pending")
    if state.flap.quiet_at is not None:
        yield Timer(state.flap.quiet_at, "quiet")


def _ownership(state: Incident) -> Iterator[Timer]:
    if state.status == "acknowledged" and state.lease is not None:
        asked = state.lease.asked_until
        yield Timer(state.lease.ends_at if asked is None else asked, "lease")


def _functional(state: Incident) -> Iterator[Timer]:
    if state.snoozed_until is not None or state.suspended_until is not None:
        return
    cursor = state.functional
    if cursor.call_at is not None and cursor.queue and state.calling:
        yield Timer(cursor.call_at, "call")
    if cursor.due_at is not None:
        yield Timer(cursor.due_at, "step")
