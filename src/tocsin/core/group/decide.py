"""The rules of a group: a tree stays a tree, and nobody is held back for longer than was said."""

from typing import assert_never

from msgspec.structs import replace

from tocsin.core.decider import Decider, Refused
from tocsin.core.group.state import (
    HOLD,
    Child,
    Command,
    End,
    Ended,
    Event,
    Extend,
    Extended,
    Group,
    Join,
    Joined,
    Leave,
    Left,
    Released,
    Tick,
)
from tocsin.core.ids import IncidentId
from tocsin.core.instant import Instant
from tocsin.core.world import World


def initial(stream: str) -> Group:
    """A parent without children; `stream` is `group:` and its incident's id."""
    return Group(stream)


def decide(state: Group, command: Command, world: World, now: Instant) -> tuple[Event, ...] | Refused:  # noqa: ARG001
    """The facts that follow, or why not: `circle`, `unknown` or `ended`."""
    now = max(now, state.at)
    match command:
        case Join():
            return _join(state, command, now)
        case Extend(child):
            if state.children.get(child, Child(state.root)).held_until is None:
                return Refused("unknown", f"{child} is not held back by {state.root}")
            return (Extended(at=now, child=child, held_until=now + HOLD),)
        case Leave(child):
            return (Left(at=now, child=child),) if child in state.children else ()
        case End():
            return () if state.ended else (*_released(held(state), now), Ended(at=now, proposed=tuple(state.children)))
        case Tick():
            return _released({name: at for name, at in held(state).items() if at <= now}, now)
        case _:
            assert_never(command)


def _join(state: Group, command: Join, now: Instant) -> tuple[Event, ...] | Refused:
    child, parent = command.child, command.parent
    if state.ended:
        return Refused("ended", f"{state.root} is over")
    if parent != state.root and parent not in state.children:
        return Refused("unknown", f"{parent} is not in the group of {state.root}")
    if child == state.root or child in line(state, parent):
        return Refused("circle", f"{parent} is under {child} already")
    known = state.children.get(child)
    if known is not None and known.parent == parent and (known.held_until is not None) == command.hold:
        return ()
    return (Joined(at=now, child=child, parent=parent, held_until=now + HOLD if command.hold else None),)


def line(state: Group, incident: IncidentId) -> tuple[IncidentId, ...]:
    """An incident of the group and all above it, nearest first, the root last."""
    found = [incident]
    while found[-1] in state.children:
        found.append(state.children[found[-1]].parent)
    return tuple(found)


def held(state: Group) -> dict[IncidentId, Instant]:
    """The children that are held back, and until when."""
    return {name: one.held_until for name, one in state.children.items() if one.held_until is not None}


def _released(children: dict[IncidentId, Instant], now: Instant) -> tuple[Event, ...]:
    return (Released(at=now, children=tuple(children)),) if children else ()


def evolve(state: Group, event: Event) -> Group:
    """`state` after `event`."""
    state = replace(state, seq=state.seq + 1, at=max(state.at, event.at))
    match event:
        case Joined():
            return _with(state, {event.child: Child(event.parent, event.held_until)})
        case Extended():
            return _with(state, {event.child: replace(state.children[event.child], held_until=event.held_until)})
        case Released():
            return _with(state, {name: replace(state.children[name], held_until=None) for name in event.children})
        case Left():
            return _without(state, event.child)
        case Ended():
            return replace(state, ended=True)
        case _:
            assert_never(event)


def _with(state: Group, changed: dict[IncidentId, Child]) -> Group:
    return replace(state, children={**state.children, **changed})


def _without(state: Group, gone: IncidentId) -> Group:
    above = state.children[gone].parent
    rest = {name: one for name, one in state.children.items() if name != gone}
    moved = {name: replace(one, parent=above) if one.parent == gone else one for name, one in rest.items()}
    return replace(state, children=moved)


def due(state: Group) -> Instant | None:
    """When the first child is held back no longer; None where none is."""
    return min(held(state).values(), default=None)


GROUP = Decider(initial, evolve, due)
"""What the engine needs to know of groups."""
