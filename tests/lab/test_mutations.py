"""Small mistakes in a sound rulebook are found, each where it was made."""

from collections.abc import Iterator

import pytest

from tests.lab.broken import SOUND, broken, case_of, reachable
from tests.lab.mutations import MUTATIONS, Mutation
from tocsin.config import loads
from tocsin.config.places import Places
from tocsin.lab.verifier.examine import examine
from tocsin.lab.verifier.registry import checks
from tocsin.lib.translate import say


def found_in(mutation: Mutation) -> Iterator[tuple[str, ...]]:
    """The places of findings; what the language refuses is found at the nearest place of its line."""
    text = broken(*mutation.replaced)
    loaded = loads({"rulebook.yaml": text})
    if loaded.rulebook is None:
        wanted = tuple(mutation.at.split("/"))
        line = Places({"rulebook.yaml": text}).find(wanted).line
        yield from (wanted for one in loaded.errors if one.line == line)
        return
    facts = reachable(loaded.rulebook)
    case = case_of(text, facts if mutation.change is None else mutation.change(facts))
    for check in sorted(checks(), key=lambda one: one.proves):  # a whole proof takes its time
        yield from (one.where for one in examine(case, of=[check]).findings)


def test_nothing_is_found_in_the_sound_rulebook() -> None:
    found = examine(case_of(SOUND)).findings
    assert [(one.code, one.where, say(one.text)) for one in found] == []


def test_there_are_at_least_thirty_and_each_is_something_else() -> None:
    assert len(MUTATIONS) >= 30
    assert (
        len({one.name for one in MUTATIONS}) == len({(one.replaced, one.at) for one in MUTATIONS if one.replaced}) + 3
    )


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda one: one.name)
def test_a_mistake_is_found_where_it_was_made(mutation: Mutation) -> None:
    at = tuple(mutation.at.split("/"))
    assert any(place[: len(at)] == at for place in found_in(mutation)), sorted(found_in(mutation))
