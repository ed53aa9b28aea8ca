"""The rules of a signature: when one kind of alert has come too often, and when that has passed."""

from typing import assert_never

from msgspec.structs import replace

from tocsin.core.decider import Decider
from tocsin.core.instant import Duration, Instant
from tocsin.core.signature.state import (
    REMEMBERED,
    THRESHOLDS,
    Command,
    Event,
    Faded,
    Recurred,
    See,
    Seen,
    Sighting,
    Signature,
    Tick,
)
from tocsin.core.world import World


def initial(stream: str) -> Signature:
    """A kind of alert that was never seen."""
    return Signature(stream)


def decide(state: Signature, command: Command, world: World, now: Instant) -> tuple[Event, ...]:  # noqa: ARG001
    """The facts that follow; the same incident counts once for as long as it is remembered."""
    now = max(now, state.at)
    match command:
        case See(incident):
            if any(one.incident == incident for one in state.seen):
                return ()
            return _seen(state, Seen(at=now, incident=incident), now)
        case Tick():
            over = state.recurring and _met(state, now) is None
            return (Faded(at=now),) if over else ()
        case _:
            assert_never(command)


def _seen(state: Signature, seen: Seen, now: Instant) -> tuple[Event, ...]:
    met = _met(evolve(state, seen), now)
    if met is None or state.recurring:
        return (seen,)
    n, within = met
    named = (*(one.incident for one in state.seen), seen.incident)[-n:]
    return seen, Recurred(at=now, incidents=named, within=within)


def _met(state: Signature, now: Instant) -> tuple[int, Duration] | None:
    """The first threshold that is met at `now`; a sighting counts for less than its whole time."""
    for n, within in THRESHOLDS:
        if len(state.seen) >= n and now < state.seen[-n].at + within:
            return n, within
    return None


def evolve(state: Signature, event: Event) -> Signature:
    """`state` after `event`."""
    state = replace(state, seq=state.seq + 1, at=max(state.at, event.at))
    match event:
        case Seen():
            seen = (*state.seen, Sighting(event.incident, event.at))[-REMEMBERED:]
            return replace(state, seen=seen, total=state.total + 1)
        case Recurred():
            return replace(state, recurring=True)
        case Faded():
            return replace(state, recurring=False)
        case _:
            assert_never(event)


def due(state: Signature) -> Instant | None:
    """When a recurrence has passed, if nothing more comes; None while there is none."""
    if not state.recurring:
        return None
    return max(state.seen[-n].at + within for n, within in THRESHOLDS if len(state.seen) >= n)


SIGNATURE = Decider(initial, evolve, due)
"""What the engine needs to know of signatures."""
