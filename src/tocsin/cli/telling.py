"""What happened to an incident, one line for each event, in words and with people's names."""

from collections.abc import Mapping

from tocsin.cli.output import safe
from tocsin.core.incident import events as ev
from tocsin.core.incident.telling import tell as told
from tocsin.core.phrase import Phrase
from tocsin.lib.translate import say

_PEOPLE = frozenset({"by", "person", "people"})
"""The values of a phrase that hold ids of people."""


def tell(event: ev.Event, names: Mapping[str, str]) -> str:
    """What happened and why. A letter that was sent is not told again: it is long, and the outbox has it."""
    sentence = told(event)
    what = in_words(sentence.what, names)
    if sentence.why is None or (isinstance(event, ev.Delivery) and event.outcome == "sent"):
        return what
    return f"{what} ({in_words(sentence.why, names)})"


def in_words(phrase: Phrase, names: Mapping[str, str]) -> str:
    """A phrase as one safe line, with names in place of ids."""
    values = {key: named(value, names) if key in _PEOPLE else value for key, value in phrase.values.items()}
    return safe(say(Phrase(phrase.key, values)))


def named(people: str, names: Mapping[str, str]) -> str:
    """`ana, ben` as `Ana Sousa, Ben Okafor`; what is no person's id stays as it is."""
    return ", ".join(names.get(person, "") or person for person in people.split(", "))
