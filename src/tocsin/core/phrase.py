"""A sentence as a key with parameters, so that rules explain themselves without choosing a language."""

from collections.abc import Callable, Mapping

from msgspec import Struct
from msgspec.structs import replace

PEOPLE = ("by", "person", "people")
"""The values of a phrase that hold ids of people."""


class Phrase(Struct, frozen=True, gc=False):
    """`key` names the sentence in the catalogue of texts; `values` fill it in. Values are data, never markup."""

    key: str
    values: dict[str, str] = {}


def named(phrase: Phrase, name: Callable[[str], str]) -> Phrase:
    """The phrase with what `name` says of each person in place of their ids."""
    values = {key: each_named(phrase.values[key], name) for key in PEOPLE if key in phrase.values}
    return replace(phrase, values={**phrase.values, **values}) if values else phrase


def each_named(people: str, name: Callable[[str], str]) -> str:
    """`ana, ben` as `Ana Sousa, Ben Okafor`."""
    return ", ".join(map(name, people.split(", ")))


def by_id(names: Mapping[str, str]) -> Callable[[str], str]:
    """Somebody's name by their id; what is no id of theirs, or whose name is not known, stays as it is."""
    return lambda one: names.get(one, "") or one
