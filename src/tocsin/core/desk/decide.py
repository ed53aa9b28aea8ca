"""The rules of a desk: what an incident's facts mean for its team's queue. A fact heard twice counts once."""

from collections.abc import Iterable, Iterator
from typing import assert_never

from msgspec.structs import replace

from tocsin.core.catalogue.people import Team
from tocsin.core.decider import Decider
from tocsin.core.desk.state import (
    GONE_LIMIT,
    HELD_LIMIT,
    PASSAGES_KEPT,
    PASSAGES_LIMIT,
    TO_AND_FRO,
    Borrowed,
    Command,
    Desk,
    Engage,
    Engaged,
    Event,
    Held,
    Leave,
    Left,
    Passage,
    PassedOn,
    PassOn,
    Receive,
    Received,
    SentToAndFro,
    TakeTurn,
    TurnTaken,
)
from tocsin.core.ids import IncidentId, PersonId
from tocsin.core.instant import Instant
from tocsin.core.world import Surroundings, World


def initial(stream: str) -> Desk:
    """A desk that has heard nothing; `stream` is `desk:` and the team's id."""
    return Desk(stream)


def decide(state: Desk, command: Command, world: World, now: Instant) -> tuple[Event, ...]:
    """The facts that follow; none where the desk has heard it before, or nobody assigns by it. Never refuses."""
    now = max(now, state.at)
    if isinstance(command, TakeTurn):
        return () if state.last == command.person else (TurnTaken(at=now, person=command.person),)
    if command.seq <= state.known(command.incident):
        return ()
    match command:
        case Engage():
            if not state.held and not _assigning(world):
                return ()
            return tuple(_engage(state, command, world, now))
        case Leave():
            known = command.incident in state.held
            return (Left(at=now, incident=command.incident, seq=command.seq),) if known else ()
        case Receive(incident, seq, giver, people):
            kept = _counted(people, world)
            came = Received(at=now, incident=incident, seq=seq, giver=giver, people=kept)
            n = state.passed(incident, giver) + 1
            return (came, SentToAndFro(at=now, incident=incident, team=giver, n=n)) if n >= TO_AND_FRO else (came,)
        case PassOn(incident, seq, taker):
            return (PassedOn(at=now, incident=incident, seq=seq, taker=taker),)
        case _:
            assert_never(command)


def _engage(state: Desk, command: Engage, world: World, now: Instant) -> Iterator[Event]:
    """Nothing where neither hands nor turns change."""
    kept = _counted(command.people, world)
    turn = _turn(command.called, world.rulebook.teams.get(state.team))
    held = state.held.get(command.incident)
    if turn is not None or kept != (held.people if held else ()):
        yield Engaged(at=now, incident=command.incident, seq=command.seq, people=kept, turn=turn)
    for team in _assigning(world):
        borrowed = None if team.id == state.team else _turn(command.called, team)
        if borrowed is not None:
            yield Borrowed(at=now, incident=command.incident, person=borrowed, team=team.id)


def _turn(called: tuple[PersonId, ...], team: Team | None) -> PersonId | None:
    """Who of the team had a turn: the last one called, unless it takes no turns or all were called together."""
    if team is None or team.assign != "round_robin":
        return None
    own = [person for person in called if person in team.members]
    return own[-1] if own and len(own) < len(team.members) else None


def _assigning(world: World) -> tuple[Team, ...]:
    """The teams whose work is assigned to one of them."""
    asked = world.asked_ever()
    found: tuple[Team, ...] | None = asked.get("assigning")
    if found is None:
        found = tuple(team for team in world.rulebook.teams.values() if team.assign != "everyone")
        asked["assigning"] = found
    return found


def _counted(people: tuple[PersonId, ...], world: World) -> tuple[PersonId, ...]:
    """Those of them whose load somebody asks for: the members of teams whose work is assigned to one of them."""
    assigning = _assigning(world)
    if not assigning:
        return ()
    return tuple(person for person in people if any(person in team.members for team in assigning))


def evolve(state: Desk, event: Event) -> Desk:
    """`state` after `event`."""
    state = replace(state, seq=state.seq + 1, at=max(state.at, event.at))
    match event:
        case Engaged():
            state = replace(state, last=event.turn or state.last)
            return _held(state, event.incident, Held(event.people, event.seq))
        case TurnTaken():
            return replace(state, last=event.person)
        case Received():
            state = _held(state, event.incident, Held(event.people, event.seq))
            return _passage(state, Passage(event.incident, event.giver, True, event.at))
        case PassedOn():
            state = _gone(state, event.incident, event.seq)
            return _passage(state, Passage(event.incident, event.taker, False, event.at))
        case Left():
            return _gone(state, event.incident, event.seq)
        case Borrowed() | SentToAndFro():
            return state
        case _:
            assert_never(event)


def _held(state: Desk, incident: IncidentId, held: Held) -> Desk:
    every = {**state.held, incident: held}
    if len(every) > HELD_LIMIT:
        del every[next(iter(every))]
    gone = {name: seq for name, seq in state.gone.items() if name != incident}
    return replace(state, held=every, gone=gone)


def _gone(state: Desk, incident: IncidentId, seq: int) -> Desk:
    held = {name: one for name, one in state.held.items() if name != incident}
    latest = [(name, at) for name, at in state.gone.items() if name != incident][1 - GONE_LIMIT :]
    return replace(state, held=held, gone={**dict(latest), incident: seq})


def _passage(state: Desk, passage: Passage) -> Desk:
    kept = [one for one in state.passages if one.at > passage.at - PASSAGES_KEPT]
    return replace(state, passages=(*kept, passage)[-PASSAGES_LIMIT:])


def due(state: Desk) -> Instant | None:  # noqa: ARG001
    """A desk waits for nothing: None."""
    return None


def surroundings(desks: Iterable[Desk], before: Surroundings = Surroundings()) -> Surroundings:
    """What `decide` of an incident may know of other work: open incidents by person, and who had each team's turn.

    `before` is what was known before these desks heard of anything.
    """
    load, turns = dict(before.load), dict(before.turns)
    for desk in desks:
        for held in desk.held.values():
            for person in held.people:
                load[person] = load.get(person, 0) + 1
        if desk.last is not None:
            turns[desk.team] = desk.last
    return Surroundings(load, turns)


DESK = Decider(initial, evolve, due)
"""What the engine needs to know of desks."""
