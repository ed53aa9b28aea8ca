"""The desks of a batch: what other work a choice needs to know, and what this batch's facts tell them."""

from collections.abc import Callable, Iterable, Iterator

from msgspec.structs import replace

from tocsin.core.desk import decide as desk
from tocsin.core.desk.state import Desk, desk_of
from tocsin.core.desk.state import Event as DeskEvent
from tocsin.core.incident.events import Event
from tocsin.core.incident.state import Incident
from tocsin.core.instant import Instant
from tocsin.core.react import Reaction, react
from tocsin.core.world import World
from tocsin.store.codec import decoder, encode
from tocsin.store.contract import Recorded, Tx, Versions, Written

decode_desk: Callable[[bytes], Desk] = decoder(Desk)


class Desks:
    """All desks where any team takes turns or shares by load, locked after the incidents; none where no team does."""

    def __init__(self, tx: Tx, world: World, now: Instant) -> None:
        self._plain = world
        self._now = now
        self._desks: dict[str, Desk] = {}
        self._loaded: dict[str, int] = {}
        self._facts: dict[str, list[DeskEvent]] = {}
        if any(team.assign != "everyone" for team in world.rulebook.teams.values()):
            self._load(tx)
        self._world = self._surrounded()

    def _load(self, tx: Tx) -> None:
        ids = [desk_of(team.id) for team in self._plain.rulebook.teams.values()]
        found = tx.load(ids)
        for id_ in ids:
            stream = found.get(id_)
            if stream is None:
                self._desks[id_] = desk.initial(id_)
            else:
                self._desks[id_] = stream.value if isinstance(stream.value, Desk) else decode_desk(stream.state)
            self._loaded[id_] = 0 if stream is None else stream.seq

    @property
    def world(self) -> World:
        """The world with other work as it stands after the batch's decisions so far."""
        return self._world

    def _surrounded(self) -> World:
        if not self._desks:
            return self._plain
        return replace(self._plain, surroundings=desk.surroundings(self._desks.values()))

    def hear(self, facts: Iterable[tuple[Event, Incident]]) -> None:
        """What happened to an incident reaches the desks at once, so that the next decision knows it."""
        if not self._desks:
            return
        waiting = [reaction for event, state in facts for reaction in react(event, state)]
        while waiting:
            waiting += self._carry_out(waiting.pop(0))
        self._world = self._surrounded()

    def _carry_out(self, reaction: Reaction) -> list[Reaction]:
        state = self._desks.get(reaction.stream)
        if state is None:
            return []
        further: list[Reaction] = []
        for event in desk.decide(state, reaction.command, self._plain, self._now):
            state = desk.evolve(state, event)
            self._facts.setdefault(state.id, []).append(event)
            further += react(event, state, reaction.depth)
        self._desks[state.id] = state
        return further

    def written(self, versions: Versions) -> Iterator[Written]:
        """The desks that changed, for the same transaction."""
        for id_, facts in self._facts.items():
            state = self._desks[id_]
            yield Written(
                stream=id_,
                kind="desk",
                seq=self._loaded[id_],
                state=encode(state),
                versions=versions,
                events=tuple(Recorded(str(one.__struct_config__.tag), one.at, encode(one)) for one in facts),
                due_at=desk.due(state),
                value=state,
            )
