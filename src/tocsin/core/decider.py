"""The shape of every decider: a state, facts that change it, and the instant at which it wants to be asked again."""

from collections.abc import Callable, Iterable
from typing import Generic, TypeVar

from msgspec import Struct

from tocsin.core.instant import Instant

S = TypeVar("S")
E = TypeVar("E")


class Decider(Struct, Generic[S, E], frozen=True):
    """What the engine needs to know of one kind of stream besides its `decide`.

    `initial` makes the state before the first event; `evolve` applies one fact; `due` is the earliest timer of a
    state, or None when nothing will ever happen by itself. Law: the stored snapshot equals `fold` of the events.
    """

    initial: Callable[[str], S]
    evolve: Callable[[S, E], S]
    due: Callable[[S], Instant | None]

    def fold(self, stream: str, events: Iterable[E]) -> S:
        """The state of `stream` after all of `events`, in order."""
        state = self.initial(stream)
        for event in events:
            state = self.evolve(state, event)
        return state

    def replay(self, stream: str, events: Iterable[E]) -> Iterable[tuple[E, S]]:
        """Each event with the state just after it."""
        state = self.initial(stream)
        for event in events:
            state = self.evolve(state, event)
            yield event, state


class Refused(Struct, frozen=True):
    """A command that was not carried out, and why; a value, never an exception.

    `code` is stable (`ended`, `stale`, `unknown_request`, `not_asked`, `invalid`); `text` says what would be right.
    """

    code: str
    text: str
