"""What happened to an incident, one line for each event, in words and with people's names."""

from collections.abc import Mapping

from tocsin.cli.output import safe
from tocsin.core.incident import events as ev
from tocsin.core.incident.telling import tell as told
from tocsin.core.phrase import Phrase, by_id, named
from tocsin.lib.translate import say


def tell(event: ev.Event, names: Mapping[str, str]) -> str:
    """What happened and why. A letter that was sent is not told again: it is long, and the outbox has it."""
    sentence = told(event)
    what = in_words(sentence.what, names)
    if sentence.why is None or (isinstance(event, ev.Delivery) and event.outcome == "sent"):
        return what
    return f"{what} ({in_words(sentence.why, names)})"


def in_words(phrase: Phrase, names: Mapping[str, str]) -> str:
    """A phrase as one safe line, with names in place of ids."""
    return safe(say(named(phrase, by_id(names))))
