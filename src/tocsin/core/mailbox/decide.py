"""The rules of a mailbox: what leaves by itself, what waits for the bundle, and when calm returns."""

from typing import assert_never

from msgspec.structs import replace

from tocsin.core.decider import Decider
from tocsin.core.instant import Instant
from tocsin.core.mailbox.state import (
    HEADLINES,
    LONGEST,
    SHORTEST,
    Bundled,
    Calmed,
    Command,
    Drop,
    Dropped,
    Event,
    Kept,
    Mailbox,
    Offer,
    SentAlone,
    Tick,
    Waiting,
)
from tocsin.core.world import World


def initial(stream: str) -> Mailbox:
    """A calm mailbox; `stream` is `mailbox:` and the person's id."""
    return Mailbox(stream)


def decide(state: Mailbox, command: Command, world: World, now: Instant) -> tuple[Event, ...]:  # noqa: ARG001
    """The facts that follow. A P1 and the first page in calm leave at once, all others within `LONGEST`."""
    now = max(now, state.at)
    match command:
        case Offer(incident, service, priority):
            if priority == "P1" or state.bundle_at is None:
                return (SentAlone(at=now, incident=incident, bundle_at=state.bundle_at or now + SHORTEST),)
            return (Kept(at=now, incident=incident, service=service, priority=priority),)
        case Drop(incident):
            waiting = state.waiting.get(incident)
            return (Dropped(at=now, incident=incident, n=waiting.n),) if waiting else ()
        case Tick():
            if state.bundle_at is None or state.bundle_at > now:
                return ()
            return (_bundle(state, now),) if state.waiting else (Calmed(at=now),)
        case _:
            assert_never(command)


def _bundle(state: Mailbox, now: Instant) -> Bundled:
    services: dict[str, int] = {}
    for one in state.waiting.values():
        services[one.service] = services.get(one.service, 0) + one.n
    worst = sorted(state.waiting, key=lambda incident: state.waiting[incident].priority)
    gap = min(LONGEST, 2 * state.gap)
    n = sum(services.values())
    return Bundled(at=now, n=n, services=services, worst=tuple(worst[:HEADLINES]), gap=gap, bundle_at=now + gap)


def evolve(state: Mailbox, event: Event) -> Mailbox:
    """`state` after `event`."""
    state = replace(state, seq=state.seq + 1, at=max(state.at, event.at))
    match event:
        case SentAlone():
            return replace(state, bundle_at=event.bundle_at, gap=state.gap or SHORTEST)
        case Kept():
            known = state.waiting.get(event.incident)
            worst = min(event.priority, known.priority) if known else event.priority
            waiting = Waiting(event.service, worst, known.n + 1 if known else 1)
            return replace(state, waiting={**state.waiting, event.incident: waiting})
        case Dropped():
            return replace(state, waiting={name: one for name, one in state.waiting.items() if name != event.incident})
        case Bundled():
            return replace(state, waiting={}, gap=event.gap, bundle_at=event.bundle_at)
        case Calmed():
            return replace(state, gap=0, bundle_at=None)
        case _:
            assert_never(event)


def due(state: Mailbox) -> Instant | None:
    """When the next bundle leaves, or calm is judged; None in calm."""
    return state.bundle_at


MAILBOX = Decider(initial, evolve, due)
"""What the engine needs to know of mailboxes."""
