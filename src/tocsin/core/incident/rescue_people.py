"""The people of the last resort, in the order of a round."""

from collections.abc import Iterator

from tocsin.core.ids import PersonId
from tocsin.core.incident.turn import Turn
from tocsin.core.incident.whom import resolve


def last_resort(turn: Turn, start: int) -> Iterator[PersonId]:
    """The people of the last resort who are present, beginning with the `start`-th, each once."""
    named = (person for target in turn.world.rulebook.last_resort for person in resolve(turn, target).people)
    people = list(dict.fromkeys(named))
    for index in range(len(people)):
        yield people[(start + index) % len(people)]
